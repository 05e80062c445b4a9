"""Redundant variables: pairs that would count one thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.collection.account_table import AccountTable

_SAME_ORDER = 0.95
_ASSOCIATED = 0.9
_WORTH_A_LOOK = 0.9
_MOST_ROWS = 10_000
_MOST_CELLS = 10_000_000  # so many levels against so many say nothing of one another
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
    codes = {name: pd.factorize(accounts.frame[name])[0].astype(np.int64) for name in texts}
    for left, right in combinations(texts, 2):
        labels = accounts.label(left), accounts.label(right)
        if found := _categories(codes[left], codes[right], *labels):
            rows.append((left, right, *found))
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


def _categories(
    left: NDArray[np.int64], right: NDArray[np.int64], first: str, second: str
) -> tuple[str, float, str] | None:
    """Kind, strength and words for the codes of two categories, -1 where there is none."""
    known = (left >= 0) & (right >= 0)
    here, there = (np.unique(c[known], return_inverse=True)[1] for c in (left, right))
    if not len(here) or min(here.max(), there.max()) < 1:
        return None
    sizes = int(here.max()) + 1, int(there.max()) + 1
    pairs, counts = np.unique(here * sizes[1] + there, return_counts=True)
    tells, told = len(pairs) == sizes[0], len(pairs) == sizes[1]
    if not (tells or told) or (not (tells and told) and len(here) < 5 * max(sizes)):
        if sizes[0] * sizes[1] > _MOST_CELLS:
            return None
        table = np.zeros(sizes)
        table.flat[pairs] = counts
        strength = corrected_v(table)[0]
        if strength < _ASSOCIATED:
            return None
        words = f"'{first}' and '{second}' almost tell one another (V = {strength:.2f})"
        return "associated", strength, words
    if tells and told:
        return "one-to-one", 1.0, f"'{first}' and '{second}' are one-to-one"
    fine, coarse = (first, second) if tells else (second, first)
    return "determines", 1.0, f"'{fine}' determines '{coarse}'"


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
