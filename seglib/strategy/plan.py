"""The playbook of a segment as it is kept in ``playbook.json``."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

NO_EVIDENCE = "no evidence yet"
"""What stands where the data say nothing."""


NO_CHANNEL = "none in this tier"
"""What stands where no channel of the segment's serves a stage."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StageMessage(_Part):
    """What to say to a role at a stage, in which format and where."""

    stage: str
    label: str
    message: str
    format: str
    channel: str
    online: str = NO_CHANNEL
    offline: str = NO_CHANNEL


class RolePlan(_Part):
    """A buying role that is known in the segment."""

    role: str
    label: str
    accounts: int
    share: float
    thin: bool
    cares_about: str
    asks: str
    stages: tuple[StageMessage, ...]


class Advice(_Part):
    """A piece of advice and the evidence under it; ``thin`` marks what rests on little."""

    key: str
    label: str
    text: str
    evidence: str
    thin: bool = False


class Line(_Part):
    """A line of an advertisement or a landing page."""

    label: str
    text: str


class EmailPlan(_Part):
    """An e-mail of the series that follows an answer, ``day`` days after it."""

    day: int
    stage: str
    subject: str
    text: str


class SendTime(_Part):
    """When to send to the accounts of a time zone; empty where no hour stands out."""

    zone: str
    accounts: int
    local: str
    utc: str


class SegmentPlan(_Part):
    """The playbook of one segment; what has no evidence is None or empty, and a gap says so."""

    segment: int
    name: str
    target: bool
    tier: str = NO_EVIDENCE
    tier_evidence: str = ""
    motion: str = NO_EVIDENCE
    service: str = NO_EVIDENCE
    need: str | None = None
    need_evidence: tuple[str, ...] = ()
    value_proposition: str | None = None
    offer: str | None = None
    product: str | None = None
    pricing: str | None = None
    traits: tuple[str, ...] = ()
    plays: tuple[Advice, ...] = ()
    objections: tuple[Advice, ...] = ()
    channels: tuple[Advice, ...] = ()
    best_time: str | None = None
    send_times: tuple[SendTime, ...] = ()
    advertisement: tuple[Line, ...] = ()
    landing_page: tuple[Line, ...] = ()
    nurture: tuple[EmailPlan, ...] = ()
    account_plan: tuple[Advice, ...] = ()
    roles: tuple[RolePlan, ...] = ()
    gaps: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def play(plan: SegmentPlan) -> str:
    """Name the play of a segment in a few words, for a list of accounts.

    Examples
    --------
    >>> play(SegmentPlan(segment=1, name="A", target=True, need="Low total cost", tier="Core"))
    'Core: low total cost'
    """
    label = plan.plays[0].label if plan.plays else plan.tier
    return f"{label}: {plan.need.lower()}" if plan.need else label
