"""Parts of the playbook: needs, plays, roles, channels, tiers and texts, each checked on load."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

FIELDS = (
    "segment", "need", "proof", "headline", "reason", "objection", "reply", "roles",
)  # fmt: skip
"""What the texts of the playbook are filled with."""


def _template(text: str) -> str:
    """Accept a text whose braces hold nothing but the names that are filled in."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"braces must enclose one of {', '.join(FIELDS)} ({error})") from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in FIELDS or spec or conversion):
            raise ValueError(f"'{{{name}}}' cannot be filled in; allowed are {', '.join(FIELDS)}")
    return text


Template = Annotated[str, AfterValidator(_template)]
"""A text in which the names of :data:`FIELDS` are filled in."""


class Part(BaseModel):
    """A part of the playbook: what it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Recognised(Part):
    """An entry that is recognised in texts by the start of a word."""

    label: str
    words: tuple[str, ...]

    def recognises(self, text: str) -> bool:
        """Say whether one of the words begins a word of the text."""
        return any(re.search(rf"(?<!\w){re.escape(w)}", text, re.IGNORECASE) for w in self.words)


class Need(Recognised):
    """A need: the frame of the value proposition and what follows from it."""

    phrase: str
    headline: str = ""
    reason: str = ""
    value_proposition: Template
    proof: str
    offer: Template
    product: Template
    pricing: Template


class Play(Part):
    """What to do where an account variable stands out."""

    label: str
    when: dict[str, Literal["high", "low"]]
    text: Template


class Stage(Part):
    """A stage of the buyer's journey."""

    label: str
    goal: str
    measure: str


class BuyingRole(Part):
    """A buying role: what it cares about and what to say to it."""

    label: str
    cares_about: str
    asks: str
    messages: dict[str, Template]
    formats: dict[str, str]


class Objection(Recognised):
    """An objection and its answer."""

    answer: Template
    role: str
    phrase: str = ""
    reply: str = ""


class Channel(Recognised):
    """A channel: on-line or off-line, its stages, its cost and response before any evidence."""

    place: Literal["on-line", "off-line"]
    stages: tuple[str, ...]
    cost: float = Field(gt=0)
    contacts: float = Field(gt=0)
    response: float = Field(ge=0, le=1)
    note: str


class Tier(Part):
    """A service tier and the sales motion that belongs to it."""

    name: str
    at_least: float = Field(ge=0)
    dearest_contact: float = Field(gt=0)
    motion: Template
    service: Template
    account_based: bool = False


class Email(Part):
    """An e-mail of the series that follows an answer: when, at which stage, with what."""

    day: int = Field(ge=0)
    stage: str
    subject: Template
    text: Template


class PlanStep(Part):
    """A step of the account-based plan, and the evidence that stands beside it."""

    week: int = Field(ge=1)
    label: str
    text: Template
    shows: Literal["value", "roles", "need", "channels", "deals", "none"]


class Settings(Part):
    """From when on a figure counts as evidence."""

    least_accounts: int = Field(ge=1)
    least_difference: float = Field(ge=0)
    least_lift: float = Field(ge=1)
    prior_accounts: float = Field(gt=0)
    planned_accounts: int = Field(ge=1)
    open_need: str
    open_proof: str


class SegmentEdit(Part):
    """What a person writes for one segment in the study; replaces what the playbook suggests."""

    need: str | None = None
    value_proposition: Template | None = None
    offer: Template | None = None
    product: Template | None = None
    pricing: Template | None = None
    motion: Template | None = None
    channels: tuple[str, ...] | None = None
    advertisement: dict[str, Template] = Field(default_factory=dict)
    landing_page: dict[str, Template] = Field(default_factory=dict)
    nurture: tuple[Email, ...] | None = None
    notes: tuple[str, ...] = ()
