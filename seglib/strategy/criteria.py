"""The targeting criteria, knowledge in ``criteria.yaml``, and the weights that a study gives."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from seglib.errors import StudyError, unknown
from seglib.knowledge import load_knowledge

Axis = Literal["attractiveness", "competitiveness"]
"""What a criterion says something about: the segment, or us in it."""

Scale = Literal["ratio", "points", "deviation"]
"""How a measured value becomes a score."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(_Part):
    """One targeting criterion: what it measures and how that becomes a score of 1 to 10."""

    label: str
    axis: Axis
    measure: str
    scale: Scale
    width: float = Field(gt=0)
    unit: str
    needs: tuple[str, ...]
    meaning: str
    variable: str | None = None
    higher_is_better: bool = True
    aliases: tuple[str, ...] = ()


class KnockOut(_Part):
    """A condition without which a segment is not a target, however good it looks."""

    label: str
    limit: float | None
    meaning: str


class Criteria(_Part):
    """The content of ``criteria.yaml``."""

    pull: float = Field(ge=0)
    concentration: float = Field(gt=0)
    draws: int = Field(ge=100)
    draw_interval: float = Field(gt=0, lt=1)
    knock_outs: dict[str, KnockOut]
    criteria: dict[str, Criterion]


@cache
def catalogue() -> Criteria:
    """Return the criteria, from ``criteria.yaml``.

    Examples
    --------
    >>> catalogue().criteria["win_rate"].axis
    'competitiveness'
    """
    return load_knowledge(Path(__file__).with_name("criteria.yaml"), Criteria)


def resolve(name: str) -> str | None:
    """Return the catalogue's name of a criterion, or None where there is none.

    Examples
    --------
    >>> resolve("technology fit"), resolve("zebra")
    ('compatible_technology', None)
    """
    plain = name.strip().lower().replace(" ", "_").replace("-", "_")
    names = catalogue().criteria
    if plain in names:
        return plain
    return next((key for key, entry in names.items() if plain in entry.aliases), None)


def weights_of(axis: Axis, stated: Mapping[str, float]) -> dict[str, float]:
    """Check the weights of one axis and make them add up to 1.

    Parameters
    ----------
    axis
        Which axis; names the problem.
    stated
        Criterion → weight; when empty, the catalogue's criteria of the axis weigh the same.

    Raises
    ------
    StudyError
        For an unknown criterion, one that is given twice, a weight that is negative or no number,
        or weights that are all zero.

    Examples
    --------
    >>> weights_of("attractiveness", {"size": 1, "growth": 3})
    {'size': 0.25, 'growth': 0.75}
    """
    names = catalogue().criteria
    given = dict(stated) or {name: 1.0 for name, entry in names.items() if entry.axis == axis}
    problems = [
        unknown(f"{axis} criterion", name, list(names)) for name in given if resolve(name) is None
    ]
    problems += [
        f"The {axis} weight of '{name}' must be a number of 0 or more, got {weight!r}."
        for name, weight in given.items()
        if not np.isfinite(weight) or weight < 0
    ]
    keys = [resolve(name) for name in given]
    problems += [
        f"The {axis} criterion '{name}' is weighted twice."
        for name, key in zip(given, keys, strict=True)
        if key is not None and keys.count(key) > 1
    ]
    if not problems and sum(given.values()) <= 0:
        problems = [f"The {axis} weights are all 0; at least one must be positive."]
    if problems:
        raise StudyError(problems, where="the targeting weights")
    total = sum(given.values())
    return {str(key): w / total for key, w in zip(keys, given.values(), strict=True) if w > 0}
