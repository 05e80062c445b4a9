"""Tables of step 06 on what came of the segments: funnel, retention, payoff, feedback, upkeep."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from seglib.exhibits import Note, Table
from seglib.measurement.feedback import Feedback
from seglib.measurement.payoff import Payoff
from seglib.measurement.retention import Retention
from seglib.quotes import quote

_SHARE = "{:.1%}".format


_RATES: Mapping[str, str | Callable[[float], str]] = dict.fromkeys(
    ("rate", "share", "survival", "low", "high", "shrunk", "whole"), _SHARE
)
_BOUNDS = {"low": "95 % from", "high": "to", "p_holm": "p (Holm)"}


def funnel_table(found: pd.DataFrame | Note) -> Table | Note:
    """Show conversion by stage: reached out of those at the stage before, raw and shrunken."""
    if isinstance(found, Note):
        return found
    shown = found.assign(
        counted=[f"{r:,} of {n:,}" for r, n in zip(found["reached"], found["of"], strict=True)]
    )[["name", "stage", "counted", "rate", "low", "high", "shrunk", "whole"]]
    labels = {**_BOUNDS, "name": "segment", "counted": "reached, of the stage before",
              "shrunk": "toward all segments", "whole": "all segments"}  # fmt: skip
    note = (
        "Last 12 months; accounts, placed prospects among them. Wilson intervals; pulled toward "
        "all segments (beta-binomial) stage by stage. Open opportunities are not decided yet: slow "
        "buyers look worse there than they are."
    )
    return Table(shown, "Conversion by stage and segment", _RATES, labels, note, limit=60)


def retention_table(found: Retention) -> Table | None:
    """Show who of an earlier day's accounts is still there; None where the figure says why not."""
    if found.summary.empty:
        return None
    words = {"contracts": "under contract", "orders": "still ordering"}
    shown = found.summary.assign(
        kind=found.summary["kind"].map(words),
        counted=[
            f"{lost:,} of {n:,}"
            for lost, n in zip(found.summary["lost"], found.summary["accounts"], strict=True)
        ],
    )[["kind", "name", "counted", "months", "survival", "low", "high", "p_holm"]]
    labels = {**_BOUNDS, "name": "segment", "counted": "lost", "survival": "still there",
              "p_holm": "p against the others (Holm)"}  # fmt: skip
    formats = {**_RATES, "months": "{:.0f}"}
    rules = " ".join(found.rule(kind) for kind in found.kinds)
    note = (
        f"Kaplan-Meier from {found.day} on; log-log intervals (exact where none or all were lost). "
        f"{rules} {found.said} Log-rank test of each segment against all others."
    )
    caption = "Retention since an earlier day, by segment"
    return Table(shown, caption, formats, labels, note, limit=60)


def payoff_table(found: Payoff) -> Table | None:
    """Show what these segments explain against simpler groupings; None where the figure says why
    not."""
    if found.table.empty:
        return None
    columns = ["outcome", "measure", "accounts", "grouping", "groups", "explained", "low", "high",
               "lead", "lead_low", "lead_high", "p_holm", "verdict"]  # fmt: skip
    labels = {**_BOUNDS, "lead": "these segments' lead", "lead_low": "lead from",
              "lead_high": "lead to"}  # fmt: skip
    points = dict.fromkeys(("lead", "lead_low", "lead_high"), "{:+.1%}")
    formats = {**_RATES, "explained": _SHARE, **points}
    note = (
        f"{found.said} Explained out of sample: 1 − loss / loss without groups, on accounts whose "
        "outcome was not used (ten folds, five times); below 0: worse than no groups at all. Leads "
        "are paired by account; p adjusted by Holm over all comparisons. "
        + " ".join(n.text for n in found.notes)
    ).strip()
    caption = "Did segmenting pay? What groupings of an earlier day explain of what came next"
    return Table(found.table[columns], caption, formats, labels, note)


def feedback_table(found: Feedback) -> Table | Note:
    """Show sales' words, the segment that each stands for, and how often both agree."""
    if found.accounts.empty:
        return found.notes[-1]
    columns = ["word", "reading", "name", "accounts", "agreed", "share", "low", "high"]
    labels = {**_BOUNDS, "word": "sales says", "reading": "read as", "name": "segment"}
    counts = found.counts
    roles = ", ".join(f"{role} {quote('role', n, ',')}" for role, n in found.roles.items())
    note = (
        f"{quote('rows', counts['rows'], ',')} rows ({roles or 'no role given'}), "
        f"{quote('comments', counts['comments'], ',')} with a comment; comments are "
        "counted and not passed on. Own words are matched to the segments "
        "with which they share most accounts, which flatters the agreement. "
        + " ".join(n.text for n in found.notes)
    ).strip()
    return Table(found.words[columns], "Sales' view beside the model", _RATES, labels, note)


def differences_table(found: Feedback, names: Mapping[int, str]) -> Table | None:
    """Show where sales would put accounts elsewhere, most accounts first; None without feedback."""
    moved = found.differences()
    if moved.empty:
        return None
    words = {**names, 0: "a group that the model does not have"}
    shown = pd.DataFrame(
        {
            "model says": moved["segment"].map(words),
            "sales says": moved["opinion"].map(words),
            "accounts": moved["accounts"],
        }
    )
    return Table(shown, "Where sales and the model differ", limit=15)


def upkeep_table(found: pd.DataFrame) -> Table:
    """Show which segments to split, merge or retire, with the figure of each rule."""
    columns = ["name", "accounts", "share", "low", "high", "unsure", "toward", "two_parts",
               "by_chance", "advice", "reason"]  # fmt: skip
    shown = found[columns].assign(toward=found["toward"].where(found["unsure"] > 0, "–"))
    labels = {**_BOUNDS, "name": "segment", "unsure": "unsure", "toward": "nearest to",
              "two_parts": "strength of two parts", "by_chance": "without groups"}  # fmt: skip
    formats = {**_RATES, "unsure": _SHARE, "two_parts": "{:.2f}", "by_chance": "{:.2f}"}
    return Table(shown, "Segments to split, merge or retire", formats, labels)
