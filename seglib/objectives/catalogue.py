"""The catalogue of objectives: what a segmentation can be for, and what each brings."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from seglib.errors import StudyError, unknown
from seglib.knowledge import check, load_knowledge
from seglib.schema import Family
from seglib.study import Hypothesis, Study

Evaluation = Literal["measurable", "substantial", "accessible", "differentiable", "actionable"]
"""Kotler's five criteria of a useful segmentation."""


class Objective(BaseModel):
    """A business question and what it brings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str
    question: str
    decides: str = ""
    outcomes: tuple[str, ...] = ()
    higher_is_better: bool = True
    kpis: tuple[str, ...] = ()
    bases: tuple[Family, ...] = ("behavioural", "needs")
    evaluation: dict[Evaluation, float] = {
        "measurable": 1, "substantial": 1, "accessible": 1, "differentiable": 2, "actionable": 1,
    }  # fmt: skip
    attractiveness: dict[str, float] = {"revenue": 2, "size": 1}
    competitiveness: dict[str, float] = {"retention": 1, "win_rate": 1}
    hypotheses: tuple[Hypothesis, ...] = ()


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    objectives: dict[str, Objective]


@cache
def objectives() -> dict[str, Objective]:
    """Return the objectives by key, from ``catalogue.yaml``.

    Examples
    --------
    >>> objectives()["retention"].outcomes[0]
    'retained'
    """
    path = Path(__file__).with_name("catalogue.yaml")
    return load_knowledge(path, _Catalogue, under="objectives").objectives


def choose_objective(study: Study) -> tuple[str, Objective]:
    """Return the study's objective: a key of the catalogue, or one written out.

    Parameters
    ----------
    study
        Its ``objective`` is a key or a mapping with at least ``title`` and ``question``.

    Raises
    ------
    StudyError
        For a key that is not in the catalogue, or an incomplete objective of one's own.
    """
    if isinstance(study.objective, dict):
        own: dict[str, Any] = study.objective
        return "own", check(Objective, own, where="'objective'")
    if study.objective not in objectives():
        raise StudyError(unknown("objective", study.objective, list(objectives())))
    return study.objective, objectives()[study.objective]
