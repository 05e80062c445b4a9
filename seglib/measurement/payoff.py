"""Did segmenting pay? What came next, explained by these segments and by simpler groupings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtr

from seglib.clustering.grouping import baseline_rules, rfm_rules
from seglib.clustering.models import predict
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note, missing
from seglib.intervals import Floats, Z, holm
from seglib.measurement.cohort import Cohort
from seglib.measurement.retention import follow_contracts
from seglib.quotes import quote

SEGMENTS = "These segments"
NONE = "No segments"
CONTRACTS = "Contract kept"

_FOLDS, _REPEATS = 10, 5
_PRIOR = 2.0  # accounts of the whole that each group's mean is pulled toward
_LEAST_ACCOUNTS, _LEAST_EVENTS = 50, 15

Codes = NDArray[np.int64]


class Outcome(NamedTuple):
    """What happened to the accounts afterwards."""

    label: str
    values: pd.Series  # by account
    binary: bool


@dataclass(frozen=True)
class Payoff:
    """What segments and simpler groupings explain of what came next.

    Attributes
    ----------
    table
        One row an outcome and grouping: ``outcome``, ``measure`` (``variation explained (R²)`` or
        ``deviance explained``), ``accounts``, ``grouping``, ``groups``, ``explained`` with ``low``
        and ``high``; and against these segments: ``lead`` (explained by these segments less
        explained by it) with ``lead_low``, ``lead_high``, ``p`` and ``p_holm`` (over all
        comparisons), and ``verdict``.
    said
        Which segments were judged, and on what.
    notes
        What could not be said.
    """

    table: pd.DataFrame
    said: str
    notes: tuple[Note, ...]


def payoff(
    cohort: Cohort | Note, facts: Mapping[str, pd.DataFrame], as_of: pd.Timestamp, *, seed: int
) -> Payoff:
    """Compare how well groupings of an earlier day predict what came after it.

    Parameters
    ----------
    cohort
        From :func:`~seglib.measurement.cohort.earlier_cohort`, or the note why there is none.
    facts
        Tables of facts by name.
    as_of
        Until when.
    seed
        Of the folds.

    Returns
    -------
    Payoff
        Empty, with a note, without a cohort or an outcome.

    Notes
    -----
    Every grouping was fixed on the earlier day; the outcome lies after it. A group's mean is
    learned from nine tenths of the accounts and judged on the last tenth (ten folds, five times
    over, seeded), so that more groups are no advantage of their own; a group's mean is pulled
    toward the whole with the weight of two accounts. Explained: 1 − loss / loss without any
    grouping; the loss is the squared error of ln(amount), or the deviance of yes and no. Intervals
    and tests: the linearised ratio of the accounts' losses; leads are paired, by account. The
    losses share their training accounts, which these intervals leave out.
    """
    if isinstance(cohort, Note):
        return _nothing(Note(f"Whether segmenting paid: {cohort.text}", kind="missing"))
    outcomes = _outcomes(cohort, facts, as_of)
    if not outcomes:
        note = missing("Whether segmenting paid", ["orders", "subscriptions"])
        return _nothing(note)
    groupings = cohort_groupings(cohort)
    parts, notes = [], []
    for outcome in outcomes:
        reason = _too_few(outcome)
        if reason:
            notes.append(Note(f"'{outcome.label}' is not judged: {reason}.", kind="missing"))
            continue
        parts.append(_judged(outcome, groupings, seed))
    if not parts:
        return Payoff(pd.DataFrame(), "", tuple(notes))
    table = pd.concat(parts, ignore_index=True)
    table["p_holm"] = holm(table["p"])
    table["verdict"] = [_verdict(row) for row in table.to_dict("records")]
    absent = [name for name in ("Industry", "Size band", "RFM") if name not in groupings]
    if absent:
        text = f"Not compared, for lack of data: {', '.join(absent)}."
        notes.append(Note(text, kind="missing"))
    said = f"Judged: {cohort.origin}, by what happened from then to {as_of.date()}. {cohort.caveat}"
    return Payoff(table, said.strip(), tuple(notes))


def explained(
    row: Mapping[Any, Any] | pd.Series, what: str = "explained", form: str = ".1%"
) -> str:
    """Quote a figure of a row of ``payoff.parquet``."""
    where = f"outcome={row['outcome']},grouping={row['grouping']}"
    return quote(f"payoff.parquet:{what}[{where}]", row[what], form)


def in_text(grouping: str) -> str:
    """Write a grouping's name inside a sentence.

    Examples
    --------
    >>> in_text("Size band"), in_text("RFM")
    ('size band', 'RFM')
    """
    return grouping if grouping.isupper() else grouping.lower()


def _nothing(note: Note) -> Payoff:
    return Payoff(pd.DataFrame(), "", (note,))


def cohort_groupings(cohort: Cohort) -> dict[str, pd.Series]:
    """Give each account of a cohort its group by these segments and by simpler means.

    Parameters
    ----------
    cohort
        Accounts of an earlier day.

    Returns
    -------
    dict
        Grouping → group by account: these segments, industry, size band, RFM (as far as the data
        have them), all as of that day.
    """
    segment = cohort.segments.set_index("account_id")["segment"]
    frame = cohort.accounts.frame
    own = frame[frame["account_id"].isin(segment.index)].reset_index(drop=True)
    accounts = AccountTable(own, cohort.accounts.columns)
    simple = baseline_rules(accounts)
    made = {
        "Industry": simple["industry"],
        "Size band": simple["size"],
        "RFM": rfm_rules(accounts),
    }
    found = {SEGMENTS: segment}
    for name, rules in made.items():
        if rules is not None:
            found[name] = pd.Series(predict(rules[0], own), own["account_id"])
    return found


def _outcomes(
    cohort: Cohort, facts: Mapping[str, pd.DataFrame], as_of: pd.Timestamp
) -> list[Outcome]:
    ids = cohort.segments["account_id"]
    found = []
    if "orders" in facts and len(facts["orders"]):
        orders = facts["orders"]
        after = orders[(orders["month"] > cohort.day) & (orders["month"] <= as_of)]
        amount = after.groupby("account_id")["amount"].sum().reindex(ids).fillna(0.0)
        bought = amount[amount > 0]
        found.append(Outcome("Bought again", (amount > 0).astype(float), binary=True))
        found.append(Outcome("Revenue of those that bought", np.log(bought), binary=False))
    followed = follow_contracts(cohort.segments, facts, cohort.day, as_of)
    if followed is not None and len(followed):
        kept = 1.0 - followed.set_index("account_id")["lost"].astype(float)
        found.append(Outcome(CONTRACTS, kept, binary=True))
    return found


def _too_few(outcome: Outcome) -> str:
    """Why an outcome cannot be judged; empty where it can."""
    count = len(outcome.values)
    some = quote("accounts", count, ",")
    if count < _LEAST_ACCOUNTS:
        return f"{some} accounts, {quote('accounts_needed', _LEAST_ACCOUNTS)} are needed"
    if not outcome.binary:
        return "" if outcome.values.nunique() > 1 else "it is the same for all accounts"
    rarer = int(min(outcome.values.sum(), count - outcome.values.sum()))
    if rarer >= _LEAST_EVENTS:
        return ""
    return (
        f"of {some} accounts only {quote('events', rarer, ',')} differ, "
        f"{quote('events_needed', _LEAST_EVENTS)} are needed"
    )


def _judged(outcome: Outcome, groupings: Mapping[str, pd.Series], seed: int) -> pd.DataFrame:
    """One row a grouping: what it explains, and by how much these segments lead."""
    ids, y = outcome.values.index, outcome.values.to_numpy(dtype=np.float64)
    folds = _folds(len(y), seed)
    loss = _deviance if outcome.binary else _squared
    codes = {NONE: np.zeros(len(y), dtype=np.int64)}
    codes |= {
        name: np.unique(group.reindex(ids).fillna(0).to_numpy(np.int64), return_inverse=True)[1]
        for name, group in groupings.items()
    }
    losses = {name: held_out_loss(y, code, folds, loss) for name, code in codes.items()}
    base, ours = losses[NONE], losses[SEGMENTS]
    rows = []
    for name in [SEGMENTS, *(n for n in codes if n not in (SEGMENTS, NONE)), NONE]:
        explained, low, high = _ratio(base - losses[name], base)
        lead, lead_low, lead_high = _ratio(losses[name] - ours, base)
        error = (lead_high - lead_low) / (2 * Z)
        p = 2 * ndtr(-abs(lead / error)) if name != SEGMENTS and error > 0 else np.nan
        own = name == SEGMENTS
        rows.append(
            {
                "outcome": outcome.label,
                "measure": "deviance explained" if outcome.binary else "variation explained (R²)",
                "accounts": len(y),
                "grouping": name,
                "groups": int(codes[name].max()) + 1,
                "explained": explained,
                "low": low if name != NONE else np.nan,
                "high": high if name != NONE else np.nan,
                "lead": np.nan if own else lead,
                "lead_low": np.nan if own else lead_low,
                "lead_high": np.nan if own else lead_high,
                "p": float(p),
            }
        )
    return pd.DataFrame(rows)


def _folds(count: int, seed: int) -> NDArray[np.int64]:
    """Fold of each account, one row a repetition."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 606]))
    plain = np.arange(count) % _FOLDS
    return np.stack([rng.permutation(plain) for _ in range(_REPEATS)])


