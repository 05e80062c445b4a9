"""Where groups are looked for: along all axes of the data, and along the leading ones only.

A covariance matrix of many columns cannot be estimated from few rows, and a mixture then finds
groups in the noise; along a few leading principal components the groups that many columns show
together stand out. A small group, or one that few columns show, may lie along none of them. So
both are looked at.

Sources: parallel analysis, Horn (1965), *A rationale and test for the number of factors in factor
analysis*; five rows a parameter, Bentler & Chou (1987).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seglib.clustering.checks import FloatArray
from seglib.clustering.nulls import Block, null_twin

ALL, LEADING = "all columns", "leading components"
ROWS_A_PARAMETER = 5
TWINS = 20
EMPTY = 0.1  # of an axis' mean variance: along a shorter one columns repeat each other


def views(
    X: FloatArray, blocks: Sequence[Block] | None, rng: np.random.Generator
) -> dict[str, FloatArray]:
    """Axes along which groups are looked for.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.
    blocks
        Columns that are permuted together.
    rng
        For the permuted twins that say how many components lead.

    Returns
    -------
    dict
        Name of the view → variable × axis. "all columns" are all but the axes along which columns
        only repeat each other, where there are five rows for each parameter of their covariance
        matrix; "leading components" are those of the standardised columns with more variance than
        the permuted twins' have on average, if any.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> size = rng.normal(size=(300, 1))
    >>> X = np.hstack([size + rng.normal(size=(300, 3)), rng.normal(size=(300, 2))])
    >>> {name: axes.shape for name, axes in views(X, None, rng).items()}
    {'all columns': (5, 5), 'leading components': (5, 1)}
    """
    found: dict[str, FloatArray] = {}
    everything = not_repeated(X)
    if enough_rows(len(X), everything.shape[1]):
        found[ALL] = everything
    leading = _leading(X, blocks, rng)
    if leading.size:
        found[LEADING] = leading
    return found or {ALL: everything}


def enough_rows(rows: int, axes: int) -> bool:
    """Whether there are five rows for each parameter of a covariance matrix along so many axes.

    Examples
    --------
    >>> enough_rows(200, 8), enough_rows(200, 9)
    (True, False)
    """
    return rows >= ROWS_A_PARAMETER * axes * (axes + 1) / 2


def not_repeated(X: FloatArray) -> FloatArray:
    """The columns themselves, or the principal axes that are not empty where some are.

    Examples
    --------
    >>> X = np.random.default_rng(0).normal(size=(50, 2))
    >>> not_repeated(X).shape, not_repeated(np.hstack([X, X])).shape
    ((2, 2), (4, 2))
    """
    variance, axes = _principal(X)
    full = variance > EMPTY * variance.mean()
    return axes[:, full] if full.any() and not full.all() else np.eye(X.shape[1])


def _leading(X: FloatArray, blocks: Sequence[Block] | None, rng: np.random.Generator) -> FloatArray:
    spread = X.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    variance, axes = _principal(X / scale)
    twins = [
        _principal(null_twin(X, "permute", blocks, own) / scale)[0] for own in rng.spawn(TWINS)
    ]
    above = variance > np.mean(twins, axis=0)
    return axes[:, : int(np.argmin(np.append(above, False)))] / scale[:, None]


def _principal(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Variances and axes, the largest first; of each axis the largest load is positive."""
    variance, axes = np.linalg.eigh(np.atleast_2d(np.cov(X, rowvar=False)))
    heaviest = np.abs(axes).argmax(axis=0)
    axes = axes * np.sign(axes[heaviest, np.arange(axes.shape[1])])
    return variance[::-1], axes[:, ::-1]
