"""Retention by segment: who of an earlier day's accounts is still there, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.exhibits import Note, missing
from seglib.intervals import holm
from seglib.measurement.cohort import Cohort
from seglib.measurement.survival import kaplan_meier, log_rank, survival_at
from seglib.quotes import quote

SILENCE = 6
"""Months without an order after which an account counts as lost."""

_MONTH = 30.4375  # days
_RULES = {
    "contracts": "Lost: on the last day of its last contract, where none runs at the end.",
    "orders": "Lost: when {months} months have passed without an order, whether or not it came "
    "back later.",
}
_OF = {
    "contracts": "accounts under contract",
    "orders": f"accounts that bought in {SILENCE} months",
}


@dataclass(frozen=True)
class Retention:
    """Who is still there, by segment.

    Attributes
    ----------
    curves
        One row a kind (``contracts``, ``orders``), segment (0: all accounts) and month at which
        accounts were lost; columns of :func:`~seglib.measurement.survival.kaplan_meier`.
    summary
        One row a kind and segment: ``name``, ``accounts``, ``lost``, ``months`` (followed at most),
        ``survival`` at the end with ``low`` and ``high``, ``p`` and ``p_holm`` (log-rank, the
        segment against all others).
    tests
        Kind → p of the log-rank test that all segments are alike.
    day, until
        From when to when accounts are followed.
    said
        Where the segments come from, how loss is told, in words.
    notes
        What cannot be said.
    """

    curves: pd.DataFrame
    summary: pd.DataFrame
    tests: Mapping[str, float]
    day: str
    until: str
    said: str
    notes: tuple[Note, ...]

    @property
    def kinds(self) -> list[str]:
        """Kinds of retention that the data can say."""
        return list(dict.fromkeys(self.summary["kind"])) if len(self.summary) else []

    def rule(self, kind: str) -> str:
        """How loss is told, in words."""
        return _RULES[kind].format(months=quote("lost_after", SILENCE))


def retention(
    cohort: Cohort | Note, facts: Mapping[str, pd.DataFrame], as_of: pd.Timestamp
) -> Retention:
    """Follow the accounts of an earlier day.

    Parameters
    ----------
    cohort
        From :func:`~seglib.measurement.cohort.look_back`, or the note why there is none.
    facts
        Tables of facts by name.
    as_of
        Until when.

    Returns
    -------
    Retention
        Empty, with a note, without a cohort or without contracts and orders.

    Examples
    --------
    >>> from seglib.collection.account_table import AccountTable
    >>> day = pd.Timestamp("2025-09-30")
    >>> accounts = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 1]})
    >>> cohort = Cohort(day, accounts, AccountTable(accounts, {}), {1: "One"}, "a test")
    >>> contracts = pd.DataFrame({"account_id": ["a", "b"], "start_date": day,
    ...                           "end_date": pd.to_datetime(["2026-03-30", None])})
    >>> found = retention(cohort, {"subscriptions": contracts}, pd.Timestamp("2026-09-30"))
    >>> found.summary[["kind", "segment", "accounts", "lost", "survival"]].values.tolist()
    [['contracts', 0, 2, 1, 0.5], ['contracts', 1, 2, 1, 0.5]]
    """
    if isinstance(cohort, Note):
        return _nothing(Note(f"Retention month by month: {cohort.text}", kind="missing"))
    followed = {
        kind: follow(cohort.segments, facts, cohort.day, as_of)
        for kind, follow in (("contracts", follow_contracts), ("orders", follow_orders))
    }
    there = {kind: rows for kind, rows in followed.items() if rows is not None and len(rows)}
    if not there:
        return _nothing(missing("Retention month by month", ["subscriptions", "orders"]))
    curves = pd.concat([_curves(kind, rows) for kind, rows in there.items()], ignore_index=True)
    summary = [_summary(kind, rows, cohort.names) for kind, rows in there.items()]
    tests = {
        kind: log_rank(rows["months"], rows["lost"], rows["segment"])[2]
        for kind, rows in there.items()
    }
    said = f"Accounts by {cohort.origin}. {cohort.caveat}".strip()
    return Retention(
        curves,
        pd.concat(summary, ignore_index=True),
        tests,
        str(cohort.day.date()),
        str(as_of.date()),
        said,
        (),
    )


def _nothing(note: Note) -> Retention:
    return Retention(pd.DataFrame(), pd.DataFrame(), {}, "", "", "", (note,))


def follow_contracts(
    segments: pd.DataFrame,
    facts: Mapping[str, pd.DataFrame],
    day: pd.Timestamp,
    as_of: pd.Timestamp,
) -> pd.DataFrame | None:
    """Follow the accounts that were under contract on a day.

    Parameters
    ----------
    segments
        ``account_id`` and ``segment`` on that day.
    facts
        Tables of facts by name.
    day, as_of
        From when to when.

    Returns
    -------
    DataFrame or None
        ``account_id``, ``segment``, ``months`` until it was lost or last seen, ``lost``; None
        without contracts.
    """
    contracts = facts.get("subscriptions")
    if contracts is None or contracts.empty:
        return None
    ends = pd.to_datetime(contracts.get("end_date", pd.Series(pd.NaT, contracts.index)))
    ends = ends.where(ends < as_of)  # a contract that runs to the last day has not ended
    dated = contracts.assign(end=ends.fillna(pd.Timestamp.max.floor("D")))
    began = set(dated.loc[(dated["start_date"] <= day) & (dated["end"] > day), "account_id"])
    last = dated.groupby("account_id")["end"].max()
    kept = segments[segments["account_id"].isin(began)].copy()
    end = kept["account_id"].map(last)
    return _followed(kept, end.where(end < as_of), day, as_of)


def follow_orders(
    segments: pd.DataFrame,
    facts: Mapping[str, pd.DataFrame],
    day: pd.Timestamp,
    as_of: pd.Timestamp,
) -> pd.DataFrame | None:
    """Follow the accounts that had bought within :data:`SILENCE` months of a day.

    Parameters
    ----------
    segments, facts, day, as_of
        As in :func:`follow_contracts`. An account is lost at the end of the month in which its
        silence has lasted for :data:`SILENCE` months; that is known on that very day.
    """
    orders = facts.get("orders")
    if orders is None or orders.empty:
        return None
    bought = orders.loc[orders["amount"] > 0, ["account_id", "month"]]
    bought = bought[bought["account_id"].isin(segments["account_id"])]
    number = bought["month"].dt.year * 12 + bought["month"].dt.month
    start, stop = (d.year * 12 + d.month for d in (day, as_of))
    rows = bought.assign(number=number).sort_values(["account_id", "number"])
    rows = rows[(rows["number"] > start - SILENCE) & (rows["number"] <= stop)]
    began = set(rows.loc[rows["number"] <= start, "account_id"])
    rows = rows[rows["account_id"].isin(began) & ~_before(rows, start)]
    following = rows.groupby("account_id")["number"].shift(-1).fillna(stop + 1)
    silent = rows[(following - rows["number"] > SILENCE) & (rows["number"] + SILENCE <= stop)]
    first = silent.groupby("account_id")["number"].min() + SILENCE
    kept = segments[segments["account_id"].isin(began)].copy()
    months = kept["account_id"].map(first) - start
    return kept.assign(
        lost=months.notna(), months=months.fillna(stop - start).astype(float)
    ).reset_index(drop=True)


def _before(rows: pd.DataFrame, start: int) -> pd.Series:
    """Orders before the last one up to the first day: they say nothing of what follows."""
    past = rows["number"] <= start
    last = rows["number"].where(past).groupby(rows["account_id"]).transform("max")
    return past & (rows["number"] < last)


def _followed(
    kept: pd.DataFrame, end: pd.Series, day: pd.Timestamp, as_of: pd.Timestamp
) -> pd.DataFrame:
    lost = end.notna()
    days = (end.fillna(as_of) - day).dt.days
    return kept.assign(lost=lost, months=days / _MONTH).reset_index(drop=True)


def _groups(rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """All accounts under 0, then each segment."""
    return {0: rows, **{int(str(s)): own for s, own in rows.groupby("segment")}}


def _curves(kind: str, rows: pd.DataFrame) -> pd.DataFrame:
    parts = [
        kaplan_meier(own["months"], own["lost"]).assign(kind=kind, segment=segment)
        for segment, own in _groups(rows).items()
    ]
    return pd.concat(parts, ignore_index=True)


def _summary(kind: str, rows: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    horizon = float(rows["months"].max())
    found = []
    for segment, own in _groups(rows).items():
        survival, low, high = survival_at(kaplan_meier(own["months"], own["lost"]), horizon)
        if survival in (0.0, 1.0):  # of n all or none: the exact bound of a share
            bound = float(0.025 ** (1 / len(own)))
            low, high = (bound, 1.0) if survival else (0.0, 1 - bound)
        p = (
            log_rank(rows["months"], rows["lost"], rows["segment"] == segment)[2]
            if segment
            else np.nan
        )
        name = names.get(segment, f"Segment {segment}") if segment else "All accounts"
        found.append(
            (kind, segment, name, len(own), int(own["lost"].sum()), horizon, survival, low, high, p)
        )
    columns = ["kind", "segment", "name", "accounts", "lost", "months", "survival", "low", "high",
               "p"]  # fmt: skip
    table = pd.DataFrame(found, columns=columns)
    return table.assign(p_holm=holm(table["p"]), of=_OF[kind])
