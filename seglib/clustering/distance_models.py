"""Models by distance: prototypes of mixed data, and exemplars with a reach."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from seglib.clustering.model_base import MOST_SEGMENTS, Row, ScoreModel, linear

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Prototypes(ScoreModel):
    """Nearest prototype by Gower's distance.

    The preprocessing divides numbers by their range and leaves gaps; then the distance is the sum
    of absolute differences over what an account has (up to a factor of the account, which is the
    same for all prototypes).
    """

    kind: Literal["prototypes"] = "prototypes"
    centers: tuple[Row, ...] = Field(min_length=1, max_length=MOST_SEGMENTS)

    @model_validator(mode="after")
    def _shape(self) -> Self:
        _check_width(self.centers, self.preprocessing.outputs, "prototype")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.centers)

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × segments: minus the sum of absolute differences."""
        return -absolute_differences(self.preprocessing.transform(frame), np.asarray(self.centers))

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per segment."""
        return [
            -reduce(add, ((v - c).abs().fill_null(0.0) for v, c in zip(x, center, strict=True)))
            for center in self.centers
        ]

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        return self.model_copy(update={"centers": tuple(self.centers[s - 1] for s in kept)})


class Exemplars(ScoreModel):
    """Exemplars of groups of any shape, each with a reach; beyond all of them no segment fits.

    The score of an exemplar is its squared reach minus the squared distance (the power distance of
    Aurenhammer 1987), so that a row goes to the ball it lies deepest in.
    """

    kind: Literal["exemplars"] = "exemplars"
    centers: tuple[Row, ...] = Field(min_length=1, max_length=MOST_SEGMENTS)
    reach: Row
    groups: tuple[int, ...]

    @model_validator(mode="after")
    def _shape(self) -> Self:
        _check_width(self.centers, self.preprocessing.outputs, "exemplar")
        if not len(self.centers) == len(self.reach) == len(self.groups):
            raise ValueError("each exemplar needs one reach and one group")
        if sorted(set(self.groups)) != list(range(1, len(set(self.groups)) + 1)):
            raise ValueError("groups must be numbered from 1 without a gap")
        if min(self.reach) < 0:
            raise ValueError("a reach must not be negative")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(set(self.groups))

    @property
    def segments(self) -> tuple[int, ...]:
        """Segment that each score stands for."""
        return self.groups

    @property
    def least(self) -> float:
        """Score on the border of the reach."""
        return 0.0

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × exemplars: squared reach minus squared distance."""
        x, c = self.preprocessing.transform(frame), np.asarray(self.centers)
        constants = np.square(self.reach) - np.square(c).sum(axis=1)
        return 2.0 * x @ c.T + constants - np.square(x).sum(axis=1)[:, None]

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per exemplar."""
        square = reduce(add, (v * v for v in x))
        return [
            linear(x, [2.0 * v for v in center], reach**2 - sum(v * v for v in center)) - square
            for center, reach in zip(self.centers, self.reach, strict=True)
        ]

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        number = {segment: place for place, segment in enumerate(kept, start=1)}
        chosen = [i for i, group in enumerate(self.groups) if group in number]
        return self.model_copy(
            update={
                "centers": tuple(self.centers[i] for i in chosen),
                "reach": tuple(self.reach[i] for i in chosen),
                "groups": tuple(number[self.groups[i]] for i in chosen),
            }
        )


def absolute_differences(
    x: NDArray[np.float64], centers: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Sum of absolute differences over what a row has, rows × centres.

    Summed from left to right, as an engine does, so that a tie is a tie in both.

    Examples
    --------
    >>> absolute_differences(np.array([[1.0, np.nan]]), np.array([[0.0, 5.0]])).tolist()
    [[1.0]]
    """
    total = np.zeros((len(x), len(centers)))
    for column, values in zip(x.T, centers.T, strict=True):
        total += np.nan_to_num(np.abs(column[:, None] - values))
    return total


def _check_width(centers: Sequence[Row], outputs: Sequence[str], what: str) -> None:
    if any(len(center) != len(outputs) for center in centers):
        raise ValueError(f"each {what} must have {len(outputs)} values")
