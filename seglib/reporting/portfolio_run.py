"""Carry out a portfolio: each run is the one ``seglib run`` command in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from seglib.quotes import amount
from seglib.reporting.history import past_runs
from seglib.reporting.index import write_index
from seglib.reporting.kernel import terminating
from seglib.reporting.portfolio import Job, Portfolio
from seglib.reporting.summary import Summary

_KILLED = 4
"""Exit code of a run whose process was killed from outside."""


@dataclass(frozen=True)
class Outcome:
    """How one run of a portfolio ended.

    Attributes
    ----------
    summary
        What it left; None where no run began.
    said
        The last line on its error stream.
    """

    name: str
    exit_code: int
    seconds: float
    summary: Summary | None
    said: str = ""


@dataclass(frozen=True)
class PortfolioResult:
    """How all runs ended, in the order of the file, and where the index page is."""

    outcomes: tuple[Outcome, ...]
    index: Path

    @property
    def exit_code(self) -> int:
        """The worst exit code of all runs."""
        return max(outcome.exit_code for outcome in self.outcomes)

    def text(self) -> str:
        """Say it in a table."""
        head = ("Run", "Ended", "Code", "Seconds", "Customers", "Segments", "Value", "Verdict")
        rows = [head, *(_row(outcome) for outcome in self.outcomes)]
        widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
        right = range(2, 7)
        lines = [
            "  ".join(
                cell.rjust(width) if column in right else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        lines += [f"{o.name}: {reason}" for o in self.outcomes if (reason := _reason(o))]
        return "\n".join(lines)


@dataclass
class _Going:
    """Processes that go on, so that an interrupt can end them all."""

    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, command: Sequence[str], environment: dict[str, str]) -> subprocess.Popen[str]:
        with self.lock:
            if self.ended:
                raise InterruptedError
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,  # a Ctrl-C reaches this process alone, which passes it on
            )
            self.processes.append(process)
            return process

    def end(self) -> None:
        with self.lock:
            self.ended = True
            for process in self.processes:
                if process.poll() is None:
                    process.send_signal(signal.SIGTERM)


def run_portfolio(
    portfolio: Portfolio, say: Callable[[str], None] = lambda line: None, *, resume: bool = False
) -> PortfolioResult:
    """Run a portfolio; a run that fails does not keep the others from theirs.

    Parameters
    ----------
    portfolio
        What was checked.
    say
        Is told each line of progress, after the name of its run.
    resume
        Each run uses the steps of earlier ones again whose inputs and parameters are the same.

    Raises
    ------
    KeyboardInterrupt
        When it is asked to end; all its runs have been asked too, and have ended in order.
    """
    going = _Going()
    jobs = [
        replace(job, words=(*job.words, "--resume")) if resume else job for job in portfolio.runs
    ]
    with terminating(), ThreadPoolExecutor(portfolio.jobs) as pool:
        waiting = [pool.submit(_carry_out, job, portfolio.jobs, going, say) for job in jobs]
        try:
            outcomes = tuple(one.result() for one in waiting)
        except BaseException:
            going.end()
            pool.shutdown(cancel_futures=True)
            raise
    return PortfolioResult(outcomes, write_index(portfolio.reports))


def _carry_out(job: Job, jobs: int, going: _Going, say: Callable[[str], None]) -> Outcome:
    before = _places(job)
    begun = time.monotonic()
    last = ""
    with going.begin(_command(job), _environment(jobs)) as process:
        for line in process.stderr or ():
            if line.strip():
                last = line.strip()
                say(f"{job.name}: {line.rstrip()}")
        code = process.wait()
    made = [
        run.summary
        for runs in past_runs(job.home).values()
        for run in runs
        if run.place not in before
    ]
    return Outcome(
        job.name,
        code if code >= 0 else _KILLED,
        time.monotonic() - begun,
        made[-1] if made else None,
        last if code >= 0 else f"Its process was killed by signal {-code}.",
    )


def _command(job: Job) -> list[str]:
    return [sys.executable, "-m", "seglib.cli", "run", *job.words]


def _places(job: Job) -> set[str]:
    return {run.place for runs in past_runs(job.home).values() for run in runs}


def _environment(jobs: int) -> dict[str, str]:
    """Share the processors among the runs; a number that is set already stays."""
    threads = str(max(1, (os.cpu_count() or 1) // jobs))
    own = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), threads)
    return {**own, **os.environ}


def _row(outcome: Outcome) -> tuple[str, ...]:
    found = outcome.summary
    status = found.status if found else ("done" if outcome.exit_code == 0 else "no run made")
    head = found.headline if found else None
    return (
        outcome.name,
        status,
        str(outcome.exit_code),
        f"{outcome.seconds:.0f}",
        "" if head is None or head.customers is None else f"{head.customers:,}",
        "" if head is None or head.segments is None else str(head.segments),
        "" if head is None or head.value is None else f"{amount(head.value)} {head.value_unit}",
        head.verdict if head else "",
    )


def _reason(outcome: Outcome) -> str:
    """Why a run was not made or did not finish, in a line."""
    failure = outcome.summary.failure if outcome.summary else None
    if failure is not None:
        lines = [line.strip().removeprefix("- ") for line in failure.message.splitlines()]
        first = " ".join(lines[:2] if lines and lines[0].endswith(":") else lines[:1])
        return f"{failure.notebook}: {first}" if failure.notebook else first
    return outcome.said if outcome.exit_code else ""
