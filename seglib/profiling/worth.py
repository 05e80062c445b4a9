"""What the accounts of each segment are worth, and what the prospects placed there could be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note, Table, format_value
from seglib.intervals import Floats
from seglib.profiling.association import numeric
from seglib.profiling.exhibit import bounded, one_decimal, told_by_segment
from seglib.profiling.frames import records
from seglib.profiling.intervals import generator, mean_interval
from seglib.profiling.members import members, numbers, segment_counts
from seglib.profiling.size import share_draws
from seglib.quotes import percent

MEASURES = ("revenue", "revenue_12m", "margin", "subscription_fee", "clv")
"""Variables that say what an account is worth."""

YEARLY = ("revenue_12m", "subscription_fee", "revenue")
"""What a customer of the segment brings, the first that has data counts."""

_DRAWS = 1000
_WORTH = [
    "segment", "measure", "label", "unit", "n", "per_account", "low", "high", "total", "share",
    "share_low", "share_high",
]  # fmt: skip
_POTENTIAL = [
    "segment", "prospects", "expected", "per_customer", "low", "high", "potential",
    "potential_low", "potential_high", "label", "unit",
]  # fmt: skip


def segment_worth(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    *,
    seed: int,
    measures: Sequence[str] = MEASURES,
) -> pd.DataFrame:
    """Say what an account of each segment is worth, by every measure that there is.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the bootstrap.
    measures
        Variables; those that are absent are left out.

    Returns
    -------
    DataFrame
        One row per measure × segment: ``measure``, ``label``, ``unit``, ``n`` (accounts with a
        value), ``per_account`` (mean) with its interval ``low`` to ``high`` (see
        :func:`~seglib.profiling.intervals.mean_interval`), ``total``, and ``share`` of all
        segments' total with its bootstrap interval; NaN where the total is not positive.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": list("abc"), "clv": [1.0, 3.0, 12.0]})
    >>> given = pd.DataFrame({"account_id": list("abc"), "segment": [1, 1, 2]})
    >>> found = segment_worth(AccountTable(frame, {}), given, seed=1)
    >>> found[["segment", "measure", "per_account", "total", "share"]]
       segment measure  per_account  total  share
    0        1     clv          2.0    4.0   0.25
    1        2     clv         12.0   12.0   0.75
    """
    placed = members(accounts, assignments)
    segments = numbers(placed.segment)
    inside = placed.segment > 0
    rows = []
    for measure in measures:
        if measure not in placed.frame or placed.frame[measure].isna().all() or not segments:
            continue
        values = numeric(placed.frame[measure]).to_numpy()
        total = float(np.nansum(values[inside]))
        code = np.where(inside & ~np.isnan(values), placed.segment, 0)
        shares, _ = share_draws(
            code[code > 0], values[code > 0], segments, generator(seed, "shares")
        )
        low, high = np.quantile(shares, [0.025, 0.975], axis=0)
        words = (accounts.label(measure), accounts.unit(measure))
        for place, segment in enumerate(segments):
            own = values[code == segment]
            bounds = mean_interval(own, generator(seed, "value", segment))
            mean = own.mean() if len(own) else np.nan
            share = own.sum() / total if total > 0 else np.nan
            rows.append((
                segment, measure, *words, len(own), mean, *bounds, own.sum(), share,
                low[place], high[place],
            ))  # fmt: skip
    return pd.DataFrame(rows, columns=_WORTH)


def potential(
    accounts: AccountTable, assignments: pd.DataFrame, placements: pd.DataFrame | None, *, seed: int
) -> pd.DataFrame:
    """Say what the prospects placed in each segment would bring as customers like those there.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment`` of the customers.
    placements
        Of :func:`~seglib.profiling.typing_tool.type_prospects`: ``account_id``, ``segment`` and
        ``confidence`` (chance that the placement is right).
    seed
        Of the draws.

    Returns
    -------
    DataFrame
        One row a segment: ``prospects`` (placed), ``expected`` (sum of their chances to be placed
        right), ``per_customer`` (mean yearly value of the segment's customers) with its interval
        ``low`` to ``high``, ``potential`` (expected × per customer) with its interval, ``label``
        and ``unit`` of the value. Empty without a value or without placements.

    Notes
    -----
    The interval draws which placements are right and which customers the mean is taken of (1,000
    times). It is what they would bring if all of them became customers: no chance of winning them
    is in it, and prospects that could not be placed are not.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": list("abcp"), "revenue_12m": [1.0, 3.0, 2.0, None]})
    >>> given = pd.DataFrame({"account_id": list("abc"), "segment": 1})
    >>> found = pd.DataFrame({"account_id": ["p"], "segment": [1], "confidence": [0.8]})
    >>> potential(AccountTable(frame, {}), given, found, seed=1)[["prospects", "potential"]]
       prospects  potential
    0          1        1.6
    """
    placed = members(accounts, assignments)
    known = [n for n in YEARLY if n in placed.frame and placed.frame[n].notna().any()]
    if not known or placements is None or placements.empty:
        return pd.DataFrame(columns=_POTENTIAL)
    values = numeric(placed.frame[known[0]]).to_numpy()
    counts = segment_counts(placements)
    rows = []
    for segment in numbers(placed.segment):
        own = values[(placed.segment == segment) & ~np.isnan(values)]
        chance = placements.loc[placements["segment"] == segment, "confidence"].to_numpy()
        mean = float(own.mean()) if len(own) else np.nan
        low, high = mean_interval(own, generator(seed, "value", segment))
        bounds = _potential_interval(own, chance, generator(seed, "potential", segment))
        rows.append((
            segment, int(counts.get(segment, 0)), chance.sum(), mean, low, high,
            chance.sum() * mean, *bounds, accounts.label(known[0]), accounts.unit(known[0]),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=_POTENTIAL)


def _potential_interval(
    values: Floats, chance: Floats, rng: np.random.Generator
) -> tuple[float, float]:
    """Draw customers and placements; NaN under two customers or without a placement."""
    if len(values) < 2 or not len(chance):
        return float("nan"), float("nan")
    means = np.array([values[rng.integers(len(values), size=len(values))].mean()
                      for _ in range(_DRAWS)])  # fmt: skip
    right = (rng.random((_DRAWS, len(chance))) < chance).sum(axis=1)
    low, high = np.quantile(means * right, [0.025, 0.975])
    return float(low), float(high)


def worth_table(worth: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Lay :func:`segment_worth` out: one row a measure, one column a segment.

    Examples
    --------
    >>> row = {"segment": 1, "measure": "clv", "label": "Lifetime value", "unit": "EUR",
    ...        "per_account": 2.0, "low": 1.0, "high": 3.0, "share": 1.0}
    >>> worth_table(pd.DataFrame([row]), {1: "Small"})["Small"].item()
    '2 (1 to 3); 100 %'
    """

    def text(row: Mapping[str, Any]) -> str:
        mean = bounded(row["per_account"], row["low"], row["high"], format_value)
        return mean if row["share"] != row["share"] else f"{mean}; {percent(row['share'])}"

    unit = [f" ({unit})" if unit else "" for unit in worth["unit"]]
    told = worth.assign(value=[a + b for a, b in zip(worth["label"], unit, strict=True)])
    return told_by_segment(told, "value", names, text)


def potential_table(found: pd.DataFrame, names: Mapping[int, str]) -> Table | Note:
    """Show :func:`potential`, or say why there is none.

    Examples
    --------
    >>> potential_table(pd.DataFrame(columns=["segment", "prospects"]), {})
    Potential of prospects: not shown, as no prospect is placed or nothing says what they are worth.
    """
    if found.empty or not found["prospects"].sum():
        return Note(
            "Potential of prospects: not shown, as no prospect is placed or nothing says what "
            "they are worth.",
            kind="missing",
        )
    value, unit = found["label"].iloc[0], found["unit"].iloc[0]
    rows = [
        {
            "segment": names[int(row["segment"])],
            "prospects": row["prospects"],
            "expected right": one_decimal(row["expected"]),
            "per customer": bounded(row["per_customer"], row["low"], row["high"], format_value),
            "potential": bounded(
                row["potential"], row["potential_low"], row["potential_high"], format_value
            ),
        }
        for row in records(found)
    ]
    return Table(
        pd.DataFrame(rows),
        "Potential of the prospects that were placed",
        labels={"per customer": f"{value} per customer{f' ({unit})' if unit else ''}"},
        note="What they would bring if all of them became customers like those of the segment: a "
        "ceiling, no forecast. 95 % intervals: which placements are right, and which customers the "
        "mean is taken of. Prospects that could not be placed are not in it.",
    )
