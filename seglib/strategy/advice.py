"""Advice of the playbook that a segment's evidence calls for: plays, objections, channels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.strategy.market import each
from seglib.strategy.plan import NO_EVIDENCE, Advice
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.playbook_parts import Channel, SegmentEdit, Tier


def plays_for(evidence: pd.DataFrame, playbook: Playbook, words: Mapping[str, str]) -> list[Advice]:
    """Plays that an account variable of the segment calls for, the strongest difference first.

    Parameters
    ----------
    evidence
        Of one segment.
    playbook
        The knowledge.
    words
        What the texts are filled with.
    """
    traits = evidence[(evidence["kind"] == "trait") & evidence["strong"]]
    found = []
    for key, play in playbook.plays.items():
        asked = traits["key"].map(play.when)
        fits = traits[
            ((asked == "high") & (traits["value"] > 0)) | ((asked == "low") & (traits["value"] < 0))
        ]
        if len(fits):
            strength = float(fits["value"].abs().max())
            text = filled(play.text, words) or ""
            advice = Advice(key=key, label=play.label, text=text, evidence="; ".join(fits["text"]))
            found.append((strength, advice))
    return [advice for _, advice in sorted(found, key=lambda pair: -pair[0])]


def objections_for(evidence: pd.DataFrame, playbook: Playbook) -> list[Advice]:
    """Objections behind the lost deals, the three most frequent first; answers are not filled in.

    Parameters
    ----------
    evidence
        Of one segment.
    playbook
        The knowledge.
    """
    lost = evidence[(evidence["kind"] == "lost reason") & (evidence["key"] != "")]
    lost = lost.sort_values("value", ascending=False, kind="stable").drop_duplicates("key")
    return [
        Advice(
            key=row.key,
            label=playbook.objections[row.key].label,
            text=playbook.objections[row.key].answer,
            evidence=f"{row.text} (n = {row.n:,} accounts)",
            thin=row.n < playbook.settings.least_accounts,
        )
        for row in each(lost[lost["value"] > 0].head(3))
    ]


def channels_for(
    evidence: pd.DataFrame, playbook: Playbook, edit: SegmentEdit, tier: Tier | None
) -> list[Advice]:
    """Channels in the order of their evidence; those too dear for the tier are left out.

    Parameters
    ----------
    evidence
        Of one segment.
    playbook
        The knowledge.
    edit
        Channels that the study sets go before all evidence.
    tier
        Service tier; says what a contact may cost.
    """
    used = evidence[(evidence["kind"] == "channel") & (evidence["key"] != "")]
    lift = (used["value"] / used["whole"]).where(used["strong"], 0.0)
    best = used.assign(lift=lift).sort_values(["lift", "value"], ascending=False, kind="stable")
    rows = {row.key: row for row in each(best.drop_duplicates("key"))}
    names = (
        list(edit.channels)
        if edit.channels is not None
        else list(rows) + [name for name in playbook.channels if name not in rows]
    )
    limit = tier.dearest_contact if tier and edit.channels is None else float("inf")
    return [
        Advice(
            key=name,
            label=playbook.channels[name].label,
            text=_channel_text(playbook.channels[name]),
            evidence=_used(rows[name]) if name in rows else NO_EVIDENCE,
            thin=name not in rows or not rows[name].strong,
        )
        for name in names
        if playbook.channels[name].cost <= limit
    ]


def _used(row: Any) -> str:
    return str(row.text) if row.strong else f"{row.text}: no more than in the market"


def _channel_text(channel: Channel) -> str:
    return f"{channel.place}; about {channel.cost:g} a contact. {channel.note}"


def filled(template: str | None, words: Mapping[str, str]) -> str | None:
    """Fill a text with the segment's words; None stays None.

    Examples
    --------
    >>> filled("{segment} get {need}.", {"segment": "Labs", "need": "help", "proof": ""})
    'Labs get help.'
    """
    return None if template is None else template.format(**words)
