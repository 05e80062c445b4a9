"""Redundant variables: pairs that would count one thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from seglib.collection import AccountTable

_SAME_ORDER = 0.95
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
        ``variable``, ``other``, ``kind`` (exact multiple, same order, one-to-one, determines),
        ``strength`` (Spearman's ρ, or Cramér's V) and the finding in words. Two numbers are
        redundant from \\|ρ\\| = .95 on, two categories when a level of one tells the level of the
        other in every account.
    """
    chosen = (
        list(names)
        if names is not None
        else [n for n, info in accounts.columns.items() if info.role != "id" and n != "status"]
    )
    numbers = [n for n in chosen if accounts.columns[n].kind in ("number", "count", "share")]
    texts = [n for n in chosen if accounts.columns[n].kind == "category"]
    rows = [row for pair in combinations(numbers, 2) if (row := _numbers(accounts, *pair))]
    rows += [row for pair in combinations(texts, 2) if (row := _categories(accounts, *pair))]
    return pd.DataFrame(rows, columns=_COLUMNS)


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
    if not (tells or told) or (not (tells and told) and len(both) < 5 * both.nunique().max()):
        return None
    first, second = accounts.label(left), accounts.label(right)
    if tells and told:
        return left, right, "one-to-one", 1.0, f"'{first}' and '{second}' are one-to-one"
    fine, coarse = (first, second) if tells else (second, first)
    return left, right, "determines", 1.0, f"'{fine}' determines '{coarse}'"


def without_redundant(names: Sequence[str], pairs: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Drop the second variable of each redundant pair.

    Returns
    -------
    tuple of list and list
        What is kept, and what is left out.
    """
    kept = list(names)
    for row in pairs.itertuples():
        if row.variable in kept and row.other in kept:
            kept.remove(str(row.other))
    return kept, [name for name in names if name not in kept]
