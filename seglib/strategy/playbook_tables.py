"""Tables of the playbook: plays, messages, first contact, send times, account plans."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.charts.style import listed
from seglib.exhibits import Note, Table, missing
from seglib.strategy.plan import NO_EVIDENCE, Advice, SegmentPlan

_ZONES = 3


def plays_table(plans: Sequence[SegmentPlan]) -> Table | Note:
    """Show each segment's play in one row: need, proposition, offer, motion, first channels."""
    if not any(plan.need or plan.plays for plan in plans):
        return missing("The playbook", ["surveys", "engagements", "opportunities", "orders"])
    rows = [
        {
            "segment": plan.name,
            "chosen": plan.target,
            "leading need": plan.need or NO_EVIDENCE,
            "value proposition": plan.value_proposition or NO_EVIDENCE,
            "offer": plan.offer or NO_EVIDENCE,
            "first plays": ", ".join(play.label for play in plan.plays[:2]) or NO_EVIDENCE,
            "tier": plan.tier,
            "first channels": ", ".join(c.label for c in _known(plan)[:2]) or NO_EVIDENCE,
        }
        for plan in plans
    ]
    frame = pd.DataFrame(rows)
    empty = [str(name) for name in frame if (frame[name] == NO_EVIDENCE).all()]
    note = f"{NO_EVIDENCE[:1].upper()}{NO_EVIDENCE[1:]} of {listed(empty)}." if empty else ""
    caption = "The playbook in one row a segment"
    return Table(frame.drop(columns=empty), caption, note=note)


def _known(plan: SegmentPlan) -> list[Advice]:
    """Channels of which the data say something."""
    return [channel for channel in plan.channels if channel.evidence != NO_EVIDENCE]


def evidence_table(plan: SegmentPlan) -> Table:
    """Show one segment's advice, each line with the evidence under it."""
    rows = [("Leading need", plan.need or NO_EVIDENCE, "; ".join(plan.need_evidence))]
    rows += [("Product", plan.product, "")] if plan.product else []
    rows += [("Pricing", plan.pricing, "")] if plan.pricing else []
    rows += [(f"Play: {a.label}", a.text, a.evidence) for a in plan.plays]
    rows += [(f"Objection: {a.label}", a.text, a.evidence) for a in plan.objections]
    rows += [(f"Channel: {a.label}", a.text, a.evidence) for a in _known(plan)]
    tier = (("Sales motion", plan.motion), ("Service", plan.service))
    rows += [(line, text, plan.tier) for line, text in tier if text != NO_EVIDENCE]
    rows += [("Best time", plan.best_time, "")] if plan.best_time else []
    rows += [("Gap", gap, "") for gap in plan.gaps]
    rows += [("Note of the study", note, "") for note in plan.notes]
    frame = pd.DataFrame(rows, columns=["line", "what to do", "evidence"])
    return Table(frame, f"Playbook of {plan.name}, line by line with its evidence", limit=60)


def messages_table(plan: SegmentPlan) -> Table | Note:
    """Show what to say to each buying role of a segment at each stage of the journey."""
    if not plan.roles:
        return missing(f"Messages by buying role for {plan.name}", ["contacts"])
    rows = [
        {
            "role": f"{role.label} ({role.accounts:,} accounts{', thin' if role.thin else ''})",
            "stage": stage.label,
            "message": stage.message,
            "format": stage.format,
            "on-line": stage.online,
            "off-line": stage.offline,
        }
        for role in plan.roles
        for stage in role.stages
    ]
    return Table(pd.DataFrame(rows), f"What to say in {plan.name}, by role and stage", limit=60)


def first_contact_table(plan: SegmentPlan) -> Table | Note:
    """Show what customers of a segment see first: advertisement, landing page, e-mails."""
    if not plan.advertisement:
        return Note(
            f"Advertisement, landing page and e-mails for {plan.name}: {NO_EVIDENCE}, as no need "
            "leads.",
            "missing",
        )
    rows = [("Advertisement", line.label, line.text) for line in plan.advertisement]
    rows += [("Landing page", line.label, line.text) for line in plan.landing_page]
    rows += [
        (f"E-mail, day {mail.day}", f"{mail.stage}: {mail.subject}", mail.text)
        for mail in plan.nurture
    ]
    frame = pd.DataFrame(rows, columns=["where", "line", "text"])
    return Table(frame, f"What customers see first in {plan.name}")


def send_times_table(plans: Sequence[SegmentPlan]) -> Table | Note:
    """Show when to send to each segment, in its largest time zones."""
    rows = [
        {
            "segment": plan.name,
            "local time": plan.send_times[0].local or "no clear hour",
            "in UTC, by zone (accounts)": "; ".join(
                f"{time.zone} ({time.accounts:,}){': ' if time.utc else ''}{time.utc}"
                for time in plan.send_times[:_ZONES]
            )
            + (f"; {len(plan.send_times) - _ZONES} more" if len(plan.send_times) > _ZONES else ""),
            "evidence": plan.best_time or NO_EVIDENCE,
        }
        for plan in plans
        if plan.send_times
    ]
    if not rows:
        return Note(
            "The best time to send by time zone: not shown, the column 'time_zone' of the table "
            "'accounts' is needed, or 'country' (with 'region' where it has several zones).",
            "missing",
        )
    return Table(
        pd.DataFrame(rows),
        "When to begin sending, by time zone",
        note="The account's own time zone, else that of its country or region; UTC as on the as-of "
        "day.",
    )


def account_plan_table(plans: Sequence[SegmentPlan]) -> Table | Note:
    """Show the account-based plan of the segments in the top tier."""
    based = [plan for plan in plans if plan.account_plan]
    rows = [
        {
            "segment": plan.name,
            "when": step.key,
            "step": step.label,
            "what": step.text,
            "evidence": step.evidence,
        }
        for plan in based
        for step in plan.account_plan
    ]
    if not rows:
        return Note("No segment is in a tier that is served account by account.", "missing")
    caption = "Account-based plan for the top tier"
    caption += f": {based[0].name}" if len(based) == 1 else ""
    note = "The accounts themselves, the most valuable first, are in exports/key_accounts.csv."
    frame = pd.DataFrame(rows).drop(columns=["segment"] if len(based) == 1 else [])
    return Table(frame, caption, note=note)
