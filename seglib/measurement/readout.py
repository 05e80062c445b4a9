"""Read the campaigns out: treated against held out, by segment, as they were assigned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from seglib.exhibits import Note, missing
from seglib.intervals import Floats, holm
from seglib.measurement.against import score_test
from seglib.measurement.intervals import newcombe
from seglib.profiling.season import MONTHS
from seglib.quotes import quote
from seglib.strategy import ExperimentSettings, SegmentedMarket, detectable_lift
from seglib.strategy.experiments import experiment_settings

METHOD = (
    "Intention to treat: accounts count in the cell they were assigned to. Lift: conversion rate "
    "of the treated minus that of the held out, 95 % interval by Newcombe's hybrid score method. "
    "p: score test, adjusted by Holm over the segments of a campaign (over the campaigns in the "
    "overall table). Interaction: Cochran's Q over the segments' lifts."
)
"""How the figures are made, for captions."""


@dataclass(frozen=True)
class Readout:
    """What the campaigns did.

    Attributes
    ----------
    overall
        One row a campaign, oldest first: cells, rates, ``lift`` with ``low`` and ``high``, ``p``
        and ``p_holm`` (over campaigns), ``detectable`` (smallest lift that it was designed to
        see), ``q``, ``df``, ``p_interaction`` and its Holm adjustment, ``verdict``.
    by_segment
        One row a campaign and segment: the same without the interaction; ``p_holm`` is over the
        segments of the campaign.
    notes
        What could not be read and why.
    """

    overall: pd.DataFrame
    by_segment: pd.DataFrame
    notes: tuple[Note, ...]


def campaign_readout(
    market: SegmentedMarket, settings: ExperimentSettings | None = None
) -> Readout:
    """Compare the treated with the held out, campaign by campaign and segment by segment.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    settings
        Power, level and the lift worth finding, for 'was it designed to see this?'.

    Returns
    -------
    Readout
        Empty tables, with a note, when no campaign has a hold-out.

    Examples
    --------
    >>> from seglib.strategy import segmented_market
    >>> accounts = pd.DataFrame({"account_id": [str(i) for i in range(200)]})
    >>> touches = accounts.assign(campaign_id="C1", held_out=[False, True] * 100,
    ...                           converted=[True, False, False, False] * 50)
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...                           cards=[], facts={"touches": touches}, as_of="2026-09-30")
    >>> campaign_readout(market).overall[["treated", "held_out", "lift", "verdict"]]
       treated  held_out  lift verdict
    0      100       100   0.5  worked
    """
    settings = settings or experiment_settings()
    touches = market.touches()
    if touches is None:
        return Readout(_EMPTY, _EMPTY, (missing("The campaign readout", ["touches"]),))
    accounts, doubled = _one_row_an_account(touches)
    cells = _cells(accounts, ["campaign_id"])
    readable = cells[(cells["treated"] > 0) & (cells["held_out"] > 0)]
    unread = sorted(set(cells["campaign_id"]) - set(readable["campaign_id"]))
    notes = [*_doubled(doubled), *_paid_for(touches), *_unread(unread)]
    notes += _overlapping(market, accounts)
    notes += _unplaced(accounts)
    if readable.empty:
        return Readout(_EMPTY, _EMPTY, tuple(notes))
    kept = accounts[accounts["campaign_id"].isin(readable["campaign_id"])]
    split = _cells(kept[kept["segment"] > 0], ["campaign_id", "segment"])
    split = _read(split, settings, within="campaign_id")
    overall = _read(readable, settings)
    overall = _dated(overall.merge(_interaction(split), on="campaign_id", how="left"), touches)
    named = split.assign(name=split["segment"].map(market.names).astype("str"))
    order = {campaign: rank for rank, campaign in enumerate(overall["campaign_id"])}
    by_segment = named.sort_values(
        ["campaign_id", "segment"],
        key=lambda column: column.map(order) if column.name == "campaign_id" else column,
        ignore_index=True,
    )
    return Readout(overall, by_segment, tuple(notes))


_MOST_UNPLACED = 0.2
_EMPTY = pd.DataFrame(columns=["campaign_id", "lift", "low", "high"])


def _one_row_an_account(touches: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """One row a campaign and account; accounts in both cells of a campaign are left out."""
    one = touches.groupby(["campaign_id", "account_id", "segment"]).agg(
        cells=("held_out", "nunique"),
        held_out=("held_out", "first"),
        converted=("converted", "any"),
    )
    one = one.reset_index()
    doubled = one[one["cells"] > 1].groupby("campaign_id").size()
    return one[one["cells"] == 1].drop(columns="cells"), doubled


def _cells(accounts: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Accounts and conversions of both cells."""
    counted = accounts.assign(
        treated=~accounts["held_out"],
        treated_converted=~accounts["held_out"] & accounts["converted"],
        held_out_converted=accounts["held_out"] & accounts["converted"],
    )
    columns = ["treated", "treated_converted", "held_out", "held_out_converted"]
    return counted.groupby(keys)[columns].sum().astype("int64").reset_index()


