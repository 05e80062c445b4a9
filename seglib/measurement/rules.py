"""The rules of refresh: knowledge in ``refresh.yaml``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from seglib.knowledge import load_knowledge

Decision = Literal["keep", "re-score", "refit"]
"""What to do with the segments."""

SegmentAdvice = Literal["retire", "merge", "split"]
"""What to do with a single segment, other than keep it."""

RANK: dict[Decision, int] = {"keep": 0, "re-score": 1, "refit": 2}
"""The strongest decision that fired is taken."""


class Rule(BaseModel):
    """One rule: the figure that it looks at, from when on it fires, and for what."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    decision: Literal["re-score", "refit"]
    threshold: float = Field(alias="from", ge=0)
    figure: str


class SegmentRule(BaseModel):
    """One rule for a single segment: the figure, and from when on it fires."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    threshold: float = Field(alias="from", ge=0)
    figure: str


class RefreshRules(BaseModel):
    """The content of ``refresh.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    same_from: float = Field(gt=0, le=1)
    part_from: float = Field(gt=0, le=1)
    bins: int = Field(ge=2)
    level: float = Field(gt=0, lt=1)
    rules: dict[str, Rule]
    segments: dict[SegmentAdvice, SegmentRule]


@cache
def refresh_rules() -> RefreshRules:
    """Return the rules, from ``refresh.yaml``.

    Examples
    --------
    >>> refresh_rules().rules["moved"].decision
    'refit'
    """
    return load_knowledge(Path(__file__).with_name("refresh.yaml"), RefreshRules)
