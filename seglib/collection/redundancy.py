"""Redundant variables: pairs that would count one thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from seglib.collection.account_table import AccountTable

_SAME_ORDER = 0.95
_ASSOCIATED = 0.9
_WORTH_A_LOOK = 0.9
_MOST_ROWS = 10_000
_COLUMNS = ["variable", "other", "kind", "strength", "words"]


def redundant_pairs(accounts: AccountTable, names: Sequence[str] | None = None) -> pd.DataFrame:
    """Find pairs of variables of which one tells the other.

    Parameters
    ----------
    accounts
        The account table.
    names
        Variables to look at; all but identifiers when not given.

    Returns
    -------
    pandas.DataFrame
        ``variable``, ``other``, ``kind`` (exact multiple, same order, one-to-one, determines,
        associated), ``strength`` (Spearman's ρ, or Cramér's V) and the finding in words. Two
        numbers are redundant from \\|ρ\\| = .95 on; two categories when a level of one tells the
        level of the other in every account, or from a bias-corrected Cramér's V of .9 on
        (Bergsma 2013).
    """
    chosen = (
        list(names)
        if names is not None
        else [n for n, info in accounts.columns.items() if info.role != "id" and n != "status"]
    )
    numbers = [n for n in chosen if accounts.columns[n].kind in ("number", "count", "share")]
    texts = [n for n in chosen if accounts.columns[n].kind == "category"]
    alike = _alike(accounts.frame[numbers])
    rows = [row for pair in alike if (row := _numbers(accounts, *pair))]
    rows += [row for pair in combinations(texts, 2) if (row := _categories(accounts, *pair))]
    return pd.DataFrame(rows, columns=_COLUMNS)


def _alike(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of columns worth a closer look: above some rows, every so many tell."""
    some = frame.iloc[:: max(1, len(frame) // _MOST_ROWS)]
    rho = some.corr(method="spearman").abs()
    near = np.argwhere(np.triu(rho.to_numpy() >= _WORTH_A_LOOK, k=1))
    names = list(frame.columns)
    return [(names[a], names[b]) for a, b in near]


def _numbers(accounts: AccountTable, left: str, right: str) -> tuple | None:
    both = accounts.frame[[left, right]].dropna()
    if len(both) < 3 or both.nunique().min() < 3:
        return None
    rho = float(both[left].corr(both[right], method="spearman"))
    if abs(rho) < _SAME_ORDER:
        return None
    first, second = accounts.label(left), accounts.label(right)
    factor = _multiple(both[left].to_numpy(), both[right].to_numpy())
    if factor is not None:
        words = f"'{second}' is always {factor:.4g} × '{first}'"
        return left, right, "exact multiple", 1.0, words
    words = f"'{first}' and '{second}' order the accounts almost alike (ρ = {rho:.2f})"
    return left, right, "same order", rho, words


def _multiple(x: np.ndarray, y: np.ndarray) -> float | None:
    nonzero = x != 0
    if not nonzero.any() or (y[~nonzero] != 0).any():
        return None
    ratio = y[nonzero] / x[nonzero]
    return float(ratio[0]) if np.allclose(ratio, ratio[0], rtol=1e-9) else None


def _categories(accounts: AccountTable, left: str, right: str) -> tuple | None:
    both = accounts.frame[[left, right]].dropna()
    if both.empty or both.nunique().min() < 2:
        return None
    tells = both.groupby(left)[right].nunique().max() == 1
    told = both.groupby(right)[left].nunique().max() == 1
    first, second = accounts.label(left), accounts.label(right)
    if not (tells or told) or (not (tells and told) and len(both) < 5 * both.nunique().max()):
        strength = cramers_v(both[left], both[right])
        if strength < _ASSOCIATED:
            return None
        words = f"'{first}' and '{second}' almost tell one another (V = {strength:.2f})"
        return left, right, "associated", strength, words
    if tells and told:
        return left, right, "one-to-one", 1.0, f"'{first}' and '{second}' are one-to-one"
    fine, coarse = (first, second) if tells else (second, first)
    return left, right, "determines", 1.0, f"'{fine}' determines '{coarse}'"


def cramers_v(one: pd.Series, other: pd.Series) -> float:
    """Association of two categories, bias-corrected Cramér's V (Bergsma 2013).

    Parameters
    ----------
    one, other
        Values of the same rows; rows in which either is missing are left out.

    Returns
    -------
    float
        0 (none) to 1; 0 where a variable has fewer than two levels.

    Examples
    --------
    >>> letters = pd.Series(list("abab") * 10)
    >>> cramers_v(letters, letters.str.upper()), cramers_v(letters, pd.Series(list("aabb") * 10))
    (1.0, 0.0)
    """
    return corrected_v(pd.crosstab(one, other).to_numpy(dtype=float))[0]


def corrected_v(counts: np.ndarray) -> tuple[float, float]:
    """Bias-corrected Cramér's V of a table of counts without empty rows and columns, and its χ².

    Parameters
    ----------
    counts
        Levels of one category × levels of the other.

    Examples
    --------
    >>> corrected_v(np.array([[5.0, 0], [0, 5]]))
    (1.0, 10.0)
    """
    n, (rows, columns) = counts.sum(), counts.shape
    if min(rows, columns) < 2 or n < 2:
        return 0.0, 0.0
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / n
    statistic = ((counts - expected) ** 2 / expected).sum()
    phi = statistic / n
    phi = max(0.0, phi - (rows - 1) * (columns - 1) / (n - 1))
    least = min(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1)) - 1
    v = float(np.sqrt(min(phi / least, 1.0))) if least > 0 else 0.0
    return round(v, 12), float(statistic)
