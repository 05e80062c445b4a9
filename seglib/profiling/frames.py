"""Two small turns of a frame that several tables need, with plain types."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as mappings from column to value.

    Examples
    --------
    >>> records(pd.DataFrame({"a": [1, 2]}))
    [{'a': 1}, {'a': 2}]
    """
    return [{str(key): value for key, value in row.items()} for row in frame.to_dict("records")]


def lengthened(wide: pd.DataFrame, value: str) -> pd.DataFrame:
    """Turn columns into rows: one row per index entry × column.

    Parameters
    ----------
    wide
        With named index levels and named columns.
    value
        Name of the new column of values.

    Examples
    --------
    >>> wide = pd.DataFrame({"x": [1], "y": [2]}, index=pd.Index(["a"], name="row"))
    >>> lengthened(wide.rename_axis(columns="column"), "n")
      row column  n
    0   a      x  1
    1   a      y  2
    """
    stacked = cast("pd.Series[Any]", wide.stack(future_stack=True))
    return stacked.rename(value).reset_index()
