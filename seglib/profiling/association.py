"""How strongly a variable and the segments go together: test, effect size, interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from seglib.intervals import Floats

Ints = NDArray[np.int64]

MAX_LEVELS = 15
"""Levels of a category that a test keeps apart; rarer ones go together as 'other levels'."""

OTHER = "other levels"
_AT_ONCE = 500_000  # weights of bootstrap draws in memory, of about ten arrays
_TABLES = 2000


@dataclass(frozen=True)
class Association:
    """Result of one test of a variable against the segments.

    Attributes
    ----------
    test
        ``χ²``, ``χ² (Monte Carlo)``, ``Kruskal–Wallis``, or empty where nothing can be tested.
    n
        Accounts with a value.
    statistic, df, p
        Of the test; NaN where nothing can be tested.
    effect
        Bias-corrected Cramér's V or ε² adjusted for chance, 0 to 1.
    effect_name
        ``V`` or ``ε²``.
    reason
        Why nothing can be tested, in words; else empty.
    """

    test: str
    n: int
    statistic: float = float("nan")
    df: int = 0
    p: float = float("nan")
    effect: float = float("nan")
    effect_name: str = ""
    reason: str = ""


def grouped_levels(values: pd.Series, keep: int = MAX_LEVELS) -> pd.Series:
    """Return a category as text, its rarer levels put together as 'other levels'.

    Parameters
    ----------
    values
        Any values; missing ones stay missing.
    keep
        Levels kept apart: the most frequent, ties by name.

    Examples
    --------
    >>> grouped_levels(pd.Series(["a", "a", "b", "c", None]), keep=1).tolist()
    ['a', 'a', 'other levels', 'other levels', nan]
    """
    text = values.astype("str").where(values.notna())
    counts = text.value_counts().rename_axis("level").reset_index(name="n")
    counts = counts.sort_values(["n", "level"], ascending=[False, True])
    if len(counts) <= keep:
        return text
    kept = set(counts["level"].head(keep))
    return text.where(text.isin(kept) | text.isna(), OTHER)


def numeric(values: pd.Series) -> pd.Series:
    """Return numbers (a flag as 0 and 1) with infinities as missing.

    Examples
    --------
    >>> numeric(pd.Series([True, False])).tolist()
    [1.0, 0.0]
    """
    plain = pd.to_numeric(values, errors="coerce").astype("float64")
    return plain.where(np.isfinite(plain))


def association(
    values: pd.Series, segment: Ints, kind: str, rng: np.random.Generator
) -> Association:
    """Test whether the segments differ in a variable.

    Parameters
    ----------
    values
        One value an account.
    segment
        Segment of each account; 0 is left out.
    kind
        Kind of the variable: ``category`` and ``flag`` are tested as a table of counts (χ²),
        others by their ranks (Kruskal–Wallis).
    rng
        For the Monte Carlo p-value of a thin table (an expected count under 5).

    Notes
    -----
    Missing values are left out. V is corrected for bias (Bergsma 2013). ε² is the share of the
    ranks' variance between segments, H/(n−1), less what chance gives: (H−k+1)/(n−k).

    Examples
    --------
    >>> segment = np.repeat([1, 2], 50)
    >>> size = pd.Series(np.arange(100.0))
    >>> found = association(size, segment, "number", np.random.default_rng(1))
    >>> found.test, round(found.effect, 2)
    ('Kruskal–Wallis', 0.75)
    """
    category = kind in ("category", "flag")
    clean = grouped_levels(values) if category else numeric(values)
    used = clean.notna().to_numpy() & (segment > 0)
    reason = _untestable(clean[used], segment[used])
    if reason:
        return Association("", int(used.sum()), reason=reason)
    if category:
        return _chi_square(table_of(clean[used], segment[used]), rng)
    return _kruskal(clean[used].to_numpy(), segment[used])


def _untestable(values: pd.Series, segment: Ints) -> str:
    if len(values) == 0:
        return "no account has a value"
    if values.nunique() == 1:
        return "it is the same for every account"
    if len(np.unique(segment)) < 2:
        return "there is only one segment with values"
    return ""


def table_of(values: pd.Series, segment: Ints) -> Floats:
    """Count levels × segments."""
    return pd.crosstab(values.to_numpy(), segment).to_numpy(dtype=np.float64)


def _chi_square(table: Floats, rng: np.random.Generator) -> Association:
    n = int(table.sum())
    rows, columns = table.shape
    df = (rows - 1) * (columns - 1)
    statistic = float(chi_square(table))
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    if expected.min() >= 5:
        name, p = "χ²", float(stats.chi2.sf(statistic, df))
    else:
        sampler = stats.random_table(table.sum(axis=1), table.sum(axis=0))
        drawn = chi_square(sampler.rvs(size=_TABLES, random_state=rng))
        hits = int((drawn >= statistic * (1 - 1e-9)).sum())
        name, p = "χ² (Monte Carlo)", (hits + 1) / (_TABLES + 1)
    return Association(name, n, statistic, df, p, float(cramers_v(table)), "V")


def chi_square(tables: Floats) -> Floats:
    """χ² of one table or of a stack of tables (… × rows × columns)."""
    rows = tables.sum(axis=-1, keepdims=True)
    columns = tables.sum(axis=-2, keepdims=True)
    expected = rows * columns / tables.sum(axis=(-1, -2), keepdims=True)
    apart = (tables - expected) ** 2
    return np.divide(apart, expected, out=np.zeros_like(apart), where=expected > 0).sum((-1, -2))


def cramers_v(tables: Floats, corrections: int = 1) -> Floats:
    """Bias-corrected Cramér's V of one table or a stack of tables.

    Parameters
    ----------
    tables
        Counts, … × rows × columns.
    corrections
        How many times the bias is taken off: once for data, twice for bootstrap draws of data.

    Examples
    --------
    >>> round(float(cramers_v(np.array([[40.0, 10.0], [10.0, 40.0]]))), 3)
    0.595
    """
    n = tables.sum(axis=(-1, -2))
    rows, columns = tables.shape[-2:]
    bias = (rows - 1) * (columns - 1) / (n - 1)
    phi2 = np.maximum(chi_square(tables) / n - corrections * bias, 0.0)
    row_room = rows - 1 - (rows - 1) ** 2 / (n - 1)
    column_room = columns - 1 - (columns - 1) ** 2 / (n - 1)
    room = np.minimum(row_room, column_room)
    v2 = np.divide(phi2, room, out=np.zeros_like(phi2 * room), where=room > 0)
    return np.minimum(np.sqrt(v2), 1.0)


def _kruskal(values: Floats, segment: Ints) -> Association:
    ranks = RankTable.of(values, segment)
    h = ranks.h(np.ones((1, len(values))))
    k = len(np.unique(segment))
    p, effect = float(stats.chi2.sf(h[0], k - 1)), float(epsilon2(h, len(values), k)[0])
    return Association("Kruskal–Wallis", len(values), float(h[0]), k - 1, p, effect, "ε²")


def epsilon2(h: Floats, n: int, k: int, corrections: int = 1) -> Floats:
    """ε² adjusted for chance, from each of Kruskal–Wallis's H; see :func:`association`."""
    if n <= k:
        return np.full(np.shape(h), np.nan)
    return np.clip((h - corrections * (k - 1)) / (n - k), 0.0, 1.0)


