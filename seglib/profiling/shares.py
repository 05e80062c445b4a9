"""Shares by segment: how many of a segment's rows have each level, and whether segments differ."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.intervals import holm, wilson
from seglib.profiling.association import association
from seglib.profiling.intervals import generator
from seglib.profiling.members import numbers


def shares_by_segment(
    flags: pd.DataFrame, segment: NDArray[np.int64], by: str, count: str, *, seed: int
) -> pd.DataFrame:
    """Compare the segments in each of several yes-or-no columns.

    Parameters
    ----------
    flags
        Rows × levels, true or false.
    segment
        Segment of each row; 0 is left out.
    by, count
        Names of the columns that hold the level and the count.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row per segment × level: the count, ``of`` (rows of the segment), ``share`` with its
        Wilson interval ``low`` to ``high``, ``overall`` and ``p_holm`` (χ² over the segments, Holm
        over the levels).

    Examples
    --------
    >>> flags = pd.DataFrame({"yes": [True, True, False, False]})
    >>> found = shares_by_segment(flags, np.array([1, 1, 1, 2]), "answer", "rows", seed=1)
    >>> found[["segment", "answer", "rows", "of", "overall"]]
       segment answer  rows  of  overall
    0        1    yes     2   3      0.5
    1        2    yes     0   1      0.5
    """
    columns = ["segment", by, count, "of", "share", "low", "high", "overall"]
    rows, tests = [], {}
    for level in flags.columns:
        flag = flags[level].to_numpy(dtype=np.bool_)
        tests[level] = association(pd.Series(flag), segment, "flag", generator(seed, str(level))).p
        for number in numbers(segment):
            own = flag[segment == number]
            low, high = wilson(own.sum(), len(own))
            bounds = (float(low), float(high), float(flag[segment > 0].mean()))
            rows.append((number, level, int(own.sum()), len(own), own.mean(), *bounds))
    found = pd.DataFrame(rows, columns=columns)
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    found["p_holm"] = found[by].map(adjusted).astype("float64")
    return found.sort_values(["segment", by], ignore_index=True)
