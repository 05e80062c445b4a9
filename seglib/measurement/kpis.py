"""KPIs by segment and period: raw beside shrunken, with intervals and denominators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict
from scipy.special import stdtrit

from seglib.exhibits import Note, missing
from seglib.intervals import Z, holm, wilson
from seglib.knowledge import load_knowledge
from seglib.measurement.against import costs_against, rates_against, values_against
from seglib.measurement.contributions import contributions
from seglib.measurement.intervals import (
    poisson_bounds,
    shrink_counts,
    shrink_means,
    shrink_rates,
)
from seglib.measurement.periods import Length, Periods, last_periods
from seglib.quotes import quote
from seglib.strategy import SegmentedMarket

COLUMNS = [
    "segment", "name", "period", "kpi", "label", "value", "low", "high", "shrunk", "p_holm",
    "whole", "numerator", "denominator", "of", "unit",
]  # fmt: skip
"""Columns of the KPI table."""


class Kpi(BaseModel):
    """One KPI: what it counts, and how sure it can be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    group: str
    label: str
    kind: Literal["rate", "money", "cost", "mean", "ratio"]
    unit: str
    needs: tuple[str, ...]
    of: str
    higher_is_better: bool
    meaning: str


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kpis: dict[str, Kpi]


@cache
def kpi_catalogue() -> dict[str, Kpi]:
    """Return the KPIs, from ``kpis.yaml``.

    Examples
    --------
    >>> kpi_catalogue()["retention"].kind
    'rate'
    """
    path = Path(__file__).with_name("kpis.yaml")
    return load_knowledge(path, _Catalogue, under="kpis").kpis


@dataclass(frozen=True)
class Kpis:
    """KPIs by segment and period.

    Attributes
    ----------
    table
        One row a segment, period and KPI: ``value`` with its 95 % interval (``low``, ``high``;
        missing where it has no bound), ``shrunk`` toward all segments together, ``p_holm`` (the
        segment against all others, adjusted over the segments by Holm; missing for sums of money),
        ``whole`` (all accounts, also those without a segment), ``numerator`` and ``denominator``
        (of what: ``of``), ``unit``.
    notes
        KPIs that cannot be said, and what the figures leave out.
    """

    table: pd.DataFrame
    notes: tuple[Note, ...]

    def of(self, kpi: str) -> pd.DataFrame:
        """Return the rows of one KPI."""
        return self.table[self.table["kpi"] == kpi].reset_index(drop=True)

    @property
    def names(self) -> list[str]:
        """KPIs that the data can say, in order."""
        return list(dict.fromkeys(self.table["kpi"]))

    def latest(self, kpi: str) -> pd.DataFrame:
        """Return one KPI in the last period in which any segment has a denominator."""
        rows = self.of(kpi)
        return rows[rows["period"] == rows.loc[rows["denominator"] > 0, "period"].max()]


