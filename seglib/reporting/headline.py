"""The figures to know a run by, read from its artifacts."""

from __future__ import annotations

from seglib.reporting.answer import judged_row, verdict_word
from seglib.reporting.findings import Findings, read_findings
from seglib.reporting.phrases import SURE
from seglib.reporting.summary import Headline, SegmentLine
from seglib.run import Run


def headline(run: Run) -> Headline:
    """Read the headline of a run; what it did not reach is absent.

    Parameters
    ----------
    run
        Finished or not.
    """
    found = read_findings(run)
    status = found.accounts.get("status")
    cards = found.segments
    values = [float(card["revenue"]) for card in cards if card.get("revenue") is not None]
    first = cards[0] if cards else {}
    return Headline(
        title=str(found.brief.get("title") or ""),
        objective=str(found.brief.get("objective") or ""),
        as_of=str(found.brief.get("as_of") or ""),
        accounts=None if status is None else len(status),
        customers=None if status is None else int((status == "customer").sum()),
        segments=len(cards) or None,
        value=sum(values) if values else None,
        value_label=str(first.get("value_label") or ""),
        value_unit=str(first.get("value_unit") or ""),
        verdict=verdict_word(found),
        method=str(found.decision.get("method") or ""),
        stability=judged_row(found).get("stability"),
        confident_share=_confident(found),
        targets=_targets(found),
    )


def segment_lines(run: Run) -> list[SegmentLine]:
    """Read the segments of a run; none where it did not reach them."""
    return [
        SegmentLine(
            segment=int(card["segment"]),
            name=str(card["name"]),
            accounts=int(card["accounts"]),
            share=float(card["share"]),
            value=card.get("revenue"),
            value_share=card.get("revenue_share"),
        )
        for card in read_findings(run).segments
    ]


def _confident(found: Findings) -> float | None:
    confidence = found.assignments.get("confidence")
    if confidence is None or confidence.isna().all():
        return None
    return float((confidence >= SURE).mean())


def _targets(found: Findings) -> list[str]:
    table = found.targeting
    return [] if "target" not in table else [str(name) for name in table[table["target"]]["name"]]
