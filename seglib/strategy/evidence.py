"""Evidence: what the data of a segment say that the playbook can build on, each with its n."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

from seglib.exhibits import format_value
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.playbook_parts import Recognised
from seglib.strategy.send_times import WINDOW, best_hours

COLUMNS = ["segment", "kind", "key", "item", "value", "whole", "n", "table", "strong", "text"]
"""Columns of the evidence table."""

_Z = 1.959963984540054


def segment_evidence(market: SegmentedMarket, playbook: Playbook) -> pd.DataFrame:
    """List what each segment's data say, for the playbook to build on.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    playbook
        Says which words mean which need, objection or channel, and from when on a figure counts.

    Returns
    -------
    DataFrame
        One row a segment and finding: ``kind`` (need, topic, lost reason, channel, role, hour,
        trait), ``key`` (entry of the playbook it belongs to; empty: none), ``item`` (as the data
        call it), ``value`` and ``whole`` (the market's), ``n`` (accounts behind it), ``table``,
        ``strong`` (large enough, on enough accounts, and beyond chance) and ``text``.

    Notes
    -----
    An account has one vote: shares are computed for each account and then averaged. *Beyond
    chance* means that the 95 % interval of the segment's mean leaves out the market's. No
    correction for the number of findings is made: they are leads for people, not tests.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> from seglib.strategy.playbook_model import load_playbook
    >>> accounts = pd.DataFrame({"account_id": ["a", "b"]})
    >>> market = segmented_market(
    ...     accounts=accounts, assignments=accounts.assign(segment=1), cards=[], as_of="2026-09-30",
    ...     facts={"contacts": accounts.assign(role="buyer", contacts=1)})
    >>> found = segment_evidence(market, load_playbook())
    >>> found.loc[found["n"] > 0, ["kind", "key", "value", "n"]]
       kind    key  value  n
    2  role  buyer    1.0  2
    """
    rows = [
        *_needs(market, playbook),
        *_mixes(market, playbook),
        *_roles(market, playbook),
        *_hours(market, playbook),
        *_traits(market, playbook),
    ]
    types = {"segment": int, "value": float, "whole": float, "n": int, "strong": bool}
    return pd.DataFrame(rows, columns=COLUMNS).astype(types)


def recognised(entries: Mapping[str, Recognised], text: str) -> str:
    """Return the key of the first entry that recognises a text; empty when none does.

    Examples
    --------
    >>> from seglib.strategy.playbook_model import load_playbook
    >>> recognised(load_playbook().objections, "price too high")
    'price'
    """
    return next((key for key, entry in entries.items() if entry.recognises(text)), "")


def _compared(frame: pd.DataFrame, least: int) -> pd.DataFrame:
    """Mean of ``value`` by segment and item, against the mean of all segments, with the test.

    ``frame`` has one row an account and item: ``account_id``, ``segment``, ``item``, ``value``.
    Accounts without a segment are left out of the whole too, as in the profiles.
    """
    placed = frame[frame["segment"] > 0]
    whole = placed.groupby("item")["value"].agg(whole="mean", spread=lambda v: v.std(ddof=0))
    found = placed.groupby(["segment", "item"])["value"]
    table = found.agg(value="mean", n="size").reset_index().join(whole, on="item")
    error = table["spread"] / np.sqrt(table["n"])
    beyond = (table["value"] - table["whole"]).abs() > _Z * error
    return table.assign(beyond=beyond & (table["n"] >= least) & (table["spread"] > 0))


def _needs(market: SegmentedMarket, playbook: Playbook) -> Iterable[tuple[object, ...]]:
    surveys = market.fact("surveys", "item", "score")
    if surveys is None:
        return
    asked = surveys[surveys["item"].str.startswith(("need:", "value:"))]
    frame = asked.assign(item=asked["item"].str.partition(":")[2].str.strip(), value=asked["score"])
    settings = playbook.settings
    for row in each(_compared(frame, settings.least_accounts)):
        away = (row.value - row.whole) / row.spread if row.spread > 0 else 0.0
        strong = bool(row.beyond and away >= settings.least_difference)
        text = f"survey item '{row.item}': {row.value:.1f} against {row.whole:.1f} of all segments"
        key = recognised(playbook.needs, row.item)
        yield (row.segment, "need", key, row.item, away, 0.0, row.n, "surveys", strong, text)


def _mixes(market: SegmentedMarket, playbook: Playbook) -> Iterable[tuple[object, ...]]:
    """Topics, lost reasons and ways of engaging: their mix against the market's."""
    sources: list[tuple[str, str, str, Mapping[str, Recognised], str]] = [
        ("topic", "engagements", "topic", playbook.needs, "of their engagements are about"),
        ("lost reason", "opportunities", "lost_reason", playbook.objections, "of lost deals:"),
        ("channel", "engagements", "kind", playbook.channels, "of their engagements are"),
    ]
    for kind, table, column, entries, words in sources:
        facts = market.fact(table, column)
        if facts is None:
            continue
        weight = facts["events"] if "events" in facts else pd.Series(1.0, index=facts.index)
        frame = _account_shares(facts.assign(_weight=weight), column)
        for row in each(_compared(frame, playbook.settings.least_accounts)):
            lifted = row.whole > 0 and row.value / row.whole >= playbook.settings.least_lift
            text = f"{row.value:.0%} {words} '{row.item}', against {row.whole:.0%} of all segments"
            key, strong = recognised(entries, row.item), bool(lifted and row.beyond)
            yield (
                row.segment, kind, key, row.item, row.value, row.whole, row.n, table, strong, text,
            )  # fmt: skip


def _account_shares(facts: pd.DataFrame, column: str) -> pd.DataFrame:
    """Share of each item in what an account did; an item it does not have counts as 0."""
    known = facts[facts[column].notna()]
    wide = known.pivot_table(
        index=["segment", "account_id"], columns=column, values="_weight", aggfunc="sum"
    ).fillna(0.0)
    shares = wide.div(wide.sum(axis=1).where(lambda total: total > 0), axis=0)
    long = shares.reset_index().melt(id_vars=["segment", "account_id"], var_name="item")
    return long.dropna(subset="value")


def _roles(market: SegmentedMarket, playbook: Playbook) -> Iterable[tuple[object, ...]]:
    contacts = market.fact("contacts", "role")
    if contacts is None:
        return
    sizes = market.accounts["segment"].value_counts()
    total = max(len(market.accounts), 1)
    for role in playbook.roles:
        accounts = contacts[contacts["role"] == role].drop_duplicates("account_id")
        whole = float((accounts["segment"] >= 0).sum() / total)
        counts = accounts["segment"].value_counts()
        for segment in market.numbers:
            n, size = int(counts.get(segment, 0)), int(sizes.get(segment, 0))
            strong = n >= playbook.settings.least_accounts
            text = f"known at {n:,} of {size:,} accounts"
            yield (segment, "role", role, role, n / size, whole, n, "contacts", strong, text)


def _hours(market: SegmentedMarket, playbook: Playbook) -> Iterable[tuple[object, ...]]:
    engagements = market.fact("engagements", "hour")
    if engagements is None or "events" not in engagements:
        return
    for segment in market.numbers:
        best = best_hours(engagements[engagements["segment"] == segment])
        if best is None:
            continue
        n, table = best.accounts, "engagements"
        strong = n >= playbook.settings.least_accounts and best.clear
        yield (
            segment, "hour", "", str(best.start), best.share, WINDOW / 24, n, table, strong,
            best.text,
        )  # fmt: skip


def _traits(market: SegmentedMarket, playbook: Playbook) -> Iterable[tuple[object, ...]]:
    """Account variables that a play looks at, as mean normal scores (robust against skew)."""
    customers = market.customers
    names = dict.fromkeys(name for play in playbook.plays.values() for name in play.when)
    for name in names:
        if not market.variable(name) or not pd.api.types.is_numeric_dtype(customers[name]):
            continue
        values = customers[name].astype(float).dropna()
        scores = ndtri((values.rank() - 0.5) / max(len(values), 1))
        frame = customers.loc[values.index, ["account_id", "segment"]].assign(
            item=name, value=scores
        )
        label = market.columns[name].label if name in market.columns else name
        unit = _unit(market, name)
        for row in each(_compared(frame, playbook.settings.least_accounts)):
            own = values[customers.loc[values.index, "segment"] == row.segment]
            strong = bool(row.beyond and abs(row.value) >= playbook.settings.least_difference)
            mean, whole = format_value(own.mean()), format_value(values.mean())
            text = f"{label}: {mean}{unit} on average, against {whole}"
            yield (
                row.segment, "trait", name, name, row.value, 0.0, row.n, "accounts", strong, text,
            )  # fmt: skip


def _unit(market: SegmentedMarket, name: str) -> str:
    """Write the unit of a variable behind its value, unless its label says it."""
    if name not in market.columns:
        return ""
    unit, label = market.columns[name].unit, market.columns[name].label.lower()
    unit = market.currency if unit == "money" else unit
    return "" if not unit or unit == "share" or unit.split()[0] in label else f" {unit}"
