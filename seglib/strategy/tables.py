"""Tables of step 05, or the line that says what they need."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.exhibits import Note, Table, format_value, missing
from seglib.quotes import quote
from seglib.strategy.budget import CURVE, BudgetSplit
from seglib.strategy.experiments import ExperimentPlan
from seglib.strategy.hinges import weight_ranges
from seglib.strategy.market import each
from seglib.strategy.targeting import AXES, Targeting
from seglib.strategy.underserved import underserved_text


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
        note=f"Scores run from 1 to 10; {quote('market', 5.5)} is the market's own value. Values "
        "that rest on few observations are pulled toward it before they are scored. "
        f"{_said(choice, 'missing')} "
        f"{_said(choice, 'finding')}".rstrip(),
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
    caption = f"Budget of {quote('budget', split.total, ',.0f')}, split by expected return"
    if split.unspent:
        caption += f"; {quote('unspent', split.unspent, ',.0f')} stays unspent"
    return Table(ordered[columns], caption, formats, labels, note=f"Declared curve: {CURVE}.")


def experiments_table(tests: ExperimentPlan) -> Table | Note:
    """Show the test of each segment: cells, base rate, what it can see, what it needs."""
    if tests.table.empty:
        return Note("There is no segment to test in.", "missing")
    rows = tests.table
    shown = rows.assign(
        cells=[f"{r.treated:,} + {r.held_out:,}" for r in each(rows)],
        untouched=[f"{r.base_rate:.1%} ({r.base_source})" for r in each(rows)],
    )
    columns = ["name", "what", "cells", "untouched", "detectable", "needed", "duration", "advice"]
    labels = {
        "name": "segment",
        "cells": "treated + held out",
        "untouched": "conversion untouched (known from)",
        "detectable": "detectable lift, points",
        "needed": "accounts it needs",
        "duration": "how long",
    }
    settings = tests.settings
    note = (
        f"Worth finding is a lift of {quote('lift', 100 * settings.relevant_lift, '.1f')} points. "
        f"Two-sided test at {quote('level', settings.alpha, '.0%')}, power "
        f"{quote('power', settings.power, '.0%')}; {quote('held_out', settings.hold_out, '.0%')} "
        "of the accounts are held out at random. As they come by: accounts that order, open a "
        "deal or ask for support, counted back over the last 12 whole months."
    )
    return Table(shown[columns], "Test plan by segment", {"detectable": _points}, labels, note=note)


def _points(value: float) -> str:
    return f"{100 * value:.1f}"


def weights_table(choice: Targeting) -> Table | Note:
    """Show for each weight from where to where it leaves the choice as it is."""
    ranges = weight_ranges(choice)
    if ranges.empty:
        return Note("There is no choice that could hang on a weight: no other segment is allowed.")
    rows = ranges.assign(
        holds=[f"{row.low:.0%} to {row.high:.0%}" for row in each(ranges)],
        then="",
    )
    rows["then"] = [
        "; ".join(
            f"{side} {bound:.0%}: {words}"
            for side, bound, words in (("below", r.low, r.below), ("above", r.high, r.above))
            if words
        )
        or "the choice never changes"
        for r in each(ranges)
    ]
    near = ranges.assign(
        room=np.minimum(
            np.where(ranges["below"] != "", ranges["weight"] - ranges["low"], np.inf),
            np.where(ranges["above"] != "", ranges["high"] - ranges["weight"], np.inf),
        )
    ).sort_values("room", kind="stable")
    first = next(each(near))
    hangs = (
        f"The choice hangs most on '{first.label}': {quote('room', 100 * first.room, '.0f')} "
        "points are enough to change it."
        if np.isfinite(first.room)
        else "No single weight can change the choice."
    )
    return Table(
        rows[["label", "axis", "weight", "holds", "then"]],
        "How far each weight could move before the choice changes",
        {"weight": "{:.0%}"},
        {"label": "criterion", "holds": "the choice holds from", "then": "beyond that"},
        note=f"{hangs} The other weights of the axis keep their proportions.",
    )


def market_table(found: pd.DataFrame, currency: str) -> Table:
    """Show the addressable market of each segment, with intervals.

    Parameters
    ----------
    found
        From :func:`~seglib.strategy.addressable.addressable_market`.
    currency
        Of the money.
    """
    rows = found.assign(
        prospects=_between(found, "prospects"),
        value=_between(found, "value"),
        open=_between(found, "open"),
    )
    columns = ["name", "customers", "placed", "prospects", "penetration", "value", "earned", "open"]
    labels = {
        "name": "segment",
        "placed": "prospects placed",
        "prospects": "prospects expected (95 %)",
        "penetration": "customers among both",
        "value": f"{currency} a year of a customer (95 %)".strip(),
        "earned": f"{currency} a year today".strip(),
        "open": f"{currency} a year open (95 %)".strip(),
    }
    return Table(
        rows[columns],
        "Addressable market by segment",
        {"penetration": "{:.0%}", "earned": "{:,.0f}"},
        labels,
        note="Prospects are accounts on file that are no customers. A placed one counts by the "
        "chance that its placement is right; those not placed are shared out as the customers are. "
        "Open: prospects times what a customer is worth. What is not on file is not in it.",
    )


def _between(found: pd.DataFrame, name: str) -> list[str]:
    """A figure with its interval; empty where it is not known."""
    return [
        "" if pd.isna(value) else f"{value:,.0f} ({low:,.0f} to {high:,.0f})"
        for value, low, high in zip(
            found[name], found[f"{name}_low"], found[f"{name}_high"], strict=True
        )
    ]


def underserved_table(found: pd.DataFrame) -> Table | Note:
    """Show the three largest opportunities of each segment.

    Parameters
    ----------
    found
        From :func:`~seglib.strategy.underserved.underserved_needs`.
    """
    if found.empty:
        return missing("Under-served needs (items 'need:…' and 'satisfaction:…')", ["surveys"])
    top = found.groupby("segment", sort=False).head(3)
    rows = top.assign(
        gap=[f"{r.gap:+.1f} ({r.gap_low:+.1f} to {r.gap_high:+.1f})" for r in each(top)]
    )
    note = underserved_text(found) + " Opportunity: importance, plus the gap where it is positive."
    if (found["asked"] == "overall").any():
        note += (
            " Where satisfaction with the need itself was not asked, overall satisfaction stands "
            "for it, and the order within a segment is that of importance; ask "
            "'satisfaction:<need>' to know."
        )
    return Table(
        rows[[
            "name", "need", "importance", "satisfaction", "asked", "gap", "opportunity",
            "underserved", "n",
        ]],
        "Opportunities: important and not satisfied (from 0 to 10; opportunity from 0 to 20)",
        dict.fromkeys(["importance", "satisfaction", "opportunity"], "{:.1f}"),
        {"name": "segment", "asked": "satisfaction with", "gap": "gap (95 %)",
         "underserved": "under-served"},
        note=note,
    )  # fmt: skip


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
