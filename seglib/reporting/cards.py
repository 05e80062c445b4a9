"""Segment cards and share bars, from ``segments.json``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from markupsafe import Markup

from seglib.charts.style import segment_color
from seglib.exhibits import slug
from seglib.quotes import amount, percent
from seglib.reporting.findings import Findings, Record
from seglib.reporting.phrases import next_play, of_segment, value_name
from seglib.reporting.portrait import portrait
from seglib.reporting.quoted import quoted, readable_on, taken_over
from seglib.reporting.sanitize import free_anchor

_LEGIBLE = 0.05
"""Share of a bar from which a percentage fits inside."""


@dataclass(frozen=True)
class Fact:
    """A value and what it is."""

    label: str
    value: Markup


@dataclass(frozen=True)
class Card:
    """What a team needs to know of a segment on one card."""

    segment: int
    name: str
    anchor: str
    color: str
    on: str
    target: bool
    portrait: Markup
    worth: tuple[Fact, ...]
    traits: tuple[Markup, ...]
    caution: Markup
    trust: tuple[Fact, ...]
    play: Markup


@dataclass(frozen=True)
class Part:
    """A segment's part of a bar."""

    color: str
    on: str
    grow: str
    text: Markup


@dataclass(frozen=True)
class Bar:
    """How the segments share something, and the same in words."""

    label: str
    alt: str
    parts: tuple[Part, ...]


def make_cards(findings: Findings, taken: set[str]) -> list[Card]:
    """Write a card for each segment, in their order.

    Parameters
    ----------
    findings
        What the run found.
    taken
        Anchors already used in the report; new ones are added to it.
    """
    return [_card(record, findings, taken) for record in findings.segments]


def _card(record: Record, findings: Findings, taken: set[str]) -> Card:
    number, name = int(record["segment"]), str(record["name"])
    color = str(record.get("color") or segment_color(number))
    plan = findings.plays.get(number, {})
    return Card(
        segment=number,
        name=name,
        anchor=free_anchor(f"segment-{number}-{slug(name)}".strip("-"), taken),
        color=color,
        on=readable_on(color),
        target=bool(plan.get("target")),
        portrait=portrait(findings, number),
        worth=tuple(_worth(record)),
        traits=tuple(
            taken_over(_words(trait), "segments.json:traits")
            for trait in record.get("traits") or ()
        ),
        caution=taken_over(str(record.get("note") or ""), "segments.json:note"),
        trust=tuple(_trust(record, findings)),
        play=taken_over(next_play(plan), "playbook.json"),
    )


def _worth(record: Record) -> list[Fact]:
    facts = [
        _fact("accounts", record, "accounts", f"{int(record['accounts']):,}"),
        _fact("of all accounts", record, "share", _percent(record.get("share"))),
    ]
    label = value_name(record)
    if record.get("revenue_share") is not None:
        facts.append(
            _fact(f"of the {label}", record, "revenue_share", _percent(record["revenue_share"]))
        )
    if record.get("revenue_per_account") is not None:
        unit = str(record.get("value_unit") or "")
        text = f"{amount(float(record['revenue_per_account']))} {unit}".strip()
        facts.append(_fact(f"{label} per account", record, "revenue_per_account", text))
    return [fact for fact in facts if fact.value]


def _trust(record: Record, findings: Findings) -> list[Fact]:
    facts = [
        _fact("Confidence", record, "confidence", _percent(record.get("confidence"))),
        Fact("Stability", _stability(findings.segment_stability, record)),
    ]
    if record.get("prospects"):
        facts.append(_fact("Prospects", record, "prospects", f"{int(record['prospects']):,}"))
    return [fact for fact in facts if fact.value]


def _stability(segment_stability: pd.DataFrame, record: Record) -> Markup:
    """How far other samples hold the segment, from 0 to 1, and what noise reaches."""
    if "slsw" not in segment_stability:
        return Markup("")
    rows = segment_stability[segment_stability["segment"] == record["segment"]].dropna(
        subset=["slsw"]
    )
    for row in rows.to_dict(orient="records"):
        own, noise = (
            quoted(
                f"{row[field]:.2f}",
                row[field],
                f"segment_stability.parquet:{field}[segment={row['segment']}]",
            )
            for field in ("slsw", "noise_high")
        )
        return Markup("{} <small>noise up to {}</small>").format(own, noise)
    return Markup("")


def _fact(label: str, record: Record, key: str, text: str) -> Fact:
    value = record.get(key)
    if value is None or not text:
        return Fact(label, Markup(""))
    return Fact(label, of_segment(record, key, text))


def _percent(share: Any) -> str:
    return "" if share is None else percent(float(share))


def _words(trait: Any) -> str:
    return (
        str(trait.get("text") or trait.get("sentence") or "")
        if isinstance(trait, dict)
        else str(trait)
    )


def share_bars(findings: Findings) -> list[Bar]:
    """Show how the segments share the accounts and the value; no bar for fewer than two."""
    cards = findings.segments
    if len(cards) < 2:
        return []
    label = str(cards[0].get("value_label") or "value")
    bars = [_bar("Accounts", cards, "share"), _bar(label, cards, "revenue_share")]
    return [bar for bar in bars if bar]


def _bar(label: str, cards: Sequence[Record], key: str) -> Bar | None:
    known = [card[key] for card in cards if card.get(key) is not None]
    if len(known) < len(cards) or min(known) < 0 or sum(known) == 0:
        return None
    parts, words = [], []
    for card, share in zip(cards, map(float, known), strict=True):
        color = str(card.get("color") or segment_color(int(card["segment"])))
        text = of_segment(card, key) if share >= _LEGIBLE else Markup("")
        parts.append(Part(color, readable_on(color), f"{share:.4f}", text))
        words.append(f"{card['name']} {percent(share)}")
    return Bar(label, f"{label}: {', '.join(words)}", tuple(parts))
