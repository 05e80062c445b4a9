"""Clean executed notebooks: nothing in them depends on the machine or the moment."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from seglib.charts.style import printable
from seglib.reporting.redact import Redactor

_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def clean_notebook(notebook: NotebookNode, redact: Redactor, *, keep_log: bool = False) -> str:
    """Return an executed notebook as text that is the same for the same content.

    Framework and timing metadata go, ids come from the content, folders and secrets are
    replaced, and log lines (stderr) are left out.

    Parameters
    ----------
    notebook
        The executed notebook; it is changed in place.
    redact
        Replaces folders and secrets.
    keep_log
        Keep the log lines: wanted in a notebook that failed.
    """
    notebook.metadata = _notebook_metadata(notebook)
    for number, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags")
        cell.metadata = NotebookNode({"tags": list(tags)} if tags else {})
        cell.source = redact(cell.source)
        cell.id = hashlib.sha256(f"{number}\n{cell.source}".encode()).hexdigest()[:12]
        if cell.cell_type == "code":
            cell.outputs = _clean_outputs(cell.outputs, redact, keep_log)
    return nbformat.writes(notebook, version=4) + "\n"


def log_lines(notebook: NotebookNode) -> list[str]:
    """Return the log lines (stderr) that the cells of a notebook wrote."""
    streams = (o for c in notebook.cells for o in c.get("outputs", []) if o.get("name") == "stderr")
    return [_ANSI.sub("", line) for o in streams for line in o.text.splitlines() if line.strip()]


def read_notebook(path: Path) -> NotebookNode:
    """Read a notebook file as version 4."""
    return nbformat.read(path, as_version=4)


def _notebook_metadata(notebook: NotebookNode) -> NotebookNode:
    kernel = notebook.metadata.get("kernelspec", {})
    kept = {key: kernel[key] for key in ("display_name", "language", "name") if key in kernel}
    return NotebookNode(kernelspec=kept, language_info={"name": "python"})


def _clean_outputs(
    outputs: list[NotebookNode], redact: Redactor, keep_log: bool
) -> list[NotebookNode]:
    kept: list[NotebookNode] = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr" and not keep_log:
                continue
            # Where a stream is cut into pieces depends on the moment.
            if kept and kept[-1].output_type == "stream" and kept[-1].name == output.name:
                kept[-1].text += output.text
                continue
        kept.append(output)
    for output in kept:
        _clean(output, redact)
    return kept


def _clean(output: NotebookNode, redact: Redactor) -> None:
    """Take out of an output what must not be published, and what a terminal would obey."""

    def plain(text: str) -> str:
        return printable(redact(_ANSI.sub("", text)))

    if output.output_type == "stream":
        output.text = plain(output.text)
    elif output.output_type == "error":
        output.evalue = plain(output.evalue)
        output.traceback = [plain(line) for line in output.traceback]
    else:
        output.metadata = NotebookNode()
        shown = {k: plain(v) if isinstance(v, str) else v for k, v in output.data.items()}
        output.data = NotebookNode(shown)
