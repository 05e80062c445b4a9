"""Phrases that the answer, the figures and the cards share, each with where its figure stands."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from seglib.quotes import amount, percent
from seglib.reporting.findings import Findings, Record
from seglib.reporting.quoted import quoted

SURE = 0.8
"""Confidence from which an account counts as placed."""


def next_play(plan: Record) -> str:
    """Return what to do next in a segment, from its plan; empty where nothing is advised.

    Parameters
    ----------
    plan
        Its entry in ``playbook.json``.

    Examples
    --------
    >>> next_play({"plays": [], "offer": "A yearly service contract."})
    'A yearly service contract.'
    """
    plays = plan.get("plays") or []
    if plays and isinstance(plays[0], dict) and plays[0].get("text"):
        return str(plays[0]["text"])
    for key in ("next_play", "play", "value_proposition", "offer", "motion"):
        text = str(plan.get(key) or "")
        if text and text != "no evidence yet":
            return text
    return ""


def counted(value: int, source: str) -> Markup:
    """Write a count; see :func:`~seglib.reporting.quoted.quoted`."""
    return quoted(f"{value:,}", value, source)


def with_status(findings: Findings, kind: str) -> Markup:
    """Count the accounts of a kind, such as ``customer``; empty where there are none."""
    count = int((findings.accounts["status"] == kind).sum())
    return counted(count, f"accounts.parquet:[status={kind}]|count") if count else Markup("")


def surely_placed(placed: pd.DataFrame) -> Markup:
    """Write the share of the accounts whose place is sure."""
    share = float((placed["confidence"] >= SURE).mean())
    return quoted(percent(share), share, f"assignments.parquet:confidence|share>={SURE}")


def of_segment(card: Record, key: str, text: str = "") -> Markup:
    """Write a figure of ``segments.json``: a text for it, else the share in percent."""
    value = float(card[key])
    return quoted(text or percent(value), value, f"segments.json:{key}[segment={card['segment']}]")


def money(card: Record) -> Markup:
    """Write a segment's value in brackets; empty where it is not known."""
    if card.get("revenue") is None:
        return Markup("")
    text = f"{amount(float(card['revenue']))} {card.get('value_unit') or ''}".strip()
    return Markup(" ({})").format(of_segment(card, "revenue", text))


def value_name(card: Record) -> str:
    """Return what a segment's value is called inside a sentence.

    Examples
    --------
    >>> value_name({"value_label": "Revenue, 12 months"})
    'revenue'
    """
    label = str(card.get("value_label") or "value").split(",")[0]
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
