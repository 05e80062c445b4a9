"""The median of the global stability, and where it lies on null twins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import Search, best_labels, bootstrap_weights
from seglib.clustering.nulls import Block, How, null_twin
from seglib.clustering.threads import run_all

FloatArray = npt.NDArray[np.floating[Any]]
Above = Literal["yes", "no", "unclear"]


@dataclass(frozen=True)
class Band:
    """Where the median of a null twin's pairs lies in 95 % of cases: mean, low, high."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, medians: FloatArray) -> Band:
        """Prediction interval for one more twin (Student's t), not beyond the largest ARI of 1.

        Examples
        --------
        >>> band = Band.of(np.array([0.30, 0.34, 0.32, 0.32]))
        >>> round(band.low, 2), round(band.high, 2)
        (0.26, 0.38)
        """
        m = len(medians)
        reach = student.ppf(0.975, m - 1) * medians.std(ddof=1) * np.sqrt(1 + 1 / m)
        mean = float(medians.mean())
        return cls(mean, mean - float(reach), min(mean + float(reach), 1.0))


@dataclass(frozen=True)
class Median:
    """Median of the pairs with its 95 % interval."""

    value: float
    low: float
    high: float

    @classmethod
    def of(cls, ari: FloatArray) -> Median:
        """Interval from the interquartile range (McGill, Tukey & Larsen 1978).

        Examples
        --------
        >>> Median.of(np.linspace(0.5, 0.7, 101)).value
        0.6
        """
        lower, value, upper = np.quantile(ari, [0.25, 0.5, 0.75])
        reach = 1.96 * 1.2533 * (upper - lower) / 1.349 / np.sqrt(len(ari))
        return cls(float(value), float(value - reach), float(value + reach))

    def above(self, band: Band) -> Above:
        """Whether it lies above a band: unclear where the interval holds the band's upper end.

        Examples
        --------
        >>> Median(0.9, 0.85, 0.95).above(Band(0.3, 0.2, 0.4))
        'yes'
        """
        if self.low > band.high:
            return "yes"
        return "no" if self.high <= band.high or band.high >= 1.0 else "unclear"


def null_bands(
    X: FloatArray,
    ks: Sequence[int],
    how: How,
    *,
    n_twins: int,
    n_pairs: int,
    search: Search,
    blocks: Sequence[Block] | None,
    seed: int,
) -> dict[int, Band]:
    """Run the stability of the data on null twins: the same settings and bootstrap samples.

    Returns the band of the median for each k.
    """

    def work(twin: int) -> list[float]:
        rng = np.random.default_rng([seed, twin])
        data = null_twin(X, how, blocks, rng)
        weights = bootstrap_weights(len(X), 2 * n_pairs, np.random.default_rng(seed))
        medians = []
        for k in ks:
            labels, _ = best_labels(data, k, weights, search, rng)
            medians.append(float(np.median(adjusted_rand(labels[::2], labels[1::2]))))
        return medians

    medians = np.array(run_all(work, range(n_twins)))
    return {k: Band.of(medians[:, i]) for i, k in enumerate(ks)}
