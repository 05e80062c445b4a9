"""A scorecard: answers to questions give points to segments; who leads clearly is placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.intervals import Floats
from seglib.profiling.association import numeric
from seglib.profiling.regions import Region
from seglib.profiling.tree import rounded

Ints = NDArray[np.int64]

MAX_ANSWERS = 8
"""Answers that a question about a category offers; the rarer levels are one more."""

_BINS = 4
_FEWEST = 0.03
_PSEUDO = 2.0
_SCALE = 10


@dataclass(frozen=True)
class Question:
    """One question (or look-up) with its answers; who gives none gets no points.

    Attributes
    ----------
    column
        Column of the account table.
    answers
        The answers, each a region of the column's values; no two hold at once.
    points
        Answers × segments, whole numbers: ten times the logarithm of how much more often the
        segment gives the answer than the others do.
    """

    column: str
    answers: tuple[Region, ...]
    points: tuple[tuple[int, ...], ...] = ()

    def coded(self, frame: pd.DataFrame) -> Ints:
        """Number of each account's answer; −1 where there is none."""
        found = np.full(len(frame), -1, dtype=np.int64)
        for place, answer in enumerate(self.answers):
            found[answer.holds(frame)] = place
        return found


@dataclass(frozen=True)
class Scorecard:
    """Questions in the order in which they help most, and when their points decide.

    Attributes
    ----------
    questions
        With their points.
    segments
        Numbers of the segments that can be reached.
    leads
        For each segment the points by which it must lead; 0: nobody is placed there.
    """

    questions: tuple[Question, ...]
    segments: tuple[int, ...]
    leads: tuple[int, ...]

    def scores(self, frame: pd.DataFrame) -> Ints:
        """Add up the points: accounts × segments."""
        total = np.zeros((len(frame), len(self.segments)), dtype=np.int64)
        for question in self.questions:
            points = np.vstack([question.points, np.zeros((1, len(self.segments)), dtype=np.int64)])
            total += points[question.coded(frame)]
        return total

    def place(self, frame: pd.DataFrame) -> Ints:
        """Segment of each account; 0 where it cannot be said.

        Examples
        --------
        >>> yes = Region("cloud", above=0.5, missing=False)
        >>> card = Scorecard((Question("cloud", (yes,), ((7, -7),)),), (1, 2), (10, 0))
        >>> card.place(pd.DataFrame({"cloud": [1.0, 0.0, None]})).tolist()
        [1, 0, 0]
        """
        best, lead = leading(self.scores(frame))
        needed = np.array(self.leads)[best]
        sure = (needed > 0) & (lead >= needed)
        return np.where(sure, np.array(self.segments)[best], 0)


def leading(scores: Ints) -> tuple[Ints, Ints]:
    """Return the place of each row's highest score and its lead on the second."""
    ordered = np.sort(scores, axis=1)
    return scores.argmax(axis=1), ordered[:, -1] - ordered[:, -2]


def possible_questions(
    frame: pd.DataFrame, columns: Sequence[str], categories: Sequence[str]
) -> list[Question]:
    """Make a question of each column that has more than one answer.

    Parameters
    ----------
    frame
        The accounts that are learned from.
    columns
        Columns that may be asked for.
    categories
        Which of them are categories.

    Notes
    -----
    Numbers are cut at their quartiles, rounded to the fewest digits that part the accounts in the
    same way; an answer has 3 % of the accounts at least.

    Examples
    --------
    >>> frame = pd.DataFrame({"country": ["NO"] * 20 + ["SE"] * 15, "size": range(35)})
    >>> [len(q.answers) for q in possible_questions(frame, ["country", "size"], ["country"])]
    [2, 4]
    """
    made = [
        Question(c, _levels(c, frame[c]) if c in categories else _bins(c, frame[c]))
        for c in columns
    ]
    return [question for question in made if len(question.answers) > 1]


def _levels(column: str, values: pd.Series) -> tuple[Region, ...]:
    known = values.dropna().astype("str")
    counts = known.value_counts().rename_axis("level").reset_index(name="n")
    common = counts[counts["n"] >= max(10, _FEWEST * len(values))]
    common = common.sort_values(["n", "level"], ascending=[False, True]).head(MAX_ANSWERS)
    levels = [str(level) for level in common["level"]]
    answers = [Region(column, only=(level,), missing=False) for level in levels]
    if levels and len(levels) < len(counts):
        answers.append(Region(column, never=tuple(levels), missing=False))
    return tuple(answers)


def _bins(column: str, values: pd.Series) -> tuple[Region, ...]:
    known = numeric(values).dropna().to_numpy()
    if len(known) < 10 or known.min() == known.max():
        return ()
    middles = np.quantile(known, np.arange(1, _BINS) / _BINS, method="inverted_cdf")
    cuts = sorted({rounded(float(m), known) for m in middles if m < known.max()})
    if not cuts:
        cuts = [rounded(float(known.min()), known)]
    edges = [-np.inf, *cuts, np.inf]
    boolean = pd.api.types.is_bool_dtype(values)
    return tuple(
        Region(column, above=low, up_to=high, missing=False, boolean=boolean)
        for low, high in pairwise(edges)
    )


def answer_points(codes: Ints, segment: Ints, answers: int, segments: int) -> Ints:
    """Turn counts into points: answers × segments.

    Parameters
    ----------
    codes
        Number of each account's answer; −1: none.
    segment
        Number of each account's segment, from 0.
    answers, segments
        How many there are.

    Notes
    -----
    Each segment's shares of the answers, two pseudo-accounts spread like all accounts added;
    their logarithm less its mean over the segments. Every segment weighs the same.

    Examples
    --------
    >>> answer_points(np.array([0, 0, 1, 1]), np.array([0, 0, 1, 1]), 2, 2).tolist()
    [[5, -5], [-5, 5]]
    """
    known = codes >= 0
    cells = codes[known] * segments + segment[known]
    counts = np.bincount(cells, minlength=answers * segments).reshape(answers, segments)
    return points_of(counts)


def points_of(counts: NDArray[np.int64] | Floats) -> Ints:
    """Turn counts (… × answers × segments) into points; see :func:`answer_points`."""
    sizes = counts.sum(axis=-2, keepdims=True)
    spread = (counts.sum(axis=-1, keepdims=True) + 0.5) / (
        counts.sum(axis=(-1, -2), keepdims=True) + 0.5 * counts.shape[-2]
    )
    logs = np.log((counts + _PSEUDO * spread) / (sizes + _PSEUDO))
    return np.rint(_SCALE * (logs - logs.mean(axis=-1, keepdims=True))).astype(np.int64)
