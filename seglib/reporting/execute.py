"""Execute one notebook with papermill and tell honestly how it went."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from seglib.reporting.failure import Failure, from_cell, heading_above
from seglib.reporting.plan import CELL_TIMEOUT
from seglib.reporting.progress import Listener, Progress, ignore
from seglib.reporting.published import clean_notebook, log_lines, read_notebook
from seglib.reporting.redact import Redactor


@dataclass(frozen=True)
class Outcome:
    """How a notebook went.

    Attributes
    ----------
    seconds
        From before its kernel began until after it ended.
    failure
        What went wrong; None when it reached its end.
    log
        Log lines that its cells wrote.
    """

    seconds: float
    failure: Failure | None = None
    log: tuple[str, ...] = ()


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    *,
    kernel: Any,
    folder: Path,
    redact: Redactor,
    timeout: int = CELL_TIMEOUT,
    place: tuple[int, int] = (1, 1),
    listen: Listener = ignore,
) -> Outcome:
    """Execute a notebook in its kernel and leave it cleaned at its target.

    Parameters
    ----------
    source, target
        The notebook, and where the executed one goes.
    parameters
        Values for its ``parameters`` cell.
    kernel
        Manager of the started kernel that serves this notebook.
    folder
        Working directory of the kernel.
    redact
        Takes folders of this machine and secrets out of the executed notebook.
    timeout
        Seconds that one cell may take.
    place
        Which notebook of how many, for the listener.
    listen
        Is told of each cell.

    Returns
    -------
    Outcome
        Never an exception for what happens inside the notebook. An interruption is raised on,
        after the notebook was cleaned.
    """
    cells = len(read_notebook(source).cells)
    begun = time.monotonic()

    def tell(state: Any, cell: int = 0) -> None:
        seconds = time.monotonic() - begun
        listen(Progress(state, source.stem, *place, cell=cell, cells=cells, seconds=seconds))

    reached = _Reached(tell)
    tell("begins")
    try:
        failure = _attempt(source, target, parameters, kernel, folder, timeout, reached)
    except KeyboardInterrupt:
        _clean(target, redact, reached.index, Failure("interrupted", 130, ""))
        raise
    failure, log = _clean(target, redact, reached.index, failure)
    tell("failed" if failure else "done")
    return Outcome(time.monotonic() - begun, failure, log)


class _Reached:
    """Remembers which cell of the executed notebook was reached."""

    def __init__(self, tell: Any) -> None:
        self.index = 0
        self._tell = tell

    def __call__(self, cell: NotebookNode, cell_index: int) -> None:
        self.index = cell_index
        self._tell("cell", cell_index + 1)


def _attempt(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    kernel: Any,
    folder: Path,
    timeout: int,
    reached: _Reached,
) -> Failure | None:
    """Run papermill; its own record of how it went is not to be trusted, its exceptions are."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what the framework deprecates is no news to the user
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill import execute_notebook
        from papermill.exceptions import PapermillExecutionError

        from seglib.reporting.engine import NAME

        try:
            execute_notebook(
                source,
                target,
                parameters=dict(parameters),
                engine_name=NAME,
                kernel_name="python3",
                progress_bar=False,
                cwd=folder,
                execution_timeout=timeout,
                on_cell_start=reached,
                km=kernel,
            )
        except PapermillExecutionError as error:
            return from_cell(str(error.ename), str(error.evalue))
        except (CellTimeoutError, TimeoutError):
            return Failure("timed out", 5, f"A cell ran longer than {timeout} seconds.")
        except DeadKernelError:
            return _dead("It was killed, or the machine ran out of memory.")
        except RuntimeError as error:  # nbclient says so when a kernel does not even begin
            return _dead(str(error))
    return None


def _dead(reason: str) -> Failure:
    return Failure("kernel died", 6, f"The kernel under the notebook died. {reason}")


def _clean(
    target: Path, redact: Redactor, index: int, failure: Failure | None
) -> tuple[Failure | None, tuple[str, ...]]:
    """Clean the executed notebook; a cell that was skipped without an error is a failure too."""
    if not target.is_file():
        return failure, ()
    notebook = read_notebook(target)
    if failure is None and (skipped := _skipped(notebook)) is not None:
        index = skipped
        failure = Failure("failed", 4, "The notebook stopped before its last cell.")
    if failure is not None:
        failure = failure.at(target.name, heading_above(notebook, _failed_cell(notebook, index)))
        _mark(notebook, index, failure)
    log = tuple(redact(line) for line in log_lines(notebook))
    text = clean_notebook(notebook, redact, keep_log=failure is not None)
    target.write_text(text, encoding="utf-8")
    return failure, log


def _skipped(notebook: NotebookNode) -> int | None:
    """Index of the first code cell that was never executed."""
    for index, cell in enumerate(notebook.cells):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            return index
    return None


def _failed_cell(notebook: NotebookNode, index: int) -> int:
    """Index of the cell that holds the error, else of the cell that was reached."""
    for number, cell in enumerate(notebook.cells):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return number
    return index


def _mark(notebook: NotebookNode, index: int, failure: Failure) -> None:
    """Say in the notebook itself where a kernel died or ran out of time."""
    if failure.status in ("timed out", "kernel died", "interrupted"):
        text = f"**The run ended in the next cell ({failure.status}).** {failure.message}"
        notebook.cells.insert(index, nbformat.v4.new_markdown_cell(text.strip()))
