"""Build the playbook: segment × buying role × journey stage, each line with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seglib.errors import unknown
from seglib.exhibits import Note
from seglib.strategy.advice import channels_for, filled, objections_for, plays_for
from seglib.strategy.assets import account_plan, first_contact, words_for
from seglib.strategy.evidence import segment_evidence
from seglib.strategy.gaps import gaps_of
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.measures import yearly_value
from seglib.strategy.plan import (
    NO_CHANNEL,
    NO_EVIDENCE,
    Advice,
    RolePlan,
    SegmentPlan,
    StageMessage,
)
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.playbook_parts import BuyingRole, SegmentEdit, Tier
from seglib.strategy.send_times import send_times


def build_playbook(
    market: SegmentedMarket, playbook: Playbook, *, targets: Sequence[int] = ()
) -> list[SegmentPlan]:
    """Fill the playbook with each segment's evidence.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    playbook
        The knowledge, with the study's changes.
    targets
        Segments that were chosen; they are marked.

    Returns
    -------
    list of SegmentPlan
        One a segment. What the data do not say is a gap, with the table that would close it;
        a role that is not known in the segment gets no messages. What the study writes for a
        segment that is not there is said by :func:`unknown_edits` and left out.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> from seglib.strategy.playbook_model import load_playbook
    >>> accounts = pd.DataFrame({"account_id": ["a"]})
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...                           cards=[], facts={}, as_of="2026-09-30")
    >>> build_playbook(market, load_playbook())[0].gaps[0]
    "Leading need: no evidence yet; needs the table 'surveys', 'engagements' or 'opportunities'."
    """
    edits = _edits(market, playbook)
    evidence = segment_evidence(market, playbook)
    tiers = _tiers(market, playbook)
    return [
        _plan(
            market,
            playbook,
            evidence[evidence["segment"] == segment],
            segment,
            edits.get(segment, SegmentEdit()),
            tiers[segment],
            segment in targets,
        )
        for segment in market.numbers
    ]


def _known(market: SegmentedMarket) -> dict[str, int]:
    """Segments by number and by name, as a study may write them."""
    return {str(n): n for n in market.numbers} | {market.names[n]: n for n in market.numbers}


def unknown_edits(market: SegmentedMarket, playbook: Playbook) -> list[Note]:
    """Name what the study writes for segments that are not there (any more); it is left out.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    playbook
        The knowledge, with the study's changes.
    """
    known = _known(market)
    return [
        Note(f"{unknown('segment', name, list(known))} What the study's playbook writes for it is "
             "left out.", "warning")
        for name in playbook.segments
        if name not in known
    ]  # fmt: skip


def _edits(market: SegmentedMarket, playbook: Playbook) -> dict[int, SegmentEdit]:
    """Find the segment that each edit of the study names, by number or by name."""
    known = _known(market)
    return {known[name]: edit for name, edit in playbook.segments.items() if name in known}


def _tiers(market: SegmentedMarket, playbook: Playbook) -> dict[int, tuple[Tier | None, str]]:
    """Service tier by revenue per account against the market's mean, and that in words."""
    value = yearly_value(market)
    if value is None or value.mean() <= 0:
        return dict.fromkeys(market.numbers, (None, ""))
    index = value.groupby(market.customers["segment"]).mean() / value.mean()
    ordered = sorted(playbook.tiers, key=lambda tier: -tier.at_least)
    return {
        segment: (
            next((t for t in ordered if index.get(segment, 0.0) >= t.at_least), ordered[-1]),
            f"revenue per account is {index.get(segment, 0.0):.1f} times the market's",
        )
        for segment in market.numbers
    }


