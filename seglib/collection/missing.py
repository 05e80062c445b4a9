"""Missing values of the account table: their patterns, and what they depend on."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import chdtrc, ndtr
from scipy.stats import rankdata

from seglib.collection.account_table import AccountTable
from seglib.collection.redundancy import corrected_v

_FEWEST = 5
_SIGNIFICANT = 0.01
_NOTABLE = 0.15
_ALWAYS = 0.98
_MOST_LEVELS = 30
_MOST_ACCOUNTS = 20_000
_COLUMNS = ["variable", "depends_on", "effect", "measure", "p_holm", "words"]


def missing_patterns(accounts: AccountTable, *, most: int = 10) -> pd.DataFrame:
    """Count which variables are missing together.

    Parameters
    ----------
    accounts
        The account table; looked at are the customers.
    most
        Patterns shown; what is rarer is one row, ``(rarer patterns)``.

    Returns
    -------
    pandas.DataFrame
        ``missing`` (labels of the variables, or ``nothing``), ``variables`` (how many),
        ``accounts`` and ``share``; commonest first.
    """
    frame = accounts.customers.frame
    names = [n for n, info in accounts.columns.items() if info.role != "id"]
    gaps = frame[names].isna()
    gaps = gaps.loc[:, gaps.any()]
    if gaps.empty or not len(gaps.columns):
        shown: list[tuple[str, int, int]] = [("nothing", 0, len(frame))]
    else:
        labels = [accounts.label(str(n)) for n in gaps]
        kinds, counts = np.unique(gaps.to_numpy(), axis=0, return_counts=True)
        patterns: list[tuple[str, int, int]] = [
            (", ".join(np.array(labels)[kind]), int(kind.sum()), int(count))
            for kind, count in zip(kinds, counts, strict=True)
        ]
        patterns.sort(key=lambda row: (-row[2], row[1], row[0]))
        shown = [(words or "nothing", n, count) for words, n, count in patterns[:most]]
        if rarer := patterns[most:]:
            shown.append(("(rarer patterns)", 0, sum(row[2] for row in rarer)))
    table = pd.DataFrame(shown, columns=["missing", "variables", "accounts"])
    return table.assign(share=table["accounts"] / max(len(frame), 1))


def missing_depends(accounts: AccountTable) -> pd.DataFrame:
    """Find what the missingness of each variable depends on, among what is observed.

    Parameters
    ----------
    accounts
        The account table; looked at are the customers, above 20,000 every so many of them.

    Returns
    -------
    pandas.DataFrame
        For each variable whose missingness goes with another variable: the strongest one,
        ``effect`` and its ``measure`` (``V``: bias-corrected Cramér's V; ``r``: rank-biserial
        correlation, positive where the missing have higher values), ``p_holm`` adjusted over all
        tests of the table, and the finding in words. Left out are effects below .15 and p ≥ .01.

    Notes
    -----
    A dependence shows that values are not missing completely at random (Rubin 1976). That none is
    found does not show that they are: missingness can depend on the missing value itself.
    """
    frame = accounts.customers.frame
    frame = frame.iloc[:: max(1, len(frame) // _MOST_ACCOUNTS)]
    named = {n: i for n, i in accounts.columns.items() if i.role != "id"}
    gaps = {n: frame[n].isna().to_numpy() for n in named}
    asked = [n for n, gap in gaps.items() if _FEWEST <= gap.sum() <= len(gap) - _FEWEST]
    observed = [n for n in named if gaps[n].mean() < 0.5 and frame[n].nunique() > 1]
    values = {n: _coded(frame[n], str(named[n].kind)) for n in observed}
    done: dict[tuple[bytes, str], tuple[float, str, float] | None] = {}
    tests = []
    for name in asked:
        gap, code = gaps[name], gaps[name].tobytes()  # many variables are missing together
        for other in observed:
            if (code, other) not in done:
                done[code, other] = _test(gap, *values[other])
            if name != other and (found := done[code, other]):
                tests.append((name, other, *found))
    table = pd.DataFrame(tests, columns=["variable", "depends_on", "effect", "measure", "p"])
    table["p_holm"] = _holm(table["p"].to_numpy(dtype=float))
    table = table[(table["p_holm"] < _SIGNIFICANT) & (table["effect"].abs() >= _NOTABLE)]
    table = table.assign(size=table["effect"].abs().round(9)).sort_values(
        ["variable", "size", "p", "depends_on"], ascending=[True, False, True, True]
    )
    table = table.drop_duplicates("variable")
    words = [_words(accounts, **row) for row in table.to_dict("records")]  # type: ignore[arg-type]
    return table.assign(words=words)[_COLUMNS].reset_index(drop=True)


def _coded(values: pd.Series, kind: str) -> tuple[np.ndarray, bool]:
    """Numbers as they are, or the number of each level (NaN where missing); and which it is."""
    if kind not in ("category", "flag"):
        return values.to_numpy(dtype=float), False
    codes, _ = pd.factorize(values, sort=True)
    return np.where(codes < 0, np.nan, codes), True


def _test(gap: np.ndarray, values: np.ndarray, category: bool) -> tuple[float, str, float] | None:
    known = ~np.isnan(values)
    apart, kept = gap[known], values[known]
    if not _FEWEST <= apart.sum() <= len(apart) - _FEWEST:
        return None
    if not category:
        return _rank_test(apart, kept)
    levels = int(kept.max()) + 1
    counts = np.stack(
        [np.bincount(kept[side].astype(int), minlength=levels) for side in (apart, ~apart)]
    )
    counts = counts[:, counts.any(axis=0)].astype(float)
    if not 2 <= counts.shape[1] <= _MOST_LEVELS:
        return None
    v, statistic = corrected_v(counts)
    return v, "V", float(chdtrc(counts.shape[1] - 1, statistic))


def _rank_test(apart: np.ndarray, values: np.ndarray) -> tuple[float, str, float] | None:
    """Mann–Whitney test with ties, as the rank-biserial correlation."""
    ranks = rankdata(values)
    n, m = int(apart.sum()), int((~apart).sum())
    u = ranks[apart].sum() - n * (n + 1) / 2
    _, ties = np.unique(values, return_counts=True)
    total = n + m
    spread = n * m / 12 * (total + 1 - (ties**3 - ties).sum() / (total * (total - 1)))
    if spread <= 0:
        return None
    p = 2 * ndtr(-abs(u - n * m / 2) / np.sqrt(spread))
    return float(2 * u / (n * m) - 1), "r", float(p)


def _holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)) if len(p) else p
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(steps, 1.0)
    return adjusted


def _words(
    accounts: AccountTable, variable: str, depends_on: str, effect: float, measure: str, **_: object
) -> str:
    label = accounts.label(depends_on)
    if measure == "V":
        return f"whether it is missing goes with '{label}' (V = {effect:.2f})"
    side = "high" if effect > 0 else "low"
    if abs(effect) >= _ALWAYS:
        return f"is missing only where '{label}' is {side}: there is nothing to measure"
    return f"is missing more often where '{label}' is {side} (r = {effect:+.2f})"
