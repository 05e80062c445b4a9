"""Response curves: what money in a channel returns in a segment, from campaigns or declared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from seglib.criteria import catalogue
from seglib.strategy.evidence import recognised
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.measures import measure
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.playbook_parts import Channel

COLUMNS = [
    "segment", "name", "channel", "label", "accounts", "contacts_possible", "cost", "response",
    "value", "value_of", "source", "cost_source",
]  # fmt: skip
"""Columns of the table of curves."""

DECLARED = "declared prior"
"""Source of a figure that is the playbook's opinion."""

BELOW_COST = "revenue, sold below cost"
"""What a conversion brings where all is sold at a loss: the margin would say 'nothing'."""


def response_curves(
    market: SegmentedMarket, playbook: Playbook, segments: Sequence[int]
) -> pd.DataFrame:
    """State the response curve of each segment in each channel.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    playbook
        Its channels bring the cost and the response that hold before own campaigns say better.
    segments
        Numbers of the segments that money may go to.

    Returns
    -------
    DataFrame
        One row a segment and channel: ``accounts`` (that can be reached), ``contacts_possible``
        (in a year, before more is wasted), ``cost`` (of one contact), ``response`` (what a contact
        adds to the probability of a conversion), ``value`` (of a conversion: as in past campaigns,
        else an order, else a year of a contract) and ``value_of``
        (``margin`` where cost of goods are known, else ``revenue``; :data:`BELOW_COST` where the
        margin of all is not positive), ``source`` (of the response) and ``cost_source``.
        Empty when nothing says what a conversion is worth.

    Notes
    -----
    The response is the rate of converted accounts among those treated minus that among those held
    out, pulled toward the channel's figure over all segments, and that toward the declared prior
    (``settings.prior_accounts``). Campaigns without a hold-out say nothing about what they added
    and leave the prior as it is.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> from seglib.strategy.playbook_model import load_playbook
    >>> accounts = pd.DataFrame({"account_id": ["a"]})
    >>> contracts = accounts.assign(monthly_fee=100.0)
    >>> market = segmented_market(
    ...     accounts=accounts, assignments=accounts.assign(segment=1), cards=[],
    ...     facts={"subscriptions": contracts}, as_of="2026-09-30")
    >>> curves = response_curves(market, load_playbook(), [1])
    >>> curves.loc[[0], ["channel", "response", "value", "source"]]
      channel  response   value          source
    0  e-mail      0.01  1200.0  declared prior
    """
    found = _value_of_conversion(market)
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    value, value_of = found
    touches = _touches(market, playbook)
    counts = market.accounts["segment"].value_counts()
    names = list(dict.fromkeys(touches["channel"])) or list(playbook.channels)
    rows = []
    for channel in names:
        entry = _entry(channel, playbook)
        cost, paid = _cost(channel, touches, playbook)
        for segment in segments:
            response, source = _response(channel, segment, touches, playbook)
            accounts = float(counts.get(segment, 0))
            rows.append({
                "segment": segment, "name": market.names[segment],
                "channel": channel, "label": entry.label,
                "accounts": accounts, "contacts_possible": accounts * entry.contacts,
                "cost": cost, "response": response,
                "value": float(value.get(segment, np.nan)), "value_of": value_of, "source": source,
                "cost_source": paid,
            })  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _entry(channel: str, playbook: Playbook) -> Channel:
    """The playbook's entry of a channel; for one it does not know, the middle of all others."""
    if channel in playbook.channels:
        return playbook.channels[channel]
    known = list(playbook.channels.values())
    middle = {
        name: float(np.median([getattr(entry, name) for entry in known]))
        for name in ("cost", "contacts", "response")
    }
    return known[0].model_copy(update={"label": channel.capitalize(), **middle})


