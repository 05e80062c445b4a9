"""Personas: one card per segment × buying role, every line with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.profiling.buying_roles import role_coverage, role_engagement
from seglib.profiling.evidence import survey_means
from seglib.profiling.frames import records
from seglib.profiling.wording import capital, short, small
from seglib.quotes import percent, quote

ENOUGH_ACCOUNTS = 15
"""Accounts with a contact in the role under which the evidence for a persona is thin."""

ENOUGH_EVENTS = 30
"""Engagements of the role in the segment under which nothing is said about content."""

_LEAST = quote("least_accounts", ENOUGH_ACCOUNTS)

THRESHOLD = (
    f"A persona needs at least {_LEAST} accounts with a contact in the role; what it reads needs "
    f"{quote('least_engagements', ENOUGH_EVENTS)} engagements from {_LEAST} accounts. Below that "
    "the evidence is thin."
)
"""The thresholds in words, quoted."""

_CONTENT = {"topic": "Engages with", "kind": "Comes by"}

_COLUMNS = ("known_at", "level", "reads", "comes_by", "needs_more_of")
_ABOUT = {"topic": "reads", "kind": "comes_by"}


def personas(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, names: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Write a card for each buying role that is known in each segment.

    Parameters
    ----------
    facts
        ``contacts``; ``engagements`` and ``surveys`` add lines.
    assignments
        ``account_id`` and ``segment``.
    names
        Names of the segments.

    Returns
    -------
    list of dict
        ``segment``, ``segment_name``, ``role``, ``accounts`` (with such a contact), ``of``,
        ``contacts``, ``evidence`` (``enough`` or ``thin``) and ``lines``: each with ``text``,
        ``n``, ``unit`` of n and ``source`` (table). A thin card has only its first line. Empty
        without contacts.

    Notes
    -----
    "More than others" is said only where the share differs from all segments' after Holm's
    correction over the whole page (see :func:`~seglib.profiling.buying_roles.role_engagement`).

    Examples
    --------
    >>> contacts = pd.DataFrame({"account_id": ["a"], "role": ["buyer"], "contacts": [2]})
    >>> given = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 1]})
    >>> card = personas({"contacts": contacts}, given, {1: "Small accounts"})[0]
    >>> card["evidence"], card["lines"][0]["text"]
    ('thin', 'Known at 50 % of the accounts (1 of 2).')
    """
    coverage = role_coverage(facts, assignments)
    content = {of: role_engagement(facts, assignments, of) for of in _CONTENT}
    needs = survey_means(facts, assignments)
    return [_card(row, content, needs, names) for row in records(coverage) if row["accounts"] > 0]


def _card(
    row: dict[str, Any],
    content: Mapping[str, pd.DataFrame],
    needs: pd.DataFrame,
    names: Mapping[int, str],
) -> dict[str, Any]:
    segment, role = int(row["segment"]), str(row["role"])
    enough = row["accounts"] >= ENOUGH_ACCOUNTS
    known = (
        f"Known at {percent(row['coverage'])} of the accounts ({row['accounts']} of {row['of']})."
    )
    brief = f"{percent(row['coverage'])} ({row['accounts']} of {row['of']})"
    lines = [_line(known, row["of"], "accounts", "contacts", "known_at", brief)]
    if enough:
        lines += _seniority_line(row)
        for of, verb in _CONTENT.items():
            rows = content[of]
            lines += _content_line(
                rows[(rows["segment"] == segment) & (rows["role"] == role)], of, verb
            )
        lines += _need_line(needs[needs["segment"] == segment])
    return {
        "segment": segment,
        "segment_name": names.get(segment, f"Segment {segment}"),
        "role": role,
        "accounts": int(row["accounts"]),
        "of": int(row["of"]),
        "contacts": int(row["contacts"]),
        "evidence": "enough" if enough else "thin",
        "lines": lines,
    }


