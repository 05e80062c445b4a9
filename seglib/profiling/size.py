"""How large the segments are and what they are worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.collection.account_table import AccountTable
from seglib.intervals import Floats, wilson
from seglib.profiling.intervals import generator, mean_interval
from seglib.profiling.members import NO_SEGMENT, Members, members

VALUES = ("revenue", "revenue_12m", "subscription_fee")
"""Variables that say what an account is worth, the first that has data counts."""


def value_variable(accounts: AccountTable) -> str | None:
    """Name the variable that says what an account is worth; None where there is none.

    Examples
    --------
    >>> value_variable(AccountTable(pd.DataFrame({"revenue_12m": [1.0, 2.0]}), {}))
    'revenue_12m'
    """
    for name in VALUES:
        if name in accounts.frame and accounts.frame[name].notna().any():
            return name
    return None


def value_label(accounts: AccountTable) -> str:
    """Label of :func:`value_variable`; empty where there is none."""
    name = value_variable(accounts)
    return accounts.label(name) if name else ""


def segment_sizes(
    accounts: AccountTable, assignments: pd.DataFrame, *, value: str | None = None, seed: int
) -> pd.DataFrame:
    """Count the accounts of each segment and what they are worth.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id``, ``segment`` (0: no segment) and ``confidence``.
    value
        Variable that says what an account is worth; :func:`value_variable` when not given.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row a segment, 'no segment' (0) last: ``accounts``, ``share`` with its Wilson interval
        (``share_low``, ``share_high``), ``confidence`` (mean), ``revenue``, ``revenue_per_account``
        with the interval of :func:`~seglib.profiling.intervals.mean_interval`, ``revenue_share``
        and ``value_index`` (revenue per account against all accounts' mean) with percentile
        bootstrap intervals over accounts, ``margin`` and ``margin_share`` (of the revenue). Columns
        that the data cannot fill are NaN.

    Examples
    --------
    >>> table = AccountTable(pd.DataFrame({"account_id": ["a", "b", "c"],
    ...                                    "revenue": [10.0, 20.0, 70.0]}), {})
    >>> given = pd.DataFrame({"account_id": ["a", "b", "c"], "segment": [1, 1, 2]})
    >>> segment_sizes(table, given, seed=1)[["segment", "accounts", "revenue_share"]]
       segment  accounts  revenue_share
    0        1         2            0.3
    1        2         1            0.7
    """
    placed = members(accounts, assignments)
    found = [int(s) for s in np.unique(placed.segment)]
    order = [s for s in found if s != NO_SEGMENT] + [s for s in found if s == NO_SEGMENT]
    rows = pd.DataFrame({"segment": order})
    rows["accounts"] = [int((placed.segment == s).sum()) for s in order]
    rows["share"] = rows["accounts"] / len(placed.frame)
    rows["share_low"], rows["share_high"] = wilson(rows["accounts"], len(placed.frame))
    rows["confidence"] = [_mean(placed.confidence[placed.segment == s]) for s in order]
    name = value or value_variable(accounts)
    worth = _numbers(placed, name)
    _add_value(rows, placed, worth, seed)
    margin = _numbers(placed, "margin")
    rows["margin"] = [_sum(margin[placed.segment == s]) for s in order]
    rows["margin_share"] = rows["margin"] / rows["revenue"].where(rows["revenue"] > 0)
    return rows


def _numbers(placed: Members, name: str | None) -> Floats:
    if name is None or name not in placed.frame:
        return np.full(len(placed.frame), np.nan)
    return placed.frame[name].to_numpy(dtype=np.float64, na_value=np.nan)


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _sum(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.sum()) if len(known) else float("nan")


def _add_value(rows: pd.DataFrame, placed: Members, worth: Floats, seed: int) -> None:
    segments = rows["segment"].tolist()
    parts = [worth[placed.segment == s] for s in segments]
    rows["revenue"] = [_sum(part) for part in parts]
    total, mean = _sum(worth), _mean(worth)
    rows["revenue_share"] = rows["revenue"] / (total if total > 0 else np.nan)
    rows["revenue_per_account"] = [_mean(part) for part in parts]
    bounds = [
        mean_interval(part[~np.isnan(part)], generator(seed, "value", s))
        for part, s in zip(parts, segments, strict=True)
    ]
    rows["revenue_low"], rows["revenue_high"] = zip(*bounds, strict=True)
    rows["value_index"] = rows["revenue_per_account"] / (mean if mean > 0 else np.nan)
    known = ~np.isnan(worth)
    shares, indices = share_draws(
        placed.segment[known], worth[known], segments, generator(seed, "shares")
    )
    for column, drawn in (("revenue_share", shares), ("value_index", indices)):
        low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
        rows[f"{column}_low"], rows[f"{column}_high"] = low, high


def share_draws(
    segment: NDArray[np.int64], values: Floats, segments: list[int], rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Bootstrap accounts: each segment's share of the value, and its mean against all accounts'.

    Parameters
    ----------
    segment, values
        Of each account, without missing values.
    segments
        Numbers that the columns of the draws stand for.
    rng
        Draws accounts with replacement: 1,000 times up to 10,000 accounts, 300 times above.

    Returns
    -------
    tuple of ndarray
        Draws × segments each; one row of NaN where there is nothing to share.
    """
    code = np.searchsorted(sorted(segments), segment)
    columns = [sorted(segments).index(s) for s in segments]
    n, k = len(values), len(segments)
    if n == 0 or values.sum() <= 0:
        nothing = np.full((1, k), np.nan)
        return nothing, nothing
    shares, indices = [], []
    for _ in range(1000 if n <= 10_000 else 300):
        pick = rng.integers(n, size=n)
        sums = np.bincount(code[pick], weights=values[pick], minlength=k)[columns]
        counts = np.bincount(code[pick], minlength=k)[columns]
        total = sums.sum()
        shares.append(sums / total if total > 0 else sums * 0)
        means = np.divide(sums, counts, out=np.zeros(k), where=counts > 0)
        indices.append(means * n / total if total > 0 else means * 0)
    return np.array(shares), np.array(indices)


def concentration(
    accounts: AccountTable, assignments: pd.DataFrame, *, value: str | None = None, top: float = 0.2
) -> float:
    """Return the share of the revenue that the largest accounts bring.

    Parameters
    ----------
    accounts, assignments
        As in :func:`segment_sizes`; all assigned accounts count.
    value
        Variable that says what an account is worth.
    top
        Share of accounts, the largest first (rounded up to whole accounts).

    Returns
    -------
    float
        NaN where there is no revenue.

    Examples
    --------
    >>> table = AccountTable(pd.DataFrame({"account_id": list("abcde"),
    ...                                    "revenue": [60.0, 10.0, 10.0, 10.0, 10.0]}), {})
    >>> given = pd.DataFrame({"account_id": list("abcde"), "segment": 1})
    >>> concentration(table, given)
    0.6
    """
    worth = _numbers(members(accounts, assignments), value or value_variable(accounts))
    known = np.sort(worth[~np.isnan(worth)])[::-1]
    if known.sum() <= 0:
        return float("nan")
    count = int(np.ceil(round(len(known) * top, 9)))
    return float(known[:count].sum() / known.sum())
