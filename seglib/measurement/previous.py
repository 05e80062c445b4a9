"""Find and read the run that this one is compared with."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.segmentation import Segmentation
from seglib.collection.account_table import AccountTable
from seglib.errors import DataError, SeglibError, StudyError
from seglib.knowledge import read_yaml
from seglib.measurement.refresh import Refresh, Snapshot, compare_snapshots
from seglib.run import Run

if TYPE_CHECKING:
    from seglib.workbook import Book

log = logging.getLogger(__name__)

_WHERE = "'measurement.previous_run'"


def compare_runs(book: Book, previous_run: str) -> Refresh:
    """Compare this run with an earlier one.

    Parameters
    ----------
    book
        The open step.
    previous_run
        Folder of the earlier run: absolute, from the study file, from the working directory, or
        the name of a run beside this one.

    Raises
    ------
    StudyError
        When there is no such folder, when it is no run of step 03, when it is this run itself, is
        of another grain or as of a later day, or when the two share no account.
    """
    run = earlier_run(book, previous_run)
    before, now = _snapshot(run), _snapshot(book.run)
    models = [_model(each) for each in (run, book.run)]
    rescored = _rescored(models[0], run, now.customers)
    found = compare_snapshots(before, now, book.brief.variables, rescored=rescored)
    return replace(found, methods=_other_methods(models))


def _model(run: Run) -> Segmentation | None:
    """The model of a run; None where it has none that can be read."""
    try:
        return Segmentation.load(run) if run.has("segmentation.json") else None
    except SeglibError as error:
        log.warning("The model of run '%s' cannot be read: %s", run.id, error)
        return None


def _rescored(model: Segmentation | None, run: Run, customers: pd.DataFrame) -> pd.DataFrame | None:
    """Place accounts by the model of a run; None where it cannot, as with other variables."""
    if model is None:
        return None
    try:
        return customers[["account_id"]].assign(segment=model.predict(customers))
    except SeglibError as error:
        log.warning("The model of run '%s' cannot place today's accounts: %s", run.id, error)
        return None


def _other_methods(models: Sequence[Segmentation | None]) -> tuple[str, ...]:
    """How two runs cut the market, in words; nothing where they did it alike, or it is unknown."""
    names = [METHOD_LABELS.get(model.method, model.method) for model in models if model]
    return tuple(names) if len(set(names)) == 2 else ()


def earlier_run(book: Book, named: str) -> Run:
    """Open the earlier run that a study names.

    Parameters
    ----------
    book
        The open step.
    named
        As for :func:`compare_runs`.

    Raises
    ------
    StudyError
        When it is nowhere, is no run, is this run itself, or is of another kind.
    """
    run = find_run(named, [book.study.folder, Path.cwd(), book.run.folder.parent])
    if run.folder.resolve() == book.run.folder.resolve():
        raise StudyError(f"'{named}' is this run itself; name an earlier one.", where=_WHERE)
    _same_kind(book, run)
    return run


def find_run(name: str, places: list[Path]) -> Run:
    """Find a run folder by its path or name.

    Parameters
    ----------
    name
        Path or name of the folder.
    places
        Folders from which a relative path may start.

    Raises
    ------
    StudyError
        When it is nowhere, or holds no segments.
    """
    asked = Path(name).expanduser()
    candidates = [asked] if asked.is_absolute() else [place / asked for place in places]
    folder = next((path for path in candidates if path.is_dir()), None)
    if folder is None:
        raise StudyError(f"There is no run folder '{name}'.", where=_WHERE)
    run = Run.open(folder)
    wanted = ("assignments.parquet", "accounts.parquet")
    absent = [artifact for artifact in wanted if not run.has(artifact)]
    if absent:
        listed = " and ".join(f"'{artifact}'" for artifact in absent)
        raise StudyError(f"'{name}' is not a finished run: it has no {listed}.", where=_WHERE)
    return run


def _same_kind(book: Book, run: Run) -> None:
    """Refuse a run whose rows are something else, or which lies in this one's future."""
    remembered = run.folder / "study.yaml"
    grain = read_yaml(remembered).get("grain", "account") if remembered.is_file() else None
    if grain not in (None, book.study.grain):
        raise StudyError(
            f"The previous run '{run.id}' has one row per {grain}, this one per "
            f"{book.study.grain}: they cannot be compared.",
            where=_WHERE,
        )
    quality = run.read_json("quality.json") if run.has("quality.json") else {}
    day = str(quality.get("as_of") or "") if isinstance(quality, dict) else ""
    if day and book.day and day > book.day:
        raise StudyError(
            f"The previous run '{run.id}' is as of {day}, after this one ({book.day}).",
            where=_WHERE,
        )


def segment_names(run: Run) -> dict[int, str]:
    """Names of a run's segments by their numbers; none where the run has left none.

    Raises
    ------
    DataError
        When what it has left are no segments with names.
    """
    cards = run.read_json("segments.json") if run.has("segments.json") else []
    try:
        return {int(card["segment"]): str(card["name"]) for card in cards}
    except (KeyError, TypeError, ValueError):
        problem = f"'segments.json' of run '{run.id}' is damaged: it holds no segments with names."
        raise DataError(problem) from None


def _snapshot(run: Run) -> Snapshot:
    assignments = run.read_table("assignments.parquet")
    frame = AccountTable.load(run).frame
    return Snapshot(
        name=run.id,
        assignments=assignments,
        customers=frame[frame["account_id"].isin(assignments["account_id"])],
        names=segment_names(run),
    )
