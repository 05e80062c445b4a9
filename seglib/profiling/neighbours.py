"""Which segments lie next to each other, and what tells each pair of neighbours apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from seglib.collection.account_table import AccountTable
from seglib.intervals import Floats, Z, holm, wilson
from seglib.profiling.association import OTHER, grouped_levels, numeric
from seglib.profiling.frames import records
from seglib.profiling.members import NO_SEGMENT, members, segment_counts
from seglib.profiling.profile import LEVELS, MIN_ACCOUNTS, profiled_variables
from seglib.profiling.traits import repeats

_PAIRS = ["first", "second", "share", "accounts"]
_COLUMNS = [
    "first", "second", "variable", "level", "label", "kind", "unit", "role", "n_first", "n_second",
    "mean_first", "mean_second", "effect", "low", "high", "p", "p_holm",
]  # fmt: skip


def neighbour_pairs(assignments: pd.DataFrame, profiles: pd.DataFrame) -> pd.DataFrame:
    """Name each segment's nearest neighbour.

    Parameters
    ----------
    assignments
        ``account_id``, ``segment`` and, where known, ``second_segment`` (0: no other segment is
        near).
    profiles
        From :func:`~seglib.profiling.profile.profile`; its differences decide for a segment of
        whose accounts none has a second segment.

    Returns
    -------
    DataFrame
        One row a pair, the closest first: ``first`` < ``second``, ``accounts`` of either whose
        second segment is the other, and their ``share`` of all accounts of both. Every segment
        stands in one pair at least; empty with fewer than two segments.

    Examples
    --------
    >>> given = pd.DataFrame({"segment": [1, 1, 2, 3], "second_segment": [2, 0, 1, 2]})
    >>> profiles = pd.DataFrame({"segment": [], "variable": [], "level": [], "standardised": []})
    >>> neighbour_pairs(given, profiles)[["first", "second", "accounts"]]
       first  second  accounts
    0      1       2         2
    1      2       3         1
    """
    sizes = segment_counts(assignments)
    if len(sizes) < 2:
        return pd.DataFrame(columns=_PAIRS)
    near = _second_counts(assignments, list(sizes.index))
    both = near + near.T  # counted on both sides; where nobody is between, the nearest profile
    far = _distances(profiles, list(sizes.index))
    nearest = {
        segment: min(
            (-both.loc[segment, s], far.loc[segment, s], s) for s in sizes.index if s != segment
        )[2]
        for segment in sizes.index
    }
    pairs = {(min(pair), max(pair)) for pair in nearest.items()}
    rows = [
        (int(a), int(b), both.loc[a, b] / (sizes[a] + sizes[b]), int(both.loc[a, b]))
        for a, b in sorted(pairs)
    ]
    found = pd.DataFrame(rows, columns=_PAIRS)
    return found.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def _second_counts(assignments: pd.DataFrame, segments: list[int]) -> pd.DataFrame:
    if "second_segment" not in assignments:
        return pd.DataFrame(0, index=segments, columns=segments)
    between = assignments[
        (assignments["segment"] != NO_SEGMENT) & assignments["second_segment"].isin(segments)
    ]
    counts = pd.crosstab(between["segment"], between["second_segment"])
    return counts.reindex(index=segments, columns=segments, fill_value=0)


def _distances(profiles: pd.DataFrame, segments: list[int]) -> pd.DataFrame:
    """Root mean square difference between the segments' standardised profiles."""
    names = profiles["variable"].astype("str") + "=" + profiles["level"].astype("str")
    wide = profiles.assign(row=names)
    wide = wide.pivot_table(index="segment", columns="row", values="standardised")
    points = wide.reindex(segments).fillna(0.0).to_numpy()
    apart = ((points[:, None, :] - points[None, :, :]) ** 2).mean(axis=2) if points.size else 0.0
    table = np.sqrt(np.broadcast_to(apart, (len(segments), len(segments))))
    return pd.DataFrame(table, index=segments, columns=segments)


