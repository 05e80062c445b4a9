"""What customers see first in a segment, and the plan account by account for its top tier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.charts.style import listed
from seglib.strategy.advice import filled
from seglib.strategy.market import each
from seglib.strategy.plan import NO_EVIDENCE, Advice, EmailPlan, Line
from seglib.strategy.playbook_model import Playbook
from seglib.strategy.playbook_parts import Need, SegmentEdit, Template, Tier

_LEAST_KNOWN = 3
_OF_DEALS = ("deciders", "cycle_days", "open_opportunities")


def words_for(
    name: str,
    need: Need | None,
    objections: Sequence[Advice],
    evidence: pd.DataFrame,
    playbook: Playbook,
) -> dict[str, str]:
    """Collect what the texts of a segment are filled with; what is not known says so.

    Parameters
    ----------
    name
        Of the segment.
    need
        Its leading need.
    objections
        Objections behind its lost deals, the most frequent first.
    evidence
        Of the segment.
    playbook
        The knowledge.
    """
    settings = playbook.settings
    sure = [playbook.objections[advice.key] for advice in objections if not advice.thin]
    objection = sure[0] if sure else None
    words = {
        "segment": name,
        "need": need.phrase if need else settings.open_need,
        "proof": need.proof if need else settings.open_proof,
        "headline": need.headline if need else "",
        "reason": need.reason if need else "",
        "objection": (objection.phrase or objection.label.lower()) if objection else "",
        "reply": objection.reply if objection else "",
        "roles": listed([label.lower() for label in _least_known(evidence, playbook)["label"]]),
    }
    return {key: text or f"[{key}: {NO_EVIDENCE}]" for key, text in words.items()}


def _least_known(evidence: pd.DataFrame, playbook: Playbook) -> pd.DataFrame:
    """The buying roles known at the fewest accounts; none where no contact is known."""
    roles = evidence[evidence["kind"] == "role"]
    rare = roles.sort_values("value", kind="stable").head(_LEAST_KNOWN if len(roles) else 0)
    return rare.assign(label=[playbook.roles[key].label for key in rare["key"]])


def first_contact(
    playbook: Playbook, edit: SegmentEdit, words: Mapping[str, str]
) -> dict[str, Any]:
    """Write the advertisement, the landing page and the e-mails that follow, as fields of a plan.

    Parameters
    ----------
    playbook
        The knowledge.
    edit
        What the study writes for the segment goes before it.
    words
        From :func:`words_for`.
    """
    mails = playbook.nurture if edit.nurture is None else edit.nurture
    return {
        "advertisement": _lines({**playbook.advertisement, **edit.advertisement}, words),
        "landing_page": _lines({**playbook.landing_page, **edit.landing_page}, words),
        "nurture": tuple(
            EmailPlan(
                day=mail.day,
                stage=playbook.stages[mail.stage].label,
                subject=filled(mail.subject, words) or "",
                text=filled(mail.text, words) or "",
            )
            for mail in sorted(mails, key=lambda mail: mail.day)
        ),
    }


def _lines(texts: Mapping[str, Template], words: Mapping[str, str]) -> tuple[Line, ...]:
    return tuple(Line(label=key, text=filled(text, words) or "") for key, text in texts.items())


def account_plan(
    playbook: Playbook,
    tier: Tier | None,
    evidence: pd.DataFrame,
    said: Mapping[str, str],
    words: Mapping[str, str],
) -> tuple[Advice, ...]:
    """Write the account-based plan of a segment in a tier that gets one; else nothing.

    Parameters
    ----------
    playbook
        The knowledge.
    tier
        Of the segment.
    evidence
        Of the segment.
    said
        Evidence that is known already: ``value``, ``need`` and ``channels``.
    words
        From :func:`words_for`.
    """
    if tier is None or not tier.account_based:
        return ()
    rare = _least_known(evidence, playbook)
    deals = evidence[(evidence["kind"] == "trait") & evidence["key"].isin(_OF_DEALS)]
    shown = {
        **said,
        "roles": "; ".join(f"{row.label} {row.text}" for row in each(rare)),
        "deals": "; ".join(deals["text"]),
    }
    return tuple(
        Advice(
            key=f"week {step.week}",
            label=step.label,
            text=filled(step.text, words) or "",
            evidence="" if step.shows == "none" else shown[step.shows] or NO_EVIDENCE,
            thin=step.shows != "none" and not shown[step.shows],
        )
        for step in sorted(playbook.account_plan, key=lambda step: step.week)
    )
