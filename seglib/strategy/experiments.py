"""Plan the tests: cells, sizes and the smallest effect that each segment's test can see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from seglib.knowledge import load_knowledge
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.power import accounts_needed, detectable_lift
from seglib.strategy.traffic import monthly, months_until, visits

TEST, HOLD_OUT = "test", "hold-out"
"""Names of the cells."""

COLUMNS = [
    "segment", "name", "what", "accounts", "treated", "held_out", "base_rate", "base_source",
    "detectable", "relevant", "needed", "traffic", "months",
]  # fmt: skip
"""Columns of the plan, before the advice."""


class ExperimentSettings(BaseModel):
    """The content of ``experiments.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    power: float = Field(gt=0, lt=1)
    alpha: float = Field(gt=0, lt=1)
    hold_out: float = Field(gt=0, lt=1)
    relevant_lift: float = Field(gt=0, lt=1)
    base_rate: float = Field(gt=0, lt=1)
    base_accounts: float = Field(gt=0)
    least_cell: int = Field(ge=1)
    window_days: int = Field(ge=1)


@cache
def experiment_settings() -> ExperimentSettings:
    """Return the settings of tests, from ``experiments.yaml``.

    Examples
    --------
    >>> experiment_settings().power
    0.8
    """
    return load_knowledge(Path(__file__).with_name("experiments.yaml"), ExperimentSettings)


@dataclass(frozen=True)
class ExperimentPlan:
    """A test for each segment.

    Attributes
    ----------
    table
        One row a segment: ``segment``, ``name``, ``what`` is tested, ``accounts``, ``treated``,
        ``held_out``, ``base_rate`` and ``base_source``, ``detectable`` (smallest lift seen with
        the stated power, in the same unit; missing: none), ``relevant`` (the lift worth finding),
        ``needed`` (accounts to see it), ``traffic`` (accounts that order, ask or open a deal in a
        month) and ``months`` (until so many different ones have come by; missing: not in a year),
        ``pool_with`` (number of a segment; 0: none is needed),
        ``pooled_detectable``, ``duration`` and ``advice`` in words.
    settings
        Power, level and share held out.
    """

    table: pd.DataFrame
    settings: ExperimentSettings

    def cells(self) -> pd.DataFrame:
        """Return one row a test cell, as it is kept in ``experiments.parquet``."""
        kept = self.table.drop(columns=["accounts", "treated", "held_out"])
        cells = [
            kept.assign(cell=cell, accounts=self.table[column])
            for cell, column in ((TEST, "treated"), (HOLD_OUT, "held_out"))
        ]
        return pd.concat(cells).sort_values(["segment", "cell"], ignore_index=True)


def plan_tests(
    market: SegmentedMarket,
    segments: Sequence[int],
    what: Mapping[int, str] | None = None,
    settings: ExperimentSettings | None = None,
) -> ExperimentPlan:
    """Plan one randomised test a segment.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    segments
        Numbers of the segments that are addressed.
    what
        Segment → what is tested, in words.
    settings
        Power, level, share held out; ``experiments.yaml`` when not given.

    Returns
    -------
    ExperimentPlan
        A segment that is too small to test alone names the segment to pool it with: the one that
        most of its accounts would be in otherwise, else the one with the nearest base rate.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> accounts = pd.DataFrame({"account_id": [str(i) for i in range(40)]})
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...                           cards=[], facts={}, as_of="2026-09-30")
    >>> plan_tests(market, [1]).table[["treated", "held_out", "needed"]].values.tolist()
    [[28, 12, 1009]]
    """
    settings = settings or experiment_settings()
    sizes = market.accounts["segment"].value_counts()
    rates, seen = _base_rates(market, settings), visits(market)
    rows = []
    for segment in segments:
        accounts = int(sizes.get(segment, 0))
        held_out = _held_out(accounts, settings)
        rate, source = rates[segment]
        needed = accounts_needed(
            rate,
            settings.relevant_lift,
            hold_out=settings.hold_out,
            power=settings.power,
            alpha=settings.alpha,
        )
        rows.append(
            {
                "segment": segment,
                "name": market.names[segment],
                "what": (what or {}).get(segment, ""),
                "accounts": accounts,
                "treated": accounts - held_out,
                "held_out": held_out,
                "base_rate": rate,
                "base_source": source,
                "detectable": _detectable(rate, accounts, settings),
                "relevant": settings.relevant_lift,
                "needed": needed,
                "traffic": monthly(seen, [segment]),
                "months": months_until(seen, [segment], needed),
            }
        )
    table = pd.DataFrame(rows, columns=COLUMNS)
    return ExperimentPlan(_with_advice(market, table, settings), settings)


