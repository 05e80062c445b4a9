"""Figures to remember: the few that a reader should take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from seglib.charts.style import spaced
from seglib.quotes import amount, percent
from seglib.reporting.answer import verdict_word
from seglib.reporting.findings import Findings
from seglib.reporting.phrases import (
    SURE,
    counted,
    of_segment,
    surely_placed,
    value_name,
    with_status,
)
from seglib.reporting.quoted import quoted


@dataclass(frozen=True)
class Figure:
    """A figure to remember: its value with its unit, and what it is."""

    value: Markup
    label: str
    unit: str = ""


def figures_to_remember(findings: Findings) -> list[Figure]:
    """Return the few figures that a reader should take away."""
    made: tuple[Callable[[Findings], Iterator[Figure]], ...] = (
        _segments_figure,
        _accounts_figure,
        _value_figure,
        _top_figure,
        _confidence_figure,
    )
    return [figure for make in made for figure in make(findings)]


def _segments_figure(findings: Findings) -> Iterator[Figure]:
    if findings.segments:
        word = verdict_word(findings)
        count = len(findings.segments)
        label = f"segment{'' if count == 1 else 's'}" + (f", {word}" if word else "")
        yield Figure(counted(count, "segments.json:|count"), label)


def _accounts_figure(findings: Findings) -> Iterator[Figure]:
    if findings.accounts.empty:
        return
    for kind, label in (("customer", "customers"), ("prospect", "prospects")):
        if count := with_status(findings, kind):
            yield Figure(count, label)


def _value_figure(findings: Findings) -> Iterator[Figure]:
    values = [card["revenue"] for card in findings.segments if card.get("revenue") is not None]
    if values:
        card = findings.segments[0]
        text, _, scale = amount(sum(values)).partition(" ")
        unit = f"{scale} {card.get('value_unit') or ''}".strip()
        label = str(card.get("value_label") or "value").lower()
        yield Figure(quoted(text, sum(values), "segments.json:revenue|sum"), label, unit)


def _top_figure(findings: Findings) -> Iterator[Figure]:
    valued = [card for card in findings.segments if card.get("revenue_share") is not None]
    if len(valued) > 1:
        best = max(valued, key=lambda card: card["revenue_share"])
        share = of_segment(best, "revenue_share")
        yield Figure(share, f"of the {value_name(best)} from {best['name']}")


def _confidence_figure(findings: Findings) -> Iterator[Figure]:
    placed = findings.assignments
    if not placed.empty and "confidence" in placed and placed["confidence"].notna().any():
        yield Figure(
            surely_placed(placed),
            spaced(f"of the accounts placed with a confidence of {percent(SURE)} or more"),
        )
