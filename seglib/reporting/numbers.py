"""All numbers that a run's artifacts hold, to look one up as it was rounded."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.run import Run

NUMBER = re.compile(
    r"(?<![\w.,])[-+\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?(?![\w])(?:[ \N{NO-BREAK SPACE}]million)?"
)
"""A number in a sentence."""

_ABOUT_ITSELF = frozenset({"manifest.json", "summary.json", "journal.json"})
_FEW = 200  # different words of a column whose frequencies are counted


@dataclass(frozen=True)
class Written:
    """A number as it is written.

    Attributes
    ----------
    value
        What the digits say, without a sign.
    half
        Half a unit of the last digit: the value behind it is no further away.
    """

    value: float
    half: float


def read_number(text: str) -> Written:
    """Read a number that :data:`NUMBER` found.

    Examples
    --------
    >>> read_number("-1,234.5"), read_number("1.2 million").value
    (Written(value=1234.5, half=0.05), 1200000.0)
    """
    digits = text.split()[0].replace(",", "").lstrip("+-\N{MINUS SIGN}")
    scale = 1e6 if "million" in text else 1.0
    decimals = len(digits.partition(".")[2])
    return Written(float(digits) * scale, 0.5 * 10.0**-decimals * scale)


@dataclass(frozen=True)
class Numbers:
    """Numbers without their signs, sorted."""

    values: NDArray[np.float64]

    def hold(self, text: str) -> bool:
        """Tell whether a number stands here, as it is or as a share of which it is the percent.

        Examples
        --------
        >>> numbers = Numbers(np.array([0.1234, 531.0]))
        >>> [numbers.hold(text) for text in ("12", "12.3", "531", "0.12", "13", "530")]
        [True, True, True, True, False, False]
        """
        written = read_number(text)
        return any(self._between(written, scale) for scale in (1.0, 100.0))

    def _between(self, written: Written, scale: float) -> bool:
        slack = written.half * 1.000001
        low, high = ((written.value + side * slack) / scale for side in (-1, 1))
        first, last = np.searchsorted(self.values, (low, high))
        return bool(last > first)


def numbers_of(run: Run) -> Numbers:
    """Collect the numbers of a run: values, sums and counts, of the whole and by segment.

    Parameters
    ----------
    run
        Its JSON and Parquet artifacts are read; numbers inside texts count too. Of a table of
        accounts only sums and counts are taken: no sentence quotes the value of one account, and
        so many values would vouch for any number.
    """
    segment = _segments(run)
    found = [np.array([len(segment)], dtype=float)]
    for name in run.artifacts():
        if name.endswith(".parquet"):
            table = run.read_table(name)
            if "segment" not in table and "account_id" in table:
                table = table.assign(segment=table["account_id"].map(segment))
            found.extend(np.asarray(list(part), dtype=float) for part in _of_table(table))
        elif name.endswith(".json") and name not in _ABOUT_ITSELF:
            found.append(np.array(list(_of_json(run.read_json(name))), dtype=float))
    together = np.concatenate(found) if found else np.array([])
    return Numbers(np.unique(np.abs(together[np.isfinite(together)])))


def _segments(run: Run) -> dict[Any, Any]:
    """Segment of each account that has one: a customer's own, a prospect's as it was placed."""
    found: dict[Any, Any] = {}
    for name in ("placements.parquet", "assignments.parquet"):
        if run.has(name):
            table = run.read_table(name)
            found.update(zip(table["account_id"], table["segment"], strict=True))
    return found


def _of_table(table: pd.DataFrame) -> Iterator[Iterable[float]]:
    yield [len(table)]
    groups = (
        [table, *(part for _, part in table.groupby("segment"))] if "segment" in table else [table]
    )
    for part in groups:
        yield [len(part)]
        yield part.count()
        yield part.select_dtypes(["number", "bool"]).sum()
    for name in table.columns:
        column = table[name].dropna()
        if pd.api.types.is_numeric_dtype(column):
            yield [] if "account_id" in table else column.astype(float).unique()
            continue
        words = column[column.map(lambda value: isinstance(value, str))]
        if 0 < words.nunique() <= _FEW:
            yield words.value_counts()
            yield [words.nunique()]
            yield (n for word in words.unique() for n in _in_text(word))


def _of_json(content: Any) -> Iterator[float]:
    if isinstance(content, dict):
        for value in content.values():
            yield from _of_json(value)
    elif isinstance(content, list):
        yield float(len(content))
        for value in content:
            yield from _of_json(value)
    elif isinstance(content, str):
        yield from _in_text(content)
    elif isinstance(content, int | float):
        yield float(content)


def _in_text(text: str) -> Iterator[float]:
    return (read_number(number[0]).value for number in NUMBER.finditer(text))
