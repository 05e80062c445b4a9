"""When a segment buys: calendar months against no season, adjusted for exposure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from seglib.intervals import Floats, Z, holm
from seglib.profiling.frames import records
from seglib.profiling.intervals import p_text
from seglib.profiling.members import facts_of
from seglib.quotes import quote

MIN_EVENTS = 60
"""Events of a segment under which no season is looked for (five a calendar month)."""

MIN_ACCOUNTS = 30
"""Accounts with events from which the test allows for accounts that order in bursts."""

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
"""Names of the calendar months."""


class Season(NamedTuple):
    """The buying season of every segment.

    Attributes
    ----------
    months
        One row per segment × calendar month: ``events``, ``expected`` without a season, ``index``
        (their ratio) with its 95 % interval ``low`` to ``high``.
    tests
        One row a segment: ``events``, ``accounts``, ``years``, ``test``, ``statistic``, ``p``,
        ``p_holm`` (over the segments), ``peak`` (month number, 0 where none is shown to stand out
        in every year) and a ``sentence``, which quotes its figures.
    source
        Table the events come from; empty where there is none.
    """

    months: pd.DataFrame
    tests: pd.DataFrame
    source: str


def season(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, as_of: pd.Timestamp
) -> Season:
    """Compare the calendar months in which each segment buys with no season.

    Parameters
    ----------
    facts
        ``orders`` (``account_id``, ``month``, ``orders``); without it the won ``opportunities``
        (``closed_date``, ``outcome``).
    assignments
        ``account_id`` and ``segment``.
    as_of
        The last day that is known (NaT: before the end of the last month with events); the month
        it lies in counts only if it is that month's last.

    Returns
    -------
    Season
        Empty without data or with less than a year of it.

    Notes
    -----
    Only whole years up to the last full month count, so that every calendar month was observed
    equally often. Expected are the segment's events, spread by the days in each month and by the
    growth from the first to the last of these years. The test is Wald's, on the accounts' own
    months (an account that orders in bursts counts once), with Hotelling's F distribution; under
    30 accounts with events it is Poisson's χ² over the dispersion of the months between the years
    (F distribution), for which two years are needed. With a single year a trend or a campaign
    cannot be told from a season: no peak is named, and the sentence says why.
    """
    for name, read in _SOURCES.items():
        events = read(facts, assignments)
        if events is not None:
            found = _season_of(events, as_of)
            if found is not None:
                return Season(*found, name)
    return Season(pd.DataFrame(columns=_MONTHS), pd.DataFrame(columns=_TESTS), "")


_MONTHS = ["segment", "month", "events", "expected", "index", "low", "high"]
_TESTS = [
    "segment", "events", "accounts", "years", "test", "statistic", "p", "p_holm", "peak",
    "sentence",
]  # fmt: skip


def _orders(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame) -> pd.DataFrame | None:
    rows = facts_of(facts, "orders", assignments, ("month", "orders"))
    if rows is None:
        return None
    return rows.rename(columns={"orders": "events"})[["account_id", "segment", "month", "events"]]


def _wins(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame) -> pd.DataFrame | None:
    rows = facts_of(facts, "opportunities", assignments, ("closed_date", "outcome"))
    if rows is None:
        return None
    won = rows[(rows["outcome"] == "won") & rows["closed_date"].notna()]
    month = won["closed_date"].dt.to_period("M").dt.to_timestamp()
    return won.assign(month=month, events=1)[["account_id", "segment", "month", "events"]]


_SOURCES = {"orders": _orders, "opportunities": _wins}


def _season_of(
    events: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, pd.DataFrame] | None:
    if events.empty:
        return None
    if pd.isna(as_of):  # not known: the last month with events may not have ended
        as_of = events["month"].max()
    position = (events["month"].dt.year * 12 + events["month"].dt.month - 1).to_numpy()
    end = as_of.year * 12 + as_of.month - (0 if (as_of + pd.Timedelta(days=1)).day == 1 else 1)
    years = (end - position.min()) // 12
    if years < 1:
        return None
    start = end - 12 * years
    inside = (position >= start) & (position < end)
    used = events[inside].assign(slot=position[inside] - start)
    months, tests = [], []
    for segment, part in used.groupby("segment"):
        per, test = _one_segment(part, start, int(years))
        months.append(per.assign(segment=segment))
        tests.append({"segment": int(segment), "years": int(years), **test})
    if not months:
        return None
    table = pd.DataFrame(tests, columns=[*_TESTS, "peak_low", "peak_index", "every_year"])
    table["p_holm"] = holm(table["p"].to_numpy(dtype=np.float64))
    clear = (table["p_holm"] < 0.05) & (table["peak_low"] > 1) & table["every_year"]
    clear &= table["years"] > 1
    table["peak"] = table["peak"].where(clear, 0)
    table["sentence"] = [_sentence(row) for row in records(table)]
    return pd.concat(months, ignore_index=True)[_MONTHS], table[_TESTS]


def _one_segment(
    part: pd.DataFrame, start: int, years: int
) -> tuple[pd.DataFrame, dict[str, object]]:
    slots = 12 * years
    accounts, ids = pd.factorize(part["account_id"], sort=True)
    cells = accounts * slots + part["slot"].to_numpy()
    shape = (len(ids), slots)
    grid = np.bincount(cells, weights=part["events"], minlength=shape[0] * slots).reshape(shape)
    calendar = (start + np.arange(slots)) % 12
    to_month = np.eye(12)[calendar]
    counts = grid @ to_month
    weights = _exposure(grid.sum(axis=0), start, years) @ to_month
    weights = weights / weights.sum()
    total = counts.sum()
    expected = total * weights
    index = np.divide(counts.sum(axis=0), expected, out=np.ones(12), where=expected > 0)
    residual = counts - index * weights * counts.sum(axis=1, keepdims=True)
    error = np.sqrt((residual**2).sum(axis=0)) / np.where(expected > 0, expected, np.nan)
    per = pd.DataFrame({
        "month": np.arange(1, 13), "events": counts.sum(axis=0).round().astype(np.int64),
        "expected": expected, "index": index,
        "low": np.maximum(index - Z * error, 0.0), "high": index + Z * error,
    })  # fmt: skip
    by_year = np.roll(grid.sum(axis=0).reshape(years, 12), start % 12, axis=1)
    name, statistic, p = _test(counts, weights, by_year)
    top = int(index.argmax())
    usual = by_year.sum(axis=1) * weights[top]
    found = {
        "events": round(float(total)), "accounts": len(ids), "test": name, "statistic": statistic,
        "p": p, "peak": top + 1, "peak_low": per["low"][top], "peak_index": per["index"][top],
        "every_year": bool((by_year[:, top] > usual).all()),
    }  # fmt: skip
    return per, found


def _exposure(totals: Floats, start: int, years: int) -> Floats:
    """Expected events a month without a season, up to a factor: days × growth over the years."""
    slots = np.arange(len(totals))
    begin = pd.Period(year=start // 12, month=start % 12 + 1, freq="M")
    months = pd.period_range(begin, periods=len(slots), freq="M")
    days = np.array(months.days_in_month, dtype=np.float64)
    early, late = totals[:12].sum(), totals[-12:].sum()
    growth = (
        np.log(late / early) / (12 * (years - 1)) if years > 1 and min(early, late) > 0 else 0.0
    )
    return days * np.exp(growth * slots)


def _test(counts: Floats, weights: Floats, by_year: Floats) -> tuple[str, float, float]:
    total, active = counts.sum(), int((counts.sum(axis=1) > 0).sum())
    if total < MIN_EVENTS or (active < MIN_ACCOUNTS and len(by_year) < 2):
        return "", float("nan"), float("nan")
    if active < MIN_ACCOUNTS:
        return _quasi_poisson(total * weights, by_year)
    apart = counts - weights * counts.sum(axis=1, keepdims=True)
    away = apart.sum(axis=0)
    wald = float(away @ np.linalg.pinv(apart.T @ apart, hermitian=True) @ away)
    f = wald * (active - 11) / (max(active - wald, 1e-9) * 11)  # Hotelling's T² about zero
    return "Wald F", f, float(stats.f.sf(f, 11, active - 11))


def _quasi_poisson(expected: Floats, by_year: Floats) -> tuple[str, float, float]:
    """Poisson's χ² of the months over the dispersion that the years show among themselves."""
    months, years = by_year.sum(axis=0), by_year.sum(axis=1)
    fitted = np.outer(years, months) / by_year.sum()
    residual = np.divide(
        (by_year - fitted) ** 2, fitted, out=np.zeros_like(fitted), where=fitted > 0
    )
    df = 11 * (len(by_year) - 1)
    dispersion = max(float(residual.sum()) / df, 1e-9)
    f = float(((months - expected) ** 2 / expected).sum()) / 11 / dispersion
    return "quasi-Poisson F", f, float(stats.f.sf(f, 11, df))


def _sentence(row: dict[str, Any]) -> str:
    segment, years = row["segment"], int(row["years"])
    events = quote(f"season_events_{segment}", row["events"])
    over = f"{quote('season_years', years)} year{'s' if years != 1 else ''}"
    if not row["test"]:
        fewest, accounts = quote("least_events", MIN_EVENTS), quote("least_accounts", MIN_ACCOUNTS)
        need = f"at least {fewest} from {accounts} accounts, or over two years, are needed"
        return f"Too few events to look for a season ({events} in {over}; {need})."
    span, p = f"{events} events in {over}", float(row["p_holm"])
    basis = f"{span}; adjusted {p_text(p, f'season_p_{segment}')}"
    if p >= 0.05:
        return f"No season is shown ({basis})."
    if years == 1:
        return (
            f"Months differ ({basis}), but a single year cannot tell a season "
            "from a trend or a campaign."
        )
    if not row["peak"]:
        return f"Months differ ({basis}), but none stands out every year."
    month = MONTHS[int(row["peak"]) - 1]
    times = quote(f"season_peak_{segment}", row["peak_index"], ".1f")
    return f"Buys most in {month}: {times} × a month without season ({basis})."
