"""Build the playbook: segment × buying role × journey stage, each line with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from seglib.errors import StudyError, unknown
from seglib.strategy.advice import channels_for, filled, objections_for, plays_for
from seglib.strategy.evidence import segment_evidence
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.measures import yearly_value
from seglib.strategy.plan import NO_EVIDENCE, Advice, RolePlan, SegmentPlan, StageMessage
from seglib.strategy.playbook_model import (
    BuyingRole,
    Need,
    Playbook,
    SegmentEdit,
    Tier,
)


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
        a role that is not known in the segment gets no messages.

    Raises
    ------
    StudyError
        When the study writes for a segment that does not exist.

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


def _edits(market: SegmentedMarket, playbook: Playbook) -> dict[int, SegmentEdit]:
    """Find the segment that each edit of the study names, by number or by name."""
    known = {str(n): n for n in market.numbers} | {market.names[n]: n for n in market.numbers}
    wrong = [
        unknown("segment", name, list(known)) for name in playbook.segments if name not in known
    ]
    if wrong:
        raise StudyError(wrong, where="the study's 'playbook.segments'")
    return {known[name]: edit for name, edit in playbook.segments.items()}


def _tiers(market: SegmentedMarket, playbook: Playbook) -> dict[int, Tier | None]:
    """Service tier by revenue per account against the market's mean; None without revenue."""
    value = yearly_value(market)
    if value is None or value.mean() <= 0:
        return dict.fromkeys(market.numbers)
    index = value.groupby(market.customers["segment"]).mean() / value.mean()
    ordered = sorted(playbook.tiers, key=lambda tier: -tier.at_least)
    return {
        segment: next((t for t in ordered if index.get(segment, 0.0) >= t.at_least), ordered[-1])
        for segment in market.numbers
    }


def _plan(
    market: SegmentedMarket,
    playbook: Playbook,
    evidence: pd.DataFrame,
    segment: int,
    edit: SegmentEdit,
    tier: Tier | None,
    target: bool,
) -> SegmentPlan:
    name = market.names[segment]
    key, reasons = _leading_need(evidence, playbook, edit)
    need = playbook.needs[key] if key else None
    words = _words(name, need, playbook)
    channels = channels_for(evidence, playbook, edit, tier)
    frame = {
        field: filled(getattr(edit, field) or (getattr(need, field) if need else None), words)
        for field in ("value_proposition", "offer", "product", "pricing")
    }
    traits = market.segments.loc[market.segments["segment"] == segment, "traits"].iloc[0]
    return SegmentPlan(
        segment=segment,
        name=name,
        target=target,
        tier=tier.name if tier else NO_EVIDENCE,
        motion=filled(edit.motion or (tier.motion if tier else None), words) or NO_EVIDENCE,
        service=filled(tier.service if tier else None, words) or NO_EVIDENCE,
        need=need.label if need else None,
        need_evidence=tuple(reasons),
        traits=tuple(traits),
        plays=tuple(plays_for(evidence, playbook, words)),
        objections=tuple(objections_for(evidence, playbook, words)),
        channels=tuple(channels),
        best_time=_best_time(evidence),
        roles=tuple(_roles(evidence, playbook, channels, words)),
        gaps=tuple(_gaps(market, playbook, evidence, tier, need is not None)),
        notes=edit.notes,
        **frame,
    )


def _words(name: str, need: Need | None, playbook: Playbook) -> dict[str, str]:
    settings = playbook.settings
    return {
        "segment": name,
        "need": need.phrase if need else settings.open_need,
        "proof": need.proof if need else settings.open_proof,
    }


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


def _best_time(evidence: pd.DataFrame) -> str | None:
    hours = evidence[(evidence["kind"] == "hour") & evidence["strong"]]
    return str(hours["text"].iloc[0]) if len(hours) else None


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
            channel=next(
                (c.label for c in channels if key in playbook.channels[c.key].stages), NO_EVIDENCE
            ),
        )
        for key, stage in playbook.stages.items()
        if key in role.messages
    ]


def _gaps(
    market: SegmentedMarket,
    playbook: Playbook,
    evidence: pd.DataFrame,
    tier: Tier | None,
    has_need: bool,
) -> list[str]:
    """Say what is not known, and which table would tell."""
    wanted = {
        "Leading need": (has_need, ("surveys", "engagements", "opportunities")),
        "Service tier": (tier is not None, ("orders", "subscriptions")),
        "Buying roles": (_any(evidence, "role"), ("contacts",)),
        "Objections": (_any(evidence, "lost reason"), ("opportunities",)),
        "Channels": (_any(evidence, "channel"), ("engagements",)),
        "Best time": (_best_time(evidence) is not None, ("engagements",)),
    }
    gaps = []
    for what, (known, tables) in wanted.items():
        absent = [table for table in tables if market.fact(table) is None]
        if not known and absent:
            listed = " or ".join(
                filter(None, [", ".join(f"'{t}'" for t in absent[:-1]), f"'{absent[-1]}'"])
            )
            gaps.append(f"{what}: {NO_EVIDENCE}; needs the table {listed}.")
        elif not known:
            gaps.append(f"{what}: {NO_EVIDENCE}; nothing in the data sets this segment apart.")
    unknown_roles = evidence[(evidence["kind"] == "role") & (evidence["n"] == 0)]["key"]
    if _any(evidence, "role") and len(unknown_roles):
        labels = ", ".join(playbook.roles[key].label.lower() for key in unknown_roles)
        gaps.append(f"Nobody is known as {labels}: find them before the offer goes out.")
    return gaps


def _any(evidence: pd.DataFrame, kind: str) -> bool:
    return bool(((evidence["kind"] == kind) & (evidence["n"] > 0)).any())
