"""Run a command that the user names after a run, with the message on its standard input."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from seglib.errors import StudyError
from seglib.reporting.redact import Redactor, environment_secrets
from seglib.run import Run

TIME_LIMIT = 60.0
"""Seconds that a hook may take."""

log = logging.getLogger(__name__)


def parse_command(text: str) -> list[str]:
    """Split a command into its words, as a shell would; no shell ever sees it.

    Raises
    ------
    StudyError
        When it is empty or a quotation mark is not closed.

    Examples
    --------
    >>> parse_command("mail -s 'seglib run' ann@example.org")
    ['mail', '-s', 'seglib run', 'ann@example.org']
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise StudyError(f"--notify cannot be read: {str(error).lower()}: '{text}'.") from None
    if not words:
        raise StudyError("--notify wants a command.")
    return words


class Hook:
    """Calls a command when the block under it ends, however it ends.

    The command gets the message on its standard input, and in its environment
    ``SEGLIB_STATUS`` (``done``, ``refused``, ``failed``, ``timed out``, ``kernel died`` or
    ``interrupted``), ``SEGLIB_EXIT_CODE`` and ``SEGLIB_SUMMARY`` (path of ``summary.json``;
    empty where no run began).
    A hook that fails is a warning, and never changes what the block ends with.

    Parameters
    ----------
    command
        Words of the command; None calls nothing.
    limit
        Seconds after which the command is killed.
    """

    def __init__(self, command: list[str] | None = None, *, limit: float = TIME_LIMIT) -> None:
        self._command = command
        self._limit = limit
        self._run: Run | None = None

    @property
    def began(self) -> bool:
        """Whether a run has begun."""
        return self._run is not None

    def watch(self, run: Run) -> None:
        """Tell which run has begun."""
        self._run = run

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._command:
            try:
                self._call(self._command, error)
            except (OSError, ValueError, subprocess.SubprocessError) as problem:
                log.warning("The --notify command failed: %s", _reason(problem, self._limit))

    def _call(self, command: list[str], error: BaseException | None) -> None:
        from seglib.reporting.notice import MESSAGE, SUMMARY, exit_code_of

        folder = self._run.folder if self._run else None
        summary = folder / SUMMARY if folder else None
        left = folder is not None and (folder / MESSAGE).is_file()
        text = (folder / MESSAGE).read_text(encoding="utf-8") if folder and left else _said(error)
        known = summary is not None and summary.is_file()
        environment = {
            "SEGLIB_EXIT_CODE": str(exit_code_of(error)),
            "SEGLIB_STATUS": _status(summary if known else None, error),
            "SEGLIB_SUMMARY": str(summary.resolve()) if summary and known else "",
        }
        done = subprocess.run(
            command,
            input=text,
            env={**os.environ, **environment},
            encoding="utf-8",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=self._limit,
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1][:200]
            log.warning("The --notify command ended with %d: %s", done.returncode, last)


def _status(summary: Path | None, error: BaseException | None) -> str:
    if summary is not None:
        import json

        return str(json.loads(summary.read_text(encoding="utf-8"))["status"])
    if error is None:
        return "done"
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    return "refused" if isinstance(error, StudyError) else "failed"


def _said(error: BaseException | None) -> str:
    """The message where no run folder holds one: most often the run was refused."""
    if error is None:
        return "seglib: the run is done.\n"
    text = str(error).strip() or type(error).__name__
    return Redactor({}, environment_secrets()).hide(f"seglib: no run was made.\n{text}\n")


def _reason(problem: Exception, limit: float) -> str:
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"it took longer than {limit:g} seconds."
    return str(getattr(problem, "strerror", None) or problem)