def kpis(market: SegmentedMarket, *, period: Length = "quarter", first: Sequence[str] = ()) -> Kpis:
    """Measure the KPIs of each segment in the last eight whole periods.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    period
        Month or quarter.
    first
        KPIs (or their groups) that the brief names; they come first.

    Returns
    -------
    Kpis

    Notes
    -----
    Accounts count with the segment that they have *now*, in all periods. Rates: Wilson interval,
    beta-binomial shrinkage. Sums of money: compound-Poisson interval (the variance of a sum of a
    Poisson number of amounts is the sum of their squares). Cost per acquisition: exact Poisson
    interval of the conversions, gamma-Poisson shrinkage. Ratios of sums (net revenue retention):
    jackknife over accounts on the logarithm, with Student's t of as many accounts as the sum is
    worth (Kish 1965: a few that make most of it count as few; covers 95 to 97 % with 15 to 300
    accounts of log-normal revenues), normal-normal shrinkage. Each period is shrunk by itself.
    Tests of a segment against all others: rates by the score test, costs by the exact conditional
    Poisson test, means and ratios by the normal test.

    Examples
    --------
    >>> from seglib.strategy import segmented_market
    >>> deals = pd.DataFrame({"account_id": ["a", "a", "b"], "outcome": ["won", "lost", "won"],
    ...                       "closed_date": pd.to_datetime(["2026-08-01"] * 3)})
    >>> accounts = pd.DataFrame({"account_id": ["a", "b"]})
    >>> market = segmented_market(
    ...     accounts=accounts, assignments=accounts.assign(segment=[1, 2]), cards=[],
    ...     facts={"opportunities": deals}, as_of="2026-09-30")
    >>> kpis(market).latest("conversion")[["segment", "value", "numerator", "denominator"]]
       segment  value  numerator  denominator
    0        1    0.5        1.0          2.0
    1        2    1.0        1.0          1.0
    """
    if pd.isna(market.as_of):
        return Kpis(pd.DataFrame(columns=COLUMNS), (missing("KPIs by period", _DATED),))
    periods = last_periods(market.as_of, period)
    parts, notes = [], []
    for key, kpi in _ordered(first).items():
        rows = contributions(market, key, periods)
        if rows is None:
            notes.append(missing(f"'{kpi.label}'", kpi.needs))
            continue
        parts.append(_measured(market, key, kpi, rows, periods))
        notes += _unplaced(kpi, rows)
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return Kpis(table, tuple(notes))


_DATED = ("orders", "opportunities", "subscriptions")


def _ordered(first: Sequence[str]) -> dict[str, Kpi]:
    everything = kpi_catalogue()
    ranks = {name: rank for rank, name in enumerate(first)}
    later = len(ranks)

    def rank(key: str) -> int:
        return min(ranks.get(key, later), ranks.get(everything[key].group, later))

    return {key: everything[key] for key in sorted(everything, key=rank)}


def _measured(
    market: SegmentedMarket, key: str, kpi: Kpi, rows: pd.DataFrame, periods: Periods
) -> pd.DataFrame:
    """Sum up by segment and period, then add the interval, the shrunken value and the whole."""
    columns = ["numerator", "denominator", "squares"]
    products = rows.assign(squares=rows["numerator"] ** 2)
    if kpi.kind == "ratio":
        products, columns = _left_out(products), [*columns, *_LEFT_OUT]
    sums = products.groupby(["period", "segment"])[columns].sum()
    found = set(rows["period"].unique())
    there = [label for label in periods.labels if label in found]
    grid = pd.MultiIndex.from_product([there, market.numbers], names=["period", "segment"])
    table = sums.reindex(grid, fill_value=0.0).reset_index()
    wholes = sums.groupby("period").sum()
    parts = []
    for _, own in table.groupby("period", sort=False):
        figures = _KINDS[kpi.kind](own)
        parts.append(figures.assign(p_holm=holm(figures["p"])))
    done = pd.concat(parts)
    whole = _KINDS[kpi.kind](wholes)["value"]
    return done.assign(
        name=done["segment"].map(market.names).astype("str"),
        kpi=key,
        label=kpi.label,
        whole=done["period"].map(whole),
        of=kpi.of,
        unit=market.currency or "money" if kpi.unit == "money" else kpi.unit,
    )[COLUMNS]


def _rate(own: pd.DataFrame) -> pd.DataFrame:
    hits, trials = own["numerator"].to_numpy(), own["denominator"].to_numpy()
    low, high = wilson(hits, trials)
    value = hits / np.where(trials > 0, trials, np.nan)
    shrunk, p = shrink_rates(hits, trials), rates_against(hits, trials)
    return own.assign(value=value, low=low, high=high, shrunk=shrunk, p=p)


def _money(own: pd.DataFrame) -> pd.DataFrame:
    total, count = own["numerator"].to_numpy(), own["denominator"].to_numpy()
    half = Z * np.sqrt(own["squares"].to_numpy())
    n = np.where(count > 0, count, np.nan)
    mean = shrink_means(total / n, own["squares"].to_numpy() / n**2)
    low = total - half
    return own.assign(
        value=total,
        low=np.where(total >= 0, np.maximum(low, 0.0), low),
        high=total + half,
        shrunk=np.where(count > 0, mean * count, 0.0),
        p=np.nan,
    )


