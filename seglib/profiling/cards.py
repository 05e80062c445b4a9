"""Segment cards: the page that a sales team pins to the wall, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seglib.charts.style import segment_color
from seglib.collection.account_table import AccountTable
from seglib.intervals import wilson
from seglib.profiling.association import numeric
from seglib.profiling.frames import records
from seglib.profiling.intervals import generator, mean_interval
from seglib.profiling.members import Members, members
from seglib.profiling.profile import MIN_ACCOUNTS
from seglib.profiling.size import value_variable
from seglib.profiling.traits import traits
from seglib.profiling.worth import potential, segment_worth
from seglib.quotes import percent


def segment_cards(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    sizes: pd.DataFrame,
    profiles: pd.DataFrame,
    names: Mapping[int, str],
    *,
    outcome: str | None = None,
    placements: pd.DataFrame | None = None,
    asked: Mapping[int, Mapping[str, Any]] | None = None,
    seed: int,
) -> list[dict[str, Any]]:
    """Write one card a segment, in the order of their numbers.

    Parameters
    ----------
    accounts, assignments
        One row per account; ``account_id``, ``segment``, ``confidence``.
    sizes
        From :func:`~seglib.profiling.size.segment_sizes`.
    profiles
        From :func:`~seglib.profiling.profile.profile`.
    names
        From :func:`~seglib.profiling.names.suggest_names`.
    outcome
        Variable that judges the segments.
    placements
        Of :func:`~seglib.profiling.typing_tool.type_prospects`.
    asked
        From :func:`~seglib.profiling.asked.asked_of`.
    seed
        Of the bootstrap.

    Returns
    -------
    list of dict
        Plain values, None where the data say nothing: ``segment``, ``name``, ``color``,
        ``accounts``, ``share`` (``share_low``, ``share_high``), ``revenue``, ``revenue_share``,
        ``revenue_per_account`` (``revenue_low``, ``revenue_high``), ``value_index``,
        ``value_label`` and ``value_unit`` (what 'revenue' is here), ``margin_share``, ``outcome``
        (mean, with
        ``outcome_low``, ``outcome_high``, ``outcome_n``, ``outcome_label``, ``outcome_unit``),
        ``clv`` per account (``clv_low``, ``clv_high``, ``clv_share``), ``potential`` of the
        prospects placed here (``potential_low``, ``potential_high``),
        ``traits`` (up to three sentences), ``confidence`` (mean), ``prospects`` (placed by the
        typing tool), ``asked`` (what a marketer asks for, each line with its evidence) and ``note``
        (what the reader must be warned of).
    """
    placed = members(accounts, assignments)
    value = value_variable(accounts)
    counts = (
        placements["segment"].value_counts() if placements is not None else pd.Series(dtype=int)
    )
    worth = segment_worth(accounts, assignments, seed=seed, measures=["clv"])
    hoped = potential(accounts, assignments, placements, seed=seed)
    cards = []
    for row in records(sizes[sizes["segment"].isin(list(names))]):
        segment = int(row["segment"])
        said = traits(profiles, accounts, segment, without=[value] if value else [])
        cards.append({
            "segment": segment, "name": names[segment], "color": segment_color(segment),
            "accounts": int(row["accounts"]),
            **{key: _plain(row[key]) for key in _FROM_SIZES},
            "value_label": accounts.label(value) if value else None,
            "value_unit": accounts.unit(value) if value else None,
            **_outcome(accounts, placed, segment, outcome, seed),
            **_from(worth[worth["segment"] == segment], _CLV),
            **_from(hoped[hoped["segment"] == segment], _POTENTIAL),
            "traits": said,
            "confidence": _plain(row["confidence"]),
            "prospects": int(counts.get(segment, 0)),
            "asked": dict((asked or {}).get(segment, {})),
            "note": _note(row, said, one=len(names) == 1),
        })  # fmt: skip
    return sorted(cards, key=lambda card: card["segment"])


def card_table(cards: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Lay the cards out as a table, one row a segment.

    Returns
    -------
    DataFrame
        ``segment`` (name), ``accounts``, ``share``, ``value_share``, ``value_per_account``,
        ``outcome``, ``clv``, ``potential``, ``sets_it_apart`` (the traits) and ``note``; figures
        only where there are any.

    Examples
    --------
    >>> card = {"name": "Small buyers", "accounts": 3, "share": 1.0, "revenue_share": None,
    ...         "revenue_per_account": None, "outcome": None, "traits": [], "note": ""}
    >>> card_table([card])
            segment  accounts  share sets_it_apart note
    0  Small buyers         3    1.0
    """
    keys = {
        "name": "segment", "accounts": "accounts", "share": "share",
        "revenue_share": "value_share", "revenue_per_account": "value_per_account",
        "outcome": "outcome", "clv": "clv", "potential": "potential",
    }  # fmt: skip
    rows = [{new: card.get(old) for old, new in keys.items()} for card in cards]
    table = pd.DataFrame(rows, columns=list(keys.values()))
    table = table.dropna(axis="columns", how="all") if len(table) else table
    return table.assign(
        sets_it_apart=[" ".join(card["traits"]) for card in cards],
        note=[card["note"] for card in cards],
    )


