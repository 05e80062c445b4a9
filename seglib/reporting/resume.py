"""Use steps of earlier runs again whose inputs and parameters are the same by hash."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from seglib.reporting.journal import (
    Journal,
    StepEntry,
    StepKey,
    intact,
    read_journal,
    words_for_changes,
)
from seglib.run import Run

SEARCHED = 50
"""Earlier runs with a journal that are looked at, the newest first."""

_RUN = re.compile(r"\d{8}-\d{6}(-\d+)?(\.failed|\.partial)?")


@dataclass(frozen=True)
class Found:
    """A step that an earlier run has made from the same.

    Attributes
    ----------
    run
        The run: published, failed, or killed half-way.
    entry
        What its journal says of the step.
    """

    run: Run
    entry: StepEntry

    def copy_to(self, run: Run) -> bool:
        """Copy the step's files into a run; say whether they are what the journal says.

        Files that were changed meanwhile are not kept.

        Raises
        ------
        OSError
            When they cannot be written.
        """
        for name in self.entry.files:
            shutil.copyfile(self.run.folder / name, run.path(name))
        if not intact(run.folder, self.entry):
            for name in self.entry.files:
                run.path(name).unlink()
            return False
        return True


class Earlier:
    """Steps of the earlier runs in a folder of runs.

    Parameters
    ----------
    home
        Folder of a study's runs; None for a run that uses nothing again.

    Attributes
    ----------
    asked
        Whether steps are to be used again at all.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.asked = home is not None
        self._journals = list(_journals(home)) if home is not None else []

    def find(self, step: str, key: StepKey) -> Found | None:
        """Return the newest run that made a step from the same and has its files untouched."""
        for run, journal in self._journals:
            entry = journal.steps.get(step)
            if entry is not None and entry.key == key and intact(run.folder, entry):
                return Found(run, entry)
        return None

    def why_not(self, step: str, key: StepKey) -> str:
        """Say why no earlier run's step can be used, told by the newest that has it."""
        keys = [j.steps[step].key for _, j in self._journals if step in j.steps]
        if not keys:
            return "no earlier run has finished it"
        nearest = min(keys, key=lambda other: sum(1 for _ in words_for_changes(other, key)))
        return " and ".join(words_for_changes(nearest, key)) or "its files were changed afterwards"


def _journals(home: Path) -> Iterator[tuple[Run, Journal]]:
    left = SEARCHED
    with suppress(OSError):
        for folder in sorted(home.iterdir(), key=lambda path: path.name, reverse=True):
            if left and _RUN.fullmatch(folder.name) and (journal := read_journal(folder)).steps:
                left -= 1
                yield Run(folder), journal
