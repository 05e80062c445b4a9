"""Draft a study from a user's files: which table is what, which column is what, and why."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict
from rapidfuzz import fuzz

from seglib.collection.derive import Derived, Lines, derive, order_lines
from seglib.collection.draft_flat import flat_table, flat_text
from seglib.collection.draft_text import open_questions, study_text
from seglib.collection.parse import plain_number
from seglib.errors import StudyError
from seglib.knowledge import load_knowledge
from seglib.schema import contract
from seglib.source import Source, connect
from seglib.study import Study

_SURE = 90.0
_UNSURE = 78.0
_NAMED_ALIKE = 0.75
_NEARLY_UNIQUE = 0.95


class Synonyms(BaseModel):
    """What ``synonyms.yaml`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tables: dict[str, tuple[str, ...]]
    columns: dict[str, tuple[str, ...]]


@cache
def synonyms() -> Synonyms:
    """Return the names that people give to the contract's tables and columns."""
    return load_knowledge(Path(__file__).with_name("synonyms.yaml"), Synonyms)


@dataclass(frozen=True)
class Guess:
    """One guessed mapping.

    Attributes
    ----------
    table, column
        Contract table and column.
    origin
        The user's column.
    confidence
        0–100; below 90 the line is written as a question.
    reason
        Why.
    """

    table: str
    column: str
    origin: str
    confidence: float
    reason: str

    @property
    def sure(self) -> bool:
        """Whether the guess is written as a mapping rather than as a question."""
        return self.confidence >= _SURE


@dataclass(frozen=True)
class Draft:
    """A drafted study.

    Attributes
    ----------
    path
        The file that was written.
    guesses
        Every guess, sure or not.
    questions
        What the user must decide before the study runs.
    """

    path: Path
    guesses: tuple[Guess, ...]
    questions: tuple[str, ...]


def draft_study(files: Sequence[str | Path], folder: str | Path) -> Draft:
    """Look at the user's files and write ``folder/study.yaml`` with a guessed mapping.

    Parameters
    ----------
    files
        Table files, or one folder of them.
    folder
        Where the study is written; an existing study is never overwritten.

    Raises
    ------
    StudyError
        When a file is missing, the files lie in several folders, or a study is there already.
    """
    target = Path(folder) / "study.yaml"
    if target.exists():
        raise StudyError(f"'{target}' exists already; nothing was changed.")
    place, chosen = _place(files)
    name = re.sub(r"[^a-z0-9_-]+", "-", Path(folder).resolve().name.lower()).strip("-_") or "study"
    study = Study(name=name[:60], source=str(place))
    source = connect(study)
    try:
        tables = {t: source.table(t).columns for t in source.names() if not chosen or t in chosen}
        matched = _without_repeated_keys(tables, source)
        guesses = [g for t, origin in matched.items() for g in match_columns(t, tables[origin])]
        lines = _lines(matched, guesses, tables, source)
        if lines is not None:
            guesses = [g for g in guesses if g.table != "orders"]
            guesses += match_columns("orders", lines.columns)
        found = {g.column for g in guesses if g.table == "orders" and g.sure}
        orders = matched.get("orders", "")
        made = derive(orders, tables.get(orders, ()), found)
        if lines is not None:
            guesses = [g for g in guesses if (g.table, g.column) != ("orders", "amount")]
            made = [Derived("amount", "seglib_amount", lines.reason, lines.sql)]
        questions = open_questions(matched, guesses, made, tables)
        questions += [lines.question] if lines is not None and lines.question else []
        flat = None if matched else flat_table({t: source.table(t) for t in tables})
    finally:
        source.close()
    target.parent.mkdir(parents=True, exist_ok=True)
    relative = os.path.relpath(place, target.parent)
    if flat is not None:
        guesses = [
            Guess("accounts", c.name, c.origin, _UNSURE if asked else _SURE, c.reason.lstrip("? "))
            for c in flat.columns
            for asked in (c.reason.startswith("?"),)
        ]
        questions = []
        text = flat_text(name[:60], relative, flat)
    else:
        text = study_text(name[:60], relative, matched, guesses, made, questions)
    target.write_text(text, encoding="utf-8")
    return Draft(target, tuple(guesses), tuple(questions))


def _lines(
    matched: Mapping[str, str],
    guesses: Sequence[Guess],
    tables: Mapping[str, Sequence[str]],
    source: Source,
) -> Lines | None:
    """Find the lines of the orders, where the orders have days and customers but no amount."""
    orders = {g.column: g.origin for g in guesses if g.table == "orders" and g.sure}
    origin = matched.get("orders")
    if origin is None or "amount" in orders or not {"order_id", "order_date"} <= set(orders):
        return None

    def largest(table: str, column: str) -> float:
        value = source.table(table)[column]
        number = plain_number(value) if value.type().is_string() else value.cast("float64")
        found = number.max().to_pandas()
        return float("nan") if found is None else float(found)

    return order_lines(origin, orders["order_id"], tables, largest)


def _place(files: Sequence[str | Path]) -> tuple[Path, set[str]]:
    paths = [Path(f).expanduser().resolve() for f in files]
    absent = [
        f"There is no file '{f}'." for f, p in zip(files, paths, strict=True) if not p.exists()
    ]
    if not paths:
        absent = ["Name at least one file, or a folder of files."]
    if absent:
        raise StudyError(absent)
    if len(paths) == 1:
        return paths[0], set()
    homes = {p.parent for p in paths}
    if len(homes) > 1 or any(p.is_dir() for p in paths):
        raise StudyError("Put the files in one folder, or name one folder.")
    return homes.pop(), {p.name.split(".")[0] for p in paths}


def _without_repeated_keys(tables: Mapping[str, Sequence[str]], source: Source) -> dict[str, str]:
    """Match tables; one in which an account stands many times is no table of accounts."""
    ruled_out: set[str] = set()
    while True:
        matched = match_tables(tables, not_accounts=ruled_out)
        origin = matched.get("accounts")
        key = {g.column: g.origin for g in match_columns("accounts", tables.get(origin or "", ()))}
        if origin is None or "account_id" not in key:
            return matched
        table = source.table(origin)
        row = table.aggregate(rows=table.count(), keys=table[key["account_id"]].nunique())
        rows, keys = row.to_pandas().iloc[0]
        if keys >= _NEARLY_UNIQUE * rows:
            return matched
        ruled_out.add(origin)


def match_tables(
    tables: Mapping[str, Sequence[str]], not_accounts: Collection[str] = ()
) -> dict[str, str]:
    """Guess which of the user's tables is which contract table.

    A table's name counts, and how many of the contract's required columns it seems to have.

    Parameters
    ----------
    tables
        The user's tables and their columns.
    not_accounts
        Tables that are no table of accounts.

    Examples
    --------
    >>> match_tables({"Kunden": ["Kundennr", "Firma"], "Rechnungen": ["Rechnungsnr", "Kundennr",
    ...               "Rechnungsdatum", "Betrag"]})
    {'accounts': 'Kunden', 'orders': 'Rechnungen'}
    """
    scores: list[tuple[float, int, str, str]] = []
    for order, table in enumerate(contract()):
        for origin, columns in tables.items():
            if table == "accounts" and origin in not_accounts:
                continue
            found = {g.column for g in match_columns(table, columns) if g.sure}
            if table == "orders":
                found |= {d.column for d in derive(origin, columns, found)}
            needed = contract()[table].required
            share = len(found & set(needed)) / len(needed)
            named = max(_likeness(_plain(origin), word) for word in synonyms().tables[table]) / 100
            alike = named > _NAMED_ALIKE
            score = share + (0.6 * named if alike else 0) + 0.15 * len(found & set(needed))
            told = share == 1 and (alike or len(needed) > 2 or table == "accounts")
            if told or (named > 0.9 and share >= 0.5):
                scores.append((score, -order, table, origin))
    matched: dict[str, str] = {}
    for _, _, table, origin in sorted(scores, reverse=True):
        if table not in matched and origin not in matched.values():
            matched[table] = origin
    return {table: matched[table] for table in contract() if table in matched}


def match_columns(table: str, columns: Sequence[str]) -> list[Guess]:
    """Guess which of the user's columns is which contract column, best guesses first."""
    pairs = []
    for column in contract()[table].columns:
        for origin in columns:
            score, reason = _column_score(column, origin)
            if score >= _UNSURE:
                pairs.append(Guess(table, column, origin, score, reason))
    pairs.sort(key=lambda g: -g.confidence)
    taken: dict[str, Guess] = {}
    for guess in pairs:
        if guess.column not in taken and all(g.origin != guess.origin for g in taken.values()):
            taken[guess.column] = guess
    return [taken[c] for c in contract()[table].columns if c in taken]


def _column_score(column: str, origin: str) -> tuple[float, str]:
    plain = _plain(origin)
    if plain == _plain(column):
        return 100.0, "same name"
    best = max(synonyms().columns.get(column, ()), key=lambda w: _likeness(plain, w), default="")
    if not best:
        return 0.0, ""
    score = _likeness(plain, best)
    if score == 100:
        return 96.0, f"'{origin}' is a usual name for it"
    return min(score, 95.0) - 2, f"'{origin}' looks like '{best}'"


def _likeness(left: str, right: str) -> float:
    return fuzz.ratio(left, right) if min(len(left), len(right)) > 2 else 100.0 * (left == right)


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.lower().replace("ü", "ue").replace("ö", "oe")
                                 .replace("ä", "ae").replace("ß", "ss"))  # fmt: skip
    text = re.sub(r"^(dim|fact|tbl|stg)_", "", text)
    return re.sub(r"[^a-z0-9]", "", text)
