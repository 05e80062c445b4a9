"""What step 05 does with an open book, thought by thought; each call leaves its artifact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from seglib.exhibits import Note
from seglib.quotes import quote
from seglib.strategy.addressable import addressable_market
from seglib.strategy.budget import BudgetSplit, split_budget
from seglib.strategy.experiments import ExperimentPlan, plan_tests
from seglib.strategy.lists import export_lists, write_cards
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.plan import SegmentPlan
from seglib.strategy.playbook import build_playbook, unknown_edits
from seglib.strategy.playbook_model import load_playbook
from seglib.strategy.response import response_curves
from seglib.strategy.targeting import AXES, Targeting, targeting
from seglib.strategy.underserved import underserved_needs

if TYPE_CHECKING:
    import pandas as pd

    from seglib.study import Targeting as TargetingAsked
    from seglib.workbook import Book


def choose_targets(book: Book, market: SegmentedMarket) -> Targeting:
    """Judge the segments, choose those to address and leave ``targeting.parquet``."""
    brief, study = book.brief, book.study
    found = targeting(
        market,
        attractiveness=brief.attractiveness,
        competitiveness=brief.competitiveness,
        targets=study.targeting.targets,
        min_share=brief.min_share,
        seed=brief.seed,
    )
    choice = replace(found, notes=(*found.notes, *_weights_said(study.targeting)))
    wide = choice.scores.assign(column="score_" + choice.scores["criterion"].astype("str"))
    scores = wide.pivot_table(index="segment", columns="column", values="score", sort=False)
    book.run.write_table("targeting.parquet", choice.matrix.merge(scores, on="segment", how="left"))
    return choice


def _weights_said(asked: TargetingAsked) -> list[Note]:
    """Say what becomes of weights of the study that do not add up to 1."""
    stated = {axis: sum(getattr(asked, axis).values()) for axis in AXES if getattr(asked, axis)}
    return [
        Note(
            f"The study's {axis} weights add up to {quote('weights', total, 'g')}, not to 1: "
            "each takes the place of the objective's own weight, and all of the axis are divided "
            "by their sum."
        )
        for axis, total in stated.items()
        if abs(total - 1) > 0.005
    ]


def measure_market(book: Book, market: SegmentedMarket) -> pd.DataFrame:
    """Count the addressable market of each segment and leave ``addressable.parquet``."""
    others = len(book.accounts.frame) - len(market.customers)
    table = addressable_market(market, prospects=others, seed=book.brief.seed)
    book.run.write_table("addressable.parquet", table)
    return table


def find_underserved(book: Book, market: SegmentedMarket) -> pd.DataFrame:
    """Find needs that are important and not satisfied and leave ``underserved.parquet``."""
    table = underserved_needs(market)
    book.run.write_table("underserved.parquet", table)
    return table


def write_playbook(book: Book, market: SegmentedMarket, choice: Targeting) -> list[SegmentPlan]:
    """Fill the playbook with the segments' evidence, targets first; leave ``playbook.json``."""
    plans = build_playbook(market, load_playbook(book.study.playbook), targets=choice.targets)
    rank = {segment: place for place, segment in enumerate(choice.targets)}
    plans.sort(key=lambda plan: rank.get(plan.segment, len(rank)))
    book.run.write_json("playbook.json", [plan.model_dump(mode="json") for plan in plans])
    return plans


def playbook_warnings(book: Book, market: SegmentedMarket) -> list[Note]:
    """Name what the study's playbook writes for segments that are not there."""
    return unknown_edits(market, load_playbook(book.study.playbook))


def plan_budget(book: Book, market: SegmentedMarket, choice: Targeting) -> BudgetSplit:
    """Split the study's budget over the chosen segments and leave ``budget.parquet``."""
    asked = book.study.budget
    curves = response_curves(market, load_playbook(book.study.playbook), addressed(market, choice))
    split = split_budget(
        curves,
        total=asked.total,
        min_share=asked.min_share,
        max_share=asked.max_share,
        channels={name: (bound.min, bound.max) for name, bound in asked.channels.items()},
        leave_unspent=asked.leave_unspent,
    )
    book.run.write_table("budget.parquet", split.table)
    return split


def design_tests(
    book: Book,
    market: SegmentedMarket,
    choice: Targeting,
    plans: Sequence[SegmentPlan],
    split: BudgetSplit,
) -> ExperimentPlan:
    """Plan a test for each chosen segment and leave ``experiments.parquet``."""
    what = {plan.segment: tested(plan, split) for plan in plans}
    tests = plan_tests(market, addressed(market, choice), what)
    book.run.write_table("experiments.parquet", tests.cells())
    return tests


def make(book: Book) -> None:
    """Make all that step 05 leaves, with the calls of its notebook."""
    market = SegmentedMarket.of(book)
    choice = choose_targets(book, market)
    measure_market(book, market)
    find_underserved(book, market)
    plans = write_playbook(book, market, choice)
    split = plan_budget(book, market, choice)
    tests = design_tests(book, market, choice, plans, split)
    export_lists(book, market, choice, plans, tests)
    write_cards(book, market, plans, split, tests)


def addressed(market: SegmentedMarket, choice: Targeting) -> list[int]:
    """Numbers of the segments that money and tests go to: the chosen, or all where none is."""
    return choice.targets or market.numbers


def tested(plan: SegmentPlan, split: BudgetSplit) -> str:
    """Say in a few words what is tested in a segment: its dearest channel with its leading need.

    Examples
    --------
    >>> plan = SegmentPlan(segment=1, name="A", target=True, need="Low total cost")
    >>> import pandas as pd
    >>> tested(plan, BudgetSplit(pd.DataFrame(columns=["segment", "amount", "label"]), 0.0))
    'the message on low total cost'
    """
    own = split.table[(split.table["segment"] == plan.segment) & (split.table["amount"] > 0)]
    channels = own.sort_values("amount", ascending=False, kind="stable")["label"].tolist()
    channel = str(channels[0]) if channels else ""
    need = f"the message on {plan.need.lower()}" if plan.need else ""
    return " with ".join(part for part in (channel, need) if part) or "the first touch"
