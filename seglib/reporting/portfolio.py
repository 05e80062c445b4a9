"""Portfolio: many runs from one file, all of them checked before the first begins."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field, StrictInt

from seglib.errors import StudyError
from seglib.knowledge import check, read_yaml
from seglib.reporting.hook import parse_command
from seglib.reporting.plan import Plan, make_plan
from seglib.table_mapping import Part

MOST_RUNS = 1_000
"""Runs that one entry of a portfolio may give."""


class _Options(Part):
    """How runs are made; an entry's own go before the portfolio's."""

    until: str | None = None
    effort: str | None = None
    audience: str = "analyst"
    pdf: bool = False
    timeout: StrictInt = Field(900, ge=1)
    notify: str | None = None


class Entry(_Options):
    """One study and its parameters; ``for_each`` makes several runs of it.

    Each word of ``for_each`` stands for its values in turn, wherever ``{word}`` is written in
    ``name`` and ``set``; several words give every combination.
    """

    study: str
    name: str | None = None
    set: dict[str, Any] = Field(default_factory=dict)
    for_each: dict[str, list[str | int | float]] = Field(default_factory=dict)


class _Head(_Options):
    """The portfolio but its runs, which are checked one by one."""

    jobs: StrictInt = Field(1, ge=1, le=64)
    out: str | None = None
    runs: list[Any] = Field(min_length=1)


@dataclass(frozen=True)
class Job:
    """One run of a portfolio that may begin.

    Attributes
    ----------
    name
        Names the study and its folder in the reports.
    words
        What follows ``seglib run`` on the command line.
    home
        Folder of its runs.
    """

    name: str
    words: tuple[str, ...]
    home: Path


@dataclass(frozen=True)
class Portfolio:
    """Runs that may begin, and how many of them go on at once."""

    jobs: int
    runs: tuple[Job, ...]
    reports: Path


def read_portfolio(path: str | Path) -> Portfolio:
    """Read a portfolio and check every run of it.

    Relative paths inside it start from its folder.

    Parameters
    ----------
    path
        The file, such as ``portfolio.yaml``.

    Raises
    ------
    StudyError
        With every problem of the file and of all its runs, before any of them begins.
    """
    place = Path(path).expanduser().resolve()
    content = read_yaml(place)
    problems: list[str] = []
    head = _tried(problems, "", lambda: check(_Head, content, where=place.name))
    jobs: list[Job] = []
    entries = content.get("runs")
    for number, raw in enumerate(entries if isinstance(entries, list) else [], start=1):
        jobs += _jobs(problems, f"run {number}", raw, head, place.parent)
    taken = Counter(job.name for job in jobs)
    problems += [
        f"{count} runs are named '{name}'; give each a 'name' of its own."
        for name, count in taken.items()
        if count > 1
    ]
    if problems or head is None:
        raise StudyError(problems, where=place.name)
    reports = place.parent / head.out if head.out else jobs[0].home.parent
    return Portfolio(head.jobs, tuple(jobs), reports)


def _tried(problems: list[str], where: str, action: Any) -> Any:
    try:
        return action()
    except StudyError as error:
        problems.extend(f"{where}: {problem}" if where else problem for problem in error.problems)
        return None


def _jobs(problems: list[str], where: str, raw: Any, head: _Head | None, folder: Path) -> list[Job]:
    """Check one entry; it gives a run for each combination of its values."""
    if not isinstance(raw, dict):
        problems.append(f"{where}: it must hold 'key: value' lines, 'study' first.")
        return []
    entry = _tried(problems, where, lambda: check(Entry, raw, where=where))
    if entry is None:
        return []
    count = math.prod(map(len, entry.for_each.values()))
    if count > MOST_RUNS:
        problems.append(f"{where}: 'for_each' gives {count:,} runs; {MOST_RUNS:,} are the most.")
        return []
    found = []
    for values in _combinations(entry):
        told = f"{where} ({', '.join(map(str, values.values()))})" if values else where
        job = _tried(problems, told, lambda v=values: _job(entry, v, head, folder))
        found += [job] if job else []
    return found


def _combinations(entry: Entry) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*entry.for_each.values()):
        yield dict(zip(entry.for_each, values, strict=True))


def _job(entry: Entry, values: dict[str, Any], head: _Head | None, folder: Path) -> Job:
    given = head.model_dump(exclude_unset=True, exclude={"runs", "jobs", "out"}) if head else {}
    given |= entry.model_dump(exclude_unset=True, exclude={"study", "name", "set", "for_each"})
    study = folder / Path(entry.study).expanduser()
    changes = _filled(entry.set, values)
    if entry.name is not None:
        changes["name"] = _filled(entry.name, values)
    source = changes.get("source")
    if isinstance(source, str) and "://" not in source:
        changes["source"] = str((folder / Path(source).expanduser()).resolve())
    plan = _plan(study, changes, given)
    home = (folder / head.out / plan.study.name).resolve() if head and head.out else plan.home
    return Job(plan.study.name, _words(study, changes, given, home), home)


def _plan(study: Path, changes: dict[str, Any], given: dict[str, Any]) -> Plan:
    if given.get("notify") is not None:
        parse_command(given["notify"])
    checked = {k: v for k, v in given.items() if k in ("until", "effort", "audience", "pdf")}
    # A study takes nested overrides in and may write into them; the command line gets ours.
    return make_plan(study, overrides=deepcopy(changes), **checked)


def _filled(content: Any, values: dict[str, Any]) -> Any:
    """Write values for their words, however deep they stand; the rest stays as it is.

    Examples
    --------
    >>> _filled({"a": ["{region}", 5, "{other}"]}, {"region": "Europe"})
    {'a': ['Europe', 5, '{other}']}
    >>> _filled("{k}", {"k": 4})
    4
    """
    if isinstance(content, dict):
        return {key: _filled(value, values) for key, value in content.items()}
    if isinstance(content, list):
        return [_filled(value, values) for value in content]
    if not isinstance(content, str):
        return content
    for word, value in values.items():
        if content == f"{{{word}}}":
            return value
        content = content.replace(f"{{{word}}}", str(value))
    return content


def _words(
    study: Path, changes: dict[str, Any], given: dict[str, Any], home: Path
) -> tuple[str, ...]:
    import json

    words = [str(study), "--out", str(home)]
    for key, value in changes.items():
        words += ["--set", f"{key}={json.dumps(value)}"]  # JSON is YAML with every text quoted
    for key, value in given.items():
        if value is True:
            words.append(f"--{key}")
        elif value not in (None, False):
            words += [f"--{key}", str(value)]
    return tuple(words)
