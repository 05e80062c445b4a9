"""A drafted study as text: guesses with their reasons, and the questions that are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import yaml

from seglib.collection.derive import Derived, priced
from seglib.schema import contract

if TYPE_CHECKING:
    from seglib.collection.draft import Guess


def open_questions(
    matched: Mapping[str, str],
    guesses: Sequence[Guess],
    made: Sequence[Derived],
    tables: Mapping[str, Sequence[str]],
) -> list[str]:
    """What the user must decide before the study runs.

    Parameters
    ----------
    matched
        Contract table to the user's table.
    guesses, made
        Columns that were guessed, and columns of the orders that can be made.
    tables
        The user's tables and their columns.
    """
    questions = []
    if not {"accounts", "orders"} & set(matched):
        questions.append(
            "Which table holds the accounts or the orders? One of them is needed. The files have: "
            f"{', '.join(tables)}. Where each row is one account without a number, map "
            "'account_id: {row_number: true}'."
        )
    for table in matched:
        sure = {g.column for g in guesses if g.table == table and g.sure}
        sure |= {d.column for d in made if table == "orders"}
        questions += [
            f"Which column of '{matched[table]}' is '{column}' "
            f"({contract()[table].columns[column].meaning.lower()})?{_elsewhere(column, tables)}"
            for column in contract()[table].required
            if column not in sure
        ]
    return questions


def _elsewhere(column: str, tables: Mapping[str, Sequence[str]]) -> str:
    """Name the table that has quantities and prices when the amount of an order is asked for."""
    lines = next((t for t, columns in tables.items() if priced(columns)), None)
    if column != "amount" or lines is None:
        return ""
    quantity, price = priced(tables[lines]) or ("", "")
    return f" '{lines}' has '{quantity}' and '{price}': join it to the orders with 'sql:'."


def study_text(
    name: str,
    source: str,
    matched: Mapping[str, str],
    guesses: Sequence[Guess],
    made: Sequence[Derived],
    questions: Sequence[str],
) -> str:
    """Write the drafted study, each guess with its reason and confidence."""
    lines = [
        "# Drafted by `seglib new`; every guess says why. Lines that start with '# ?' are open."
    ]
    lines += [f"# ? {question}" for question in questions]
    lines += [
        f"name: {_scalar(name)}",
        "objective: high_value_accounts  # or: retention, conversion, lead_quality, expansion, …",
        f"source: {_scalar(source)}",
        "currency: EUR  # ? the currency of the amounts",
        "seed: 7",
        "tables:" if matched else "tables: {}",
    ]
    for table, origin in matched.items():
        own = made if table == "orders" else ()
        sql = next((d.sql for d in own if d.sql), "")
        lines += [
            f"  {table}:",
            f"    sql: {_scalar(sql)}" if sql else f"    from: {_scalar(origin)}",
        ]
        lines += ["    columns:", *(f"      {d.column}: {d.line}  # {d.reason}" for d in own)]
        for guess in (g for g in guesses if g.table == table):
            line = f"{guess.column}: {_scalar(guess.origin)}"
            why = f"{guess.reason} ({guess.confidence:.0f} %)"
            lines.append(f"      {line}  # {why}" if guess.sure else f"      # ? {line}  # {why}")
    return "\n".join(lines) + "\n"


def _scalar(value: Any) -> str:
    dumped = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000)
    return str(dumped).splitlines()[0]
