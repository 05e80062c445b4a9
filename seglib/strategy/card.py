"""A segment on one page: the card that a team pins to the wall, as HTML that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment

from seglib.charts.style import segment_color
from seglib.exhibits import format_value, slug
from seglib.strategy.budget import BudgetSplit
from seglib.strategy.experiments import ExperimentPlan
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.plan import NO_EVIDENCE, SegmentPlan
from seglib.strategy.response import DECLARED
from seglib.strategy.time_zones import UNKNOWN_ZONE

_MOST = {"traits": 3, "plays": 2, "objections": 2, "roles": 4, "channels": 3, "zones": 3, "gaps": 4}
"""What fits a page; what is left out stands in the report."""


class Figure(NamedTuple):
    """A figure at the head of the card, with what it is and its interval."""

    value: str
    label: str
    interval: str = ""


@cache
def _template() -> Any:
    text = Path(__file__).with_name("card.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(text)


def card_name(plan: SegmentPlan) -> str:
    """Name the file of a segment's card.

    Examples
    --------
    >>> card_name(SegmentPlan(segment=2, name="Large labs", target=True))
    'segment-2-large-labs'
    """
    return f"segment-{plan.segment}-{slug(plan.name)[:60]}".strip("-")


def card_facts(
    plan: SegmentPlan,
    record: Mapping[str, Any],
    split: BudgetSplit,
    tests: ExperimentPlan,
    market: SegmentedMarket,
) -> dict[str, Any]:
    """Collect what a card says beside the playbook: figures, money, test.

    Parameters
    ----------
    plan
        Playbook of the segment.
    record
        Its entry in ``segments.json``; may be empty.
    split, tests
        Budget and tests of all segments.
    market
        Accounts with segments.
    """
    own = split.table[(split.table["segment"] == plan.segment) & (split.table["amount"] > 0)]
    tested = tests.table[tests.table["segment"] == plan.segment].to_dict("records")
    paid = own.sort_values("amount", ascending=False, kind="stable")
    return {
        "figures": _figures(plan, record, market),
        "color": str(record.get("color") or segment_color(plan.segment)),
        "caution": str(record.get("note") or ""),
        "money": [
            f"{row['label']} {row['amount']:,.0f} {market.currency}".strip()
            for row in paid.to_dict("records")
        ],
        "back": float(paid["expected_return"].sum()),
        "value_of": str(paid["value_of"].iloc[0]) if len(paid) else "",
        "declared": bool(len(paid)) and bool((paid["source"] == DECLARED).all()),
        "currency": market.currency,
        "test": tested[0] if tested else None,
    }


def _figures(plan: SegmentPlan, record: Mapping[str, Any], market: SegmentedMarket) -> list[Figure]:
    customers = int((market.customers["segment"] == plan.segment).sum())
    prospects = int((market.prospects["segment"] == plan.segment).sum())
    unit = str(record.get("value_unit") or "")
    label = str(record.get("value_label") or "value").lower()
    figures = [
        Figure(f"{customers:,}", "accounts"),
        _share(record, "share", "of the accounts"),
        _share(record, "revenue_share", f"of the {label}"),
        Figure(
            _number(record, "revenue_per_account", unit),
            f"{label} an account",
            _interval(record, "revenue", format_value),
        ),
        Figure(f"{prospects:,}" if prospects else "", "prospects placed here"),
    ]
    return [figure for figure in figures if figure.value]


def _number(record: Mapping[str, Any], key: str, unit: str) -> str:
    value = record.get(key)
    return "" if value is None else f"{format_value(float(value))} {unit}".strip()


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def _share(record: Mapping[str, Any], key: str, label: str) -> Figure:
    value = record.get(key)
    text = "" if value is None else _percent(float(value))
    return Figure(text, label, _interval(record, key, _percent))


def _interval(record: Mapping[str, Any], key: str, write: Any) -> str:
    low, high = record.get(f"{key}_low"), record.get(f"{key}_high")
    return "" if low is None or high is None else f"{write(float(low))} to {write(float(high))}"


def segment_card(plan: SegmentPlan, facts: Mapping[str, Any], *, title: str, day: str) -> str:
    """Write the card of a segment.

    Parameters
    ----------
    plan
        Playbook of the segment.
    facts
        From :func:`card_facts`.
    title
        Of the study.
    day
        As-of day; empty where there is none.

    Returns
    -------
    str
        HTML that loads nothing and fits one A4 page; every text is escaped.
    """
    known = [channel for channel in plan.channels if channel.evidence != NO_EVIDENCE]
    placed = [time for time in plan.send_times if time.zone != UNKNOWN_ZONE]
    return str(
        _template().render(
            plan=plan,
            title=title,
            day=day,
            most=_MOST,
            channels=known,
            times=placed,
            unknown=NO_EVIDENCE,
            roles=sorted(plan.roles, key=lambda role: -role.accounts),
            percent=_percent,
            gaps=_gaps(plan),
            **facts,
        )
        + "\n"
    )


def _gaps(plan: SegmentPlan) -> list[str]:
    """Gaps that fit the card, and how many do not."""
    shown = list(plan.gaps[: _MOST["gaps"]])
    more = len(plan.gaps) - len(shown)
    return [*shown, f"{more} more in the report."] if more > 0 else shown
