"""What data without groups reach: the band of null twins for every k."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import t as student

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import Search, best_labels, bootstrap_weights, subsample
from seglib.clustering.checks import FloatArray
from seglib.clustering.nulls import Block, How, null_twin

MAX_ROWS = 5000


class NullStability(NamedTuple):
    """Median adjusted Rand indices of null twins, twin × k.

    Attributes
    ----------
    sampling
        Of pairs of bootstrap samples of a twin.
    optimiser
        Of all pairs of a few fresh searches on the twin itself; without columns where none was
        asked for.
    """

    sampling: pd.DataFrame
    optimiser: pd.DataFrame


def null_stability(
    X: FloatArray,
    ks: Sequence[int],
    how: How,
    *,
    twins: int,
    pairs: int,
    fresh: int = 0,
    blocks: Sequence[Block] | None = None,
    rng: np.random.Generator,
) -> NullStability:
    """Put null twins through the steps of :func:`~seglib.clustering.global_stability`.

    Parameters
    ----------
    X
        Rows × variables, preprocessed.
    ks
        Numbers of segments.
    how
        Kind of twin.
    twins, pairs
        Number of twins, and of pairs of bootstrap samples of each.
    fresh
        Fresh searches on each twin, two or more; each is compared with each.
    blocks
        Columns permuted together.
    rng
        For all of it.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> rng = np.random.default_rng(0)
    >>> null_stability(X, [2], "permute", twins=3, pairs=2, rng=rng).sampling.shape
    (3, 1)
    """
    search = Search()
    rows = subsample(len(X), MAX_ROWS, rng)
    medians: dict[str, list[dict[int, float]]] = {"sampling": [], "optimiser": []}
    halves = np.arange(2 * pairs).reshape(-1, 2).T
    each = np.array(list(combinations(range(fresh), 2)), dtype=np.int64).reshape(-1, 2).T
    alone = np.ones((fresh, len(rows)))
    for own in rng.spawn(twins):
        twin = null_twin(X[rows], how, blocks, own)
        weights = bootstrap_weights(len(rows), 2 * pairs, own)
        for what, drawn, (one, other) in (
            ("sampling", weights, halves),
            ("optimiser", alone, each),
        ):
            labels = {k: best_labels(twin, k, drawn, search, own)[0] for k in ks if len(drawn)}
            found = {k: adjusted_rand(fit[one], fit[other]) for k, fit in labels.items()}
            medians[what].append({k: float(np.median(ari)) for k, ari in found.items()})
    frames = (
        pd.DataFrame(rows_).rename_axis("twin").rename_axis("k", axis=1)
        for rows_ in medians.values()
    )
    return NullStability(*frames)


def band(medians: pd.DataFrame, level: float = 0.95) -> tuple[pd.Series, pd.Series]:
    """Band in which the figure of one more twin lies, for every k, cut to [-1, 1].

    Few twins tell little about their spread, so each k's variance is the mean of its own and of
    that of all k (which doubles its degrees of freedom).

    Examples
    --------
    >>> low, high = band(pd.DataFrame({2: [0.1, 0.2, 0.3], 3: [0.2, 0.2, 0.2]}))
    >>> low.round(2).tolist(), high.round(2).tolist()
    ([-0.08, 0.04], [0.48, 0.36])
    """
    n = len(medians)
    variance = medians.var()
    spread = np.sqrt((variance + variance.mean()) / 2)
    reach = float(student.ppf((1 + level) / 2, 2 * (n - 1))) * spread * np.sqrt(1 + 1 / n)
    mean = medians.mean()
    return (mean - reach).clip(-1, 1), (mean + reach).clip(-1, 1)
