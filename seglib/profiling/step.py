"""Make the step's artifacts without a notebook, with the same calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.profiling.asked import asked_of
from seglib.profiling.cards import segment_cards
from seglib.profiling.names import suggest_names
from seglib.profiling.personas import personas
from seglib.profiling.profile import profile
from seglib.profiling.questions import Questionnaire, questionnaire
from seglib.profiling.questions_export import typing_data, typing_sql
from seglib.profiling.rules import surrogate_rules
from seglib.profiling.rules_sql import rules_sql
from seglib.profiling.season import season
from seglib.profiling.size import segment_sizes
from seglib.profiling.typing_tool import type_prospects

if TYPE_CHECKING:
    from seglib.workbook import Book


def make(book: Book) -> None:
    """Leave the artifacts of step 04 in the run.

    Parameters
    ----------
    book
        The open step; it reads ``brief.json``, ``accounts.parquet``, ``facts/*`` and
        ``assignments.parquet``.
    """
    from seglib.measurement import inherited_names, lost_names  # which itself needs this package

    accounts, assignments, seed = book.accounts, book.assignments, book.brief.seed
    sizes = segment_sizes(accounts, assignments, seed=seed)
    profiles = profile(accounts, assignments, seed=seed)
    given, avoid = inherited_names(book), lost_names(book)
    names = suggest_names(profiles, sizes["segment"], given=given, avoid=avoid)
    rules = surrogate_rules(accounts, assignments, seed=seed)
    typed = type_prospects(accounts, assignments, seed=seed)
    asked = asked_of(
        book.facts, assignments, season(book.facts, assignments, book.as_of),
        placements=typed.placements, seed=seed,
    )  # fmt: skip
    cards = segment_cards(
        accounts, assignments, sizes, profiles, names, outcome=book.brief.outcome,
        placements=typed.placements, asked=asked, seed=seed,
    )  # fmt: skip
    save(
        book, profiles, cards, personas(book.facts, assignments, names),
        rules_sql(rules, names), typed.placements,
    )  # fmt: skip
    save_questions(book, questionnaire(accounts, assignments, seed=seed), names)


def save(
    book: Book,
    profiles: pd.DataFrame,
    cards: Sequence[dict[str, Any]],
    people: Sequence[dict[str, Any]],
    sql: str,
    placements: pd.DataFrame,
) -> None:
    """Leave the results in the run.

    Parameters
    ----------
    book
        The open step.
    profiles, cards, people, sql, placements
        Content of ``profiles.parquet``, ``segments.json``, ``personas.json``, ``rules.sql`` and
        ``placements.parquet``.
    """
    book.run.write_table("profiles.parquet", profiles)
    book.run.write_json("segments.json", list(cards))
    book.run.write_json("personas.json", list(people))
    book.run.write_text("rules.sql", sql)
    book.run.write_table("placements.parquet", placements)


def save_questions(book: Book, found: Questionnaire, names: Mapping[int, str]) -> None:
    """Leave the fewest questions in the run, as ``typing.sql`` and ``typing.json``.

    Parameters
    ----------
    book
        The open step.
    found
        From :func:`~seglib.profiling.questions.questionnaire`.
    names
        Names of the segments.
    """
    book.run.write_text("typing.sql", typing_sql(found, book.accounts, names))
    book.run.write_json("typing.json", typing_data(found, book.accounts, names))
