"""What every model of a segmentation is: plain data, checked when read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from seglib.clustering.preprocessing import Preprocessing

if TYPE_CHECKING:
    from numpy.typing import NDArray

Row = tuple[float, ...]
MOST_SEGMENTS = 1000


class DataModel(BaseModel):
    """Numbers and names, no code; nothing else is let in."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ScoreModel(DataModel):
    """A model that gives a row one score for each of its parts; the greatest names the segment."""

    preprocessing: Preprocessing

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        raise NotImplementedError

    @property
    def segments(self) -> tuple[int, ...]:
        """Segment that each score stands for."""
        return tuple(range(1, self.n_segments + 1))

    @property
    def least(self) -> float | None:
        """Score below which no segment fits; None where one always does."""
        return None

    @property
    def variables(self) -> list[str]:
        """Raw variables that it reads."""
        return self.preprocessing.variables

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × parts: the larger, the better the part fits, up to a constant of the row."""
        raise NotImplementedError

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per part."""
        raise NotImplementedError

    def labels(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Segment of each row, from 1 (0: none fits); ties go to the part that stands first."""
        scores = self.scores(frame)
        found = np.asarray(self.segments, dtype=np.int64)[scores.argmax(axis=1)]
        return found if self.least is None else np.where(scores.max(axis=1) < self.least, 0, found)

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        raise NotImplementedError


def linear(columns: list[Any], coefficients: Any, constant: float) -> Any:
    """Sum of columns times coefficients, and a constant."""
    terms = (x * float(c) for x, c in zip(columns, coefficients, strict=True))
    return reduce(add, terms) + constant
