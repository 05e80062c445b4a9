"""What the numerical core accepts, and the sentences for what it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.errors import DataError, StudyError

FloatArray = npt.NDArray[np.floating[Any]]
Table = npt.ArrayLike | pd.DataFrame


def matrix_of(X: Table, *, least_rows: int = 2) -> FloatArray:
    """Read a table of numbers as a float matrix, or say all that is wrong with it.

    Parameters
    ----------
    X
        Rows × variables, numeric, nothing missing or infinite.
    least_rows
        Rows that the caller needs.

    Raises
    ------
    DataError
        Where it is not such a table; names the columns.

    Examples
    --------
    >>> matrix_of(pd.DataFrame({"a": [1, 2], "b": [0.5, 0.25]}))
    array([[1.  , 0.5 ],
           [2.  , 0.25]])
    """
    frame = X if isinstance(X, pd.DataFrame) else pd.DataFrame(np.asarray(X))
    texts = [str(c) for c in frame if not pd.api.types.is_numeric_dtype(frame[c].dtype)]
    if texts:
        raise DataError(f"Not numbers: {', '.join(texts)}. Encode or leave out such columns.")
    matrix = np.ascontiguousarray(frame.to_numpy(dtype=float, na_value=np.nan))
    holes = np.flatnonzero(~np.isfinite(matrix).all(axis=0))
    problems = []
    if holes.size:
        names = ", ".join(str(c) for c in frame.columns[holes])
        problems.append(f"Missing or infinite values in: {names}. Fill them or leave them out.")
    if len(matrix) < least_rows:
        problems.append(f"{least_rows} rows are needed, the table has {len(matrix)}.")
    if not matrix.shape[1]:
        problems.append("The table has no columns.")
    if problems:
        raise DataError(problems)
    return matrix


def names_of(X: Table, count: int) -> list[str]:
    """Names of the columns; variable 1, variable 2, … where there are none.

    Examples
    --------
    >>> names_of(np.zeros((3, 2)), 2)
    ['variable 1', 'variable 2']
    """
    if isinstance(X, pd.DataFrame):
        return [str(c) for c in X.columns]
    return [f"variable {j + 1}" for j in range(count)]


def segment_counts(ks: Iterable[int], X: FloatArray) -> list[int]:
    """Check the numbers of segments to try, and sort them.

    Raises
    ------
    StudyError
        Where one is below 2, or above the number of different rows.

    Examples
    --------
    >>> segment_counts([3, 2], np.arange(8.0).reshape(4, 2))
    [2, 3]
    """
    counts = sorted({int(k) for k in ks})
    if not counts:
        raise StudyError("No number of segments to try was given.")
    problems = [f"A segmentation has at least 2 segments, got k = {k}." for k in counts if k < 2]
    different = len(np.unique(X, axis=0)) if len(X) < 100 * counts[-1] else counts[-1]
    if different < counts[-1]:
        problems.append(
            f"k = {counts[-1]} segments need as many different rows; there are {different}."
        )
    if problems:
        raise StudyError(problems)
    return counts


def positive(**arguments: int) -> None:
    """Check that counts are at least 1, naming those that are not.

    Examples
    --------
    >>> positive(n_pairs=3)
    """
    wrong = [f"'{name}' must be at least 1, got {v!r}." for name, v in arguments.items() if v < 1]
    if wrong:
        raise StudyError(wrong)
