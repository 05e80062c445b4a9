"""How far a segmentation comes out again: global, by segment, and across numbers of segments.

A bootstrap sample is a vector of multinomial counts on the rows, the same vectors for every k, and
every fit assigns all rows to its nearest centres.

Sources: Dolnicar & Leisch (2010) for global stability; Dolnicar & Leisch (2017) for segment level
stability within and across solutions; Tibshirani & Walther (2005) for prediction strength. The
definitions are those of R flexclust 1.5.0 (`bootFlexclust`, `slswFlexclust`, `slsaplot`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import (
    Search,
    Seed,
    best_labels,
    bootstrap_weights,
    certificate_of,
    subsample,
)
from seglib.clustering.certificate import Certificate
from seglib.clustering.checks import Table, matrix_of, positive, segment_counts
from seglib.clustering.prediction import prediction_strength
from seglib.clustering.segment_level import SegmentStability, slsa, slsw

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]

__all__ = [
    "GlobalStability",
    "SegmentStability",
    "global_stability",
    "prediction_strength",
    "slsa",
    "slsw",
]


@dataclass(frozen=True)
class GlobalStability:
    """Adjusted Rand index of pairs of bootstrap fits, for each number of segments.

    Attributes
    ----------
    ari
        Sampling: pair × k, two bootstrap samples of the data.
    optimiser_ari
        The search alone: pair × k, the same data from fresh starts.
    certificates
        k → restart certificate of the fit to the data.
    confirmed
        k → share of bootstrap fits whose best objective was reached from two starts or more.
    rows, rows_used
        Rows given, and rows the bootstrap ran on.
    labels
        k → bootstrap sample × row used, the segment of each row (samples 2i and 2i + 1 are pair i).
    row_index
        The rows used.
    """

    ari: pd.DataFrame
    optimiser_ari: pd.DataFrame
    certificates: dict[int, Certificate]
    confirmed: pd.Series
    rows: int
    rows_used: int
    labels: dict[int, IntArray] = field(repr=False)
    row_index: IntArray = field(repr=False)

    def certified(self, k: int) -> bool:
        """Whether the figure for k stands on a certified fit."""
        return self.certificates[k].certified

    def summary(self, *, withhold: bool = True) -> pd.DataFrame:
        """One row for each k: median, quartiles and the 95 % band of the pairs.

        With `withhold` the figures of a k that is not certified are left empty.
        """
        quantiles = self.ari.quantile([0.5, 0.25, 0.75, 0.025, 0.975]).T
        quantiles.columns = ["median", "lower_quartile", "upper_quartile", "low", "high"]
        certified = np.array([self.certified(k) for k in self.certificates])
        if withhold:
            quantiles[~certified] = np.nan
        return (
            quantiles.assign(
                optimiser_median=self.optimiser_ari.median(),
                confirmed=self.confirmed,
                certified=certified,
            )
            .rename_axis("k")
            .reset_index()
        )

    def sentence(self) -> str:
        """Say on what the figures stand."""
        pairs = len(self.ari)
        text = f"{pairs} pairs of bootstrap samples of {self.rows_used:,} rows"
        if self.rows_used < self.rows:
            text += f" (a random subsample of the {self.rows:,})"
        withheld = [str(k) for k in self.certificates if not self.certified(k)]
        if withheld:
            text += (
                f"; withheld for k = {', '.join(withheld)}, "
                "where the best partition was not found often enough to be sure of it"
            )
        return text + "."


def global_stability(
    X: Table,
    ks: Iterable[int],
    n_pairs: int = 100,
    random_state: Seed = None,
    *,
    n_starts: int = 2,
    n_swaps: int | None = 5,
    optimiser_pairs: int = 20,
    min_hits: int = 5,
    max_restarts: int = 1000,
    certificates: Mapping[int, Certificate] | None = None,
    max_rows: int = 5000,
    n_jobs: int | None = None,
) -> GlobalStability:
    """Fit k-means to pairs of bootstrap samples and compare the two partitions of all rows.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.
    ks
        Numbers of segments.
    n_pairs
        Pairs of bootstrap samples.
    random_state
        Seed or generator. The figures of a k do not depend on the other k asked for.
    n_starts, n_swaps
        Starts of each fit and how far each is taken, as in `fit_many`.
    optimiser_pairs
        Pairs of fresh searches on the data itself; 0 leaves `optimiser_ari` empty.
    min_hits, max_restarts
        Of the certificate.
    certificates
        k → certificate of a fit to the same data, where it is known; else it is made here, on the
        rows used.
    max_rows
        Above so many rows the bootstrap runs on a random subsample of so many.
    n_jobs
        Threads; the result does not depend on it.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> stability = global_stability(X, [2], n_pairs=5, random_state=0)
    >>> float(stability.ari[2].median())
    1.0
    """
    matrix = matrix_of(X)
    counts = segment_counts(ks, matrix)
    positive(n_pairs=n_pairs, n_starts=n_starts, max_rows=max_rows)
    rng = np.random.default_rng(random_state)
    rows = subsample(len(matrix), max_rows, rng)
    weights = bootstrap_weights(len(rows), 2 * n_pairs, rng)
    entropy = int(rng.integers(2**62))
    job = _AtK(matrix[rows], weights, optimiser_pairs, Search(n_starts, n_swaps, n_jobs), entropy)
    known = certificates or {}
    parts = {k: job.run(k, known.get(k), min_hits, max_restarts) for k in counts}
    return GlobalStability(
        ari=_frame({k: adjusted_rand(part[0][::2], part[0][1::2]) for k, part in parts.items()}),
        optimiser_ari=_frame({k: part[2] for k, part in parts.items()}),
        certificates={k: part[3] for k, part in parts.items()},
        confirmed=pd.Series({k: part[1] for k, part in parts.items()}, name="confirmed"),
        rows=len(matrix),
        rows_used=len(rows),
        labels={k: part[0] for k, part in parts.items()},
        row_index=rows,
    )


@dataclass(frozen=True)
class _AtK:
    X: FloatArray
    weights: FloatArray
    optimiser_pairs: int
    search: Search
    entropy: int

    def run(
        self, k: int, certificate: Certificate | None, min_hits: int, max_restarts: int
    ) -> tuple[IntArray, float, FloatArray, Certificate]:
        rng = np.random.default_rng([self.entropy, k])
        labels, confirmed = best_labels(self.X, k, self.weights, self.search, rng)
        optimiser: FloatArray = np.empty(0)
        if self.optimiser_pairs:
            alone = np.ones((2 * self.optimiser_pairs, len(self.X)))
            fresh, _ = best_labels(self.X, k, alone, self.search, rng)
            optimiser = adjusted_rand(fresh[::2], fresh[1::2])
        certificate = certificate or certificate_of(
            self.X,
            k,
            rng,
            min_hits=min_hits,
            max_restarts=max_restarts,
            n_jobs=self.search.n_jobs,
        )
        return labels, float(confirmed.mean()), optimiser, certificate


def _frame(columns: dict[int, FloatArray]) -> pd.DataFrame:
    return pd.DataFrame(columns).rename_axis("pair").rename_axis("k", axis=1)
