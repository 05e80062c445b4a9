"""Print the questionnaire as SQL and as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seglib.collection.account_table import AccountTable
from seglib.profiling.questions import Questionnaire, answer_text
from seglib.profiling.regions import identifier
from seglib.profiling.rules_sql import one_line
from seglib.profiling.scorecard import Scorecard
from seglib.quotes import bare


def typing_sql(
    found: Questionnaire,
    accounts: AccountTable,
    names: Mapping[int, str],
    *,
    table: str = "accounts",
) -> str:
    """Print the questionnaire as one standard SQL query.

    Parameters
    ----------
    found
        From :func:`~seglib.profiling.questions.questionnaire`.
    accounts
        The account table, for labels.
    names
        Names of the segments, for the comments.
    table
        Name of the table of companies with their answers.

    Returns
    -------
    str
        ``SELECT account_id, CASE … END AS segment``: missing where the answers cannot say. Only
        comments where there is no questionnaire; a warning first where it does not beat chance.

    Examples
    --------
    >>> import pandas as pd
    >>> from seglib.profiling.regions import Region
    >>> from seglib.profiling.scorecard import Question
    >>> yes = Region("cloud", above=0.5, missing=False)
    >>> card = Scorecard((Question("cloud", (yes,), ((7, -7),)),), (1, 2), (10, 0))
    >>> print(_query(card, {1: "Users", 2: "Others"}, "accounts"))
    SELECT "account_id",
      CASE
        -- Users
        WHEN "s1" - "s2" >= 10 THEN 1
      END AS "segment"
    FROM (
      SELECT "account_id",
        CASE WHEN "cloud" > 0.5 THEN 7 ELSE 0 END AS "s1",
        CASE WHEN "cloud" > 0.5 THEN -7 ELSE 0 END AS "s2"
      FROM "accounts"
    ) AS "scored";
    <BLANKLINE>
    """
    head = [
        "-- Segment of a company by the fewest questions that place it; missing: cannot say.",
        f"-- {one_line(bare(found.sentence(accounts)))}",
    ]
    if found.card is None:
        return "\n".join([*head, ""])
    if not found.beats_chance:
        head.insert(0, "-- DO NOT PLACE COMPANIES BY THIS: on held-out customers it is no better "
                       "than chance.")  # fmt: skip
    return "\n".join([*head, _query(found.card, names, table)])


def _query(card: Scorecard, names: Mapping[int, str], table: str) -> str:
    scores = {segment: identifier(f"s{segment}") for segment in card.segments}
    cases = []
    for segment, lead in zip(card.segments, card.leads, strict=True):
        others = [score for other, score in scores.items() if other != segment]
        second = others[0] if len(others) == 1 else f"GREATEST({', '.join(others)})"
        if lead > 0:
            name = one_line(names.get(segment, f"Segment {segment}"))
            cases += [f"    -- {name}", f"    WHEN {scores[segment]} - {second} >= {lead} "
                                        f"THEN {segment}"]  # fmt: skip
    cases = cases or ["    WHEN 1 = 0 THEN 0"]
    sums = [
        " +\n      ".join(_points(question, place) for question in card.questions)
        + f" AS {scores[segment]}"
        for place, segment in enumerate(card.segments)
    ]
    return "\n".join([
        'SELECT "account_id",', "  CASE", *cases, '  END AS "segment"', "FROM (",
        '  SELECT "account_id",', "    " + ",\n    ".join(sums), f"  FROM {identifier(table)}",
        ') AS "scored";', "",
    ])  # fmt: skip


def _points(question: Any, place: int) -> str:
    tests = " ".join(
        f"WHEN {answer.sql()} THEN {points[place]}"
        for answer, points in zip(question.answers, question.points, strict=True)
    )
    return f"CASE {tests} ELSE 0 END"


def typing_data(
    found: Questionnaire, accounts: AccountTable, names: Mapping[int, str]
) -> dict[str, Any]:
    """Write the questionnaire as plain data, for a form or another program.

    Parameters
    ----------
    found, accounts, names
        As for :func:`typing_sql`.

    Returns
    -------
    dict
        ``sentence`` (how well it does), ``beats_chance``, ``segments`` (``segment``, ``name``,
        ``lead``: points by which it must lead to be said, None: never said), ``questions``
        (``column``, ``question``, ``unit``, ``answers``: ``answer`` in words, ``above`` and
        ``up_to`` or ``only`` or ``not_in``, and ``points`` by segment) and ``curve`` (accuracy by
        number of questions).
    """
    segments: list[dict[str, Any]] = []
    questions: list[dict[str, Any]] = []
    if found.card is not None:
        keys = [str(s) for s in found.card.segments]
        segments = [
            {"segment": s, "name": names.get(s, f"Segment {s}"), "lead": lead or None}
            for s, lead in zip(found.card.segments, found.card.leads, strict=True)
        ]
        for question in found.card.questions:
            answers = [
                {
                    "answer": answer_text(answer, accounts),
                    **_bounds(answer),
                    "points": dict(zip(keys, points, strict=True)),
                }
                for answer, points in zip(question.answers, question.points, strict=True)
            ]
            questions.append({
                "column": question.column, "question": accounts.label(question.column),
                "unit": accounts.unit(question.column), "answers": answers,
            })  # fmt: skip
    curve = [
        {key: None if value != value else value for key, value in row.items()}
        for row in found.curve.round(6).to_dict("records")
    ]
    return {
        "sentence": bare(found.sentence(accounts)), "beats_chance": found.beats_chance,
        "segments": segments, "questions": questions, "curve": curve,
    }  # fmt: skip


def _bounds(answer: Any) -> dict[str, Any]:
    if answer.is_number:
        ends = {"above": answer.above, "up_to": answer.up_to}
        return {key: value for key, value in ends.items() if abs(value) != float("inf")}
    return {"only": list(answer.only)} if answer.only else {"not_in": list(answer.never)}
