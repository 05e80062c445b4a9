"""What marks a segment: the variables on which it stands out from the whole sample.

Source: Dolnicar, Grün & Leisch (2018), *Market Segmentation Analysis*, chapter 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.checks import Table, matrix_of, names_of
from seglib.clustering.steps import CategoryStep, NumberStep, finite
from seglib.errors import DataError

if TYPE_CHECKING:
    from seglib.clustering.bench import Bench

FAR = 0.25  # points by which a share must differ from the sample's …
TIMES = 0.5  # … or its part of the sample's share
_SAME = 1e-12


def segment_profile(X: Table, labels: npt.ArrayLike) -> pd.DataFrame:
    """Describe each segment on each variable, and say which variables mark it.

    Parameters
    ----------
    X
        Rows × variables, numeric.
    labels
        Segment of each row, from 1; rows with 0 have none and count in the sample alone.

    Returns
    -------
    pandas.DataFrame
        One row per segment and variable: ``segment``, ``variable``, ``center`` (mean of the
        segment), ``mean`` and ``spread`` (mean and standard deviation of the sample), ``binary``,
        and ``marker``.

    Notes
    -----
    A binary variable (its values are 0 and 1) marks a segment whose share of ones differs from the
    sample's by .25 or more, or by half of the sample's share or more. A metric one marks it where
    the sample's median lies outside the segment's quartile box.

    Examples
    --------
    >>> found = segment_profile([[0, 1.0], [0, 2.0], [1, 8.0], [1, 9.0]], [1, 1, 2, 2])
    >>> found[["segment", "variable", "center", "mean", "marker"]].values.tolist()
    [[1, 'variable 1', 0.0, 0.5, True], [1, 'variable 2', 1.5, 5.0, True], \
[2, 'variable 1', 1.0, 0.5, True], [2, 'variable 2', 8.5, 5.0, True]]
    """
    matrix, own = matrix_of(X, least_rows=1), np.asarray(labels, dtype=np.int64)
    if len(own) != len(matrix):
        raise DataError(f"{len(own)} labels for {len(matrix)} rows: one a row is needed.")
    binary = np.isin(matrix, (0.0, 1.0)).all(axis=0)
    mean, median = matrix.mean(axis=0), np.median(matrix, axis=0)
    made = []
    for segment in (s for s in np.unique(own) if s > 0):
        inside = matrix[own == segment]
        center, (low, high) = inside.mean(axis=0), np.quantile(inside, (0.25, 0.75), axis=0)
        marks = np.where(binary, _far(center, mean), (median < low) | (median > high))
        part = {"center": center, "mean": mean, "spread": matrix.std(axis=0), "binary": binary}
        named = {"segment": int(segment), "variable": names_of(X, matrix.shape[1])}
        made.append(pd.DataFrame(named | part | {"marker": marks}))
    columns = ["segment", "variable", "center", "mean", "spread", "binary", "marker"]
    return pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=columns)


def _far(center: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    away = np.abs(center - mean)
    return (away >= FAR - _SAME) | ((mean > 0) & (away >= TIMES * mean - _SAME))


def variable_order(X: Table) -> list[int]:
    """Order the variables so that those alike stand together.

    Ward's method on the standardised columns, with the leaves in optimal order.

    Parameters
    ----------
    X
        Rows × variables, numeric.

    Returns
    -------
    list
        Places of the variables.

    Examples
    --------
    >>> variable_order([[0, 5, 1], [1, 3, 2], [2, 4, 3], [3, 2, 4]])
    [0, 2, 1]
    """
    from scipy.cluster import hierarchy

    matrix = matrix_of(X)
    if matrix.shape[1] < 3:
        return list(range(matrix.shape[1]))
    spread = matrix.std(axis=0)
    standard = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    links = hierarchy.linkage(standard.T, "ward", optimal_ordering=True)
    leaves = hierarchy.leaves_list(links)
    places = [int(leaf) for leaf in leaves]
    return places if places[0] <= places[-1] else places[::-1]


def plain_columns(bench: Bench) -> pd.DataFrame:
    """Take the columns of the bench's matrix without their weights, yes or no as 1 and 0.

    Numbers are in standard deviations (after the logarithm where one was taken), a level of a
    category is 1 or 0; gaps are filled as in the matrix.
    """
    frame = bench.accounts.frame
    made: dict[str, npt.NDArray[np.float64]] = {}
    for step in bench.preprocessing.steps:
        values = np.asarray(step.values(frame), dtype=float) / step.weight
        if isinstance(step, CategoryStep):
            values = (values > 0.5).astype(float)
        elif isinstance(step, NumberStep):
            raw = finite(frame[step.variable]).fillna(step.fill or 0.0).to_numpy()
            values = raw[:, None] if np.isin(raw, (0.0, 1.0)).all() else values
        made |= dict(zip(step.outputs, values.T, strict=True))
    return pd.DataFrame(made)
