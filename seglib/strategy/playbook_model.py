"""The playbook as knowledge: ``playbook.yaml``, checked, and the study's changes laid over it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from seglib.errors import StudyError, unknown
from seglib.knowledge import check, read_yaml

_FIELDS = ("segment", "need", "proof")
_FIXED = ("roles", "stages", "settings")


def _template(text: str) -> str:
    """Accept a text whose braces hold nothing but the names that are filled in."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise ValueError(f"braces must enclose one of {', '.join(_FIELDS)} ({error})") from None
    for _, name, spec, conversion in parts:
        if name is not None and (name not in _FIELDS or spec or conversion):
            raise ValueError(f"'{{{name}}}' cannot be filled in; allowed are {', '.join(_FIELDS)}")
    return text


Template = Annotated[str, AfterValidator(_template)]
"""A text in which {segment}, {need} and {proof} are filled in."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Recognised(_Part):
    """An entry that is recognised in texts by the start of a word."""

    label: str
    words: tuple[str, ...]

    def recognises(self, text: str) -> bool:
        """Say whether one of the words begins a word of the text."""
        return any(re.search(rf"(?<!\w){re.escape(w)}", text, re.IGNORECASE) for w in self.words)


class Need(Recognised):
    """A need: the frame of the value proposition and what follows from it."""

    phrase: str
    value_proposition: Template
    proof: str
    offer: Template
    product: Template
    pricing: Template


class Play(_Part):
    """What to do where an account variable stands out."""

    label: str
    when: dict[str, Literal["high", "low"]]
    text: Template


class Stage(_Part):
    """A stage of the buyer's journey."""

    label: str
    goal: str
    measure: str


class BuyingRole(_Part):
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


class Channel(Recognised):
    """A channel: on-line or off-line, its stages, its cost and response before any evidence."""

    place: Literal["on-line", "off-line"]
    stages: tuple[str, ...]
    cost: float = Field(gt=0)
    contacts: float = Field(gt=0)
    response: float = Field(ge=0, le=1)
    note: str


class Tier(_Part):
    """A service tier and the sales motion that belongs to it."""

    name: str
    at_least: float = Field(ge=0)
    dearest_contact: float = Field(gt=0)
    motion: Template
    service: Template


class Settings(_Part):
    """From when on a figure counts as evidence."""

    least_accounts: int = Field(ge=1)
    least_difference: float = Field(ge=0)
    least_lift: float = Field(ge=1)
    prior_accounts: float = Field(gt=0)
    open_need: str
    open_proof: str


class SegmentEdit(_Part):
    """What a person writes for one segment in the study; replaces what the playbook suggests."""

    need: str | None = None
    value_proposition: Template | None = None
    offer: Template | None = None
    product: Template | None = None
    pricing: Template | None = None
    motion: Template | None = None
    channels: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()


class Playbook(_Part):
    """The content of ``playbook.yaml``, with the study's changes."""

    settings: Settings
    needs: dict[str, Need]
    plays: dict[str, Play]
    stages: dict[str, Stage]
    roles: dict[str, BuyingRole]
    objections: dict[str, Objection]
    channels: dict[str, Channel]
    tiers: tuple[Tier, ...] = Field(min_length=1)
    segments: dict[str, SegmentEdit] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_names(self) -> Playbook:
        stages, roles = list(self.stages), list(self.roles)
        wrong = [
            unknown(f"stage of the role '{name}'", stage, stages)
            for name, role in self.roles.items()
            for stage in {*role.messages, *role.formats}
            if stage not in self.stages
        ]
        wrong += [
            unknown(f"stage of the channel '{name}'", stage, stages)
            for name, channel in self.channels.items()
            for stage in channel.stages
            if stage not in self.stages
        ]
        wrong += [
            unknown(f"role of the objection '{name}'", entry.role, roles)
            for name, entry in self.objections.items()
            if entry.role not in self.roles
        ]
        for name, edit in self.segments.items():
            if edit.need is not None and edit.need not in self.needs:
                wrong.append(unknown(f"need of the segment '{name}'", edit.need, list(self.needs)))
            wrong += [
                unknown(f"channel of the segment '{name}'", channel, list(self.channels))
                for channel in edit.channels or ()
                if channel not in self.channels
            ]
        if wrong:
            raise ValueError(" ".join(wrong))
        return self


@cache
def _plain() -> dict[str, Any]:
    return read_yaml(Path(__file__).with_name("playbook.yaml"))


def load_playbook(overlay: Mapping[str, Any] | None = None) -> Playbook:
    """Return the playbook with a study's changes laid over it.

    Parameters
    ----------
    overlay
        The study's ``playbook``: the same keys as the file; mappings are merged, all else replaced.

    Raises
    ------
    StudyError
        For an unknown key, an entry that is not whole, or a text with an unknown field in braces.

    Examples
    --------
    >>> load_playbook({"channels": {"e-mail": {"cost": 2}}}).channels["e-mail"].cost
    2.0
    >>> load_playbook({"channels": {"e-mial": {"cost": 2}}})
    Traceback (most recent call last):
    seglib.errors.StudyError: 1 problem in the study's 'playbook':
      - Unknown channel 'e-mial'. Did you mean 'e-mail'? (A new one needs label, words, place...
    """
    overlay = overlay or {}
    where = "the study's 'playbook'" if overlay else "playbook.yaml"
    problems = _strangers(overlay)
    if problems:
        raise StudyError(problems, where=where)
    return check(Playbook, _merged(_plain(), overlay), where=where)


def _merged(base: Any, over: Any) -> Any:
    if not isinstance(base, Mapping) or not isinstance(over, Mapping):
        return over
    return {**base, **{key: _merged(base.get(key), value) for key, value in over.items()}}


def _strangers(overlay: Mapping[str, Any]) -> list[str]:
    """Name the keys of an overlay that the playbook does not have and that are no new entries."""
    base = _plain()
    problems = []
    for section, content in overlay.items():
        if section not in Playbook.model_fields:
            problems.append(unknown("key", str(section), list(Playbook.model_fields)))
        elif section != "segments" and isinstance(base[section], dict):
            problems += _strange_entries(section, content, base[section])
    return problems


def _strange_entries(section: str, content: Any, base: Mapping[str, Any]) -> list[str]:
    if not isinstance(content, Mapping):
        return [f"'{section}' must hold 'key: value' lines, got {content!r}."]
    problems = []
    singular = section.removesuffix("s")
    for key, entry in content.items():
        if key in base:
            continue
        sentence = unknown(singular, str(key), list(base))
        if section in _FIXED:
            problems.append(sentence)
            continue
        needed = _required(section)
        whole = isinstance(entry, Mapping) and set(needed) <= set(entry)
        if not whole:
            listed = f"{', '.join(needed[:-1])} and {needed[-1]}"
            problems.append(f"{sentence} (A new one needs {listed}.)")
    return problems


def _required(section: str) -> list[str]:
    entries: dict[str, type[BaseModel]] = {
        "needs": Need,
        "plays": Play,
        "objections": Objection,
        "channels": Channel,
    }
    return [name for name, field in entries[section].model_fields.items() if field.is_required()]
