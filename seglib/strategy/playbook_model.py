"""The playbook as knowledge: ``playbook.yaml``, checked, and the study's changes laid over it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, model_validator

from seglib.errors import StudyError, unknown
from seglib.knowledge import check, read_yaml
from seglib.strategy.playbook_parts import (
    BuyingRole,
    Channel,
    Email,
    Need,
    Objection,
    Part,
    PlanStep,
    Play,
    SegmentEdit,
    Settings,
    Stage,
    Template,
    Tier,
)

_FIXED = ("roles", "stages", "settings")
_FREE = ("segments", "advertisement", "landing_page")
"""Sections in which any key may be added."""


class Playbook(Part):
    """The content of ``playbook.yaml``, with the study's changes."""

    settings: Settings
    needs: dict[str, Need]
    plays: dict[str, Play]
    stages: dict[str, Stage]
    roles: dict[str, BuyingRole]
    objections: dict[str, Objection]
    channels: dict[str, Channel]
    tiers: tuple[Tier, ...] = Field(min_length=1)
    advertisement: dict[str, Template] = Field(min_length=1)
    landing_page: dict[str, Template] = Field(min_length=1)
    nurture: tuple[Email, ...] = ()
    account_plan: tuple[PlanStep, ...] = ()
    segments: dict[str, SegmentEdit] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known_names(self) -> Playbook:
        wrong = [
            unknown(what, name, list(known))
            for what, name, known in self._named()
            if name not in known
        ]
        if wrong:
            raise ValueError(" ".join(wrong))
        return self

    def _named(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """What names another entry: in which place, which name, and the entries there are."""
        for name, role in self.roles.items():
            for stage in sorted({*role.messages, *role.formats}):
                yield f"stage of the role '{name}'", stage, self.stages
        for name, channel in self.channels.items():
            for stage in channel.stages:
                yield f"stage of the channel '{name}'", stage, self.stages
        for name, entry in self.objections.items():
            yield f"role of the objection '{name}'", entry.role, self.roles
        for mail in self.nurture:
            yield f"stage of the e-mail of day {mail.day}", mail.stage, self.stages
        for name, edit in self.segments.items():
            if edit.need is not None:
                yield f"need of the segment '{name}'", edit.need, self.needs
            for key in edit.channels or ():
                yield f"channel of the segment '{name}'", key, self.channels
            for mail in edit.nurture or ():
                yield f"stage of an e-mail of the segment '{name}'", mail.stage, self.stages


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
        elif section not in _FREE and isinstance(base[section], dict):
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