def _read(
    cells: pd.DataFrame, settings: ExperimentSettings, *, within: str | None = None
) -> pd.DataFrame:
    """Add rates, lift, interval, test and what the test was able to see."""
    x1, n1 = cells["treated_converted"].to_numpy(float), cells["treated"].to_numpy(float)
    x0, n0 = cells["held_out_converted"].to_numpy(float), cells["held_out"].to_numpy(float)
    low, high = newcombe(x1, n1, x0, n0)
    treated_rate, held_out_rate = _ratio(x1, n1), _ratio(x0, n0)
    read = cells.assign(
        treated_rate=treated_rate,
        held_out_rate=held_out_rate,
        lift=treated_rate - held_out_rate,
        low=low,
        high=high,
        p=score_test(x1, n1, x0, n0),
        detectable=detectable_lift(
            _ratio(x1 + x0, n1 + n0), n1, n0, power=settings.power, alpha=settings.alpha
        ),
    )
    groups = (
        [read.index] if within is None else list(read.groupby(within, sort=False).groups.values())
    )
    for rows in groups:
        read.loc[rows, "p_holm"] = holm(read.loc[rows, "p"])
    return read.assign(verdict=[_verdict(row, settings) for _, row in read.iterrows()])


def _ratio(hits: Floats, count: Floats) -> Floats:
    return np.asarray(hits / np.where(count > 0, count, np.nan))


def _verdict(row: pd.Series, settings: ExperimentSettings) -> str:
    if np.isnan(row["lift"]):
        return "not a test: one cell is empty"
    if row["p_holm"] < settings.alpha:
        return "worked" if row["lift"] > 0 else "did harm"
    if row["detectable"] <= settings.relevant_lift:
        return f"no effect seen, though lifts from {100 * row['detectable']:.1f} points would be"
    if np.isnan(row["detectable"]):
        return "too small to say: no lift could have been seen"
    return f"too small to say: only lifts from {100 * row['detectable']:.1f} points are seen"


def _interaction(split: pd.DataFrame) -> pd.DataFrame:
    """Test whether the lift differs between segments, campaign by campaign.

    Cochran's Q with rates to which one success and one failure are added (Agresti & Caffo 2000),
    so that a cell without conversions keeps a variance.
    """
    rows = []
    for campaign, own in split.dropna(subset="lift").groupby("campaign_id"):
        n1, n0 = own["treated"].to_numpy(float) + 2, own["held_out"].to_numpy(float) + 2
        rate1, rate0 = (own["treated_converted"] + 1) / n1, (own["held_out_converted"] + 1) / n0
        lift = (rate1 - rate0).to_numpy()
        weight = 1 / (rate1 * (1 - rate1) / n1 + rate0 * (1 - rate0) / n0).to_numpy()
        q = float((weight * (lift - np.average(lift, weights=weight)) ** 2).sum())
        df = len(own) - 1
        rows.append((campaign, q, df, float(chdtrc(df, q)) if df > 0 else np.nan))
    table = pd.DataFrame(rows, columns=["campaign_id", "q", "df", "p_interaction"])
    return table.assign(p_interaction_holm=holm(table["p_interaction"]))