@dataclass(frozen=True)
class RankTable:
    """Values sorted once, so that H can be computed for many bootstrap weights.

    Attributes
    ----------
    order
        Places of the values from the lowest to the highest.
    group
        Number of each sorted value among the different ones.
    segment
        Sorted value × segment: 1 where it belongs there.
    """

    order: Ints
    group: Ints
    segment: Floats

    @classmethod
    def of(cls, values: Floats, segment: Ints) -> RankTable:
        """Sort the values; equal ones form a group."""
        order = np.argsort(values, kind="stable")
        inverse = np.unique(values[order], return_inverse=True)[1]
        codes = np.unique(segment[order])
        return cls(order, inverse, (segment[order][:, None] == codes).astype(float))

    def h(self, weights: Floats) -> Floats:
        """Kruskal–Wallis's H with tie correction, for each row of weights: times of each value."""
        w = weights[:, self.order]
        firsts = np.searchsorted(self.group, np.arange(self.group[-1] + 1))
        tied = np.add.reduceat(w, firsts, axis=1)
        midranks = np.cumsum(tied, axis=1) - (tied - 1) / 2
        n = w.sum(axis=1)
        sizes, sums = w @ self.segment, (w * midranks[:, self.group]) @ self.segment
        spread = (sums**2 / np.where(sizes > 0, sizes, np.inf)).sum(axis=1)
        h = 12 / (n * (n + 1)) * spread - 3 * (n + 1)
        ties = 1 - (tied**3 - tied).sum(axis=1) / (n**3 - n)
        return np.where(ties > 0, h / np.where(ties > 0, ties, 1.0), 0.0)


def effect_interval(
    values: pd.Series, segment: Ints, kind: str, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the effect size of :func:`association`.

    Parameters
    ----------
    values, segment, kind
        As in :func:`association`.
    rng
        Draws accounts with replacement: 500 times up to 10,000 accounts, 200 times above.

    Notes
    -----
    Resampling adds its own chance association, once more as large as the data's; every draw is
    corrected for both, so that the interval of a variable without any effect reaches zero.
    """
    category = kind in ("category", "flag")
    clean = grouped_levels(values) if category else numeric(values)
    used = clean.notna().to_numpy() & (segment > 0)
    if _untestable(clean[used], segment[used]):
        return float("nan"), float("nan")
    n = int(used.sum())
    draws = 500 if n <= 10_000 else 200
    if category:
        table = table_of(clean[used], segment[used])
        counts = rng.multinomial(n, table.ravel() / n, size=draws).reshape(draws, *table.shape)
        effects = cramers_v(counts.astype(np.float64), corrections=2)
    else:
        ranks = RankTable.of(clean[used].to_numpy(), segment[used])
        k, step = ranks.segment.shape[1], max(1, _AT_ONCE // n)
        drawn = (
            [
                np.bincount(rng.integers(n, size=n), minlength=n)
                for _ in range(a, min(a + step, draws))
            ]
            for a in range(0, draws, step)
        )
        hs = np.concatenate([ranks.h(np.array(weights, dtype=float)) for weights in drawn])
        effects = epsilon2(hs, n, k, corrections=2)
    low, high = np.quantile(effects, [0.025, 0.975])
    return float(low), float(high)