def held_out_loss(
    y: Floats,
    code: Codes,
    folds: NDArray[np.int64],
    loss: Callable[[Floats, Floats], Floats],
) -> Floats:
    """Mean loss of each account when its group's mean is learned without its fold.

    Parameters
    ----------
    y
        Outcome.
    code
        Group of each account, from 0.
    folds
        Fold of each account, one row a repetition.
    loss
        Of outcomes and predictions.

    Examples
    --------
    >>> y, code = np.array([0.0, 0.0, 4.0, 4.0]), np.array([0, 0, 1, 1])
    >>> held_out_loss(y, code, np.array([[0, 1, 0, 1]]), _squared).round(2).tolist()
    [1.78, 1.78, 1.78, 1.78]
    """
    groups = int(code.max()) + 1
    total = np.zeros(len(y))
    for fold in folds:
        cells = code * _FOLDS + fold
        n = np.bincount(cells, minlength=groups * _FOLDS).reshape(groups, _FOLDS)
        s = np.bincount(cells, weights=y, minlength=groups * _FOLDS).reshape(groups, _FOLDS)
        rest_n, rest_s = n.sum(axis=1)[:, None] - n, s.sum(axis=1)[:, None] - s
        whole = rest_s.sum(axis=0) / np.maximum(rest_n.sum(axis=0), 1)
        means = (rest_s + _PRIOR * whole) / (rest_n + _PRIOR)
        total += loss(y, means[code, fold])
    return total / len(folds)


def _squared(y: Floats, predicted: Floats) -> Floats:
    return (y - predicted) ** 2


def _deviance(y: Floats, predicted: Floats) -> Floats:
    p = np.clip(predicted, 1e-9, 1 - 1e-9)
    return -2 * (y * np.log(p) + (1 - y) * np.log1p(-p))


def _ratio(above: Floats, below: Floats) -> tuple[float, float, float]:
    """Ratio of two sums over accounts, with its linearised 95 % interval."""
    n, total = len(below), float(below.sum())
    ratio = float(above.sum()) / total
    error = np.sqrt(n / (n - 1) * ((above - ratio * below) ** 2).sum()) / total
    return ratio, float(ratio - Z * error), float(ratio + Z * error)


def _verdict(row: Mapping[Any, Any]) -> str:
    if row["grouping"] == SEGMENTS:
        return ""
    if not row["p_holm"] < 0.05:
        return "no difference seen"
    return "these segments explain more" if row["lead"] > 0 else "these segments explain less"
