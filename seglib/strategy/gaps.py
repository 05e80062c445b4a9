"""Gaps of a playbook: what the data do not say, and the table that would."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from seglib.charts.style import listed
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.plan import NO_EVIDENCE
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.time_zones import UNKNOWN_ZONE, account_zones


def gaps_of(
    market: SegmentedMarket,
    playbook: Playbook,
    evidence: pd.DataFrame,
    has_tier: bool,
    has_need: bool,
) -> Iterator[str]:
    """Say what is not known of a segment, and which table would tell.

    Parameters
    ----------
    market
        Says which tables there are.
    playbook
        The knowledge.
    evidence
        Of the segment.
    has_tier, has_need
        Whether a service tier and a leading need are known.
    """
    hours = evidence[(evidence["kind"] == "hour") & evidence["strong"]]
    wanted = {
        "Leading need": (has_need, ("surveys", "engagements", "opportunities")),
        "Service tier": (has_tier, ("orders", "subscriptions")),
        "Buying roles": (_any(evidence, "role"), ("contacts",)),
        "Objections": (_any(evidence, "lost reason"), ("opportunities",)),
        "Channels": (_any(evidence, "channel"), ("engagements",)),
        "Best time": (len(hours) > 0, ("engagements",)),
    }
    for what, (known, tables) in wanted.items():
        absent = [f"'{table}'" for table in tables if market.fact(table) is None]
        if not known and absent:
            yield f"{what}: {NO_EVIDENCE}; needs the table {listed(absent, 'or')}."
        elif not known:
            yield f"{what}: {NO_EVIDENCE}; nothing in the data sets this segment apart."
    if not has_need:
        yield f"Advertisement, landing page, e-mails: {NO_EVIDENCE}; they need a leading need."
    if (account_zones(market.accounts) == UNKNOWN_ZONE).all():
        yield (
            "Time zone: not known; needs the column 'time_zone' of the table 'accounts', or "
            "'country' (with 'region' where a country has several zones)."
        )
    unknown_roles = evidence[(evidence["kind"] == "role") & (evidence["n"] == 0)]["key"]
    if _any(evidence, "role") and len(unknown_roles):
        labels = ", ".join(playbook.roles[key].label.lower() for key in unknown_roles)
        yield f"Nobody is known as {labels}: find them before the offer goes out."


def _any(evidence: pd.DataFrame, kind: str) -> bool:
    return bool(((evidence["kind"] == kind) & (evidence["n"] > 0)).any())
