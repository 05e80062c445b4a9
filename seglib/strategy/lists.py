"""What step 05 exports: lists for people and systems, SQL, and a card for each segment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.exhibits import Note
from seglib.quotes import quote
from seglib.strategy.budget import BudgetSplit
from seglib.strategy.card import card_facts, card_name, segment_card
from seglib.strategy.excel import MOST_ROWS, to_safe_xlsx
from seglib.strategy.experiments import ExperimentPlan, draw_cells
from seglib.strategy.exports import crm_import, target_list, to_safe_csv
from seglib.strategy.key_accounts import key_accounts
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.plan import SegmentPlan, play
from seglib.strategy.playbook_model import load_playbook
from seglib.strategy.plays_sql import plays_sql
from seglib.strategy.targeting import Targeting

if TYPE_CHECKING:
    from seglib.workbook import Book

CARDS = "exports/cards"
"""Folder of the segment cards."""

_MEANING = {
    "account_id": "Identifier of the account; the only thing that names it. No personal data.",
    "status": "Customer, former customer or prospect, as the source system sees it.",
    "segment, segment_name": "Segment of the account.",
    "confidence": "How sure the segment is, 0 to 1; empty where it was not computed.",
    "play": "What to do, in a few words; the segment's card says more.",
    "cell": "test: address it. hold-out: leave it alone until the test is read. Empty: no test.",
}


def export_lists(
    book: Book,
    market: SegmentedMarket,
    choice: Targeting,
    plans: Sequence[SegmentPlan],
    tests: ExperimentPlan,
) -> dict[str, pd.DataFrame]:
    """Leave the lists and the SQL in ``exports``; return the lists by name.

    Parameters
    ----------
    book
        The open step.
    market, choice, plans, tests
        Results of the step.

    Returns
    -------
    dict of str to DataFrame
        ``targets`` (also written for Excel), ``crm_import`` and ``key_accounts``.
    """
    cells = draw_cells(market.accounts, tests, seed=book.brief.seed)
    crm = crm_import(market, {plan.segment: play(plan) for plan in plans}, cells)
    playbook = load_playbook(book.study.playbook)
    lists = {
        "targets": target_list(market, crm, choice.targets),
        "crm_import": crm,
        "key_accounts": key_accounts(market, plans, playbook, cells),
    }
    for name, frame in lists.items():
        book.run.write_text(f"exports/{name}.csv", to_safe_csv(frame))
    book.run.write_bytes("exports/targets.xlsx", to_safe_xlsx(_workbook(market, lists)))
    _write_sql(book, plans, choice)
    return lists


def _workbook(
    market: SegmentedMarket, lists: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Sheets of the Excel file: targets, key accounts, and what the columns mean."""
    targets, about = lists["targets"], dict(_MEANING)
    if market.day:
        about["as of"] = market.day
    if len(targets) > MOST_ROWS:
        about["rows"] = f"The first {MOST_ROWS:,} of {len(targets):,}; targets.csv holds all."
    sheets = {"Targets": targets.head(MOST_ROWS)}
    if len(lists["key_accounts"]):
        sheets["Key accounts"] = lists["key_accounts"]
    meaning = pd.DataFrame({"column": list(about), "meaning": list(about.values())})
    return {**sheets, "About": meaning}


def _write_sql(book: Book, plans: Sequence[SegmentPlan], choice: Targeting) -> None:
    from seglib.clustering.segmentation import Segmentation

    if plans and book.run.has("segmentation.json"):
        assignment = Segmentation.load(book.run).sql("postgres")
        book.run.write_text("exports/plays.sql", plays_sql(assignment, plans, choice.targets))


def write_cards(
    book: Book,
    market: SegmentedMarket,
    plans: Sequence[SegmentPlan],
    split: BudgetSplit,
    tests: ExperimentPlan,
) -> Note:
    """Leave a one-page card for each segment in ``exports/cards``; say so.

    Parameters
    ----------
    book
        The open step.
    market, plans, split, tests
        Results of the step.
    """
    for old in book.run.path(f"{CARDS}/x").parent.glob("*.*"):
        old.unlink()  # a segment of an earlier execution may not be there any more
    known = book.run.read_json("segments.json")
    records = {int(record["segment"]): record for record in known}
    judged = {row.segment: row for row in each(book.run.read_table("targeting.parquet"))}
    title = book.study.title or book.study.name
    for plan in plans:
        facts = card_facts(plan, records.get(plan.segment, {}), split, tests, market)
        facts["chosen"] = _chosen(judged[plan.segment], plan.target)
        html = segment_card(plan, facts, title=title, day=market.day)
        book.run.write_text(f"{CARDS}/{card_name(plan)}.html", html)
    some = "s, each" if len(plans) != 1 else ""
    return Note(
        f"{quote('cards', len(plans))} segment card{some} a page to print, stand in '{CARDS}'."
    )


def _chosen(row: Any, target: bool) -> str:
    """Say whether a segment is a target, and why or how surely."""
    if row.knocked_out:
        return f"Not a target (knocked out: {row.knocked_out.lower()})"
    word = "Target" if target else "Not a target"
    return f"{word} (chosen under {100 * row.chosen_share:.0f} % of drawn weights)"
