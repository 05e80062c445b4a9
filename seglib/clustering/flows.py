"""Where the segments of each number of segments come from, and the order that shows it best.

Source: Dolnicar & Leisch (2017), the plot of segment level stability across solutions, as R
flexclust 1.5.0 draws it (`slsaplot`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.clustering.agreement import contingency
from seglib.clustering.checks import Table, matrix_of

IntArray = npt.NDArray[np.integer[Any]]


def slsa_flows(solutions: Mapping[int, npt.ArrayLike]) -> pd.DataFrame:
    """Count the rows that each segment took over from each segment of the solution before.

    Parameters
    ----------
    solutions
        Number of segments k → segment of each row.

    Returns
    -------
    pandas.DataFrame
        k, source (segment of the solution before), segment, rows, share (of all rows); pairs of
        segments without common rows are left out.

    Examples
    --------
    >>> flows = slsa_flows({2: [1, 1, 2, 2], 3: [1, 1, 2, 3]})
    >>> flows[["source", "segment", "rows"]].to_numpy().tolist()
    [[1, 1, 2], [2, 2, 1], [2, 3, 1]]
    """
    made = []
    ks = sorted(solutions)
    for before, k in pairwise(ks):
        pairs = pd.DataFrame({"source": np.asarray(solutions[before]), "segment": solutions[k]})
        counts = pairs.value_counts(sort=False).sort_index().rename("rows").reset_index()
        made.append(counts.assign(k=k, share=counts["rows"] / len(pairs)))
    columns = ["k", "source", "segment", "rows", "share"]
    return pd.concat(made, ignore_index=True)[columns] if made else pd.DataFrame(columns=columns)


def slsa_order(X: Table, solutions: Mapping[int, npt.ArrayLike]) -> dict[int, list[Any]]:
    """Order the segments of each solution so that few lines of the plot cross.

    The segments of the first solution stand in the order of the sums of their centres; each later
    one takes the place of the segment that it shares most rows with (optimal assignment, by the
    sum of shared rows); a new segment stands right after that which holds the place of the segment
    that gave it most.

    Parameters
    ----------
    X
        Rows × variables.
    solutions
        Number of segments k → segment of each row.

    Returns
    -------
    dict
        k → its segments, the first on top.

    Examples
    --------
    >>> X = np.array([[9.0], [8.0], [1.0], [0.0]])
    >>> slsa_order(X, {2: [1, 1, 2, 2], 3: [3, 3, 1, 2]})
    {2: [2, 1], 3: [1, 2, 3]}
    """
    matrix, order = matrix_of(X), {}
    before: tuple[list[Any], IntArray] | None = None
    for k in sorted(solutions):
        names, own = np.unique(np.asarray(solutions[k]), return_inverse=True)
        size = np.array([matrix[own == s].mean(axis=0).sum() for s in range(len(names))])
        places = size if before is None else _places(contingency(before[1], own)[0])
        ranked = np.lexsort((size, places))
        order[k] = [names[s].item() for s in ranked]
        before = order[k], np.argsort(ranked)[own]
    return order


def _places(shared: IntArray) -> npt.NDArray[np.floating[Any]]:
    """Place of each new segment; the old ones stand in order, from 0."""
    places = shared.argmax(axis=0) + 0.5
    old, new = linear_sum_assignment(shared, maximize=True)
    places[new] = old
    return places


def common_rows(solutions: Sequence[npt.ArrayLike]) -> npt.NDArray[np.bool_]:
    """Rows that every solution gives a segment (a number above 0).

    Examples
    --------
    >>> common_rows([[1, 0, 2], [1, 1, 1]]).tolist()
    [True, False, True]
    """
    return np.logical_and.reduce([np.asarray(labels) > 0 for labels in solutions])
