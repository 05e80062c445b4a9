"""What the accounts of each segment are like, variable by variable."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from seglib.collection.account_table import AccountTable
from seglib.intervals import Floats, holm, wilson
from seglib.profiling.association import association, grouped_levels, numeric
from seglib.profiling.intervals import generator, mean_interval
from seglib.profiling.members import Members, members, numbers

MIN_ACCOUNTS = 8
"""Accounts with a value that a segment must have before anything is claimed of it."""

LEVELS = 8
"""Levels of a category that the profile shows; rarer ones go together."""

_NO_PROFILE = ("id", "date")


def profiled_variables(accounts: AccountTable) -> list[str]:
    """Names of the variables that a profile is made of: bases, descriptors and outcomes."""
    return [
        name
        for name, info in accounts.columns.items()
        if info.role in ("base", "descriptor", "outcome")
        and info.kind not in _NO_PROFILE
        and name in accounts.frame
        and name != "status"
    ]


def profile(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    variables: Sequence[str] | None = None,
    *,
    seed: int,
) -> pd.DataFrame:
    """Compare each segment with all accounts, variable by variable.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``; accounts without a segment (0) count among all accounts.
    variables
        Names; :func:`profiled_variables` when not given.
    seed
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row per segment × variable, for a category per segment × level:
        ``segment``, ``variable``, ``level``, ``label``, ``kind``, ``unit``, ``family``, ``role``,
        ``n`` (accounts with a value), ``mean`` (of a flag or level: the share) with its 95 %
        interval ``low`` to ``high``, ``median``, ``q25``, ``q75``, ``zeros`` (share), ``overall``
        and ``overall_median`` (all accounts), ``standardised`` (difference from all accounts'
        mean in their standard deviations, of log(1 + value) where ``scale`` is ``log``),
        ``strength`` (rank-biserial correlation of the segment against the rest, −1 to 1; of a
        flag or level the difference in shares), ``p`` and ``p_holm`` (rank-sum test, Fisher's
        exact test for thin shares; Holm over all rows), ``effect`` (of the variable over all
        segments, V or ε²), ``marker`` and ``distinct``.

    Raises
    ------
    StudyError
        For names that the table does not have.

    Notes
    -----
    *Marker variable* (Dolnicar, Grün and Leisch 2018): a flag or level whose share is .25 away
    from all accounts' share, or half of it; a metric variable whose overall median lies outside
    the segment's quartiles.

    *Distinct* is what may be said in a sentence: at least 8 accounts, adjusted p under .05, the
    overall mean outside the mean's interval, and ranks and mean on the same side. For a
    segmentation variable p only shows that the difference is not small: the segments were formed
    to differ in it.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": [str(i) for i in range(40)],
    ...                       "employees": np.arange(40.0)})
    >>> from seglib.schema import ColumnInfo
    >>> info = ColumnInfo(name="employees", role="descriptor", kind="number", label="Employees",
    ...                   definition="Number of employees", unit="people")
    >>> given = pd.DataFrame({"account_id": frame["account_id"], "segment": [1] * 20 + [2] * 20})
    >>> found = profile(AccountTable(frame, {"employees": info}), given, seed=1)
    >>> found[["segment", "mean", "overall", "marker", "distinct"]]
       segment  mean  overall  marker  distinct
    0        1   9.5     19.5    True      True
    1        2  29.5     19.5    True      True
    """
    names = list(variables) if variables is not None else profiled_variables(accounts)
    accounts.require(names)
    placed = members(accounts, assignments)
    rows = [row for name in names for row in _variable_rows(accounts, placed, name, seed)]
    found = pd.DataFrame(rows, columns=list(_EMPTY))
    found = found.astype({name: kind for name, kind in _EMPTY.items() if kind != "bool"})
    found["p_holm"] = holm(found["p"])
    found["marker"] = _markers(found)
    found["distinct"] = _distinct(found)
    return found


_EMPTY = {
    "segment": "int64", "variable": "str", "level": "str", "label": "str", "kind": "str",
    "unit": "str", "family": "str", "role": "str", "scale": "str", "n": "int64",
    "mean": "float64", "low": "float64", "high": "float64", "median": "float64",
    "q25": "float64", "q75": "float64", "zeros": "float64", "overall": "float64",
    "overall_median": "float64", "standardised": "float64", "strength": "float64",
    "p": "float64", "p_holm": "float64", "effect": "float64", "marker": "bool", "distinct": "bool",
}  # fmt: skip


def _variable_rows(
    accounts: AccountTable, placed: Members, name: str, seed: int
) -> Iterator[dict[str, Any]]:
    info = accounts.columns[name]
    values = placed.frame[name]
    found = association(values, placed.segment, info.kind, generator(seed, name))
    words = {
        "variable": name, "label": info.label, "kind": info.kind, "unit": info.unit,
        "family": info.family or "", "role": info.role, "effect": found.effect,
    }  # fmt: skip
    if info.kind == "category":
        levels = grouped_levels(values, LEVELS)
        for level in levels.value_counts().sort_index().index:
            share = (levels == level).astype("float64").where(levels.notna())
            for row in _segment_rows(share.to_numpy(), placed.segment, seed, f"{name}={level}"):
                yield {**words, **row, "level": str(level), "scale": "share"}
        return
    plain = numeric(values).to_numpy()
    scale = "share" if info.kind == "flag" else "log" if skewed(plain) else "as is"
    for row in _segment_rows(plain, placed.segment, seed, name, scale):
        yield {**words, **row, "level": "", "scale": scale}


def skewed(values: Floats) -> bool:
    """Say whether a variable is so skewed that its logarithm is compared (skewness over 2).

    Examples
    --------
    >>> skewed(np.exp(np.linspace(0, 9, 50))), skewed(np.arange(50.0))
    (True, False)
    """
    known = values[~np.isnan(values)]
    if len(known) < 3 or known.min() < 0 or known.std() == 0:
        return False
    return bool(stats.skew(known) > 2)


def _segment_rows(
    values: Floats, segment: NDArray[np.int64], seed: int, key: str, scale: str = "share"
) -> Iterator[dict[str, Any]]:
    known = ~np.isnan(values)
    if not known.any():
        return
    values, segment_known = values[known], segment[known]
    compared = np.log1p(values) if scale == "log" else values
    deviation = compared.std(ddof=1) if len(compared) > 1 else 0.0
    ranks = stats.rankdata(values)
    overall = {"overall": values.mean(), "overall_median": np.median(values)}
    for number in numbers(segment):
        inside = segment_known == number
        part = values[inside]
        if len(part) == 0:
            continue
        share = scale == "share"
        low, high = _interval(part, share, generator(seed, key, number))
        gap = compared[inside].mean() - compared.mean()
        q25, median, q75 = np.quantile(part, [0.25, 0.5, 0.75])
        strength, p = _against_rest(values, ranks, inside, share)
        yield {
            "segment": number, "n": len(part), "mean": part.mean(), "low": low, "high": high,
            "median": median, "q25": q25, "q75": q75, "zeros": (part == 0).mean(), **overall,
            "standardised": gap / deviation if deviation > 0 else 0.0,
            "strength": strength, "p": p,
        }  # fmt: skip


def _interval(part: Floats, share: bool, rng: np.random.Generator) -> tuple[float, float]:
    if share:
        low, high = wilson(part.sum(), len(part))
        return float(low), float(high)
    return mean_interval(part, rng)


def _against_rest(
    values: Floats, ranks: Floats, inside: NDArray[np.bool_], share: bool
) -> tuple[float, float]:
    """Rank-biserial correlation of a segment against the rest, and the two-sided p-value."""
    n, n1 = len(ranks), int(inside.sum())
    n2 = n - n1
    if n1 == 0 or n2 == 0:
        return float("nan"), float("nan")
    mean_inside = ranks[inside].mean()
    strength = 2 * (mean_inside - (n + 1) / 2) / n2
    variance = n1 * n2 * ranks.var(ddof=1) / n
    if variance <= 0:
        return 0.0, float("nan")
    if share and _thin(values, n1, n2):
        hits, others = int(values[inside].sum()), int(values[~inside].sum())
        exact = stats.fisher_exact([[hits, n1 - hits], [others, n2 - others]])
        return float(strength), float(exact.pvalue)
    z = n1 * (mean_inside - (n + 1) / 2) / variance**0.5
    return float(strength), float(2 * stats.norm.sf(abs(z)))


def _thin(values: Floats, n1: int, n2: int) -> bool:
    share = values.mean()
    return min(n1, n2) * min(share, 1 - share) < 5


def _markers(rows: pd.DataFrame) -> pd.Series:
    gap = (rows["mean"] - rows["overall"]).abs()
    relative = gap / rows["overall"].where(rows["overall"] > 0)
    outside = (rows["overall_median"] < rows["q25"]) | (rows["overall_median"] > rows["q75"])
    return outside.where(rows["scale"] != "share", (gap >= 0.25) | (relative >= 0.5))


def _distinct(rows: pd.DataFrame) -> pd.Series:
    gap = rows["mean"] - rows["overall"]
    outside = (rows["overall"] < rows["low"]) | (rows["overall"] > rows["high"])
    same_side = np.sign(gap) == np.sign(rows["strength"])
    return (rows["n"] >= MIN_ACCOUNTS) & (rows["p_holm"] < 0.05) & outside & same_side
