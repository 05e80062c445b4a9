"""The stability that data without groups reach: the band of null twins for every k."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.stats import t as student

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import Search, best_labels, bootstrap_weights, subsample
from seglib.clustering.checks import FloatArray
from seglib.clustering.nulls import Block, How, null_twin

MAX_ROWS = 5000


def null_stability(
    X: FloatArray,
    ks: Sequence[int],
    how: How,
    *,
    twins: int,
    pairs: int,
    blocks: Sequence[Block] | None = None,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Median global stability of null twins.

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
    blocks
        Columns permuted together.
    rng
        For all of it.

    Returns
    -------
    pandas.DataFrame
        Twin × k.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> rng = np.random.default_rng(0)
    >>> null_stability(X, [2], "permute", twins=3, pairs=2, rng=rng).shape
    (3, 1)
    """
    search = Search()
    rows = subsample(len(X), MAX_ROWS, rng)
    medians = []
    for own in rng.spawn(twins):
        twin = null_twin(X[rows], how, blocks, own)
        weights = bootstrap_weights(len(rows), 2 * pairs, own)
        labels = {k: best_labels(twin, k, weights, search, own)[0] for k in ks}
        medians.append({k: np.median(adjusted_rand(p[::2], p[1::2])) for k, p in labels.items()})
    return pd.DataFrame(medians).rename_axis("twin").rename_axis("k", axis=1)


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
