"""Segments keep their number, and so their colour, and their name from one run to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.clustering.candidate import Candidate
from seglib.clustering.models import renumbered
from seglib.measurement.identity import match_segments, paired
from seglib.measurement.previous import find_run, segment_names
from seglib.measurement.rules import refresh_rules
from seglib.run import Run

if TYPE_CHECKING:
    from seglib.clustering.bench import Bench
    from seglib.workbook import Book


def follow_previous(book: Book, bench: Bench, kept: Candidate) -> Candidate:
    """Give segments that are still the same the numbers that they had in the previous run.

    Parameters
    ----------
    book
        The open step; its study may name a previous run.
    bench
        The accounts that the candidate was made from.
    kept
        The chosen candidate.

    Returns
    -------
    Candidate
        The same where the study names no previous run. A segment whose old number is larger than
        the number of segments now cannot keep it.

    Raises
    ------
    StudyError
        When the previous run is nowhere, or is none.
    """
    run = _previous(book)
    if run is None:
        return kept
    accounts = bench.accounts.frame["account_id"]
    now = pd.DataFrame({"account_id": accounts, "segment": kept.labels})
    number = followed_numbers(_same(run.read_table("assignments.parquet"), now), kept.k)
    places = np.array([0, *(number[s] for s in range(1, kept.k + 1))])
    return replace(kept, labels=places[kept.labels], model=renumbered(kept.model, number))


def inherited_names(book: Book) -> dict[str, str]:
    """Names that the study gives to segments, and those that they had in the previous run.

    A name in the study's ``segment_names`` goes before an old one, unless it was the name of a
    segment that is gone: then it is not handed to the newcomer with its number.

    Parameters
    ----------
    book
        The open step, which reads ``assignments.parquet``.

    Returns
    -------
    dict
        Number of the segment as text → name, for
        :func:`~seglib.profiling.names.suggest_names`.
    """
    return names_before(book, book.assignments)


def lost_names(book: Book) -> set[str]:
    """Names of the previous run's segments that are gone; a newcomer is not called so by chance.

    Parameters
    ----------
    book
        The open step, which reads ``assignments.parquet``.
    """
    names, same = _named_before(book, book.assignments)
    return {name for segment, name in names.items() if segment not in same.values()}


def names_before(book: Book, placed: pd.DataFrame) -> dict[str, str]:
    """Names that are known before step 04 suggests any; see :func:`inherited_names`.

    Parameters
    ----------
    book
        The open step.
    placed
        Segment of each account now.
    """
    given = {key: name for key, name in book.study.segment_names.items() if name.strip()}
    names, same = _named_before(book, placed)
    return followed_names(same, names, given)


def followed_numbers(same: Mapping[int, int], k: int) -> dict[int, int]:
    """Number of each segment: its old one where it has one, else one that is free.

    Parameters
    ----------
    same
        Segment of now → the one of before that it is.
    k
        Number of segments now.

    Examples
    --------
    >>> followed_numbers({1: 3, 2: 1}, 3)
    {1: 3, 2: 1, 3: 2}
    """
    number = {now: before for now, before in same.items() if before <= k}
    free = iter(sorted(set(range(1, k + 1)) - set(number.values())))
    return {s: number[s] if s in number else next(free) for s in range(1, k + 1)}


def followed_names(
    same: Mapping[int, int], before: Mapping[int, str], given: Mapping[str, str]
) -> dict[str, str]:
    """Put the study's names and the inherited ones together.

    Parameters
    ----------
    same
        Segment of now → the one of before that it is.
    before
        Names of the previous run.
    given
        Names that the study gives, by number.

    Examples
    --------
    >>> followed_names({1: 1}, {1: "Large", 2: "Key accounts"}, {"2": "Key accounts"})
    {'1': 'Large'}
    """
    gone = {name for segment, name in before.items() if segment not in same.values()}
    chosen = {
        key: name
        for key, name in given.items()
        if name not in gone or (key.isdigit() and int(key) in same)
    }
    taken = set(chosen.values())
    kept = {str(now): before[was] for now, was in sorted(same.items()) if was in before}
    return {key: name for key, name in kept.items() if name not in taken} | chosen


def _named_before(book: Book, placed: pd.DataFrame) -> tuple[dict[int, str], dict[int, int]]:
    """Names of the previous run's segments, and which segments of now are still one of them."""
    run = _previous(book)
    if run is None or not run.has("segments.json"):
        return {}, {}
    return segment_names(run), _same(run.read_table("assignments.parquet"), placed)


def _previous(book: Book) -> Run | None:
    named = book.study.measurement.previous_run
    if not named:
        return None
    return find_run(named, [book.study.folder, Path.cwd(), book.run.folder.parent])


def _same(before: pd.DataFrame, now: pd.DataFrame) -> dict[int, int]:
    """Segments of now that are still one of before."""
    rules = refresh_rules()
    matched = match_segments(
        paired(before, now), same_from=rules.same_from, part_from=rules.part_from
    )
    same = matched[matched["kind"] == "same"]
    return {int(n): int(b) for n, b in zip(same["now"], same["before"], strict=True)}