def _line(text: str, n: float, unit: str, source: str, about: str, brief: str) -> dict[str, Any]:
    line = {"text": text, "n": int(n), "unit": unit, "source": source}
    return {**line, "about": about, "brief": brief}


def _seniority_line(row: dict[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(row["seniority"], str) or row["seniority_known"] < ENOUGH_ACCOUNTS:
        return []
    text = f"Mostly {row['seniority']} level ({percent(row['seniority_share'])} of the contacts)."
    if row["seniority_share"] <= 0.5:
        text = f"Most often {row['seniority']} level ({percent(row['seniority_share'])})."
    brief = f"{row['seniority']} {percent(row['seniority_share'])}"
    return [_line(text, row["seniority_known"], "contacts", "contacts", "level", brief)]


def _content_line(rows: pd.DataFrame, of: str, verb: str) -> list[dict[str, Any]]:
    known = (rows["role_events"] >= ENOUGH_EVENTS) & (rows["accounts"] >= ENOUGH_ACCOUNTS)
    if rows.empty or not known.all():
        return []
    gap = rows["share"] - rows["overall"]
    above = rows[(rows["p_holm"] < 0.05) & (gap > 0)]
    chosen = above.assign(by=gap) if len(above) else rows.assign(by=rows["share"])
    top = chosen.sort_values(["by", of], ascending=[False, True]).iloc[0]
    what, share = short(str(top[of])), percent(top["share"])
    text = (
        f"{verb} {what} more than others in this role: {share} of an account's engagements "
        f"against {percent(top['overall'])} in all segments."
        if len(above)
        else f"{verb} {what} most often ({share} of an account's engagements), which is not "
        "shown to differ from the other segments."
    )
    brief = f"{what} {share}" + (
        f", all {percent(top['overall'])}" if len(above) else ", as others"
    )
    return [_line(text, top["accounts"], "accounts", "engagements", _ABOUT[of], brief)]


def _need_line(needs: pd.DataFrame) -> list[dict[str, Any]]:
    """What the segment's accounts need above others; surveys do not say which role answered."""
    above = needs[
        needs["item"].str.startswith("need:")
        & (needs["p_holm"] < 0.05)
        & (needs["low"] > needs["overall"])
        & (needs["n"] >= ENOUGH_ACCOUNTS)
    ]
    if above.empty:
        return []
    order = above.assign(gap=above["mean"] - above["overall"])
    top = order.sort_values(["gap", "item"], ascending=[False, True]).iloc[0]
    item = short(capital(top["item"].split(":", 1)[1].strip()))
    text = (
        f"{item} matters more to the segment's accounts than to others: "
        f"{top['mean']:.1f} against {top['overall']:.1f} points."
    )
    brief = f"{small(item)} {top['mean']:.1f}, all {top['overall']:.1f}"
    return [_line(text, top["n"], "accounts", "surveys", "needs_more_of", brief)]


def persona_table(cards: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Lay the cards out as a table, one row a persona; the cards hold the whole sentences.

    Returns
    -------
    DataFrame
        ``persona``, ``evidence``, and in a few words with its n ``known_at`` (share of the
        segment's accounts), ``level``, ``reads``, ``comes_by`` and ``needs_more_of`` (points).

    Examples
    --------
    >>> line = {"about": "level", "brief": "staff 80 %", "n": 40}
    >>> card = {"segment_name": "Small", "role": "buyer", "evidence": "enough", "lines": [line]}
    >>> persona_table([card])["level"].item()
    'staff 80 % (n = 40)'
    """
    rows = [
        {"persona": f"{card['segment_name']}: {card['role']}", "evidence": card["evidence"]}
        | {line["about"]: _brief(line) for line in card["lines"]}
        for card in cards
    ]
    return pd.DataFrame(rows, columns=["persona", "evidence", *_COLUMNS])


def _brief(line: Mapping[str, Any]) -> str:
    return line["brief"] + ("" if line["about"] == "known_at" else f" (n = {line['n']:,})")