def _cost(own: pd.DataFrame) -> pd.DataFrame:
    cost, count = own["numerator"].to_numpy(), own["denominator"].to_numpy()
    low, high = poisson_bounds(count)
    bought = shrink_counts(count, cost)
    return own.assign(
        value=cost / np.where(count > 0, count, np.nan),
        low=np.where(cost > 0, cost / high, np.nan),
        high=np.where((cost > 0) & (count > 0), cost / np.where(low > 0, low, np.nan), np.nan),
        shrunk=1 / np.where(bought > 0, bought, np.nan),
        p=costs_against(count, cost),
    )


def _mean(own: pd.DataFrame) -> pd.DataFrame:
    count = own["denominator"].to_numpy()
    n = np.where(count > 0, count, np.nan)
    mean = own["numerator"].to_numpy() / n
    spread = np.maximum(own["squares"].to_numpy() / n - mean**2, 0.0)
    variance = np.where(count > 1, spread / np.maximum(n - 1, 1), np.nan)
    half = Z * np.sqrt(variance)
    return own.assign(
        value=mean,
        low=mean - half,
        high=mean + half,
        shrunk=shrink_means(mean, variance),
        p=values_against(mean, variance),
    )


_LEFT_OUT = ("without", "without_squares", "count", "denominator_squares")


def _left_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Add the ratio of each row's segment and period without that row (the jackknife's values),
    and the squares that say how many equal rows the denominator is worth."""
    groups = rows.groupby(["period", "segment"])[["numerator", "denominator"]]
    rest = groups.transform("sum") - rows[["numerator", "denominator"]]
    without = rest["numerator"] / rest["denominator"].where(rest["denominator"] > 0)
    return rows.assign(
        without=without,
        without_squares=without**2,
        count=1.0,
        denominator_squares=rows["denominator"] ** 2,
    )


def _ratio(own: pd.DataFrame) -> pd.DataFrame:
    base = own["denominator"].to_numpy()
    ratio = own["numerator"].to_numpy() / np.where(base > 0, base, np.nan)
    n = own["count"].to_numpy()
    spread = own["without_squares"] - own["without"] ** 2 / np.maximum(n, 1)
    variance = np.where(n > 1, (n - 1) / np.maximum(n, 1) * np.maximum(spread, 0.0), np.nan)
    squares = own["denominator_squares"].to_numpy()
    worth = base**2 / np.where(squares > 0, squares, np.nan)  # Kish's effective number of accounts
    half = stdtrit(np.fmax(worth - 1, 1), 0.975) * np.sqrt(variance)
    positive = ratio > 0
    factor = np.exp(np.where(positive, half / np.where(positive, ratio, 1.0), np.nan))
    return own.assign(
        value=ratio,
        low=np.where(positive, ratio / factor, ratio - half),
        high=np.where(positive, ratio * factor, ratio + half),
        shrunk=shrink_means(ratio, variance),
        p=values_against(ratio, variance),
    )


_KINDS = {"ratio": _ratio, "rate": _rate, "money": _money, "cost": _cost, "mean": _mean}


def _unplaced(kpi: Kpi, rows: pd.DataFrame) -> list[Note]:
    """Say how much of a denominator belongs to accounts without a segment."""
    total, outside = rows["denominator"].sum(), rows.loc[rows["segment"] < 1, "denominator"].sum()
    if kpi.kind not in ("rate", "ratio") or total <= 0 or outside / total < 0.02:
        return []
    text = (
        f"'{kpi.label}': {quote('unplaced', outside / total, '.0%')} of the {kpi.of} belong to "
        "accounts without a segment (most have left or were never placed). The whole counts "
        "them, the segments do not, which flatters these."
    )
    return [Note(text, kind="warning")]
