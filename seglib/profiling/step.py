"""Make the step's artifacts without a notebook, with the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.profiling.cards import segment_cards
from seglib.profiling.names import suggest_names
from seglib.profiling.personas import personas
from seglib.profiling.profile import profile
from seglib.profiling.rules import surrogate_rules
from seglib.profiling.rules_sql import rules_sql
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
    from seglib.measurement import inherited_names  # which itself needs this package

    accounts, assignments, seed = book.accounts, book.assignments, book.brief.seed
    sizes = segment_sizes(accounts, assignments, seed=seed)
    profiles = profile(accounts, assignments, seed=seed)
    names = suggest_names(profiles, sizes["segment"], given=inherited_names(book))
    rules = surrogate_rules(accounts, assignments, seed=seed)
    placements = type_prospects(accounts, assignments, seed=seed).placements
    cards = segment_cards(
        accounts, assignments, sizes, profiles, names,
        outcome=book.brief.outcome, placements=placements, seed=seed,
    )  # fmt: skip
    save(
        book, profiles, cards, personas(book.facts, assignments, names),
        rules_sql(rules, names), placements,
    )  # fmt: skip


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