def draw_cells(accounts: pd.DataFrame, plan: ExperimentPlan, *, seed: int) -> pd.Series:
    """Draw at random who is held out, segment by segment.

    Parameters
    ----------
    accounts
        ``account_id`` and ``segment``.
    plan
        Says which segments are tested and how many accounts are held out.
    seed
        The draw of a segment depends on it, on the segment's number and on its accounts alone.

    Returns
    -------
    Series
        ``test``, ``hold-out``, or empty where the segment is not tested; in the rows of
        ``accounts``.
    """
    cell = pd.Series("", index=accounts.index, dtype="str")
    for segment, held_out in zip(plan.table["segment"], plan.table["held_out"], strict=True):
        own = accounts[accounts["segment"] == segment].sort_values("account_id").index
        order = np.random.default_rng([seed, int(segment)]).permutation(len(own))
        cell.loc[own] = TEST
        cell.loc[own[order[: int(held_out)]]] = HOLD_OUT
    return cell


def _held_out(accounts: int, settings: ExperimentSettings) -> int:
    return round(accounts * settings.hold_out)


def _detectable(rate: float, accounts: int, settings: ExperimentSettings) -> float:
    held_out = _held_out(accounts, settings)
    if min(held_out, accounts - held_out) < settings.least_cell:
        return float("nan")
    found = detectable_lift(
        rate, accounts - held_out, held_out, power=settings.power, alpha=settings.alpha
    )
    return float(found)


def _base_rates(
    market: SegmentedMarket, settings: ExperimentSettings
) -> dict[int, tuple[float, str]]:
    """Conversion without a touch: accounts held out in past campaigns, pulled to the whole."""
    touches = market.fact("touches", "held_out", "converted")
    held = None if touches is None else touches[touches["held_out"].astype(bool)]
    if held is None or held.empty:
        return dict.fromkeys(market.numbers, (settings.base_rate, "declared"))
    weight = settings.base_accounts
    whole = (held["converted"].sum() + weight * settings.base_rate) / (len(held) + weight)
    sums = held.groupby("segment")["converted"].agg(["sum", "size"])
    sums = sums.reindex(market.numbers, fill_value=0)
    rates = (sums["sum"] + weight * whole) / (sums["size"] + weight)
    sizes = sums["size"].astype(int).to_dict()
    return {s: (float(rates[s]), f"{sizes[s]:,} accounts held out before") for s in market.numbers}


def _with_advice(
    market: SegmentedMarket, table: pd.DataFrame, settings: ExperimentSettings
) -> pd.DataFrame:
    advised = [_advice(market, row, table, settings) for _, row in table.iterrows()]
    columns = ["pool_with", "pooled_detectable", "advice"]
    told = [_duration(row, settings) for row in each(table)]
    return table.assign(duration=pd.Series(told, index=table.index, dtype="str")).join(
        pd.DataFrame(advised, columns=columns, index=table.index)
    )


def _duration(row: Any, settings: ExperimentSettings) -> str:
    """How long the test takes: by a list all at once, or as the accounts come by."""
    if row.accounts >= row.needed:
        listed = f"by list: {settings.window_days} days after the first touch"
    else:
        listed = f"by list: not alone, it has {row.accounts:,} of {row.needed:,} accounts"
    if np.isnan(row.traffic):
        return f"{listed}; as they come by: not known"
    pace = f"{row.traffic:,.0f} accounts a month"
    if np.isnan(row.months):
        return f"{listed}; as they come by ({pace}): not within a year"
    some = "s" if row.months > 1 else ""
    return f"{listed}; as they come by ({pace}): {row.months:.0f} month{some}"


def _advice(
    market: SegmentedMarket, row: pd.Series, table: pd.DataFrame, settings: ExperimentSettings
) -> tuple[int, float, str]:
    seen = f"lifts from {100 * row['detectable']:.1f} points on are seen"
    if row["detectable"] <= row["relevant"]:
        return 0, float("nan"), f"large enough: {seen}"
    alone = "no lift can be seen" if np.isnan(row["detectable"]) else f"only {seen}"
    other: Any = _partner(market, row, table)
    if other is None:
        return 0, float("nan"), f"too small to test: {alone}; test together with everyone else"
    together = row["accounts"] + other["accounts"]
    rate = np.average(
        [row["base_rate"], other["base_rate"]], weights=[row["accounts"], other["accounts"]]
    )
    pooled = _detectable(float(rate), together, settings)
    gain = "still nothing is seen" if np.isnan(pooled) else f"then {100 * pooled:.1f} points"
    text = f"too small to test alone: {alone}; pool it with {other['name']} ({gain})"
    return other["segment"], pooled, text


def _partner(market: SegmentedMarket, row: pd.Series, table: pd.DataFrame) -> pd.Series | None:
    """The tested segment that is nearest: most second choices, else the nearest base rate."""
    others = table[table["segment"] != row["segment"]]
    if others.empty:
        return None
    own = market.accounts[market.accounts["segment"] == row["segment"]]
    votes = own["second_segment"].value_counts().reindex(others["segment"], fill_value=0)
    if votes.max() > 0:
        return others.set_index("segment", drop=False).loc[votes.idxmax()]
    return others.loc[(others["base_rate"] - row["base_rate"]).abs().idxmin()]
