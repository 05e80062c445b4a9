"""Tables of step 05, or the line that says what they need."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.exhibits import Note, Table, format_value, missing
from seglib.strategy.budget import CURVE, BudgetSplit
from seglib.strategy.experiments import ExperimentPlan
from seglib.strategy.plan import NO_EVIDENCE, Advice, SegmentPlan
from seglib.strategy.targeting import AXES, Targeting


def knock_out_table(choice: Targeting) -> Table:
    """Show each segment's knock-out conditions: what was asked and what was found."""
    rows = choice.conditions
    found = [
        "not judged" if pd.isna(row["value"]) else f"{row['verdict']} ({row['value']:.0%})"
        for row in rows.to_dict("records")
    ]
    wide = rows.assign(found=found, asked=[f"{limit:.0%}" for limit in rows["limit"]])
    names = dict(zip(choice.matrix["segment"], choice.matrix["name"], strict=True))
    wide["heading"] = wide["label"] + " (from " + wide["asked"] + ")"
    table = wide.pivot(index="segment", columns="heading", values="found").reset_index()
    table["segment"] = table["segment"].map(names).astype("str")
    ordered = ["segment", *dict.fromkeys(wide["heading"])]
    return Table(table[ordered], "Knock-outs: conditions without which a segment is no target")


def scores_table(choice: Targeting) -> Table | Note:
    """Show each criterion's weight, its value in each segment and the score made of it."""
    if choice.scores.empty:
        return missing("The targeting scores", ["orders", "opportunities"])
    rows = choice.scores
    names = dict(zip(choice.matrix["segment"], choice.matrix["name"], strict=True))
    cells = [
        f"{row['score']:.1f}" if pd.isna(row["value"]) else
        f"{row['score']:.1f} ({_value(row['value'], row['unit'])})"
        for row in rows.to_dict("records")
    ]  # fmt: skip
    wide = rows.assign(cell=cells, name=rows["segment"].map(names).astype("str"))
    table = wide.pivot_table(
        index=["axis", "label", "weight"],
        columns="name",
        values="cell",
        aggfunc="first",
        sort=False,
    ).reset_index()
    return Table(
        table.rename(columns={"label": "criterion"})[
            ["criterion", "axis", "weight", *names.values()]
        ],
        "Criteria: weight, and score of each segment (measured value in brackets)",
        {"weight": "{:.0%}"},
        note="Scores run from 1 to 10; 5.5 is the market's own value. Values that rest on few "
        f"observations are pulled toward it before they are scored. {_said(choice, 'missing')}",
    )


def _value(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.0%}"
    number = f"{value:,.0f}" if float(value).is_integer() else format_value(float(value))
    return f"{number} {unit}"


def choice_table(choice: Targeting) -> Table:
    """Show the position of each segment and how often it is among the chosen."""
    columns = ["name", "accounts", *AXES, "overall", "chosen_share", "profit_potential", "target"]
    ranked = choice.matrix.sort_values("overall", ascending=False, kind="stable")
    unit = str(choice.matrix["potential_unit"].iloc[0]) if len(choice.matrix) else ""
    labels = {
        "name": "segment",
        "chosen_share": "chosen, of drawn weights",
        "profit_potential": f"profit potential, {unit}",
        "target": "chosen",
    }
    formats = dict.fromkeys([*AXES, "overall"], "{:.1f}") | {
        "chosen_share": "{:.0%}",
        "profit_potential": "{:,.0f}",
    }
    caption = "Segments in the order of their overall score"
    return Table(ranked[columns], caption, formats, labels, note=_said(choice, "warning"))


def _said(choice: Targeting, kind: str) -> str:
    return " ".join(note.text for note in choice.notes if note.kind == kind)


def plays_table(plans: Sequence[SegmentPlan]) -> Table | Note:
    """Show each segment's play in one row: need, proposition, offer, motion, first channels."""
    if not any(plan.need or plan.plays for plan in plans):
        return missing("The playbook", ["surveys", "engagements", "opportunities", "orders"])
    rows = [
        {
            "segment": plan.name,
            "chosen": plan.target,
            "leading need": plan.need or NO_EVIDENCE,
            "value proposition": plan.value_proposition or NO_EVIDENCE,
            "offer": plan.offer or NO_EVIDENCE,
            "first plays": ", ".join(play.label for play in plan.plays[:2]) or NO_EVIDENCE,
            "tier": plan.tier,
            "first channels": ", ".join(c.label for c in _known(plan)[:2]) or NO_EVIDENCE,
        }
        for plan in plans
    ]
    return Table(pd.DataFrame(rows), "The playbook in one row a segment")


def _known(plan: SegmentPlan) -> list[Advice]:
    """Channels of which the data say something."""
    return [channel for channel in plan.channels if channel.evidence != NO_EVIDENCE]


