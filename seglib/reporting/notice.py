"""Notices of a run that nobody watches: ``summary.json``, a short message, and a hook."""

from __future__ import annotations

import logging
import os
import shlex
import subprocess
from collections.abc import Iterable
from html import unescape
from typing import Any

from markupsafe import Markup
from pydantic import BaseModel, ConfigDict

from seglib.errors import StudyError
from seglib.reporting.answer import SURE, summary, verdict_word
from seglib.reporting.findings import Findings, read_findings
from seglib.run import Run

log = logging.getLogger(__name__)

SUMMARY, MESSAGE = "summary.json", "message.txt"
HOOK_SECONDS = 60


class SegmentLine(BaseModel):
    """A segment in a summary."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segment: int
    name: str
    accounts: int


class Summary(BaseModel):
    """What an unattended run has to say: ``summary.json``.

    Attributes
    ----------
    study, as_of, objective
        What was asked, and of which day.
    verdict
        What the kept segments are; empty where none were looked for.
    segments
        Number, name and size of each.
    in_short
        The executive summary's sentences, as plain text.
    changed
        What has changed since the run that the study names as the previous one.
    needs_a_person
        What somebody should look at; empty where nobody need.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    study: str
    as_of: str = ""
    objective: str = ""
    verdict: str = ""
    segments: tuple[SegmentLine, ...] = ()
    in_short: tuple[str, ...] = ()
    changed: str = ""
    needs_a_person: tuple[str, ...] = ()

    def message(self) -> str:
        """The same as a short plain text.

        Examples
        --------
        >>> print(Summary(study="demo", in_short=("Two segments.",)).message(), end="")
        demo: done. Nothing needs a person.
        <BLANKLINE>
        Two segments.
        """
        what = f"{self.study}, as of {self.as_of}" if self.as_of else self.study
        need = len(self.needs_a_person)
        head = "Nothing needs a person." if not need else f"{need} to be looked at."
        lines = [f"{what}: done. {head}", ""]
        lines += [f"! {line}" for line in self.needs_a_person] + ([""] if need else [])
        lines += [*self.in_short, *([self.changed] if self.changed else [])]
        return "\n".join(lines).rstrip() + "\n"


def make_summary(study: str, findings: Findings) -> Summary:
    """Sum up what a run found.

    Parameters
    ----------
    study
        Name of the study.
    findings
        As :func:`~seglib.reporting.findings.read_findings` reads them.
    """
    brief, refresh = findings.brief, findings.refresh
    compared = bool(refresh.get("compared_with"))
    return Summary(
        study=study,
        as_of=str(brief.get("as_of") or ""),
        objective=str(brief.get("objective") or ""),
        verdict=verdict_word(findings),
        segments=tuple(
            SegmentLine(
                segment=int(card["segment"]), name=str(card["name"]), accounts=int(card["accounts"])
            )
            for card in findings.segments
        ),
        in_short=tuple(plain(sentence) for sentence in summary(findings)),
        changed=str(refresh.get("reason") or "") if compared else "",
        needs_a_person=tuple(_needs(findings, compared)),
    )


def plain(sentence: Markup) -> str:
    """Text of a sentence in HTML.

    Examples
    --------
    >>> plain(Markup("<b>R&amp;D</b> leads."))
    'R&D leads.'
    """
    return " ".join(unescape(sentence.striptags()).split())


def _needs(findings: Findings, compared: bool) -> Iterable[str]:
    decision = findings.refresh.get("decision")
    if compared and decision in ("refit", "re-score"):
        yield f"The comparison with the previous run says: {decision}."
    yield from (str(warning) for warning in findings.decision.get("warnings", ()))
    sure = findings.assignments.get("confidence")
    if sure is not None and (unsure := int((sure < SURE).sum())):
        yield (
            f"{unsure:,} of {len(sure):,} accounts are placed with a confidence under {SURE:.0%}; "
            "the data team has the list."
        )


def write_notice(run: Run, study: str) -> Summary:
    """Leave ``summary.json`` and ``message.txt`` in a run.

    Parameters
    ----------
    run
        With all its artifacts.
    study
        Name of the study.
    """
    made = make_summary(study, read_findings(run))
    (run.folder / SUMMARY).write_text(made.model_dump_json(indent=2) + "\n", encoding="utf-8")
    (run.folder / MESSAGE).write_text(made.message(), encoding="utf-8")
    return made


def check_hook(command: str) -> list[str]:
    """Split a hook's command into words, without a shell.

    Raises
    ------
    StudyError
        When it is empty or a quote stays open.

    Examples
    --------
    >>> check_hook("mail -s 'The segments' team@example.org")
    ['mail', '-s', 'The segments', 'team@example.org']
    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        said = f"the command cannot be split into words: {error}."
        raise StudyError(said, where="'--notify'") from None
    if not words:
        raise StudyError("name a command.", where="'--notify'")
    return words


def notify(words: list[str], message: str, *, exit_code: int, folder: str = "") -> bool:
    """Give a message to the hook; what goes wrong there is a warning and changes nothing.

    Parameters
    ----------
    words
        The command, from :func:`check_hook`.
    message
        Its standard input.
    exit_code
        Of the run; the hook finds it in ``SEGLIB_EXIT_CODE``, and ``done`` or ``failed`` in
        ``SEGLIB_STATUS``.
    folder
        Of the run; in ``SEGLIB_RUN``.

    Returns
    -------
    bool
        Whether the hook ended well within a minute.
    """
    status = "failed" if exit_code else "done"
    told = {"SEGLIB_STATUS": status, "SEGLIB_EXIT_CODE": str(exit_code), "SEGLIB_RUN": folder}
    known: dict[str, Any] = {"input": message, "text": True, "timeout": HOOK_SECONDS}
    try:
        ended = subprocess.run(words, env=os.environ | told, capture_output=True, **known)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.warning("The notice could not be given to '%s': %s", words[0], error)
        return False
    if ended.returncode:
        last = (ended.stderr or "").strip().splitlines()[-1:] or [""]
        log.warning("'%s' ended with %d: %s", words[0], ended.returncode, last[0])
    return ended.returncode == 0


def read_summary(run: Run) -> Summary:
    """Read ``summary.json`` of a finished run."""
    return Summary.model_validate_json((run.folder / SUMMARY).read_bytes())
