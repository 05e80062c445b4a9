"""Personas: one card per segment × buying role, every line with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.profiling.buying_roles import role_coverage, role_engagement
from seglib.profiling.evidence import survey_means
from seglib.profiling.frames import records
from seglib.profiling.wording import capital, percent, short

ENOUGH_ACCOUNTS = 15
"""Accounts with a contact in the role under which the evidence for a persona is thin."""

ENOUGH_EVENTS = 30
"""Engagements of the role in the segment under which nothing is said about content."""

THRESHOLD = (
    f"A persona needs at least {ENOUGH_ACCOUNTS} accounts with a contact in the role; what it "
    f"reads needs {ENOUGH_EVENTS} engagements from {ENOUGH_ACCOUNTS} accounts. Below that the "
    "evidence is thin."
)
"""The thresholds in words."""

_CONTENT = {"topic": "Engages with", "kind": "Comes by"}


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
    lines = [_line(known, row["of"], "accounts", "contacts")]
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


def _line(text: str, n: float, unit: str, source: str) -> dict[str, Any]:
    return {"text": text, "n": int(n), "unit": unit, "source": source}


def _seniority_line(row: dict[str, Any]) -> list[dict[str, Any]]:
    if not isinstance(row["seniority"], str) or row["seniority_known"] < ENOUGH_ACCOUNTS:
        return []
    text = f"Mostly {row['seniority']} level ({percent(row['seniority_share'])} of the contacts)."
    if row["seniority_share"] <= 0.5:
        text = f"Most often {row['seniority']} level ({percent(row['seniority_share'])})."
    return [_line(text, row["seniority_known"], "contacts", "contacts")]


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
    return [_line(text, top["accounts"], "accounts", "engagements")]


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
    return [_line(text, top["n"], "accounts", "surveys")]


def persona_table(cards: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Lay the cards out as a table, one row a persona.

    Returns
    -------
    DataFrame
        ``persona``, ``evidence`` and ``what_is_known``: the lines, each with its n and source.

    Examples
    --------
    >>> line = {"text": "Known at half of them.", "n": 40, "unit": "accounts", "source": "contacts"}
    >>> card = {"segment_name": "Small", "role": "buyer", "evidence": "thin", "lines": [line]}
    >>> persona_table([card])["what_is_known"].item()
    'Known at half of them. [n = 40 accounts; contacts]'
    """
    rows = [
        (
            f"{card['segment_name']}: {card['role']}",
            card["evidence"],
            " ".join(
                f"{line['text']} [n = {line['n']:,} {line['unit']}; {line['source']}]"
                for line in card["lines"]
            ),
        )
        for card in cards
    ]
    return pd.DataFrame(rows, columns=["persona", "evidence", "what_is_known"])
