"""Bring accounts (or facts about them) together with their segments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.collection.account_table import AccountTable
from seglib.errors import DataError

NO_SEGMENT = 0
"""Number of the accounts that no segment was found for (noise)."""


class Members(NamedTuple):
    """Accounts that were assigned, in the order of the account table.

    ``segment`` and ``confidence`` have one value for each row of ``frame``.
    """

    frame: pd.DataFrame
    segment: NDArray[np.int64]
    confidence: NDArray[np.float64]


def members(accounts: AccountTable, assignments: pd.DataFrame) -> Members:
    """Return the assigned accounts with their segments.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id``, ``segment`` (0: no segment) and, where known, ``confidence`` (0 to 1).

    Raises
    ------
    DataError
        When an account stands twice, is not in the account table, or has no segment number.

    Examples
    --------
    >>> table = AccountTable(pd.DataFrame({"account_id": ["a", "b", "c"]}), {})
    >>> given = pd.DataFrame({"account_id": ["c", "a"], "segment": [2, 1]})
    >>> members(table, given).segment.tolist()
    [1, 2]
    """
    _check(accounts, assignments)
    keyed = assignments.set_index("account_id")
    frame = accounts.frame[accounts.frame["account_id"].isin(keyed.index)].reset_index(drop=True)
    placed = keyed.loc[frame["account_id"]]
    segment = placed["segment"].to_numpy(dtype=np.int64)
    confidence = (
        placed["confidence"].to_numpy(dtype=np.float64)
        if "confidence" in placed
        else np.full(len(frame), np.nan)
    )
    return Members(frame, segment, confidence)


def _check(accounts: AccountTable, assignments: pd.DataFrame) -> None:
    ids = assignments["account_id"]
    strangers = int((~ids.isin(accounts.frame["account_id"])).sum())
    found = {
        "account(s) stand twice in the assignments": int(ids.duplicated().sum()),
        "account(s) stand twice in the account table": int(
            accounts.frame["account_id"].duplicated().sum()
        ),
        "assigned account(s) are not in the account table": strangers,
        "assigned account(s) have no segment number": int(assignments["segment"].isna().sum()),
    }
    problems = [f"{count:,} {what}." for what, count in found.items() if count]
    if problems:
        raise DataError(problems, where="assignments")


def numbers(segment: NDArray[np.int64]) -> list[int]:
    """Return the segments' numbers in order, without 'no segment'.

    Examples
    --------
    >>> numbers(np.array([2, 0, 1, 2]))
    [1, 2]
    """
    return [int(s) for s in np.unique(segment) if s != NO_SEGMENT]


def segment_counts(assignments: pd.DataFrame) -> pd.Series:
    """Count the accounts of each segment, without 'no segment', in order."""
    placed = assignments.loc[assignments["segment"] != NO_SEGMENT, "segment"]
    return placed.value_counts().sort_index()


def facts_of(
    facts: Mapping[str, pd.DataFrame],
    name: str,
    assignments: pd.DataFrame,
    columns: tuple[str, ...] = (),
) -> pd.DataFrame | None:
    """Return a table of facts with the segment of each row's account.

    Parameters
    ----------
    facts
        Tables by name.
    name
        The table.
    assignments
        ``account_id`` and ``segment``.
    columns
        Columns without which the table is of no use.

    Returns
    -------
    DataFrame or None
        None when the table or one of the columns is absent, or when no row belongs to a segment.

    Examples
    --------
    >>> given = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 0]})
    >>> facts = {"links": pd.DataFrame({"account_id": ["a", "b", "x"], "share": [1.0, 0.4, 0.2]})}
    >>> facts_of(facts, "links", given)
      account_id  share  segment
    0          a    1.0        1
    >>> facts_of(facts, "orders", given) is None
    True
    """
    if name not in facts or not {"account_id", *columns} <= set(facts[name].columns):
        return None
    placed = assignments.loc[assignments["segment"] != NO_SEGMENT, ["account_id", "segment"]]
    table = facts[name].drop(columns="segment", errors="ignore")
    joined = table.merge(placed, on="account_id", how="inner")
    return joined if len(joined) else None
