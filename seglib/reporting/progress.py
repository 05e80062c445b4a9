"""Progress: what a run tells while it goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

State = Literal["begins", "cell", "done", "failed", "reused", "renewed", "report"]
"""What happened: a notebook begins, a cell of it begins, it ended, its files were taken from an
earlier run or, where that was asked for, why not; or the report is written."""


@dataclass(frozen=True)
class Progress:
    """One thing that happened in a run.

    Attributes
    ----------
    state
        What happened.
    notebook
        Name of the notebook, without its ending; empty for the report.
    position, total
        Which notebook of how many, from 1.
    cell, cells
        Which cell of how many, from 1.
    seconds
        How long the notebook took, once it ended.
    note
        The run that a notebook's files were taken from, or why they were not.

    Examples
    --------
    >>> Progress("done", "04_profiling", 4, 6, seconds=7.1).line()
    '[4/6] 04_profiling: done in 7.1 s'
    """

    state: State
    notebook: str = ""
    position: int = 0
    total: int = 0
    cell: int = 0
    cells: int = 0
    seconds: float = 0.0
    note: str = ""

    def line(self) -> str:
        """Say it in a plain line; a cell has none (a log does not want two hundred lines)."""
        head = f"[{self.position}/{self.total}] {self.notebook}"
        return {
            "begins": f"{head} ({self.cells} cells)",
            "done": f"{head}: done in {self.seconds:.1f} s",
            "failed": f"{head}: failed after {self.seconds:.1f} s",
            "reused": f"{head}: unchanged, taken from run {self.note}",
            "renewed": f"{head}: executed, because {self.note}",
            "report": "writing the report",
        }.get(self.state, "")


Listener = Callable[[Progress], None]
"""Is told of each thing that happens."""


def ignore(progress: Progress) -> None:
    """Listen to nothing."""
