"""What step 05 found, in sentences computed from its results."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.charts.style import listed
from seglib.exhibits import Note
from seglib.quotes import amount, cited, quote
from seglib.strategy.budget import BudgetSplit
from seglib.strategy.experiments import ExperimentPlan
from seglib.strategy.plan import SegmentPlan
from seglib.strategy.targeting import Targeting


def findings(
    choice: Targeting,
    plans: Sequence[SegmentPlan],
    split: BudgetSplit,
    tests: ExperimentPlan,
    *,
    currency: str = "",
) -> list[Note]:
    """Say whom to address, with what, for how much, and what the tests can show.

    Parameters
    ----------
    choice, plans, split, tests
        Results of the step.
    currency
        Of the budget and of what it brings.
    """
    warnings = [note for note in choice.notes if note.kind == "warning"]
    return [*_targets(choice), *warnings, *_plays(plans), *_budget(split, currency), *_tests(tests)]


def _targets(choice: Targeting) -> list[Note]:
    if not choice.targets:
        return [Note("No segment passes the knock-outs: none is a target.", "warning")]
    rows = choice.matrix.set_index("segment").loc[choice.targets]
    if len(rows) == len(choice.matrix):
        text = (
            f"No more segments ({quote('targets', len(rows))}) were found than the study wants "
            f"to address, so there was nothing to choose; {rows['name'].iloc[0]} comes first."
        )
        return [Note(text)]
    named = [
        f"{name} ({quote(f'targeting.parquet:chosen_share[segment={segment}]', share, '.0%')})"
        for segment, name, share in zip(rows.index, rows["name"], rows["chosen_share"], strict=True)
    ]
    some = "s" if len(named) > 1 else ""
    return [
        Note(
            f"Address {listed(named)}; in brackets, how often the segment{some} would be chosen "
            "if the weights were a little different."
        )
    ]


def _plays(plans: Sequence[SegmentPlan]) -> list[Note]:
    chosen = [plan for plan in plans if plan.target]
    notes = [
        Note(
            f"{plan.name}: lead with {plan.need.lower()} "
            f"({cited('playbook.json:need_evidence', plan.need_evidence[0])})."
        )
        for plan in chosen
        if plan.need and plan.need_evidence
    ]
    gaps = {gap for plan in plans for gap in plan.gaps}
    if gaps:
        some = "s" if len(gaps) > 1 else ""
        count = quote("gaps", len(gaps))
        text = f"The playbook has {count} gap{some}: lines for which the data hold no evidence."
        notes.append(Note(text, "warning"))
    return notes


def _budget(split: BudgetSplit, currency: str) -> list[Note]:
    paid = split.table[split.table["amount"] > 0]
    if paid.empty:
        return list(split.notes)
    top = paid.sort_values("amount").iloc[-1]
    back = quote("budget.parquet:expected_return|sum", paid["expected_return"].sum(), amount)
    measured = (split.table["source"] != "declared prior").any()
    curves = "curves from past campaigns" if measured else "declared curves, not measured ones,"
    unit = f" {currency}" if currency else ""
    text = (
        f"Of a budget of {quote('budget', split.total, ',.0f')}{unit}, the largest part "
        f"({quote('largest_part', top['share'], '.0%')}) goes to "
        f"{str(top['label']).lower()} in {top['name']}; by {curves} the whole would bring "
        f"{back}{unit} of {str(top['value_of']).partition(',')[0]} within a year."
    )
    return [Note(text), *split.notes]


def _tests(tests: ExperimentPlan) -> list[Note]:
    if tests.table.empty:
        return []
    alone = tests.table["detectable"] <= tests.table["relevant"]
    if alone.all():
        text = "Every chosen segment is large enough to be tested alone."
    elif not alone.any():
        best = tests.table["detectable"].min()
        seen = (
            ""
            if pd.isna(best)
            else "; the smallest lift that would be seen is "
            f"{quote('smallest_lift', 100 * best, '.1f')} points"
        )
        text = f"No chosen segment is large enough to see the lift worth finding{seen}."
    else:
        text = f"{listed(tests.table.loc[alone, 'name'].tolist())} can be tested alone."
    return [Note(text)]