def _touches(market: SegmentedMarket, playbook: Playbook) -> pd.DataFrame:
    """Touches of campaigns whose channel is known, by the playbook's name of it."""
    touches = market.touches()
    if touches is None:
        return pd.DataFrame(columns=["channel", "segment", "held_out", "converted", "spent"])
    named = touches[touches["channel"].notna()]
    found = {
        text: recognised(playbook.channels, text) or str(text) for text in named["channel"].unique()
    }
    return named.assign(channel=named["channel"].map(found))


def _cost(channel: str, touches: pd.DataFrame, playbook: Playbook) -> tuple[float, str]:
    """Cost of one contact: what campaigns in the channel spent, else as declared."""
    spent = touches.loc[touches["channel"] == channel, "spent"].astype(float)
    if spent.notna().any() and spent.mean() > 0:
        return float(spent.mean()), "past campaigns"
    return _entry(channel, playbook).cost, DECLARED


def _response(
    channel: str, segment: int, touches: pd.DataFrame, playbook: Playbook
) -> tuple[float, str]:
    used = touches[touches["channel"] == channel]
    weight = playbook.settings.prior_accounts
    whole, _ = _pulled(used, _entry(channel, playbook).response, weight)
    own, n = _pulled(used[used["segment"] == segment], whole, weight)
    source = f"{n:,} accounts in past campaigns" if n else DECLARED
    return max(own, 0.0), source


def _pulled(touches: pd.DataFrame, prior: float, weight: float) -> tuple[float, int]:
    """Lift of the treated over the held out, pulled toward a prior, and the accounts behind it."""
    held = touches["held_out"].astype(bool)
    treated, control = touches.loc[~held, "converted"], touches.loc[held, "converted"]
    if treated.empty or control.empty:
        return prior, 0
    effective = 1 / (1 / len(treated) + 1 / len(control))
    lift = float(treated.mean() - control.mean())
    return (effective * lift + weight * prior) / (effective + weight), len(touches)


def _value_of_conversion(market: SegmentedMarket) -> tuple[pd.Series, str] | None:
    """What a conversion brings in each segment; None when nothing says so."""
    for sums in (_campaign_revenue(market), _order_values(market), _fees(market)):
        count = sums["count"].sum()
        whole = float(sums["money"].sum() / count) if count > 0 else 0.0
        if whole > 0:
            break
    else:
        return None
    own, pull = sums.reindex(market.numbers, fill_value=0.0), catalogue().pull
    value = ((own["money"] + pull * whole) / (own["count"] + pull)).clip(lower=0)
    margin = measure(market, catalogue().criteria["margin"])
    if margin is None:
        return value, "revenue"
    if margin.whole <= 0:
        return value, BELOW_COST
    return value * margin.value.fillna(margin.whole).clip(lower=0), "margin"


def _summed(segment: pd.Series, money: pd.Series, count: pd.Series | float) -> pd.DataFrame:
    """Money and conversions by segment."""
    frame = pd.DataFrame({"segment": segment, "money": money.astype(float), "count": count})
    return frame.groupby("segment")[["money", "count"]].sum()


_NOTHING = pd.DataFrame({"money": [], "count": []}, dtype=float)


def _campaign_revenue(market: SegmentedMarket) -> pd.DataFrame:
    """Revenue of those who converted in past campaigns."""
    touches = market.fact("touches", "revenue", "converted")
    if touches is None:
        return _NOTHING
    bought = touches[touches["converted"].astype(bool)]
    return _summed(bought["segment"], bought["revenue"], 1.0)


def _order_values(market: SegmentedMarket) -> pd.DataFrame:
    """Revenue of orders: a conversion is one order."""
    orders = market.fact("orders", "amount", "orders")
    return (
        _NOTHING
        if orders is None
        else _summed(orders["segment"], orders["amount"], orders["orders"].astype(float))
    )


def _fees(market: SegmentedMarket) -> pd.DataFrame:
    """A year of subscription fees: a conversion is one contract."""
    contracts = market.fact("subscriptions", "monthly_fee")
    return (
        _NOTHING
        if contracts is None
        else _summed(contracts["segment"], contracts["monthly_fee"].fillna(0.0) * 12, 1.0)
    )
