"""From executed notebooks to the sections of a report, for one audience."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from markupsafe import Markup
from nbformat import NotebookNode

from seglib.exhibits import slug
from seglib.reporting.plain import without_statistics
from seglib.reporting.plan import Audience
from seglib.reporting.prose import Heading, Prose, parse_markdown, preformatted
from seglib.reporting.sanitize import free_anchor, sanitize

Shows = Literal["executive", "analyst", "method", "learner", "prose", "plumbing"]
"""What a cell is for: its tag, else prose for text and plumbing for code."""

_TAGS: tuple[Shows, ...] = ("executive", "analyst", "method", "learner")
_READS: dict[str, frozenset[str]] = {
    "executive": frozenset({"executive"}),
    "analyst": frozenset({"executive", "analyst", "method", "prose"}),
    "learner": frozenset({"executive", "analyst", "method", "prose", "learner", "plumbing"}),
}
_DEEPEST = 6


@dataclass(frozen=True)
class Block:
    """A piece of a section.

    Attributes
    ----------
    html
        Shown as it stands: everything in it is escaped.
    code
        Source of the cell; empty where the audience reads none.
    level, anchor
        Of a heading; level 0 for anything else.
    """

    html: Markup
    code: str = ""
    level: int = 0
    anchor: str = ""


@dataclass(frozen=True)
class Section:
    """What one notebook adds to the report.

    Attributes
    ----------
    step
        Number of the step.
    title, anchor
        Of its heading.
    blocks
        Headings and what stands under them; a heading without anything under it is left out.
    """

    step: str
    title: Markup
    anchor: str
    blocks: tuple[Block, ...] = field(default=())

    @property
    def headings(self) -> list[Block]:
        """The headings right under the title, for the table of contents."""
        return [block for block in self.blocks if block.level == 3]


def make_section(
    step: str, notebook: NotebookNode, audience: Audience, taken: set[str]
) -> Section | None:
    """Make the section of a notebook; None when nothing in it is for the audience.

    Parameters
    ----------
    step
        Number of the step.
    notebook
        The executed notebook.
    audience
        Decides which cells are shown, by their tags, and whether code is.
    taken
        Anchors already used in the report; new ones are added to it.
    """
    blocks: list[Block] = []
    title = Markup("")
    for cell in notebook.cells:
        for block in _blocks(cell, audience, taken):
            if block.level == 2 and not title:
                title = block.html
            else:
                blocks.append(block)
    kept = tuple(_with_even_steps(_without_bare_headings(blocks)))
    return (
        Section(step, title or Markup("Step {}").format(step), f"step-{step}", kept)
        if kept
        else None
    )


def _blocks(cell: NotebookNode, audience: Audience, taken: set[str]) -> Iterator[Block]:
    shows = _shows(cell)
    read = shows in _READS[audience]
    if cell.cell_type == "markdown":
        for part in parse_markdown(cell.source):
            if isinstance(part, Heading) and (read or shows != "learner"):
                # A notebook's h1 is an h2 of the report.
                anchor = free_anchor(slug(part.text) or "part", taken)
                yield Block(Markup(part.html), level=part.level + 1, anchor=anchor)
            elif isinstance(part, Prose) and read:
                yield Block(Markup(f'<div class="prose {shows}">{part.html}</div>'))
    elif cell.cell_type == "code" and read and not _is_set_up(cell):
        shown = "".join(filter(None, (_output(o, taken) for o in cell.outputs)))
        shown = without_statistics(shown) if audience == "executive" else shown
        code = "" if audience == "executive" else cell.source.strip()
        if shown or (code and audience == "learner"):
            yield Block(Markup(shown), code=code)


def _shows(cell: NotebookNode) -> Shows:
    tags = cell.metadata.get("tags", [])
    tag = next((tag for tag in _TAGS if tag in tags), None)
    return tag or ("prose" if cell.cell_type == "markdown" else "plumbing")


def _is_set_up(cell: NotebookNode) -> bool:
    """Parameters tell of the machine, not of the market; the appendix has those that matter."""
    return bool({"injected-parameters", "remove-cell"} & set(cell.metadata.get("tags", [])))


def _output(output: NotebookNode, taken: set[str]) -> str:
    if output.output_type == "stream":
        return preformatted(output.text) if output.name == "stdout" and output.text.strip() else ""
    data: dict[str, Any] = output.get("data", {})
    if "text/html" in data:
        return sanitize(str(data["text/html"]), taken)
    if "image/png" in data:
        picture = str(data["image/png"]).replace("\n", "")
        return sanitize(f'<img alt="Figure" src="data:image/png;base64,{picture}">', taken)
    return preformatted(str(data["text/plain"])) if "text/plain" in data else ""


def _without_bare_headings(blocks: list[Block]) -> list[Block]:
    """Leave out headings with nothing under them before the next one of their level."""
    kept: list[Block] = []
    for block in reversed(blocks):
        if block.level:
            follows = kept[-1] if kept else None
            if follows is None or 0 < follows.level <= block.level:
                continue
        kept.append(block)
    return kept[::-1]


def _with_even_steps(blocks: list[Block]) -> Iterator[Block]:
    """Close the gaps that left-out headings leave: after a level 2 comes 3, never 4."""
    above: list[int] = []
    for block in blocks:
        if not block.level:
            yield block
            continue
        while above and above[-1] >= block.level:
            above.pop()
        above.append(block.level)
        yield Block(block.html, level=min(len(above) + 2, _DEEPEST), anchor=block.anchor)
