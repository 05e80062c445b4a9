"""Show a run's progress: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from seglib.reporting.progress import Listener, Progress


@contextmanager
def shown_progress(stream: TextIO | None = None) -> Iterator[Listener]:
    """Give a listener that shows what it is told.

    Parameters
    ----------
    stream
        Where to; the standard error stream when not given, so that the standard output holds
        nothing but the path of the report.
    """
    out = stream or sys.stderr
    if out.isatty():
        with _bars(out) as listener:
            yield listener
    else:
        yield lambda progress: _line(progress, out)


def _line(progress: Progress, out: TextIO) -> None:
    if progress.line():
        out.write(progress.line() + "\n")
        out.flush()


@contextmanager
def _bars(out: TextIO) -> Iterator[Listener]:
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description:<28}", markup=False),
        bars.BarColumn(),
        bars.TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[unit]}"),
        bars.TimeElapsedColumn(),
    )
    with bars.Progress(*columns, console=Console(file=out), transient=True) as shown:
        notebooks = shown.add_task("notebooks", total=6, unit="notebooks")
        cells = shown.add_task("starting", total=1, unit="cells")

        def listen(told: Progress) -> None:
            if told.state == "report":
                shown.update(cells, description="report", total=1, completed=0, unit="file")
                return
            if told.note:
                shown.console.print(told.line(), markup=False, highlight=False)
            ended = told.position - (told.state in ("begins", "cell", "renewed"))
            shown.update(notebooks, total=told.total, completed=ended)
            # papermill adds a cell for the parameters, so the last one can lie past the count.
            cell = told.cells if told.state == "done" else max(0, min(told.cell, told.cells) - 1)
            shown.update(cells, description=told.notebook, total=told.cells or 1, completed=cell)

        yield listen
