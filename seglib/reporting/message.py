"""Write a run's summary as a short plain-text message."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seglib.quotes import amount, percent
from seglib.reporting.summary import Summary

LINES = 15
"""Most lines that a message has."""

_WIDTH = 160


def message(summary: Summary) -> str:
    """Write the message for a person: at most 15 lines, the answer first.

    Parameters
    ----------
    summary
        Of a run that is done or failed.

    Examples
    --------
    >>> print(message(Summary(run_id="20261124-060000", study="demo", status="done", exit_code=0,
    ...     started="", finished="", seconds=41.7, home="demo",
    ...     report="20261124-060000/report.html")))
    seglib: demo done in 42 s (run 20261124-060000)
    This is the first good run of the study.
    Report: demo/20261124-060000/report.html
    """
    lines = [_one_line(line) for line in (_failed if summary.failure else _done)(summary)]
    return "\n".join(lines[:LINES])


def _done(summary: Summary) -> Iterator[str]:
    yield f"seglib: {summary.study} done in {summary.seconds:.0f} s (run {summary.run_id})"
    yield from _figures(summary)
    changes = summary.changes
    if changes is None:
        yield (
            "This is the first good run of the study."
            if not summary.last_good
            else (f"Run {summary.last_good} cannot be compared with.")
        )
    else:
        moved = [*changes.causes, *changes.figures, *changes.segments[-1:]]
        yield f"Since run {changes.since}:" if moved else f"Nothing moved since {changes.since}."
        yield from _some(moved, 4)
    if summary.needs:
        yield "Needs a person:"
        yield from _some(summary.needs, 3)
    yield f"Report: {summary.home}/{summary.report}"


def _figures(summary: Summary) -> Iterator[str]:
    head = summary.headline
    parts = [f"{head.customers:,} customers"] if head.customers is not None else []
    if head.segments:
        kind = f"{head.verdict} " if head.verdict else ""
        parts.append(f"{head.segments} {kind}segment{'' if head.segments == 1 else 's'}")
    if head.value is not None:
        worth = f"{head.value_label.split(',')[0].lower() or 'value'} {amount(head.value)}"
        parts.append(f"{worth} {head.value_unit}".strip())
    if parts:
        yield ", ".join(parts)
    if summary.segments:
        largest = max(summary.segments, key=lambda line: line.share)
        yield f"Largest: {largest.name} ({percent(largest.share)} of the customers)"
    if head.targets:
        yield f"Targets: {'; '.join(head.targets)}"


def _failed(summary: Summary) -> Iterator[str]:
    failure = summary.failure
    if failure is None:
        return
    yield (
        f"seglib: {summary.study} DID NOT FINISH: {summary.status}, "
        f"exit code {failure.exit_code} (run {summary.run_id})"
    )
    if failure.notebook:
        yield f"Where: {failure.notebook}" + (f", {failure.heading}" if failure.heading else "")
    yield from _some([line for line in failure.message.splitlines() if line.strip()], 7)
    yield f"Next: {failure.next_step}"
    if summary.last_good:
        yield f"The last good run, {summary.last_good}, is untouched."
    yield f"Kept in: {summary.home}/{summary.run_id}.failed"


def _some(lines: Sequence[str], most: int) -> Iterator[str]:
    """The first lines, and how many more there are."""
    shown = lines if len(lines) <= most else lines[: most - 1]
    yield from (f"  {line.strip().removeprefix('- ')}" for line in shown)
    if len(lines) > len(shown):
        yield f"  … and {len(lines) - len(shown)} more"


def _one_line(text: str) -> str:
    """Keep a line a line: control characters go, what is too long is cut."""
    plain = "".join(c if c.isprintable() else " " for c in text).rstrip()
    return plain if len(plain) <= _WIDTH else plain[: _WIDTH - 1] + "…"