_FROM_SIZES = (
    "share", "share_low", "share_high", "revenue", "revenue_share", "revenue_per_account",
    "revenue_low", "revenue_high", "value_index", "margin_share",
)  # fmt: skip


_CLV = {"clv": "per_account", "clv_low": "low", "clv_high": "high", "clv_share": "share"}
_POTENTIAL = {name: name for name in ("potential", "potential_low", "potential_high")}


def _from(rows: pd.DataFrame, keys: Mapping[str, str]) -> dict[str, float | None]:
    """Take figures of one row under other names; None where there is no row."""
    return {
        new: _plain(float(rows[old].iloc[0])) if len(rows) else None for new, old in keys.items()
    }


def _plain(value: float) -> float | None:
    """Round to ten digits; a missing value becomes None, as JSON has no NaN."""
    return float(f"{value:.10g}") if np.isfinite(value) else None


def _outcome(
    accounts: AccountTable, placed: Members, segment: int, outcome: str | None, seed: int
) -> dict[str, Any]:
    known = outcome is not None and outcome in placed.frame
    values = (
        numeric(placed.frame.loc[placed.segment == segment, outcome]).dropna().to_numpy()
        if known
        else np.array([])
    )
    low, high = float("nan"), float("nan")
    if len(values) and accounts.columns[str(outcome)].kind == "flag":
        low, high = (float(bound) for bound in wilson(values.sum(), len(values)))
    elif len(values):
        low, high = mean_interval(values, generator(seed, "value", segment))
    return {
        "outcome": _plain(values.mean()) if len(values) else None,
        "outcome_low": _plain(low),
        "outcome_high": _plain(high),
        "outcome_n": len(values),
        "outcome_label": accounts.label(str(outcome)) if known else None,
        "outcome_unit": accounts.unit(str(outcome)) if known else None,
    }


def _note(row: Mapping[str, Any], said: list[str], *, one: bool) -> str:
    """What the reader of the card must be warned of; empty when nothing."""
    count = int(row["accounts"])
    warnings = [
        f"Only {count} account{'s' if count != 1 else ''}: no figure of this card is sure."
        if count < MIN_ACCOUNTS
        else "",
        "There is only one segment, so nothing sets it apart." if one else "",
        "Nothing is shown that sets it apart from the other accounts."
        if not said and not one and count >= MIN_ACCOUNTS
        else "",
        f"Its border is soft: the mean confidence of its accounts is {percent(row['confidence'])}."
        if row["confidence"] < 0.8
        else "",
    ]
    return " ".join(warning for warning in warnings if warning)
