"""One family of errors: what was wrong, where, what is allowed, did you mean.

An error carries *all* the problems that were found, one sentence each, and the exit code
that the command line ends with.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import fuzz, process


class SeglibError(Exception):
    """Base of every error that is meant for the person who ran the workbook.

    Parameters
    ----------
    problems
        One sentence for each thing that is wrong.
    where
        The file, table or object in which the problems stand.

    Examples
    --------
    >>> print(StudyError(["'k_min' must be at least 2, got 1."], where="study.yaml"))
    1 problem in study.yaml:
      - 'k_min' must be at least 2, got 1.
    """

    exit_code = 4

    def __init__(self, problems: str | Iterable[str], where: str = "") -> None:
        self.problems: tuple[str, ...] = (
            (problems,) if isinstance(problems, str) else tuple(dict.fromkeys(problems))
        )
        self.where = where
        super().__init__(self._text())

    def _text(self) -> str:
        if len(self.problems) == 1 and not self.where:
            return self.problems[0]
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''}"
        head += f" in {self.where}:" if self.where else ":"
        return "\n".join([head, *(f"  - {problem}" for problem in self.problems)])

    def __reduce__(self) -> tuple[type[SeglibError], tuple[tuple[str, ...], str]]:
        return type(self), (self.problems, self.where)


class StudyError(SeglibError):
    """The study, a parameter or a knowledge file is wrong."""

    exit_code = 2


class DataError(SeglibError):
    """The data did not pass the quality gate."""

    exit_code = 3


class NotebookError(SeglibError):
    """A notebook failed."""

    exit_code = 4


class NotebookTimeout(SeglibError):
    """A cell ran longer than the limit."""

    exit_code = 5


class KernelDied(SeglibError):
    """The kernel under a notebook went away (killed, or out of memory)."""

    exit_code = 6


class MissingArtifact(SeglibError):
    """A step was asked for something that an earlier step has not left in the run."""

    exit_code = 4


def did_you_mean(name: str, allowed: Sequence[str]) -> str:
    """Say which allowed name a wrong one was probably meant to be.

    Examples
    --------
    >>> did_you_mean("kk", ["k", "method"])
    " Did you mean 'k'?"
    >>> did_you_mean("zebra", ["k", "method"])
    ' Allowed: k, method.'
    """
    lowered = [other.lower() for other in allowed]
    match = process.extractOne(str(name).lower(), lowered, scorer=fuzz.ratio, score_cutoff=60)
    if match is not None:
        return f" Did you mean '{allowed[match[2]]}'?"
    shown = ", ".join(list(allowed)[:12]) + (", …" if len(allowed) > 12 else "")
    return f" Allowed: {shown}." if allowed else ""


def unknown(what: str, name: str, allowed: Sequence[str]) -> str:
    """Build the sentence for a name that is not known.

    Examples
    --------
    >>> unknown("column", "emplyees", ["employees", "country"])
    "Unknown column 'emplyees'. Did you mean 'employees'?"
    """
    return f"Unknown {what} '{name}'.{did_you_mean(name, allowed)}"
