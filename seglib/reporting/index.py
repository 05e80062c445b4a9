"""Write the index page over a folder of runs: each study's runs over time, with key figures."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seglib import __version__
from seglib.quotes import amount, percent
from seglib.reporting.history import PastRun, past_runs
from seglib.reporting.summary import Headline
from seglib.reporting.trend import trend

SHOWN = 20
"""Runs of a study that stand in the open; earlier ones are folded away."""

DRAWN = 60
"""Good runs that a trend line covers at most."""

_FIGURES: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("customers", "Customers", "{:,.0f}".format),
    ("segments", "Segments", "{:.0f}".format),
    ("value", "Value of all segments", amount),
    ("stability", "Stability (adjusted Rand index)", "{:.2f}".format),
    ("confident_share", "Accounts placed with confidence", percent),
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Figure:
    """A key figure of the last good run and how it came there."""

    label: str
    value: str
    picture: Markup


@dataclass(frozen=True)
class Row:
    """A run in the table; empty words where it has nothing to say."""

    day: str
    link: str
    status: str
    good: bool
    where: str
    cells: tuple[str, ...]
    targets: str
    needs: int


@dataclass(frozen=True)
class StudyPart:
    """A study on the page."""

    anchor: str
    name: str
    title: str
    state: str
    figures: tuple[Figure, ...]
    recent: tuple[Row, ...]
    earlier: tuple[Row, ...]


def refresh_index(folder: Path) -> None:
    """Write a folder's ``index.html`` anew; what goes wrong is a warning.

    Parameters
    ----------
    folder
        Folder of the studies (``reports``), or of one study's runs.
    """
    try:
        write_index(folder)
    except Exception as error:
        log.warning("The index page of '%s' was not written: %s", folder.name, error)


def write_index(folder: Path) -> Path:
    """Write a folder's ``index.html`` in one step and return its path.

    Parameters
    ----------
    folder
        As for :func:`refresh_index`.

    Raises
    ------
    OSError
        When it cannot be written.
    """
    path = folder / "index.html"
    part = folder / f".index.{os.getpid()}.part"  # two studies may end at the same moment
    try:
        part.write_text(render_index(folder), encoding="utf-8", errors="replace")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)
    return path


def render_index(folder: Path) -> str:
    """Return the index page of a folder as HTML; it holds no address outside the folder."""
    studies = past_runs(folder)
    return _template().render(
        version=__version__,
        style=Markup(Path(__file__).with_name("style.css").read_text(encoding="utf-8")),
        studies=[_study(n, name, runs) for n, (name, runs) in enumerate(studies.items(), start=1)],
        runs=sum(map(len, studies.values())),
        labels=[label for _, label, _ in _FIGURES],
    )


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("index.html.j2")


def _study(number: int, name: str, runs: list[PastRun]) -> StudyPart:
    good = [run.summary.headline for run in runs if run.summary and run.summary.status == "done"]
    rows = [_row(run) for run in reversed(runs)]
    titles = [head.title for head in reversed(good) if head.title]
    failed = sum(not row.good for row in rows)
    last = "" if rows[0].good else f"The last run did not finish: {rows[0].status}. "
    count = f"{len(rows):,} run{'' if len(rows) == 1 else 's'}, {failed:,} not finished."
    return StudyPart(
        anchor=f"study-{number}",
        name=name,
        title=titles[0] if titles else "",
        state=last + count,
        figures=_figures(good[-DRAWN:]),
        recent=tuple(rows[:SHOWN]),
        earlier=tuple(rows[SHOWN:]),
    )


def _figures(heads: list[Headline]) -> tuple[Figure, ...]:
    """The figures that the last good run has."""
    found = []
    for field, label, shown in _FIGURES:
        values = [value for head in heads if (value := _number(head, field)) is not None]
        if heads and _number(heads[-1], field) is not None:
            picture = trend(label, values, shown)
            found.append(Figure(label, _cell(heads[-1], field, shown), picture))
    return tuple(found)


def _number(head: Headline, field: str) -> float | None:
    value = getattr(head, field)
    return float(value) if value is not None and math.isfinite(value) else None


def _cell(head: Headline, field: str, shown: Callable[[float], str]) -> str:
    value = _number(head, field)
    if value is None:
        return ""
    return f"{shown(value)} {head.value_unit}".strip() if field == "value" else shown(value)


def _row(run: PastRun) -> Row:
    summary = run.summary
    if summary is None:
        return Row(run.day, "", "cannot be read", False, "", ("",) * len(_FIGURES), "", 0)
    head, failure = summary.headline, summary.failure
    good = summary.status == "done"
    file = "report.html" if good else "message.txt"
    status = summary.status if good else f"{summary.status} (exit code {summary.exit_code})"
    cells = tuple(_cell(head, field, shown) for field, _, shown in _FIGURES)
    return Row(
        day=run.day,
        link=quote(f"{run.place}/{file}") if file in run.files else "",
        status=status,
        good=good,
        where=failure.notebook if failure else head.verdict,
        cells=cells,
        targets="; ".join(head.targets),
        needs=len(summary.needs) if good else 0,
    )
