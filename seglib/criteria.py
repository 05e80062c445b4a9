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


def weights_of(
    axis: Axis, stated: Mapping[str, float], changes: Mapping[str, float] | None = None
) -> dict[str, float]:
    """Weigh the criteria of one axis: the stated weights, the changes laid over them, one by one.

    Parameters
    ----------
    axis
        Which axis; names the problem.
    stated
        Criterion → weight, as an objective brings them; when empty, the catalogue's criteria of
        the axis weigh the same.
    changes
        A study's own weights: each replaces or adds one criterion on the scale of the stated ones,
        0 drops it; the rest keep theirs.

    Returns
    -------
    dict
        The catalogue's names of the criteria that weigh anything; the weights add up to 1.

    Raises
    ------
    StudyError
        For an unknown criterion, one that is given twice, a weight that is negative or no number,
        or weights that are all zero.

    Examples
    --------
    >>> weights_of("attractiveness", {"size": 1, "growth": 3})
    {'size': 0.25, 'growth': 0.75}
    >>> weights_of("attractiveness", {"size": 1, "growth": 3}, {"revenue_growth": 1})
    {'size': 0.5, 'growth': 0.5}
    """
    names = catalogue().criteria
    given = dict(stated) or {name: 1.0 for name, entry in names.items() if entry.axis == axis}
    problems = [*_problems(axis, given), *_problems(axis, changes or {})]
    weights = {resolve(name): w for part in (given, changes or {}) for name, w in part.items()}
    if not problems and sum(weights.values()) <= 0:
        problems = [f"The {axis} weights are all 0; at least one must be positive."]
    if problems:
        raise StudyError(problems, where="the targeting weights")
    total = sum(weights.values())
    return {str(key): w / total for key, w in weights.items() if w > 0}


def _problems(axis: Axis, given: Mapping[str, float]) -> list[str]:
    keys = {name: resolve(name) for name in given}
    problems = [
        unknown(f"{axis} criterion", name, list(catalogue().criteria))
        for name, key in keys.items()
        if key is None
    ]
    problems += [
        f"The {axis} weight of '{name}' must be a number of 0 or more, got {weight!r}."
        for name, weight in given.items()
        if not np.isfinite(weight) or weight < 0
    ]
    problems += [
        f"The {axis} criterion '{name}' is weighted twice."
        for name, key in keys.items()
        if key is not None and list(keys.values()).count(key) > 1
    ]
    return problems
