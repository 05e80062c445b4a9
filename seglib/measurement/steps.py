"""What step 06 does with an open book, thought by thought; each call leaves its artifact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from seglib.errors import StudyError
from seglib.exhibits import Note
from seglib.measurement.cohort import Cohorts, earlier_cohorts
from seglib.measurement.feedback import Feedback, compare_feedback
from seglib.measurement.funnel import funnel
from seglib.measurement.kpis import Kpis, kpis
from seglib.measurement.payoff import Payoff, payoff
from seglib.measurement.previous import compare_runs
from seglib.measurement.readout import Readout, campaign_readout
from seglib.measurement.refresh import Refresh, nothing_to_compare
from seglib.measurement.retention import Retention, retention
from seglib.measurement.upkeep import upkeep
from seglib.quotes import cited
from seglib.strategy import SegmentedMarket, to_safe_csv

if TYPE_CHECKING:
    from seglib.workbook import Book


def measure_kpis(book: Book, market: SegmentedMarket) -> Kpis:
    """Measure the KPIs, those of the brief first, and leave ``kpis.parquet``."""
    measured = kpis(market, period=book.study.measurement.period, first=book.brief.kpis)
    book.run.write_table("kpis.parquet", measured.table)
    return measured


def read_campaigns(book: Book, market: SegmentedMarket) -> Readout:
    """Read the campaigns out and leave ``exports/campaign_readout.csv`` where there are any."""
    readout = campaign_readout(market)
    if len(readout.overall):
        every = pd.concat([readout.overall.assign(name="All accounts"), readout.by_segment])
        book.run.write_text("exports/campaign_readout.csv", to_safe_csv(every))
    return readout


def compare_with_previous(book: Book) -> Refresh | Note:
    """Compare with the run that the study names and leave ``migration.parquet``, ``refresh.json``.

    Returns
    -------
    Refresh or Note
        A note where the study names no previous run, or one that cannot be compared with this;
        ``refresh.json`` says so too.
    """
    named = book.study.measurement.previous_run
    try:
        refresh = compare_runs(book, named) if named else None
    except StudyError as error:
        return _not_compared(book, " ".join(error.problems), named, "warning")
    if refresh is None:
        text = "The study names no previous run (measurement: previous_run): nothing to compare."
        return _not_compared(book, text, None, "missing")
    book.run.write_table("migration.parquet", refresh.migration)
    book.run.write_json("refresh.json", refresh.as_json())
    return refresh


def stage_conversion(book: Book, market: SegmentedMarket) -> pd.DataFrame | Note:
    """Count conversion by stage and leave ``funnel.parquet`` where there are opportunities."""
    found = funnel(market)
    if not isinstance(found, Note):
        book.run.write_table("funnel.parquet", found)
    return found


def follow_accounts(book: Book, cohorts: Cohorts) -> Retention:
    """Follow the accounts of an earlier day and leave ``retention.parquet``."""
    found = retention(cohorts.followed, book.facts, book.as_of)
    if len(found.summary):
        book.run.write_table("retention.parquet", found.curves)
    return found


def judge_segments(book: Book, cohorts: Cohorts) -> Payoff:
    """Judge the segments by what came next and leave ``payoff.parquet``."""
    found = payoff(cohorts.judged, book.facts, book.as_of, seed=book.brief.seed)
    if len(found.table):
        book.run.write_table("payoff.parquet", found.table)
    return found


def hear_sales(book: Book, market: SegmentedMarket) -> Feedback:
    """Compare sales' opinions with the model; says how many accounts carry sales' segment."""
    placed = book.run.read_table("assignments.parquet")
    moved = int((placed["segment"].to_numpy() != book.assignments["segment"].to_numpy()).sum())
    return compare_feedback(book.facts.get("feedback"), placed, market.names, honoured=moved)


def look_after_segments(book: Book, market: SegmentedMarket) -> pd.DataFrame:
    """Say which segments to split, merge or retire, and leave ``upkeep.parquet``."""
    found = upkeep(
        book.run.read_table("assignments.parquet"),
        book.accounts.frame,
        book.brief.variables,
        market.names,
        min_share=book.study.clustering.min_share,
        seed=book.brief.seed,
    )
    book.run.write_table("upkeep.parquet", found)
    return found


def _not_compared(book: Book, text: str, named: str | None, kind: str) -> Note:
    book.run.write_json("refresh.json", nothing_to_compare(text, named))
    return Note(cited("refresh.json:reason", text), kind=kind)


def make(book: Book) -> None:
    """Make all that step 06 leaves, with the calls of its notebook."""
    market = SegmentedMarket.of(book)
    measure_kpis(book, market)
    stage_conversion(book, market)
    read_campaigns(book, market)
    cohorts = earlier_cohorts(book, market.names)
    follow_accounts(book, cohorts)
    judge_segments(book, cohorts)
    compare_with_previous(book)
    look_after_segments(book, market)