def pair_differences(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    pairs: pd.DataFrame,
    variables: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Compare the two segments of each pair, variable by variable.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``.
    pairs
        From :func:`neighbour_pairs`.
    variables
        Names; bases, descriptors and outcomes when not given.

    Returns
    -------
    DataFrame
        One row per pair × variable (of a category per level): ``n_first``, ``n_second``,
        ``mean_first``, ``mean_second`` (shares of flags and levels), ``effect`` of the second
        against the first (−1 to 1) with its 95 % interval ``low`` to ``high``, ``p`` and
        ``p_holm`` (over all rows).

    Notes
    -----
    Of a number the effect is Cliff's δ (the chance that an account of the second segment has more
    than one of the first, less the chance that it has less), with DeLong's interval on the logit
    scale, tested by Mann and Whitney; of a share the difference with Newcombe's interval, tested
    by Fisher's exact test. Segments under 8 accounts with a value are not compared.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": [str(i) for i in range(40)],
    ...                       "employees": np.arange(40.0)})
    >>> from seglib.schema import ColumnInfo
    >>> info = ColumnInfo(name="employees", role="descriptor", kind="number", label="Employees",
    ...                   definition="Number of employees", unit="people")
    >>> given = pd.DataFrame({"account_id": frame["account_id"], "segment": [1] * 20 + [2] * 20})
    >>> pairs = pd.DataFrame({"first": [1], "second": [2]})
    >>> found = pair_differences(AccountTable(frame, {"employees": info}), given, pairs)
    >>> found[["mean_first", "mean_second", "effect"]]
       mean_first  mean_second  effect
    0         9.5         29.5     1.0
    """
    names = list(variables) if variables is not None else profiled_variables(accounts)
    placed = members(accounts, assignments)
    rows = []
    for name in names:
        info, column = accounts.columns[name], placed.frame[name]
        words = {"variable": name, "label": info.label, "kind": info.kind, "unit": info.unit,
                 "role": info.role}  # fmt: skip
        for level, values in _parts(column, info.kind):
            share = bool(level) or info.kind == "flag"
            for pair in records(pairs):
                one, two = (values[placed.segment == pair[side]] for side in ("first", "second"))
                one, two = one[~np.isnan(one)], two[~np.isnan(two)]
                if min(len(one), len(two)) < MIN_ACCOUNTS:
                    continue
                found = _shares(one, two) if share else _ranks(one, two)
                rows.append({
                    "first": pair["first"], "second": pair["second"], **words, "level": level,
                    "n_first": len(one), "n_second": len(two), "mean_first": one.mean(),
                    "mean_second": two.mean(), **found,
                })  # fmt: skip
    table = pd.DataFrame(rows, columns=_COLUMNS)
    table["p_holm"] = holm(table["p"].to_numpy(dtype=np.float64))
    return table


def _parts(column: pd.Series, kind: str) -> Iterator[tuple[str, Floats]]:
    if kind != "category":
        yield "", numeric(column).to_numpy()
        return
    levels = grouped_levels(column, LEVELS)
    for level in sorted(set(levels.dropna()) - {OTHER}):
        yield str(level), (levels == level).astype("float64").where(levels.notna()).to_numpy()


def _shares(one: Floats, two: Floats) -> dict[str, float]:
    """Difference of two shares: Newcombe's interval from Wilson's, and Fisher's exact test."""
    (low1, high1), (low2, high2) = (wilson(part.sum(), len(part)) for part in (one, two))
    p1, p2 = one.mean(), two.mean()
    gap = p2 - p1
    table = [[int(part.sum()), int(len(part) - part.sum())] for part in (one, two)]
    return {
        "effect": gap,
        "low": gap - float(np.hypot(p2 - low2, high1 - p1)),
        "high": gap + float(np.hypot(high2 - p2, p1 - low1)),
        "p": float(stats.fisher_exact(table).pvalue) if one.sum() + two.sum() > 0 else np.nan,
    }


def _ranks(one: Floats, two: Floats) -> dict[str, float]:
    """Cliff's δ with its interval, and Mann–Whitney's test (normal, ties and continuity)."""
    if min(one.min(), two.min()) == max(one.max(), two.max()):
        return {"effect": 0.0, "low": 0.0, "high": 0.0, "p": np.nan}
    above, below = _placements(two, one), 1 - _placements(one, two)
    chance = float(above.mean())
    low, high = _chance_interval(chance, above, below)
    p = stats.mannwhitneyu(one, two, method="asymptotic").pvalue
    return {"effect": 2 * chance - 1, "low": 2 * low - 1, "high": 2 * high - 1, "p": float(p)}


def _placements(values: Floats, others: Floats) -> Floats:
    """For each value the share of the others that lie below it, ties counting half."""
    ordered = np.sort(others)
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return (left + right) / 2 / len(others)


def _chance_interval(chance: float, above: Floats, below: Floats) -> tuple[float, float]:
    if chance in (0.0, 1.0):  # wholly apart: no spread to go by, so the smaller group's Wilson
        n = min(len(above), len(below))
        low, high = wilson(chance * n, n)
        return float(low), float(high)
    error = np.sqrt(above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below))
    logit, half = np.log(chance / (1 - chance)), Z * error / (chance * (1 - chance))
    low, high = 1 / (1 + np.exp(-(logit - half))), 1 / (1 + np.exp(-(logit + half)))
    return float(low), float(high)


def telling_differences(
    differences: pd.DataFrame, accounts: AccountTable, *, most: int = 4
) -> pd.DataFrame:
    """Pick the few differences that tell each pair apart, none of which repeats another.

    Parameters
    ----------
    differences
        From :func:`pair_differences`.
    accounts
        One row per account: of two variables that order them alike (ρ ≥ .8) one is taken.
    most
        Differences a pair.

    Returns
    -------
    DataFrame
        The strongest rows with an adjusted p under .05 and an interval without 0, by pair.
    """
    sure = differences[
        (differences["p_holm"] < 0.05) & ((differences["low"] > 0) | (differences["high"] < 0))
    ]
    order = sure.assign(size=sure["effect"].abs()).sort_values(
        ["first", "second", "size", "variable", "level"],
        ascending=[True, True, False, True, True], kind="stable",
    )  # fmt: skip
    kept: list[int] = []
    for _, rows in order.groupby(["first", "second"], sort=True):
        chosen: list[str] = []
        for place, name in zip(rows.index, rows["variable"], strict=True):
            if len(chosen) < most and not any(repeats(accounts, name, c) for c in chosen):
                chosen.append(name)
                kept.append(int(place))
    return differences.loc[kept].reset_index(drop=True)
