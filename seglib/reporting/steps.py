"""The steps of a run, in order: each is executed, or taken from an earlier run if that is asked."""

from __future__ import annotations

from dataclasses import dataclass

from seglib.reporting.execute import execute
from seglib.reporting.failure import RunFailed
from seglib.reporting.journal import Journal, StepEntry, StepKey, files_of_steps, written
from seglib.reporting.kernel import kernel_surroundings
from seglib.reporting.plan import Plan
from seglib.reporting.progress import Listener, Progress, State
from seglib.reporting.redact import Redactor
from seglib.reporting.resume import Earlier
from seglib.reporting.stepkeys import StepKeys
from seglib.reporting.warm import WarmKernels, warm_kernels
from seglib.run import Manifest, Run, StepRecord


@dataclass(frozen=True)
class Work:
    """What the steps of a run need."""

    plan: Plan
    run: Run
    manifest: Manifest
    redact: Redactor
    timeout: int
    listen: Listener

    def tell(self, step: str, state: State, note: str) -> None:
        """Tell the listener of a step as a whole."""
        self.listen(Progress(state, self.plan.notebooks[step].stem, *self.place(step), note=note))

    def place(self, step: str) -> tuple[int, int]:
        """Say which notebook of how many a step is."""
        return list(self.plan.notebooks).index(step) + 1, len(self.plan.notebooks)


def run_steps(work: Work, earlier: Earlier) -> None:
    """Go through the steps; the first that fails ends the run.

    Parameters
    ----------
    work
        What is run, and where.
    earlier
        Runs whose steps may be used again.

    Raises
    ------
    RunFailed
        When a notebook did not reach its end.
    """
    keys = StepKeys(work.plan, work.run, work.manifest, work.redact)
    journal, lines = Journal(), list[str]()
    left = files_of_steps(work.run)
    with (
        kernel_surroundings(),
        warm_kernels(work.plan.notebooks.values(), work.plan.root) as kernels,
    ):
        for step in work.plan.notebooks:
            key = keys.key(step, left)
            log = _reused(work, earlier, keys.known(step), step, key)
            if log is not None:
                kernels.skip()
            else:
                log = _executed(work, kernels, step)
            lines += [f"{work.plan.notebooks[step].stem}: {line}" for line in log]
            before, left = left, files_of_steps(work.run)
            files = written(before, left)
            if files is not None and keys.still_true(step):
                journal = journal.adding(step, StepEntry(key=key, files=files, log=log))
                journal.save(work.run)
    if lines:
        (work.run.folder / "run.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _reused(
    work: Work, earlier: Earlier, known: bool, step: str, key: StepKey
) -> tuple[str, ...] | None:
    """Take a step from an earlier run; its log lines, or None where it is to be executed."""
    if not earlier.asked:
        return None
    found = earlier.find(step, key) if known else None
    if found is None or not found.copy_to(work.run):
        why = earlier.why_not(step, key) if known else "what is in a database may have changed"
        work.tell(step, "renewed", why)
        return None
    work.tell(step, "reused", found.run.id)
    notebook = work.plan.notebooks[step].name
    record = StepRecord(step=step, notebook=notebook, status="done", reused=found.run.id)
    work.manifest.steps.append(record)
    return found.entry.log


def _executed(work: Work, kernels: WarmKernels, step: str) -> tuple[str, ...]:
    """Execute a step's notebook; its log lines."""
    source = work.plan.notebooks[step]
    record = StepRecord(step=step, notebook=source.name, status="interrupted")
    work.manifest.steps.append(record)
    kernel = kernels.take()
    try:
        outcome = execute(
            source,
            work.run.folder / source.name,
            {"study": str(work.run.folder / "study.yaml"), "run_dir": str(work.run.folder)},
            kernel=kernel,
            folder=work.plan.root,
            redact=work.redact,
            timeout=work.timeout,
            place=work.place(step),
            listen=work.listen,
        )
    except OSError:
        record.status = "failed"
        raise
    kernels.stop(kernel)
    record.seconds = round(outcome.seconds, 2)
    record.status = outcome.failure.status if outcome.failure else "done"
    if outcome.failure:
        record.message = work.redact(outcome.failure.message)
        record.heading = work.redact(outcome.failure.heading)
        raise RunFailed(outcome.failure)
    return outcome.log