def evidence_table(plan: SegmentPlan) -> Table:
    """Show one segment's advice, each line with the evidence under it."""
    rows = [("Leading need", plan.need or NO_EVIDENCE, "; ".join(plan.need_evidence))]
    rows += [("Product", plan.product, "")] if plan.product else []
    rows += [("Pricing", plan.pricing, "")] if plan.pricing else []
    rows += [(f"Play: {a.label}", a.text, a.evidence) for a in plan.plays]
    rows += [(f"Objection: {a.label}", a.text, a.evidence) for a in plan.objections]
    rows += [(f"Channel: {a.label}", a.text, a.evidence) for a in _known(plan)]
    tier = (("Sales motion", plan.motion), ("Service", plan.service))
    rows += [(line, text, plan.tier) for line, text in tier if text != NO_EVIDENCE]
    rows += [("Best time", plan.best_time, "")] if plan.best_time else []
    rows += [("Gap", gap, "") for gap in plan.gaps]
    rows += [("Note of the study", note, "") for note in plan.notes]
    frame = pd.DataFrame(rows, columns=["line", "what to do", "evidence"])
    return Table(frame, f"Playbook of {plan.name}, line by line with its evidence", limit=60)


def messages_table(plan: SegmentPlan) -> Table | Note:
    """Show what to say to each buying role of a segment at each stage of the journey."""
    if not plan.roles:
        return missing(f"Messages by buying role for {plan.name}", ["contacts"])
    rows = [
        {
            "role": f"{role.label} ({role.accounts:,} accounts{', thin' if role.thin else ''})",
            "stage": stage.label,
            "message": stage.message,
            "format": stage.format,
            "channel": stage.channel,
        }
        for role in plan.roles
        for stage in role.stages
    ]
    return Table(pd.DataFrame(rows), f"What to say in {plan.name}, by role and stage", limit=60)


def budget_table(split: BudgetSplit) -> Table | Note:
    """Show the split of the budget with its curves and marginal returns."""
    if split.table.empty:
        return missing("The budget", ["orders", "subscriptions", "touches"])
    columns = [
        "name", "label", "amount", "share", "contacts", "expected_return", "marginal_return",
        "cost", "response", "source",
    ]  # fmt: skip
    formats = {
        "amount": "{:,.0f}", "share": "{:.0%}", "contacts": "{:,.0f}", "expected_return": "{:,.0f}",
        "marginal_return": "{:.2f}", "cost": "{:,.2f}", "response": "{:.1%}",
    }  # fmt: skip
    labels = {
        "name": "segment",
        "label": "channel",
        "marginal_return": "return of the next unit",
        "cost": "cost of a contact",
        "source": "response known from",
    }
    ordered = split.table.sort_values(["segment", "amount"], ascending=[True, False])
    caption = f"Budget of {split.total:,.0f}, split by expected return"
    if split.unspent:
        caption += f"; {split.unspent:,.0f} stays unspent"
    return Table(ordered[columns], caption, formats, labels, note=f"Declared curve: {CURVE}.")


def experiments_table(tests: ExperimentPlan) -> Table | Note:
    """Show the test of each segment: cells, base rate, what it can see, what it needs."""
    if tests.table.empty:
        return Note("There is no segment to test in.", "missing")
    columns = [
        "name", "what", "treated", "held_out", "base_rate", "base_source", "detectable", "relevant",
        "needed", "advice",
    ]  # fmt: skip
    formats = dict.fromkeys(["detectable", "relevant"], _points) | {"base_rate": "{:.1%}".format}
    labels = {
        "name": "segment",
        "base_rate": "conversion untouched",
        "base_source": "known from",
        "detectable": "detectable lift, points",
        "relevant": "lift worth finding, points",
        "needed": "accounts it needs",
    }
    settings = tests.settings
    note = (
        f"Two-sided test at {settings.alpha:.0%}, power {settings.power:.0%}; "
        f"{settings.hold_out:.0%} of the accounts are held out at random."
    )
    return Table(tests.table[columns], "Test plan by segment", formats, labels, note=note)


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def export_table(lists: dict[str, pd.DataFrame]) -> Table:
    """Show how many accounts each exported list holds, by segment and test cell."""
    crm = lists["crm_import"]
    cell = crm["cell"].where(crm["cell"] != "", "not tested")
    counts = pd.crosstab(crm["segment_name"], cell).reset_index()
    counts.insert(1, "on the target list", _listed(lists["targets"], counts["segment_name"]))
    caption = "Exported accounts by segment and test cell"
    return Table(counts, caption, labels={"segment_name": "segment"})


def _listed(targets: pd.DataFrame, names: pd.Series) -> pd.Series:
    counts = targets["segment_name"].value_counts()
    return names.map(counts).fillna(0).astype("int64")
