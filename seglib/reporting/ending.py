"""End a run: publish it whole, or keep what shows why it failed; nothing is lost in silence."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

from seglib.errors import SeglibError
from seglib.reporting.failure import Failure, RunFailed, settings
from seglib.reporting.hidden import hide_in
from seglib.reporting.journal import keep_true
from seglib.reporting.needs import next_step
from seglib.reporting.notice import leave_notice
from seglib.reporting.provenance import peak_memory_mb
from seglib.reporting.redact import Redactor
from seglib.run import Manifest, Run

log = logging.getLogger(__name__)


def end_run(
    run: Run,
    manifest: Manifest,
    redact: Redactor,
    status: str,
    error: BaseException | None = None,
) -> Run:
    """Hide what must not be seen, write the manifest and rename the folder.

    Parameters
    ----------
    run
        Its folder is the final one afterwards.
    manifest
        What is written.
    redact
        Takes folders of this machine and secrets out of the files.
    status
        ``done`` publishes the run; any other keeps it under ``.failed``.
    error
        Why it failed, for the notice.

    Raises
    ------
    OSError
        When a file cannot be written (a full disk, a folder that has become read-only).
    """
    manifest.status = status
    manifest.peak_memory_mb = peak_memory_mb()
    leave_notice(run, manifest, error)
    for path in run.artifacts().values():
        hide_in(path, redact)
    keep_true(run)
    run.folder = run.finish(manifest).folder
    return run


def end_failed(run: Run, manifest: Manifest, redact: Redactor, error: BaseException) -> None:
    """Keep a failed run under its ``.failed`` name; return where the error itself says enough.

    Parameters
    ----------
    run, manifest, redact
        As for :func:`end_run`.
    error
        Why the run failed. What goes wrong while the folder is kept is told besides, and the
        exit code stays the first failure's.

    Raises
    ------
    RunFailed
        For a notebook that failed, with the path that shows it, and for a file that could not be
        read or written.
    """
    besides = _kept(run, manifest, redact, error)
    if isinstance(error, RunFailed):
        raise _shown(_told_in_full(error.failure, manifest), besides, run, redact) from None
    if isinstance(error, OSError):
        failure = _of_system(f"The run could not write{_told(error)}.")
        message = f"{failure.message}\n{besides}".strip()
        failure = replace(_told_in_full(failure, manifest), message=message)
        raise RunFailed(failure) from error
    if besides:
        log.error(besides)


def not_begun(error: OSError) -> Failure:
    """Return the failure of a run for which a file could not be read or written at the start."""
    return _of_system(
        f"The run could not begin: a file could not be read or written{_told(error)}."
    )


def _kept(run: Run, manifest: Manifest, redact: Redactor, error: BaseException) -> str:
    """Keep the failed run; say what went wrong with that, or nothing."""
    if not run.folder.is_dir():
        return ""  # it was published before the error
    try:
        end_run(run, manifest, redact, _status_of(error), error)
    except OSError as second:
        return (
            f"What is left in '{run.folder.name}' could not be put in order{_told(second)}; "
            "the next run does it."
        )
    return ""


def _status_of(error: BaseException) -> str:
    if isinstance(error, RunFailed):
        return error.failure.status
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _told_in_full(failure: Failure, manifest: Manifest) -> Failure:
    """Add the run's settings, which are redacted in its manifest, and what to do next."""
    step = next_step(failure.exit_code, failure.notebook)
    return replace(failure, parameters=settings(manifest.parameters), next_step=step)


def _shown(failure: Failure, besides: str, run: Run, redact: Redactor) -> RunFailed:
    """Name the notebook that shows the failure, from where the person is; logs are kept too."""
    path = run.folder / failure.notebook
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    message = redact.hide(f"{failure.message}\n{besides}".strip())
    return RunFailed(replace(failure, message=message, shown_in=str(path)))


def _of_system(words: str) -> Failure:
    return Failure("failed", SeglibError.exit_code, words)


def _told(error: OSError) -> str:
    """Name the file of an error of the system, and its reason."""
    name = f" '{Path(error.filename).name}'" if error.filename else ""
    return f"{name}: {error.strerror or error}"
