"""What a marketer asks of each segment, every line with the evidence it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.charts.style import listed
from seglib.exhibits import Note, Table
from seglib.profiling.buying_roles import role_engagement
from seglib.profiling.evidence import survey_means, technology_fit
from seglib.profiling.frames import records
from seglib.profiling.members import facts_of
from seglib.profiling.personas import ENOUGH_ACCOUNTS, ENOUGH_EVENTS
from seglib.profiling.season import Season
from seglib.profiling.triggers import lost_reasons
from seglib.profiling.wording import capital, short, small
from seglib.quotes import bare, percent

TOPICS = {
    "challenge": "Core challenges",
    "trigger": "Buying triggers",
    "criterion": "Key decision criteria",
    "content": "Preferred content formats",
    "objection": "Sales objections",
}
"""What is asked for, by the topic of a research note."""

WANTS = {
    "challenge": ("surveys", "research"),
    "trigger": ("orders", "technologies", "research"),
    "criterion": ("surveys", "research"),
    "content": ("engagements", "research"),
    "objection": ("opportunities", "research"),
}
"""Tables, any of which may hold evidence."""

NOTHING = "no evidence yet"
"""What is said where there is none."""

Found = Iterator[tuple[int, dict[str, str]]]
"""Segments and lines."""

_MOST = 2
_QUOTE = 160


def asked_of(
    facts: Mapping[str, pd.DataFrame],
    assignments: pd.DataFrame,
    buying_season: Season,
    *,
    placements: pd.DataFrame | None = None,
    seed: int = 0,
) -> dict[int, dict[str, list[dict[str, str]]]]:
    """Answer, for each segment, what a marketer asks for, as far as there is evidence.

    Parameters
    ----------
    facts
        ``surveys``, ``engagements``, ``opportunities``, ``technologies`` and ``research``, as far
        as they are there.
    assignments
        ``account_id`` and ``segment``.
    buying_season
        From :func:`~seglib.profiling.season.season`.
    placements
        Prospects placed in segments; what they said counts too.
    seed
        Of the intervals and Monte Carlo tests.

    Returns
    -------
    dict
        Segment → topic (the keys of :data:`TOPICS`) → lines, each with ``text`` (the finding),
        ``evidence`` (what it rests on, with n or date) and ``source`` (table). At most two
        measured findings and the two latest notes a topic; an empty list is no evidence yet.

    Notes
    -----
    Measured findings are said only of at least 15 accounts, and as a difference only where it
    holds after Holm's correction and the interval leaves out the other segments' figure. A note is
    what one account said: it is quoted, dated, and proves nothing about the segment.

    Examples
    --------
    >>> research = pd.DataFrame({"account_id": ["a"], "noted_date": [pd.Timestamp("2026-03-05")],
    ...     "source": ["interview"], "topic": ["trigger"], "note": ["The lease ends."]})
    >>> given = pd.DataFrame({"account_id": ["a"], "segment": [1]})
    >>> nothing = Season(pd.DataFrame(), pd.DataFrame(), "")
    >>> found = asked_of({"research": research}, given, nothing)[1]
    >>> found["trigger"][0]["text"], found["trigger"][0]["evidence"], found["objection"]
    ('“The lease ends.”', 'interview, 2026-03-05, 1 account', [])
    """
    surveys = survey_means(facts, assignments, seed=seed)
    measured: dict[str, Sequence[tuple[int, dict[str, str]]]] = {
        "challenge": [*_needs(surveys), *_unhappy(surveys)],
        "trigger": [*_season(buying_season), *_to_migrate(facts, assignments, seed)],
        "criterion": list(_criteria(surveys)),
        "content": [*_content(facts, assignments, "kind"), *_content(facts, assignments, "topic")],
        "objection": list(_objections(facts, assignments, seed)),
    }
    notes = _notes(facts, assignments, placements)
    segments = sorted(int(s) for s in assignments["segment"].unique() if s > 0)
    return {
        segment: {
            topic: [line for of, line in measured[topic] if of == segment][:_MOST]
            + [line for of, about, line in notes if of == segment and about == topic][:_MOST]
            for topic in TOPICS
        }
        for segment in segments
    }


def _line(text: str, evidence: str, source: str) -> dict[str, str]:
    return {"text": text, "evidence": evidence, "source": source}


def _items(surveys: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """Survey items of a family, in each segment with enough answers."""
    told = surveys["item"].astype("str").str.startswith(prefix)
    found = surveys[told & (surveys["n"] >= ENOUGH_ACCOUNTS)]
    return found.assign(gap=found["mean"] - found["overall"])


def _item_name(item: str) -> str:
    return short(item.partition(":")[2].strip() or item)


def _survey(row: Mapping[str, Any]) -> str:
    item = short(": ".join(part.strip() for part in str(row["item"]).split(":", 1)))
    return f"survey item '{item}', {row['n']:,} accounts"


def _needs(surveys: pd.DataFrame) -> Found:
    rows = _items(surveys, "need:")
    rows = rows[(rows["p_holm"] < 0.05) & (rows["low"] > rows["overall"])]
    for row in records(rows.sort_values(["gap", "item"], ascending=[False, True])):
        text = (
            f"{capital(_item_name(row['item']))} matters more to them than to others: "
            f"{row['mean']:.1f} against {row['overall']:.1f} points "
            f"({row['low']:.1f} to {row['high']:.1f})."
        )
        yield int(row["segment"]), _line(text, _survey(row), "surveys")


def _unhappy(surveys: pd.DataFrame) -> Found:
    rows = _items(surveys, "satisfaction:")
    rows = rows[(rows["p_holm"] < 0.05) & (rows["high"] < rows["overall"])]
    for row in records(rows.sort_values(["gap", "item"])):
        text = (
            f"Less satisfied than others ({_item_name(row['item'])}): {row['mean']:.1f} against "
            f"{row['overall']:.1f} points ({row['low']:.1f} to {row['high']:.1f})."
        )
        yield int(row["segment"]), _line(text, _survey(row), "surveys")


def _criteria(surveys: pd.DataFrame) -> Found:
    """What a segment itself rates highest; the second only where it is not clearly behind."""
    rows = _items(surveys, "need:")
    for segment, own in rows.groupby("segment"):
        best = own.sort_values(["mean", "item"], ascending=[False, True]).head(_MOST)
        level = best[best["high"] >= best["low"].iloc[0]]
        for row in records(level):
            text = (
                f"{capital(_item_name(row['item']))} is rated highest of their needs: "
                f"{row['mean']:.1f} points ({row['low']:.1f} to {row['high']:.1f})."
            )
            if len(level) > 1:
                text = text.replace("is rated highest", "is among the highest rated")
            yield int(str(segment)), _line(text, _survey(row), "surveys")


def _season(found: Season) -> Found:
    for row in records(found.tests[found.tests["peak"] > 0] if len(found.tests) else found.tests):
        what = "orders" if found.source == "orders" else "won deals"
        evidence = f"{row['events']:,} {what} of {row['accounts']:,} accounts"
        yield int(row["segment"]), _line(bare(row["sentence"]), evidence, found.source)


def _to_migrate(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, seed: int) -> Found:
    rows = technology_fit(facts, assignments, seed=seed)
    rows = rows[
        (rows["fit"] == "to migrate")
        & (rows["p_holm"] < 0.05)
        & (rows["low"] > rows["overall"])
        & (rows["of"] >= ENOUGH_ACCOUNTS)
    ]
    for row in records(rows):
        text = (
            f"{percent(row['share'])} use technology that has to be migrated "
            f"({percent(row['low'])} to {percent(row['high'])}; all {percent(row['overall'])}): "
            "its end is an occasion."
        )
        yield int(row["segment"]), _line(text, f"{row['of']:,} accounts", "technologies")


def _content(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, of: str) -> Found:
    """The way of engaging (or the topic) that stands out, else the most frequent one."""
    if "engagements" not in facts or of not in facts["engagements"]:
        return
    anyone = {"engagements": facts["engagements"].assign(role="anyone")}
    rows = role_engagement(anyone, assignments, of)
    rows = rows[(rows["role_events"] >= ENOUGH_EVENTS) & (rows["accounts"] >= ENOUGH_ACCOUNTS)]
    rows = rows.assign(gap=rows["share"] - rows["overall"])
    verb = "Come by" if of == "kind" else "Read about"
    for segment, own in rows.groupby("segment"):
        above = own[(own["p_holm"] < 0.05) & (own["gap"] > 0)]
        by = "gap" if len(above) else "share"
        order = (above if len(above) else own).sort_values([by, of], ascending=[False, True])
        row = records(order)[0]
        text = f"{verb} {short(str(row[of]))}: {percent(row['share'])} of an account's engagements"
        text += (
            f" against {percent(row['overall'])} in all segments."
            if len(above)
            else ", as in other segments."
        )
        evidence = f"{row['role_events']:,} engagements of {row['accounts']:,} accounts"
        yield int(str(segment)), _line(text, evidence, "engagements")


def _objections(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, seed: int) -> Found:
    rows = lost_reasons(facts, assignments, seed=seed)
    rows = rows[(rows["of"] >= ENOUGH_ACCOUNTS) & (rows["lost"] > 0)]
    for segment, own in rows.groupby("segment"):
        above = own[(own["p_holm"] < 0.05) & (own["low"] > own["overall"])]
        order = (above if len(above) else own).sort_values(
            ["share", "lost_reason"], ascending=[False, True]
        )
        for row in records(order.head(_MOST if len(above) else 1)):
            reason = f"{capital(short(str(row['lost_reason'])))}: {percent(row['share'])} of the "
            against = f"lost deals against {percent(row['overall'])} of all."
            text = reason + (against if len(above) else "lost deals, as in other segments.")
            evidence = f"reason of {row['lost']:,} of {row['of']:,} lost deals"
            yield int(str(segment)), _line(text, evidence, "opportunities")


def _notes(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, placements: pd.DataFrame | None
) -> list[tuple[int, str, dict[str, str]]]:
    """Notes of the research table, the latest first."""
    everyone = assignments[["account_id", "segment"]].assign(who="1 account")
    if placements is not None and len(placements):
        new = placements[~placements["account_id"].isin(everyone["account_id"])]
        new = new[["account_id", "segment"]].assign(who="1 prospect placed here")
        everyone = pd.concat([everyone, new], ignore_index=True)
    columns = ("noted_date", "source", "topic", "note")
    rows = facts_of(facts, "research", everyone, columns)
    if rows is None:
        return []
    who = everyone.set_index("account_id")["who"]
    rows = rows.dropna(subset=list(columns)).sort_values(
        ["noted_date", "account_id", "note"], ascending=[False, True, True]
    )
    return [
        (int(row["segment"]), str(row["topic"]), _line(
            f"“{short(str(row['note']), _QUOTE)}”",
            f"{small(str(row['source']))}, {row['noted_date'].date()}, {who[row['account_id']]}",
            "research",
        ))
        for row in records(rows)
    ]  # fmt: skip


def asked_tables(
    found: Mapping[int, Mapping[str, Sequence[Mapping[str, str]]]], names: Mapping[int, str]
) -> list[Table | Note]:
    """Lay the answers out: one table a segment, a row a line; what is not known is a line under it.

    Examples
    --------
    >>> asked_tables({1: {topic: [] for topic in TOPICS}}, {1: "Small"})[0].text[:60]
    'No evidence yet of core challenges, buying triggers, key dec'
    """
    if not any(lines for topics in found.values() for lines in topics.values()):
        return [Note(_gaps(list(TOPICS)), kind="missing")]
    return [_asked_table(topics, names[segment]) for segment, topics in found.items()]


def _asked_table(topics: Mapping[str, Sequence[Mapping[str, str]]], name: str) -> Table | Note:
    rows = [
        (title, line["text"], line["evidence"])
        for topic, title in TOPICS.items()
        for line in topics[topic]
    ]
    gaps = _gaps([topic for topic in TOPICS if not topics[topic]])
    if not rows:
        return Note(f"'{name}': {small(gaps)}", kind="missing")
    frame = pd.DataFrame(rows, columns=["asked", "finding", "evidence"])
    return Table(frame, f"'{name}': what a marketer asks for", note=gaps)


def _gaps(topics: Sequence[str]) -> str:
    """Say of what there is no evidence yet, and which tables would tell."""
    if not topics:
        return ""
    tables = dict.fromkeys(f"'{table}'" for topic in topics for table in WANTS[topic])
    what = listed([small(TOPICS[topic]) for topic in topics])
    return f"{capital(NOTHING)} of {what}: it would come from {listed(list(tables), 'or')}."