def campaign_in_words(row: Mapping[Any, Any] | pd.Series) -> str:
    """Say which campaign it was, as far as that is known.

    Examples
    --------
    >>> campaign_in_words({"campaign_id": "C05", "channel": "webinar", "start_date": "2025-11-03"})
    'C05, the webinar of November 2025'
    >>> campaign_in_words({"campaign_id": "C05", "channel": None, "start_date": None})
    'C05'
    """
    campaign, channel = row["campaign_id"], row.get("channel")
    start = pd.Timestamp(row.get("start_date") or "NaT")
    what = str(channel) if channel and pd.notna(channel) else "campaign"
    if pd.notna(start):
        return f"{campaign}, the {what} of {MONTHS[start.month - 1]} {start.year}"
    return f"{campaign}, the {what}" if what != "campaign" else str(campaign)


def _dated(overall: pd.DataFrame, touches: pd.DataFrame) -> pd.DataFrame:
    """Add channel and start of each campaign, and put the oldest first."""
    about = touches.drop_duplicates("campaign_id").reindex(
        columns=["campaign_id", "channel", "start_date"]
    )
    joined = about.merge(overall, on="campaign_id", how="right")
    return joined.sort_values(["start_date", "campaign_id"], ignore_index=True)


def _doubled(doubled: pd.Series) -> list[Note]:
    return [
        Note(
            f"Campaign {campaign}: {quote('doubled', count, ',')} accounts were treated and held "
            "out at the same time; they are left out of its readout.",
            kind="warning",
        )
        for campaign, count in doubled.items()
    ]


def _paid_for(touches: pd.DataFrame) -> list[Note]:
    """Warn of accounts held out for which a touch was paid: they seem to have been treated."""
    if "cost" not in touches:
        return []
    paid = touches[touches["held_out"] & (touches["cost"].astype(float) > 0)]
    return [
        Note(
            f"Campaign {campaign}: {quote('paid', count, ',')} accounts held out have a cost, "
            "as if they had been treated. They stay in the hold-out, as assigned; its lift is then "
            "too small.",
            kind="warning",
        )
        for campaign, count in paid.groupby("campaign_id")["account_id"].nunique().items()
    ]


def _unread(unread: list[str]) -> list[Note]:
    if not unread:
        return []
    named = ", ".join(str(campaign) for campaign in unread)
    text = f"Without accounts held out nothing can be said of what these added: campaign {named}."
    return [Note(text, kind="missing")]


def _unplaced(accounts: pd.DataFrame) -> list[Note]:
    """Warn of campaigns in which many accounts have no segment: who converted sooner has one."""
    outside = (accounts["segment"] < 1).groupby(accounts["campaign_id"]).mean()
    many = outside[outside > _MOST_UNPLACED]
    if many.empty:
        return []
    named = ", ".join(
        f"{campaign} ({quote('unplaced', share, '.0%')})" for campaign, share in many.items()
    )
    text = (
        f"Many accounts of these campaigns have no segment: {named}. Who converted is more likely "
        "to have one by now, so their lifts by segment are not to be trusted; the whole is."
    )
    return [Note(text, kind="warning")]


def _overlapping(market: SegmentedMarket, accounts: pd.DataFrame) -> list[Note]:
    """Count the accounts held out of one campaign that another one treated while it ran."""
    campaigns = market.fact("campaigns", "start_date", "end_date")
    if campaigns is None:
        return []
    dated = accounts.merge(campaigns[["campaign_id", "start_date", "end_date"]], on="campaign_id")
    held, treated = dated[dated["held_out"]], dated[~dated["held_out"]]
    pairs = held.merge(treated, on="account_id", suffixes=("", "_other"))
    both = pairs[
        (pairs["campaign_id"] != pairs["campaign_id_other"])
        & (pairs["start_date_other"] <= pairs["end_date"])
        & (pairs["end_date_other"] >= pairs["start_date"])
    ]
    counts = both.groupby("campaign_id")["account_id"].nunique()
    sizes = held["campaign_id"].value_counts()
    return [
        Note(
            f"Campaign {campaign}: {quote('overlapping', count, ',')} of "
            f"{quote('held_out', int(sizes[str(campaign)]), ',')} accounts held out were treated "
            "by another campaign at the time; its lift is what it added on top of that.",
            kind="warning",
        )
        for campaign, count in counts.items()
    ]
