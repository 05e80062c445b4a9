"""A candidate: what any method of segmentation gives, all with one result type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.bench import Bench
from seglib.clustering.models import AnyModel, predict, renumbered


@dataclass(frozen=True)
class Refit:
    """How a method is fitted again: the matrix it works on, and a function that fits on the rows of
    the first matrix and places those of the second."""

    matrix: NDArray[np.float64]
    fit: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.integer]]


@dataclass(frozen=True)
class Candidate:
    """One candidate segmentation.

    Attributes
    ----------
    method, k
        How it was made, and its number of segments.
    labels
        Segment of each account, from 1 in the order of size; 0 where none fits.
    model
        The same as data, for scoring.
    agreement
        Share of accounts on which the model gives the method's own label.
    certified
        Whether the restart certificate holds; None where the method has no random start.
    note
        What a reader must know.
    bic
        Bayesian information criterion, for mixtures.
    refit
        How its method is fitted again, where it does not work on the bench's matrix or by one of
        the methods known to :func:`~seglib.clustering.replicate.excess_replicability`.
    """

    method: str
    k: int
    labels: NDArray[np.int64]
    model: AnyModel
    agreement: float = 1.0
    certified: bool | None = None
    note: str = ""
    bic: float = float("nan")
    refit: Refit | None = None

    @property
    def name(self) -> str:
        """Method and number of segments."""
        return f"{self.method}, {self.k}"


def make_candidate(
    method: str,
    model: AnyModel,
    bench: Bench,
    labels: NDArray[np.integer],
    **known: object,
) -> Candidate:
    """Number segments by size, keep those that the model really gives, and measure agreement."""
    order = pd.Series(labels[labels > 0]).value_counts(sort=False)
    ranked = sorted(order.index, key=lambda s: (-order[s], s))
    renumber = {0: 0, **{int(s): rank for rank, s in enumerate(ranked, start=1)}}
    model = renumbered(model, renumber)
    own = np.array([renumber[int(s)] for s in labels], dtype=np.int64)
    given = predict(model, bench.accounts.frame)
    k = len(np.unique(given[given > 0]))
    agreement = float((given == own).mean())
    return Candidate(method, k, given, model, agreement, **known)  # type: ignore[arg-type]
