"""Accounts with the segments that they had at an earlier day: what came after is out of sample."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from seglib.clustering.segmentation import Segmentation
from seglib.collection.account_table import AccountTable
from seglib.collection.build import build_accounts
from seglib.collection.collect import collected
from seglib.errors import SeglibError, StudyError
from seglib.exhibits import Note
from seglib.measurement.previous import earlier_run
from seglib.quotes import cited, quote
from seglib.table_mapping import TableMapping

if TYPE_CHECKING:
    from seglib.study import Study
    from seglib.workbook import Book

MONTHS = 12
"""How far a look back goes at most; it leaves at least as much history before."""

_LEAST_MONTHS, _LEAST_DAYS = 6, 28
_LEAST_ACCOUNTS, _MOST_ACCOUNTS = 20, 10_000
_WANTED = "name an earlier run in the study (measurement: previous_run)"


class Cohorts(NamedTuple):
    """Accounts of earlier days: those to follow, and those to judge the segments by."""

    followed: Cohort | Note
    judged: Cohort | Note


@dataclass(frozen=True)
class Cohort:
    """The accounts of an earlier day.

    Attributes
    ----------
    day
        The day; nothing later was known of :attr:`segments` and :attr:`accounts`.
    segments
        ``account_id`` and ``segment`` (from 1) on that day.
    accounts
        The account table as of that day.
    names
        Segment number → name.
    origin
        Where the segments come from, in words.
    caveat
        What this takes from the figures' honesty; empty where nothing.
    """

    day: pd.Timestamp
    segments: pd.DataFrame
    accounts: AccountTable
    names: Mapping[int, str]
    origin: str
    caveat: str = ""


def earlier_cohorts(book: Book, names: Mapping[int, str]) -> Cohorts:
    """Look back a year, and take the previous run's segments where the study names one.

    Parameters
    ----------
    book
        The open step.
    names
        Names of this run's segments.

    Returns
    -------
    Cohorts
        Accounts are followed from a year ago on, the time that contracts need; segments are judged
        by what came after the previous run, without one by the look back.
    """
    back = look_back(book, names)
    named = book.study.measurement.previous_run
    return Cohorts(back, previous_cohort(book) if named else back)


def previous_cohort(book: Book) -> Cohort | Note:
    """Take the accounts and segments that the previous run left.

    Parameters
    ----------
    book
        The open step, whose study names a previous run.
    """
    try:
        run = earlier_run(book, str(book.study.measurement.previous_run))
    except StudyError as error:
        return Note(" ".join(error.problems), kind="missing")
    day = pd.Timestamp(
        str(run.read_json("quality.json")["as_of"]) if run.has("quality.json") else "NaT"
    )
    if pd.isna(day) or not (book.as_of - day).days >= _LEAST_DAYS:
        when = "has no date" if pd.isna(day) else f"is as of {day.date()}"
        text = (
            f"Nothing has happened yet that the previous run did not know: it {when}, this one is "
            f"as of {book.day or 'no day'}. At least {quote('least_days', _LEAST_DAYS)} days are "
            "needed."
        )
        return Note(text, kind="missing")
    cards = run.read_json("segments.json") if run.has("segments.json") else []
    placed = run.read_table("assignments.parquet")
    if not placed["account_id"].isin(book.accounts.frame["account_id"]).any():
        text = f"The previous run '{run.id}' shares no account with this one."
        return Note(text, kind="missing")
    return Cohort(
        day,
        placed.loc[placed["segment"] > 0, ["account_id", "segment"]].reset_index(drop=True),
        AccountTable.load(run),
        {int(card["segment"]): str(card["name"]) for card in cards},
        f"the segments of run {cited('refresh.json:compared_with', run.id)}, as of {day.date()}",
    )


def look_back(book: Book, names: Mapping[int, str]) -> Cohort | Note:
    """Place the accounts of an earlier day in this run's segments, by what was known on that day.

    Parameters
    ----------
    book
        The open step; the study's source is read again, as of the earlier day.
    names
        Names of the segments.

    Returns
    -------
    Cohort or Note
        A year back, or as far as half the history goes. Accounts that ordered in the twelve months
        before that day or were under contract on it, whatever their status is now: those that have
        left since are among them.

    Notes
    -----
    More than 10,000 accounts are sampled (seeded). Where an account stood uses nothing from after
    the day. The model's own numbers (its centres, its rules) were fitted to today's data; a model
    that was fitted to the outcome itself (the tree) would therefore be judged by what it was shown,
    and is refused.
    """
    day = _day_back(book)
    if isinstance(day, Note):
        return day
    there = sorted(active_accounts(book.facts, day))
    some = _sample(book, there)
    segmentation = Segmentation.load(book.run)
    try:
        accounts = _accounts_as_of(book, segmentation, day, some)
    except SeglibError as error:
        text = f"A look back to {day.date()} is not possible ({'; '.join(error.problems)}); "
        return Note(text + f"{_WANTED}.", kind="missing")
    frame = accounts.frame[accounts.frame["account_id"].isin(some or there)].reset_index(drop=True)
    if len(frame) < _LEAST_ACCOUNTS:
        count = quote("customers_then", len(frame), ",")
        text = f"Only {count} accounts were customers on {day.date()}; {_WANTED}."
        return Note(text, kind="missing")
    placed = frame[["account_id"]].assign(segment=segmentation.predict(frame))
    return Cohort(
        day,
        placed[placed["segment"] > 0].reset_index(drop=True),
        accounts,
        names,
        f"this run's segments, assigned by what was known on {day.date()}",
        _caveat(book, segmentation.variables, frame)
        + (f" A random sample of {_count(some)} of {_count(there)} accounts." if some else ""),
    )


def _day_back(book: Book) -> pd.Timestamp | Note:
    """The day to look back to, or why looking back would not be possible or not be honest."""
    if pd.isna(book.as_of):
        return Note(f"A look back needs data with dates; {_WANTED}.", kind="missing")
    if Segmentation.load(book.run).method == "tree":
        text = (
            "These segments were grown on the outcome itself, so looking back would be circular: "
            f"{_WANTED}, then this one judges it."
        )
        return Note(text, kind="missing")
    months = _months_back(book)
    if months < _LEAST_MONTHS:
        text = (
            f"A look back needs {quote('least_months', 2 * _LEAST_MONTHS)} months of orders or "
            "contracts, and these data have "
            f"{quote('months_there', 2 * months) if months else 'none'}; {_WANTED}."
        )
        return Note(text, kind="missing")
    day = book.as_of - pd.DateOffset(months=months)
    # from the last day of a month to the last day of one
    return day + pd.offsets.MonthEnd(0) if book.as_of.is_month_end else day


def active_accounts(facts: Mapping[str, pd.DataFrame], day: pd.Timestamp) -> set[str]:
    """Accounts that ordered in the twelve months before a day or were under contract on it.

    Parameters
    ----------
    facts
        Tables of facts by name.
    day
        The day.

    Examples
    --------
    >>> orders = pd.DataFrame({"account_id": ["a", "b"], "amount": [5.0, 5.0],
    ...                        "month": pd.to_datetime(["2025-05-01", "2026-01-01"])})
    >>> active_accounts({"orders": orders}, pd.Timestamp("2025-09-30"))
    {'a'}
    """
    found: set[str] = set()
    if "orders" in facts:
        orders = facts["orders"]
        recent = (orders["month"] > day - pd.DateOffset(months=MONTHS)) & (orders["month"] <= day)
        found |= set(orders.loc[recent & (orders["amount"] > 0), "account_id"])
    if "subscriptions" in facts:
        contracts = facts["subscriptions"]
        ends = pd.to_datetime(contracts.get("end_date", pd.Series(pd.NaT, contracts.index)))
        running = (contracts["start_date"] <= day) & ~(ends <= day)
        found |= set(contracts.loc[running, "account_id"])
    return found


def _months_back(book: Book) -> int:
    """A year, or as much of it as leaves the same history before it."""
    begins = [
        book.facts[table][column].min()
        for table, column in (("orders", "month"), ("subscriptions", "start_date"))
        if table in book.facts
    ]
    if not begins:
        return 0
    first = min(begins)
    history = (book.as_of.year - first.year) * 12 + book.as_of.month - first.month + 1
    return int(min(MONTHS, max(history, 0) // 2))


def _sample(book: Book, there: list[str]) -> list[str] | None:
    """Draw accounts where there are very many; None takes all.

    Where records are rolled up or merged all are read: an account's rows stand under other names.
    """
    plain = book.study.grain == "account" and book.study.deduplicate == "report"
    if len(there) <= _MOST_ACCOUNTS or not plain:
        return None
    rng = np.random.default_rng(np.random.SeedSequence([book.brief.seed, 607]))
    return sorted(rng.choice(np.array(there, dtype=object), _MOST_ACCOUNTS, replace=False))


def _accounts_as_of(
    book: Book, segmentation: Segmentation, day: pd.Timestamp, some: list[str] | None
) -> AccountTable:
    """Build the account table as it would have been; a variable nobody had yet is missing."""
    study = _narrow(book, segmentation.variables).override(as_of=day.date().isoformat())
    with collected(study, only=some) as tables:
        accounts = build_accounts(tables, study, book.brief)
    absent = {v: float("nan") for v in segmentation.variables if v not in accounts.frame}
    return AccountTable(accounts.frame.assign(**absent), accounts.columns)


def _narrow(book: Book, variables: list[str]) -> Study:
    """The study with only the tables that the segments and the simple groupings are made of."""
    columns = book.accounts.columns
    names = [*variables, "industry", "employees", "recency_days", "order_count", "revenue"]
    sources = ", ".join(columns[n].source for n in names if n in columns)
    tables = {"accounts", *(part.split(".")[0] for part in sources.split(", ") if part)}
    mapped = book.study.tables or {t: TableMapping.model_validate({"from": t}) for t in tables}
    kept = {
        name: mapping.model_dump(mode="json", by_alias=True, exclude_unset=True)
        for name, mapping in mapped.items()
        if name in tables
    }
    return book.study.override(tables=kept)


def _count(accounts: Sized) -> str:
    return quote("accounts_then", len(accounts), ",")


def _caveat(book: Book, variables: list[str], then: pd.DataFrame) -> str:
    """Say what a look back cannot undo, and how much less was known on that day."""
    known_then = float(then[variables].notna().mean().mean())
    now = book.accounts.frame
    now = now[now["account_id"].isin(book.assignments["account_id"])]
    known_now = float(now[[v for v in variables if v in now]].notna().mean().mean())
    return (
        "The model's own numbers were fitted to today's data, which favours it a little; "
        f"{quote('known_then', known_then, '.0%')} of its inputs were known then "
        f"({quote('known_now', known_now, '.0%')} today), which does not."
    )
