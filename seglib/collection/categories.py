"""Misspelt categories: a rare level that is nearly a frequent one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from rapidfuzz import fuzz

from seglib.collection.account_table import AccountTable
from seglib.collection.findings import Finding
from seglib.collection.gate import UNKNOWN

_SIMILAR = 85.0
_TIMES_AS_FREQUENT = 8
_RAREST_SHARE = 0.03
_EXAMPLES = 3


def misspelt(values: pd.Series) -> dict[str, str]:
    """Find the levels that are probably a misspelling of a more frequent level.

    Parameters
    ----------
    values
        Text column; missing values are left alone.

    Returns
    -------
    dict of str to str
        Rare level to the level it is taken for. A level is rare below 3 % of the rows, and the
        other must be eight times as frequent and, without regard to case and punctuation, at
        least 85 % similar (normalised indel similarity).

    Examples
    --------
    >>> misspelt(pd.Series(["Chemicals"] * 60 + ["Chemcials", "chemicals ", "Pharma"]))
    {'Chemcials': 'Chemicals', 'chemicals ': 'Chemicals'}
    """
    counts = values.dropna().astype("str").value_counts()
    counts = counts[counts.index != UNKNOWN]
    rare = counts[counts <= max(_RAREST_SHARE * counts.sum(), 1)]
    found: dict[str, str] = {}
    for level, count in sorted(rare.items(), key=lambda item: str(item[0])):
        frequent = counts[counts >= _TIMES_AS_FREQUENT * count].index
        best = max(frequent, key=lambda other: (_similarity(str(level), other), other), default="")
        if best and _similarity(str(level), best) >= _SIMILAR:
            found[str(level)] = best
    return found


def _similarity(left: str, right: str) -> float:
    plain = [
        " ".join("".join(c if c.isalnum() else " " for c in t.lower()).split())
        for t in (left, right)
    ]
    return fuzz.ratio(*plain)


def merge_misspelt(accounts: AccountTable) -> tuple[AccountTable, list[Finding]]:
    """Merge misspelt levels of every category into the level they are taken for.

    Returns
    -------
    tuple of AccountTable and list of Finding
        One finding per column with merged levels, with the number of accounts.
    """
    frame, findings = accounts.frame, []
    for name in accounts.names(kind="category"):
        merges = misspelt(frame[name])
        if not merges:
            continue
        findings.append(_finding(name, frame[name], merges))
        frame = frame.assign(**{name: _replaced(frame[name], merges)})
    return AccountTable(frame, accounts.columns), findings


def _finding(name: str, values: pd.Series, merges: Mapping[str, str]) -> Finding:
    count = int(values.isin(list(merges)).sum())
    shown = [f"'{level}' for '{to}'" for level, to in list(merges.items())[:_EXAMPLES]]
    more = f" and {len(merges) - _EXAMPLES:,} more" if len(merges) > _EXAMPLES else ""
    words = (
        f"{count:,} accounts have a misspelt level, which was merged ({', '.join(shown)}{more})."
    )
    return Finding("warn", "category-misspelt", "accounts", name, count, words)


def _replaced(values: pd.Series, merges: Mapping[str, str]) -> pd.Series:
    return values.map(lambda level: merges.get(level, level), na_action="ignore").astype("str")
