"""How much of the value hangs on how few accounts: ABC classes, Lorenz curve, Gini coefficient."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.collection.account_table import AccountTable
from seglib.intervals import Floats
from seglib.profiling.association import numeric
from seglib.profiling.intervals import generator
from seglib.profiling.members import members, numbers
from seglib.profiling.profile import MIN_ACCOUNTS
from seglib.profiling.size import value_variable

CLASSES = {"A": 0.8, "B": 0.95, "C": 1.0}
"""Share of the value at which each class ends, the largest accounts first."""

_COLUMNS = [
    "segment", "accounts", "gini", "low", "high", "top_fifth", "A", "B", "C", "value_of_A",
    "below_zero",
]  # fmt: skip


def lorenz_curve(values: Floats) -> tuple[Floats, Floats]:
    """Return the curve of the value's share over the share of accounts, the smallest first.

    Parameters
    ----------
    values
        Not negative, without missing values.

    Returns
    -------
    tuple of ndarray
        Share of the accounts and of the value, both from 0 to 1; empty without any value.

    Examples
    --------
    >>> [side.round(2).tolist() for side in lorenz_curve(np.array([3.0, 1.0]))]
    [[0.0, 0.5, 1.0], [0.0, 0.25, 1.0]]
    """
    if not len(values) or values.sum() <= 0:
        return np.array([]), np.array([])
    heaped = np.concatenate([[0.0], np.cumsum(np.sort(values))])
    return np.linspace(0, 1, len(heaped)), heaped / heaped[-1]


def gini(values: Floats) -> float:
    """Return the Gini coefficient: 0 where all are equal, near 1 where one has everything.

    Parameters
    ----------
    values
        Not negative, without missing values.

    Notes
    -----
    Twice the area between the Lorenz curve and the diagonal, times n/(n−1), so that small groups
    are not called more equal than large ones. NaN under two accounts or without any value.

    Examples
    --------
    >>> gini(np.array([1.0, 1.0])), gini(np.array([0.0, 5.0]))
    (0.0, 1.0)
    """
    return _gini_of(np.sort(values))


def _gini_of(ordered: Floats) -> float:
    n = len(ordered)
    if n < 2 or ordered.sum() <= 0:
        return float("nan")
    weight = 2 * np.arange(1, n + 1) - n - 1
    return float((weight * ordered).sum() / ((n - 1) * ordered.sum()))


def abc_classes(values: Floats) -> NDArray[np.str_]:
    """Put accounts into classes: A brings the first 80 % of the value, B the next 15 %, C the rest.

    Parameters
    ----------
    values
        Not negative, without missing values.

    Returns
    -------
    ndarray of str
        The account at which a class reaches its mark still belongs to it; accounts of equal value
        stand in the order in which they were given. Accounts without value are C.

    Examples
    --------
    >>> abc_classes(np.array([70.0, 15.0, 10.0, 5.0, 0.0])).tolist()
    ['A', 'A', 'B', 'C', 'C']
    """
    order = np.argsort(-values, kind="stable")
    heaped = np.cumsum(values[order])
    before = np.concatenate([[0.0], heaped[:-1]]) if len(values) else heaped
    share = np.round(before / heaped[-1], 12) if len(values) and heaped[-1] > 0 else before + 1
    found = np.full(len(values), "C")
    reached = np.where(share < CLASSES["A"], "A", np.where(share < CLASSES["B"], "B", "C"))
    found[order] = np.where(values[order] > 0, reached, "C")
    return found


def concentration_by_segment(
    accounts: AccountTable, assignments: pd.DataFrame, *, value: str | None = None, seed: int
) -> pd.DataFrame:
    """Say how concentrated the value is, over all accounts and within each segment.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``.
    value
        Variable that says what an account is worth;
        :func:`~seglib.profiling.size.value_variable` when not given.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        First all accounts (``segment`` −1), then one row a segment: ``accounts`` (with a value),
        ``gini`` with its 95 % bootstrap interval ``low`` to ``high`` (NaN under 8 accounts),
        ``top_fifth`` (share of the value that the largest 20 % bring), ``A``, ``B``, ``C`` (share
        of the accounts in each class; the classes are those of all accounts), ``value_of_A``
        (share of the value from class A) and ``below_zero`` (accounts whose negative value counts
        as none). Empty where there is no value.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": list("abcd"), "revenue": [72.0, 8.0, 10.0, 0.0]})
    >>> given = pd.DataFrame({"account_id": list("abcd"), "segment": [1, 1, 2, 2]})
    >>> found = concentration_by_segment(AccountTable(frame, {}), given, seed=1)
    >>> found[["segment", "accounts", "A", "B", "C", "top_fifth"]]
       segment  accounts     A    B     C  top_fifth
    0       -1         4  0.25  0.5  0.25        0.8
    1        1         2  0.50  0.5  0.00        0.9
    2        2         2  0.00  0.5  0.50        1.0
    """
    placed = members(accounts, assignments)
    name = value or value_variable(accounts)
    if name is None or name not in placed.frame:
        return pd.DataFrame(columns=_COLUMNS)
    values = numeric(placed.frame[name]).to_numpy()
    known = ~np.isnan(values)
    whole, segment = values[known], placed.segment[known]
    positive = np.maximum(whole, 0.0)
    if positive.sum() <= 0:
        return pd.DataFrame(columns=_COLUMNS)
    classes = abc_classes(positive)
    rows = []
    for number in [-1, *numbers(segment)]:
        inside = (segment == number) | (number == -1)
        rng = generator(seed, "gini", number)
        below = int((whole[inside] < 0).sum())
        rows.append((number, *_one(positive[inside], classes[inside], rng), below))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _one(values: Floats, classes: NDArray[np.str_], rng: np.random.Generator) -> tuple[float, ...]:
    n, total = len(values), values.sum()
    low, high = _gini_interval(values, rng) if n >= MIN_ACCOUNTS else (np.nan, np.nan)
    largest = np.sort(values)[::-1][: int(np.ceil(round(0.2 * n, 9)))]
    shares = [(classes == name).mean() for name in CLASSES]
    top, of_a = (
        (largest.sum() / total, values[classes == "A"].sum() / total)
        if total > 0
        else (np.nan, np.nan)
    )
    return n, gini(values), low, high, top, *shares, of_a


def _gini_interval(values: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Percentile bootstrap over accounts; draws are counts on the sorted values."""
    if values.sum() <= 0:
        return float("nan"), float("nan")
    ordered, n = np.sort(values), len(values)
    found = []
    for _ in range(1000 if n <= 10_000 else 200):
        drawn = np.repeat(ordered, np.bincount(rng.integers(n, size=n), minlength=n))
        found.append(_gini_of(drawn))
    low, high = np.nanquantile(found, [0.025, 0.975])
    return float(low), float(high)