def _plan(
    market: SegmentedMarket,
    playbook: Playbook,
    evidence: pd.DataFrame,
    segment: int,
    edit: SegmentEdit,
    tiered: tuple[Tier | None, str],
    target: bool,
) -> SegmentPlan:
    name, (tier, worth) = market.names[segment], tiered
    key, reasons = _leading_need(evidence, playbook, edit)
    need = playbook.needs[key] if key else None
    channels = channels_for(evidence, playbook, edit, tier)
    objections = objections_for(evidence, playbook)
    words = words_for(name, need, objections, evidence, playbook)
    frame = {
        field: filled(getattr(edit, field) or (getattr(need, field) if need else None), words)
        for field in ("value_proposition", "offer", "product", "pricing")
    }
    frame |= first_contact(playbook, edit, words) if need else {}
    traits = market.segments.loc[market.segments["segment"] == segment, "traits"].iloc[0]
    start, best_time = _best_time(evidence)
    said = {
        "value": worth,
        "need": reasons[0] if reasons else "",
        "channels": "; ".join(c.evidence for c in channels if not c.thin),
    }
    return SegmentPlan(
        segment=segment,
        name=name,
        target=target,
        tier=tier.name if tier else NO_EVIDENCE,
        tier_evidence=worth,
        motion=filled(edit.motion or (tier.motion if tier else None), words) or NO_EVIDENCE,
        service=filled(tier.service if tier else None, words) or NO_EVIDENCE,
        need=need.label if need else None,
        need_evidence=tuple(reasons),
        traits=tuple(traits),
        plays=tuple(plays_for(evidence, playbook, words)),
        objections=tuple(
            advice.model_copy(update={"text": filled(advice.text, words)}) for advice in objections
        ),
        channels=tuple(channels),
        best_time=best_time,
        send_times=send_times(market, segment, start),
        account_plan=account_plan(playbook, tier, evidence, said, words),
        roles=tuple(_roles(evidence, playbook, channels, words)),
        gaps=tuple(gaps_of(market, playbook, evidence, tier is not None, need is not None)),
        notes=edit.notes,
        **frame,
    )


def _leading_need(
    evidence: pd.DataFrame, playbook: Playbook, edit: SegmentEdit
) -> tuple[str | None, list[str]]:
    """The need that most kinds of strong evidence speak for; of equals, the largest difference."""
    kinds = evidence["kind"].isin(["need", "topic"]) & (evidence["key"] != "")
    strong = evidence[kinds & evidence["strong"]]
    # Lost reasons speak in objections; where an objection and a need share a key they agree.
    lost = evidence[(evidence["kind"] == "lost reason") & evidence["strong"]]
    strong = pd.concat([strong, lost[lost["key"].isin(list(playbook.needs))]])
    if edit.need is not None:
        mine = strong[strong["key"] == edit.need]["text"].tolist()
        return edit.need, ["set by the study", *mine]
    if strong.empty:
        return None, []
    ranked = strong.assign(size=(strong["value"] - strong["whole"]).abs()).groupby("key")
    table = ranked.agg(kinds=("kind", "nunique"), size=("size", "max"))
    key = str(table.sort_values(["kinds", "size"], ascending=False, kind="stable").index[0])
    return key, strong[strong["key"] == key]["text"].tolist()


def _best_time(evidence: pd.DataFrame) -> tuple[int | None, str | None]:
    """First hour of the window in which the segment engages most, and that in words."""
    hours = evidence[(evidence["kind"] == "hour") & evidence["strong"]]
    return (int(hours["item"].iloc[0]), str(hours["text"].iloc[0])) if len(hours) else (None, None)


def _roles(
    evidence: pd.DataFrame, playbook: Playbook, channels: list[Advice], words: Mapping[str, str]
) -> list[RolePlan]:
    known = evidence[(evidence["kind"] == "role") & (evidence["n"] > 0)]
    return [
        RolePlan(
            role=row.key,
            label=playbook.roles[row.key].label,
            accounts=int(row.n),
            share=round(float(row.value), 4),
            thin=not row.strong,
            cares_about=playbook.roles[row.key].cares_about,
            asks=playbook.roles[row.key].asks,
            stages=tuple(_stages(playbook.roles[row.key], playbook, channels, words)),
        )
        for row in each(known)
    ]


def _stages(
    role: BuyingRole, playbook: Playbook, channels: list[Advice], words: Mapping[str, str]
) -> list[StageMessage]:
    return [
        StageMessage(
            stage=key,
            label=stage.label,
            message=filled(role.messages[key], words) or "",
            format=role.formats.get(key, ""),
            channel=_channel(playbook, channels, key),
            online=_channel(playbook, channels, key, "on-line"),
            offline=_channel(playbook, channels, key, "off-line"),
        )
        for key, stage in playbook.stages.items()
        if key in role.messages
    ]


def _channel(playbook: Playbook, channels: list[Advice], stage: str, place: str = "") -> str:
    """The first of the segment's channels that serves a stage."""
    entries = ((advice.label, playbook.channels[advice.key]) for advice in channels)
    return next(
        (label for label, c in entries if stage in c.stages and place in ("", c.place)),
        NO_CHANNEL,
    )
