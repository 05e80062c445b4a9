"""What went wrong in a run, on one screen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seglib import errors
from seglib.errors import SeglibError

if TYPE_CHECKING:
    from nbformat import NotebookNode

_OWN = {
    kind.__name__: kind.exit_code
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SeglibError)
}
_LONGEST = 600
_LINE = 160
_TEXTS = ("name", "title", "source", "tables", "variables", "playbook", "segment_names")


@dataclass(frozen=True)
class Failure:
    """Why a notebook did not reach its end.

    Attributes
    ----------
    status
        ``failed``, ``timed out``, ``kernel died`` or ``interrupted``.
    exit_code
        What the command line ends with.
    message
        The sentences for the person.
    notebook, heading
        Where it happened: the notebook's file name and the last heading above the cell.
    shown_in
        Path of the notebook that shows it.
    parameters
        The study's settings, without secrets.
    next_step
        What to do now.
    """

    status: str
    exit_code: int
    message: str
    notebook: str = ""
    heading: str = ""
    shown_in: str = ""
    parameters: str = ""
    next_step: str = ""

    def at(self, notebook: str, heading: str) -> Failure:
        """Return the failure with its place."""
        return replace(self, notebook=notebook, heading=heading)

    def text(self) -> str:
        """Say it on one screen."""
        place = self.notebook + (f", under “{self.heading}”" if self.heading else "")
        head = (("notebook", place), ("parameters", self.parameters))
        lines = [f"The run {self._ended()}.", *(f"  {k:<10}  {v}" for k, v in head if v), ""]
        lines += [f"  {line}" for line in self.message.splitlines()]
        after = [self.next_step, f"It is shown in {self.shown_in}" if self.shown_in else ""]
        lines += ["", *(f"  {line}" for line in after if line)] if any(after) else []
        return "\n".join(lines)

    def _ended(self) -> str:
        return {
            "timed out": "was stopped: a cell took too long",
            "kernel died": "ended: the kernel under the notebook went away",
        }.get(self.status, "did not finish" if self.exit_code == 3 else "failed")


class RunFailed(SeglibError):
    """A run that did not reach its end; its exit code is that of the failure."""

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.text())
        self.exit_code = failure.exit_code

    def __reduce__(self) -> tuple[type[RunFailed], tuple[Failure]]:  # type: ignore[override]
        return type(self), (self.failure,)


def settings(parameters: Mapping[str, Any]) -> str:
    """Write a study's settings in a line; tables and texts of their own are left out.

    Examples
    --------
    >>> settings({"name": "demo", "seed": 7, "clustering": {"k_max": 5, "methods": ["kmeans"]}})
    'seed=7, clustering.k_max=5, clustering.methods=kmeans'
    """
    said = ", ".join(_settings(parameters))
    return said if len(said) <= _LINE else f"{said[:_LINE]} …"


def _settings(parameters: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            if above or name not in (*_TEXTS, "objective"):
                yield from _settings(value, f"{above}{name}.")
        elif isinstance(value, list | tuple):
            if not any(isinstance(part, Mapping) for part in value):
                yield f"{above}{name}={' '.join(map(str, value))}"
        elif above or name not in _TEXTS:
            yield f"{above}{name}={value}"


def from_cell(name: str, value: str) -> Failure:
    """Read a failure from the error output of a cell.

    Parameters
    ----------
    name, value
        Class and text of the exception, as the kernel reports them.

    Examples
    --------
    >>> from_cell("DataError", "Table 'orders' is empty.").exit_code
    3
    >>> from_cell("KeyError", "'revenue'").message
    "KeyError: 'revenue'"
    """
    own = name in _OWN
    message = value.strip() if own else f"{name}: {value.strip()}".rstrip(": ")
    if not own and len(message) > _LONGEST:
        message = message[:_LONGEST] + " …"
    return Failure("failed", _OWN.get(name, 4), message)


def heading_above(notebook: NotebookNode, index: int) -> str:
    """Return the last heading above a cell, without its marks; empty where there is none."""
    for cell in reversed(notebook.cells[: index + 1]):
        if cell.cell_type != "markdown":
            continue
        heads = [line for line in cell.source.splitlines() if line.startswith("#")]
        if heads:
            return heads[-1].lstrip("#").strip().replace("*", "").replace("`", "")
    return ""
