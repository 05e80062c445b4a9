"""The journal of a run: for each step, hashes of what it was made from and of what it left."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict

from seglib.run import Run, file_hash, hashes

JOURNAL = "journal.json"
"""Name of the journal, in the run folder."""

_NOT_A_STEPS = (JOURNAL, "study.yaml", "run.log")


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or not path.parts:
        raise ValueError("a file of a step stands in the run folder")
    return name


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class StepKey(_Part):
    """Hashes of all that a step's result depends on; the same key, the same files.

    Attributes
    ----------
    program
        The package's own files, the versions of all packages, Python and the kind of machine.
    notebook
        The notebook's file.
    parameters
        The fields of the study that the step or one before it reads.
    data
        The source's files; empty for a database, which cannot be hashed.
    previous
        The artifacts of the run that the study compares itself with.
    before
        What the steps before it left.
    """

    program: str
    notebook: str
    parameters: str
    data: str
    previous: str
    before: str


class StepEntry(_Part):
    """A step that reached its end: its key, the files that it wrote, and its log lines."""

    key: StepKey
    files: dict[Annotated[str, AfterValidator(_inside)], str]
    log: tuple[str, ...] = ()


class Journal(_Part):
    """Steps of a run that reached their end, by number."""

    steps: dict[str, StepEntry] = {}

    def adding(self, step: str, entry: StepEntry) -> Journal:
        """Return the journal with one more step."""
        return Journal(steps={**self.steps, step: entry})

    def save(self, run: Run) -> None:
        """Write it into a run folder, in one step."""
        part = run.folder / f"{JOURNAL}.part"
        part.write_text(self.model_dump_json(indent=1) + "\n", encoding="utf-8")
        part.replace(run.folder / JOURNAL)


def read_journal(folder: Path) -> Journal:
    """Read a run's journal; one that is missing or broken has no steps.

    Parameters
    ----------
    folder
        The run folder, whole or half-made.
    """
    with suppress(OSError, ValueError):  # pydantic's errors are ValueErrors
        return Journal.model_validate_json((folder / JOURNAL).read_text(encoding="utf-8"))
    return Journal()


def keep_true(run: Run) -> None:
    """Leave out of a run's journal each step whose files are no longer what it left.

    Secrets are taken out of files when a run ends; a file without its secret is not what the
    step left, and the hash of the file with it is not published.

    Parameters
    ----------
    run
        A run that is about to be ended.
    """
    journal = read_journal(run.folder)
    if not journal.steps:
        (run.folder / JOURNAL).unlink(missing_ok=True)
        return
    kept = {step: entry for step, entry in journal.steps.items() if intact(run.folder, entry)}
    if kept != journal.steps:
        Journal(steps=kept).save(run)


def intact(folder: Path, entry: StepEntry) -> bool:
    """Say whether all files of a step are there as it left them."""
    try:
        return all(file_hash(folder / name) == digest for name, digest in entry.files.items())
    except OSError:
        return False


def files_of_steps(run: Run) -> dict[str, str]:
    """Return the sha256 of each file that steps have left in a run folder, by name."""
    return hashes((name, p) for name, p in run.artifacts().items() if name not in _NOT_A_STEPS)


def written(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str] | None:
    """Return what a step wrote; None where it removed a file, which cannot be done again.

    Examples
    --------
    >>> written({"a": "1", "b": "2"}, {"a": "1", "b": "3", "c": "4"})
    {'b': '3', 'c': '4'}
    >>> written({"a": "1"}, {})
    """
    if not before.keys() <= after.keys():
        return None
    return {name: digest for name, digest in after.items() if before.get(name) != digest}


def digest(content: Any) -> str:
    """Return one hash of plain content, whatever the order of its keys.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(content, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def words_for_changes(old: StepKey, new: StepKey) -> Iterator[str]:
    """Say in which parts two keys differ."""
    for part, words in _WORDS.items():
        if getattr(old, part) != getattr(new, part):
            yield words


_WORDS = {
    "program": "seglib or a package changed",
    "notebook": "the notebook changed",
    "parameters": "parameters changed",
    "data": "the data changed",
    "previous": "the previous run is another one",
    "before": "a step before it left something else",
}
