"""Read which runs a folder holds, from their small JSON files alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seglib.errors import SeglibError
from seglib.reporting.summary import Ended, Summary
from seglib.run import Manifest

_RUN = re.compile(r"(\d{8}-\d{6}(?:-\d+)?)(\.failed)?")
_CODES = {"timed out": 5, "kernel died": 6, "interrupted": 130}
_LARGEST = 2_000_000
"""Bytes above which a summary or manifest is not one that seglib wrote."""


@dataclass(frozen=True)
class PastRun:
    """One run that a folder of runs holds.

    Attributes
    ----------
    place
        Its folder as seen from the index page.
    day
        When it began, as ``2026-11-24 06:00`` (UTC).
    summary
        What it left; None where that cannot be read.
    files
        Which of ``report.html`` and ``message.txt`` it has.
    """

    place: str
    day: str
    summary: Summary | None
    files: frozenset[str]


def past_runs(folder: Path) -> dict[str, list[PastRun]]:
    """Return the runs of each study, the earliest first.

    A folder that is broken is a run without a summary; one that is no run is passed over. Only
    ``summary.json`` is read, and ``manifest.json`` of runs that left no summary.

    Parameters
    ----------
    folder
        Folder of the studies (``reports``), or of one study's runs.

    Returns
    -------
    dict
        Name of the folder of a study's runs to its runs.
    """
    found: dict[str, list[PastRun]] = {}
    for entry in _folders(folder):
        if _RUN.fullmatch(entry.name):
            found.setdefault(folder.resolve().name, []).append(_read(Path(entry.path), entry.name))
            continue
        runs = [
            _read(Path(inner.path), f"{entry.name}/{inner.name}")
            for inner in _folders(Path(entry.path))
            if _RUN.fullmatch(inner.name)
        ]
        if runs:
            found[entry.name] = runs
    return found


def _folders(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Folders within a folder by name; links, and what cannot be read, are passed over."""
    try:
        with os.scandir(folder) as entries:
            yield from sorted(
                (e for e in entries if e.is_dir(follow_symlinks=False)), key=lambda e: e.name
            )
    except OSError:
        return


def _read(folder: Path, place: str) -> PastRun:
    name = folder.name.removesuffix(".failed")
    stamp = f"{name[:4]}-{name[4:6]}-{name[6:8]} {name[9:11]}:{name[11:13]}"
    files = frozenset(f for f in ("report.html", "message.txt") if (folder / f).is_file())
    return PastRun(place, stamp, _summary(folder), files)


def _summary(folder: Path) -> Summary | None:
    for name, read in (("summary.json", _own), ("manifest.json", _from_manifest)):
        try:
            if (folder / name).stat().st_size <= _LARGEST:
                return read((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):  # pydantic's errors are ValueErrors
            continue
    return None


def _own(text: str) -> Summary:
    return Summary.model_validate_json(text)


def _from_manifest(text: str) -> Summary:
    """Sum up a run that was made before there were summaries, or whose own is broken."""
    told = Manifest.model_validate_json(text)
    failure = None
    if told.status != "done":
        last = told.steps[-1] if told.steps else None
        failure = Ended(
            exit_code=_CODES.get(told.status, SeglibError.exit_code),
            notebook=last.notebook if last else "",
            message=last.message if last else "",
            next_step="",
        )
    return Summary(
        run_id=told.run_id,
        study=told.study,
        status=told.status,
        exit_code=0 if failure is None else failure.exit_code,
        started=told.started,
        finished=told.finished,
        seconds=round(sum(step.seconds for step in told.steps), 1),
        failure=failure,
    )
