"""Brief: what the segmentation is for, written down before any segment is looked for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from seglib.errors import StudyError, unknown


class HypothesisToJudge(BaseModel):
    """A belief about the market and how the data will judge it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    source: Literal["desk research", "interview", "survey", "experience"]
    variable: str
    expects: Literal["differs", "does not differ"]
    judged_by: str
    possible: bool


class Brief(BaseModel):
    """What the later steps obey.

    Attributes
    ----------
    objective, title, question
        Key of the catalogue, its name and the business question.
    outcome
        The variable that judges the segments; None when the data have none.
    bases, variables
        Families that form the segments, and their variables that the data support.
    descriptors
        Variables that describe and reach the segments.
    weights
        Evaluation criterion to weight, for the scorecard.
    attractiveness, competitiveness
        Targeting criterion to weight: the objective's weights, each criterion that the study
        weighs itself replaced by the study's, then made to add up to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: str
    objective: str
    title: str
    question: str
    decides: str = ""
    outcome: str | None
    higher_is_better: bool
    kpis: tuple[str, ...]
    bases: tuple[str, ...]
    variables: tuple[str, ...]
    descriptors: tuple[str, ...]
    weights: dict[str, float]
    attractiveness: dict[str, float]
    competitiveness: dict[str, float]
    capacity: int
    min_share: float
    hypotheses: tuple[HypothesisToJudge, ...]
    currency: str
    as_of: str
    seed: int
    min_segments: int = 2
    notes: tuple[str, ...] = ()

    def obey(self, names: list[str]) -> None:
        """Refuse segmentation variables that the brief did not declare, all at once.

        Raises
        ------
        StudyError
            With one sentence for each of them.
        """
        wrong = [
            f"{unknown('segmentation variable', name, self.variables)} "
            "The brief does not declare it."
            for name in names
            if name not in self.variables
        ]
        if wrong:
            raise StudyError(wrong, where="the brief")
