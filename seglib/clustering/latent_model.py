"""The latent class model as data: independent emissions within a class, gaps add nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from seglib.clustering.model_base import MOST_SEGMENTS, DataModel, Row, ScoreModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_RAREST = 1e-15  # a probability is never taken for nought (as in StepMix)


class GaussianEmission(DataModel):
    """A number, normal within each class."""

    kind: Literal["gaussian"] = "gaussian"
    means: Row
    variances: Row

    @property
    def parameters(self) -> tuple[Row, ...]:
        """What holds one value for each class."""
        return self.means, self.variances

    def taking(self, places: Sequence[int]) -> Self:
        """The same for these classes."""
        return self.model_copy(
            update={n: tuple(getattr(self, n)[i] for i in places) for n in ("means", "variances")}
        )

    def terms(self, x: Any) -> list[Any]:
        """Log density of a column in each class; NaN or NULL where the value is missing."""
        return [
            (x - m) ** 2 * (-0.5 / v) - 0.5 * float(np.log(2 * np.pi * v))
            for m, v in zip(self.means, self.variances, strict=True)
        ]


class BinaryEmission(DataModel):
    """A yes or no (1 or 0), with one probability of a yes in each class."""

    kind: Literal["binary"] = "binary"
    probabilities: Row

    @property
    def parameters(self) -> tuple[Row, ...]:
        """What holds one value for each class."""
        return (self.probabilities,)

    def taking(self, places: Sequence[int]) -> Self:
        """The same for these classes."""
        return self.model_copy(
            update={"probabilities": tuple(self.probabilities[i] for i in places)}
        )

    def terms(self, x: Any) -> list[Any]:
        """Log probability of a column in each class; NaN or NULL where the value is missing."""
        return [x * (_log(p) - _log(1.0 - p)) + _log(1.0 - p) for p in self.probabilities]


class LevelEmission(BinaryEmission):
    """One level of a category, with its probability in each class; other levels tell nothing."""

    kind: Literal["level"] = "level"  # type: ignore[assignment]

    def terms(self, x: Any) -> list[Any]:
        """Log probability of the level in each class, nought for the rows of another level."""
        return [x * _log(p) for p in self.probabilities]


Emission = Annotated[GaussianEmission | BinaryEmission | LevelEmission, Field(discriminator="kind")]


class LatentClass(ScoreModel):
    """Most probable class of a latent class (or mixed-mode) model."""

    kind: Literal["latent-class"] = "latent-class"
    weights: Row = Field(min_length=1, max_length=MOST_SEGMENTS)
    emissions: tuple[Emission, ...]

    @model_validator(mode="after")
    def _shape(self) -> Self:
        k, outputs = len(self.weights), self.preprocessing.outputs
        if len(self.emissions) != len(outputs):
            raise ValueError(f"there must be {len(outputs)} emissions, one for each column")
        if any(len(values) != k for e in self.emissions for values in e.parameters):
            raise ValueError(f"each emission must have a value for each of the {k} classes")
        if min(self.weights) <= 0:
            raise ValueError("each weight must be positive")
        for emission in self.emissions:
            if isinstance(emission, GaussianEmission):
                if min(emission.variances) <= 0:
                    raise ValueError("each variance must be positive")
            elif not all(0 <= p <= 1 for p in emission.probabilities):
                raise ValueError("each probability must lie between 0 and 1")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.weights)

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × classes: log of share times likelihood of what was observed."""
        x = self.preprocessing.transform(frame)
        total = np.tile(np.log(self.weights), (len(x), 1))
        for column, emission in zip(x.T, self.emissions, strict=True):
            total += np.nan_to_num(np.stack(emission.terms(column), axis=1))
        return total

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per class."""
        terms = [e.terms(column) for column, e in zip(x, self.emissions, strict=True)]
        return [
            reduce(add, (t[c].fill_null(0.0) for t in terms)) + float(np.log(weight))
            for c, weight in enumerate(self.weights)
        ]

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        places = [s - 1 for s in kept]
        return self.model_copy(
            update={
                "weights": tuple(self.weights[i] for i in places),
                "emissions": tuple(e.taking(places) for e in self.emissions),
            }
        )


def _log(probability: float) -> float:
    return float(np.log(min(max(probability, _RAREST), 1.0)))
