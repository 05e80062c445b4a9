"""Leave a notice of a run: ``summary.json`` for programs, ``message.txt`` for a person."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from seglib.errors import SeglibError
from seglib.reporting.failure import RunFailed
from seglib.reporting.headline import headline, segment_lines
from seglib.reporting.message import message
from seglib.reporting.needs import changed_since, next_step, what_needs_a_person
from seglib.reporting.summary import Changes, Ended, Summary
from seglib.run import Manifest, Run

SUMMARY = "summary.json"
"""Name of the notice for programs, in the run folder."""

MESSAGE = "message.txt"
"""Name of the notice for a person, in the run folder."""

log = logging.getLogger(__name__)


def leave_notice(run: Run, manifest: Manifest, error: BaseException | None = None) -> None:
    """Write both notices into a run folder that is about to be ended.

    A notice that cannot be made is a warning: it never changes how a run ends.

    Parameters
    ----------
    run
        Its folder still has its provisional name.
    manifest
        With the status that the run ends with.
    error
        Why the run failed; None for a good one.
    """
    try:
        found = summarise(run, manifest, error)
        for name, text in ((SUMMARY, found.model_dump_json(indent=2) + "\n"),
                           (MESSAGE, message(found) + "\n")):  # fmt: skip
            (run.folder / name).write_text(text, encoding="utf-8")
    except Exception as problem:
        log.warning("No notice of run %s was left (%s).", run.id, _told(problem))


def summarise(run: Run, manifest: Manifest, error: BaseException | None = None) -> Summary:
    """Sum up a run; the parameters are those of :func:`leave_notice`."""
    last = _last_good(run)
    changes = None if last is None else _changes(last, run, manifest)
    failed = None if error is None else how_it_ended(manifest, error)
    final = run.id + ("" if error is None else ".failed")
    now = datetime.now(UTC)
    segments = segment_lines(run)
    return Summary(
        run_id=run.id,
        study=manifest.study,
        status=manifest.status,
        exit_code=0 if failed is None else failed.exit_code,
        started=manifest.started,
        finished=now.isoformat(timespec="seconds"),
        seconds=round((now - datetime.fromisoformat(manifest.started)).total_seconds(), 1),
        home=run.folder.resolve().parent.name,
        report=f"{final}/report.html" if error is None else "",
        last_good=last.id if last else "",
        headline=headline(run),
        segments=segments,
        changes=changes,
        failure=failed,
        needs=what_needs_a_person(run, changes, failed),
    )


def how_it_ended(manifest: Manifest, error: BaseException) -> Ended:
    """Say where and why a run ended early, and what to do next.

    Parameters
    ----------
    manifest
        Its last step is the one that was reached.
    error
        Why the run failed.
    """
    if isinstance(error, RunFailed):
        failure = error.failure
        code, notebook, heading = failure.exit_code, failure.notebook, failure.heading
        text = failure.message
    else:
        reached = manifest.steps[-1:]
        notebook = next((step.notebook for step in reached if step.status != "done"), "")
        code, heading, text = exit_code_of(error), "", _told(error)
    return Ended(
        exit_code=code,
        notebook=notebook,
        heading=heading,
        message=text,
        next_step=next_step(code, notebook),
    )


def exit_code_of(error: BaseException | None) -> int:
    """Return what the command line ends with for an error.

    Examples
    --------
    >>> [exit_code_of(error) for error in (None, KeyboardInterrupt(), OSError("full"))]
    [0, 130, 4]
    """
    if error is None:
        return 0
    fallback = 130 if isinstance(error, KeyboardInterrupt) else SeglibError.exit_code
    return int(getattr(error, "exit_code", fallback))


def _told(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "The run was asked to end before it was done."
    if isinstance(error, SeglibError):
        return str(error)
    first = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, OSError) and error.strerror:
        name = f" '{Path(error.filename).name}'" if error.filename else ""
        return f"A file could not be read or written{name}: {error.strerror}."
    return f"{type(error).__name__}: {first}".rstrip(": ")


def _last_good(run: Run) -> Run | None:
    """The run that ``latest`` stands for while this one is being ended."""
    link = run.folder.parent / "latest"
    if link.is_file():  # where links are not allowed it is a text file
        link = link.with_name(link.read_text(encoding="utf-8").strip())
    return Run(link.resolve()) if (link / "manifest.json").is_file() else None


def _changes(last: Run, run: Run, manifest: Manifest) -> Changes | None:
    """What moved since the last good run; None where that one cannot be read."""
    try:
        return changed_since(last, run, manifest)
    except Exception as problem:
        log.warning("Run %s cannot be compared with (%s).", last.id, _told(problem))
        return None
