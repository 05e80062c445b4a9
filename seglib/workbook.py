"""Open a step: the study, the run it works in, and what the steps before it left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from itertools import chain, count
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from seglib.artifacts import ARTIFACTS, STEPS
from seglib.collection.account_table import AccountTable
from seglib.errors import StudyError
from seglib.exhibits import Chart, Note, Table
from seglib.objectives.brief import Brief
from seglib.quotes import Quote
from seglib.run import Run
from seglib.study import Study

Shown = TypeVar("Shown", Chart, Table, Note)

log = logging.getLogger(__name__)

_PACKAGES = {
    "01": "seglib.objectives",
    "02": "seglib.collection",
    "03": "seglib.clustering",
    "04": "seglib.profiling",
    "05": "seglib.strategy",
    "06": "seglib.measurement",
}
_LEAVES = {
    "01": ("brief.json",),
    "02": ("accounts.parquet", "quality.json"),
    "03": ("candidates.parquet", "segmentation.json", "assignments.parquet", "verdict.json"),
    "04": ("profiles.parquet", "segments.json"),
    "05": ("targeting.parquet", "playbook.json"),
    "06": ("kpis.parquet",),
}


class Book:
    """What a notebook holds in its hand.

    Parameters
    ----------
    step
        Number of the step, ``"01"`` to ``"06"``.
    study
        The study, with the notebook's own overrides.
    run
        The run folder that is read and written.
    """

    def __init__(self, step: str, study: Study, run: Run) -> None:
        self.step = step
        self.study = study
        self.run = run
        self._stated: dict[str, dict[str, float]] = {}

    def __repr__(self) -> str:
        return f"Step {self.step} ({STEPS[self.step].replace('_', ' ')}) of '{self.study.name}'"

    @cached_property
    def brief(self) -> Brief:
        """The brief that step 01 left."""
        return Brief.model_validate(self.run.read_json("brief.json"))

    @cached_property
    def accounts(self) -> AccountTable:
        """The account table that step 02 left."""
        return AccountTable.load(self.run)

    @cached_property
    def facts(self) -> Mapping[str, pd.DataFrame]:
        """The tables of facts that step 02 left, by name; a missing table is not in it."""
        names = (name for name in ARTIFACTS if name.startswith("facts/") and self.run.has(name))
        return {Path(name).stem: self.run.read_table(name) for name in names}

    @cached_property
    def assignments(self) -> pd.DataFrame:
        """The segment of each account, as step 03 left it; sales' own where it is honoured."""
        placed = self.run.read_table("assignments.parquet")
        if self.study.measurement.feedback == "compare":
            return placed
        from seglib.measurement import honoured  # which itself needs the steps

        return honoured(self, placed)

    @property
    def as_of(self) -> pd.Timestamp:
        """The day as of which everything is told; NaT where the data have no dates."""
        return pd.Timestamp(self.day or "NaT")

    @property
    def day(self) -> str:
        """The same day as text, ``2026-09-30``; empty where the data have no dates."""
        if self.run.has("quality.json"):
            return str(self.run.read_json("quality.json")["as_of"])
        return self.brief.as_of

    def show(self, exhibit: Shown | None) -> Shown | None:
        """Keep what an exhibit states, and of a chart the picture; hand it on.

        Parameters
        ----------
        exhibit
            Figures that its words quote go into ``stated/<step>.json`` under the exhibit's key and
            their own names; a second one of a name, with another value, is numbered. None, where
            there is nothing to show.

        Returns
        -------
        Chart or Table or Note or None
            The same; each figure in its words says where it stands.
        """
        if exhibit is None:
            return None
        exhibit = exhibit.named(self._kept(exhibit.key, afresh=not isinstance(exhibit, Note)))
        if self._stated:
            self.run.write_json(f"stated/{self.step}.json", self._stated)
        if isinstance(exhibit, Chart):
            self.run.write_text(f"figures/{self.step}_{exhibit.name}.svg", exhibit.svg())
        return exhibit

    def _kept(self, key: str, *, afresh: bool) -> Callable[[Quote], str]:
        """Return what keeps a figure and says where."""
        if afresh:
            self._stated.pop(key, None)

        def keep(figure: Quote) -> str:
            if ":" in figure.name:
                return figure.name
            there = self._stated.setdefault(key, {})
            numbers = (f"{figure.name}_{number}" for number in count(2))
            name = next(
                name
                for name in chain([figure.name], numbers)
                if there.setdefault(name, figure.value) == figure.value
            )
            return f"stated/{self.step}.json:{key}.{name}"

        return keep


def open_step(step: str, *, study: str | Path, run_dir: str | Path = "", **overrides: Any) -> Book:
    """Open a step for a notebook.

    Parameters
    ----------
    step
        Number of the step, ``"01"`` to ``"06"``.
    study
        Path of the study file, absolute, from the working directory or from the project's root.
    run_dir
        Folder of the run; empty means ``reports/<study>/workbench``, updated in place.
    overrides
        Fields of the study to replace (``k``, ``method``, …); None leaves the study's value.

    Returns
    -------
    Book
        Where artifacts of an earlier step are missing, they are made first, and a log line
        says so.

    Raises
    ------
    StudyError
        For a bad study or parameter.
    """
    path = find_file(study)
    asked = Study.load(path)
    effective = asked.override(**overrides)
    root = project_root() or Path.cwd()
    folder = Path(run_dir) if str(run_dir) else root / "reports" / asked.name / "workbench"
    folder.mkdir(parents=True, exist_ok=True)
    book = Book(step, effective, Run(folder))
    _make_missing(Book(step, asked, book.run), up_to=step)
    return book


def _make_missing(book: Book, up_to: str) -> None:
    """Make what earlier steps have not left; all of it when the study has changed since."""
    remember = book.run.folder / "study.yaml"
    text = book.study.to_yaml()
    changed = remember.is_file() and remember.read_text(encoding="utf-8") != text
    if changed:
        log.warning("The study has changed since this run was made: its steps are made anew.")
    for step in (number for number in STEPS if number < up_to):
        if changed or not book.run.has(*_LEAVES[step]):
            name = STEPS[step].replace("_", " ")
            log.warning("Step %s (%s) has left nothing here yet: making it now.", step, name)
            import_module(_PACKAGES[step]).make(Book(step, book.study, book.run))
            changed = True
    remember.write_text(text, encoding="utf-8")


def project_root(start: Path | None = None) -> Path | None:
    """Return the folder that holds ``notebooks`` and ``seglib``, from here upwards, or None."""
    here = (start or Path.cwd()).resolve()
    beside = Path(__file__).resolve().parent.parent
    for folder in (here, *here.parents, beside):
        if (folder / "notebooks" / "01_objectives.ipynb").is_file() and (
            folder / "pyproject.toml"
        ).is_file():
            return folder
    return None


def find_file(path: str | Path) -> Path:
    """Find a file named from the working directory or from the project's root.

    Raises
    ------
    StudyError
        When it stands in neither place.
    """
    wanted = Path(path).expanduser()
    root = project_root()
    for place in (wanted, *([root / wanted] if root and not wanted.is_absolute() else [])):
        if place.is_dir() and (place / "study.yaml").is_file():
            return place / "study.yaml"
        if place.is_file():
            return place
    raise StudyError(f"There is no study file '{path}'.")
