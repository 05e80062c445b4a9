"""Sentences about a segment, each computed from the profile and tested there."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.profiling.frames import records
from seglib.profiling.profile import MIN_ACCOUNTS
from seglib.profiling.wording import capital, figure, short, small
from seglib.quotes import percent

SAME = 0.8
"""Spearman correlation from which two variables say the same thing."""

_POINTS = "points"

_UNSAID = frozenset({"ratio", "share", "index", "money"})
"""Units that tell a reader nothing: numbers without one, and money of no known currency."""


def traits(
    profiles: pd.DataFrame,
    accounts: AccountTable,
    segment: int,
    *,
    most: int = 3,
    without: Collection[str] = (),
) -> list[str]:
    """Say what sets a segment apart from all accounts.

    Parameters
    ----------
    profiles
        From :func:`~seglib.profiling.profile.profile`.
    accounts
        The account table, to leave out a variable that repeats one already said.
    segment
        Number of the segment.
    most
        Sentences at most.
    without
        Variables that are said elsewhere.

    Returns
    -------
    list of str
        Strongest first, from *distinct* rows only (see the profile); fewer, or none, where less
        sets the segment apart.

    Examples
    --------
    >>> row = {"segment": 1, "variable": "orders_per_year", "level": "", "label": "Orders per year",
    ...        "kind": "number", "unit": "orders per year", "scale": "log", "distinct": True,
    ...        "strength": 0.8, "mean": 12.0, "overall": 4.0}
    >>> table = AccountTable(pd.DataFrame({"orders_per_year": [1.0, 2.0]}), {})
    >>> traits(pd.DataFrame([row]), table, 1)
    ['3 × the average number of orders per year (12 against 4).']
    """
    rows = profiles[(profiles["segment"] == segment) & profiles["distinct"]]
    rows = rows[~rows["variable"].isin(list(without)) & (rows["level"] != "other levels")]
    order = rows.assign(size=rows["strength"].abs()).sort_values(
        ["size", "variable", "level"], ascending=[False, True, True], kind="stable"
    )
    said: list[str] = []
    chosen: list[str] = []
    for row in records(order):
        sentence = _sentence(row)
        if sentence and not any(repeats(accounts, row["variable"], other) for other in chosen):
            said.append(sentence)
            chosen.append(row["variable"])
        if len(said) == most:
            break
    return said


def repeats(accounts: AccountTable, one: str, other: str) -> bool:
    """Say whether two variables order the accounts so much alike that one of them is enough.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": range(20), "b": [v**3 for v in range(20)], "c": [0, 1] * 10})
    >>> repeats(AccountTable(frame, {}), "a", "b"), repeats(AccountTable(frame, {}), "a", "c")
    (True, False)
    """
    if one == other:
        return True
    pair = accounts.frame[[one, other]]
    if not all(pd.api.types.is_numeric_dtype(pair[name]) for name in (one, other)):
        return False
    ranks = pair.dropna().astype("float64").rank()
    if len(ranks) < MIN_ACCOUNTS or (ranks.nunique() < 2).any():
        return False
    return abs(float(ranks.iloc[:, 0].corr(ranks.iloc[:, 1]))) >= SAME


def _sentence(row: dict[str, Any]) -> str:
    """One sentence; empty where the difference rounds away."""
    mean, overall = float(row["mean"]), float(row["overall"])
    if row["level"]:
        share = f"{percent(mean)} against {percent(overall)}"
        return f"{row['label']} {short(row['level'])}: {share} of the accounts."
    if row["kind"] == "flag":
        return f"{row['label']}: {percent(mean)} against {percent(overall)} of the accounts."
    if row["kind"] == "share":
        return f"{row['label']}: {percent(mean)} against {percent(overall)} on average."
    if row["unit"].startswith(_POINTS) or overall <= 0 or mean < 0:
        unit = f" {row['unit']}" if row["unit"] else ""
        return f"{row['label']}: {mean:,.1f} against {overall:,.1f}{unit} on average."
    ratio = mean / overall
    if abs(ratio - 1) < 0.1:
        return ""
    times = f"{figure(ratio)} ×" if ratio > 1 else f"{percent(ratio)} of"
    counted, unit = _counted(row), _unit(row)
    return capital(
        f"{times} the average {'number of ' if counted else ''}{small(row['label'])} "
        f"({figure(mean)} against {figure(overall)}{unit})."
    )


def _counted(row: dict[str, Any]) -> bool:
    """Say whether the variable counts things, which its label then names: orders, deciders."""
    unit = str(row["unit"])
    return row["kind"] == "count" or unit == "people" or (unit != "" and _named(row))


def _unit(row: dict[str, Any]) -> str:
    """Write the unit behind the figures; none where the label says it or there is none to say."""
    unit = str(row["unit"])
    silent = not unit or unit.split()[0] in _UNSAID or _counted(row)
    return "" if silent else f" {unit}"


def _named(row: dict[str, Any]) -> bool:
    return str(row["unit"]).split()[0].lower() in str(row["label"]).lower().split()
