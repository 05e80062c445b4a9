"""Carry out a plan: execute the notebooks, write the report, publish whole or not at all."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from seglib.errors import SeglibError
from seglib.reporting.execute import execute
from seglib.reporting.failure import Failure, RunFailed
from seglib.reporting.kernel import kernel_surroundings, terminating
from seglib.reporting.plan import Plan, study_in
from seglib.reporting.progress import Listener, Progress
from seglib.reporting.provenance import git_revision, input_hashes, peak_memory_mb, versions
from seglib.reporting.redact import Redactor, for_run
from seglib.reporting.report import write_report
from seglib.reporting.warm import warm_kernels
from seglib.run import Manifest, Run, StepRecord

_WORDED = (".json", ".sql", ".svg", ".yaml", ".md", ".html", ".log", ".csv", ".txt")
"""Endings of the text files that are searched for folders and secrets before they are published."""


def run_plan(plan: Plan, *, timeout: int, progress: Listener) -> Run:
    """Execute the notebooks of a plan and publish the run.

    Parameters
    ----------
    plan
        What was checked.
    timeout
        Seconds that one cell may take.
    progress
        Is told of each notebook and cell.

    Returns
    -------
    Run
        The published run.

    Raises
    ------
    RunFailed
        When a notebook did not reach its end; the folder stays under its ``.failed`` name.
    """
    run = Run.start(plan.study, plan.home)
    run.folder = run.folder.resolve()
    redact = for_run(plan.study, run.folder, plan.root)
    try:
        with terminating():
            manifest = _begin(plan, run, redact)
    except BaseException as error:
        shutil.rmtree(run.folder, ignore_errors=True)  # nothing is in it yet
        if isinstance(error, OSError):
            raise RunFailed(_not_begun(error)) from error
        raise
    try:
        with terminating():
            _steps(plan, run, manifest, redact, timeout=timeout, listen=progress)
            _publish(plan, run, manifest, redact, progress)
    except BaseException as error:
        _end(run, manifest, redact, _status_of(error))
        if isinstance(error, RunFailed):
            raise _shown(error, run, redact) from None
        if isinstance(error, OSError):
            raise RunFailed(_unwritten(error)) from error
        raise
    try:
        return _end(run, manifest, redact, "done")
    except OSError as error:
        raise RunFailed(_unwritten(error)) from error


def _begin(plan: Plan, run: Run, redact: Redactor) -> Manifest:
    """Write the effective study into the run and open the manifest."""
    study = study_in(run.folder, plan.study)
    (run.folder / "study.yaml").write_text(study.to_yaml(), encoding="utf-8")
    parameters = study.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return Manifest(
        run_id=run.id,
        study=study.name,
        status="running",
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        parameters=json.loads(redact(json.dumps(parameters))),
        seed=study.seed,
        effort=study.clustering.effort,
        audience=plan.audience,
        inputs=input_hashes(plan.study),
        versions=versions(),
        git_revision=git_revision(plan.root),
    )


def _steps(
    plan: Plan, run: Run, manifest: Manifest, redact: Redactor, *, timeout: int, listen: Listener
) -> None:
    """Execute the notebooks in order; the first that fails ends the run."""
    parameters = {"study": str(run.folder / "study.yaml"), "run_dir": str(run.folder)}
    log: list[str] = []
    with kernel_surroundings(), warm_kernels(plan.notebooks.values(), plan.root) as kernels:
        for number, (step, source) in enumerate(plan.notebooks.items(), start=1):
            record = StepRecord(step=step, notebook=source.name, status="interrupted")
            manifest.steps.append(record)
            kernel = kernels.take()
            outcome = execute(
                source,
                run.folder / source.name,
                parameters,
                kernel=kernel,
                folder=plan.root,
                redact=redact,
                timeout=timeout,
                place=(number, len(plan.notebooks)),
                listen=listen,
            )
            kernels.stop(kernel)
            record.seconds = round(outcome.seconds, 2)
            record.status = outcome.failure.status if outcome.failure else "done"
            log += [f"{source.stem}: {line}" for line in outcome.log]
            if outcome.failure:
                record.message = redact(outcome.failure.message)
                record.heading = redact(outcome.failure.heading)
                raise RunFailed(outcome.failure)
    if log:
        (run.folder / "run.log").write_text("\n".join(log) + "\n", encoding="utf-8")


def _publish(plan: Plan, run: Run, manifest: Manifest, redact: Redactor, listen: Listener) -> None:
    listen(Progress("report"))
    path = write_report(run, manifest, audience=plan.audience)
    path.write_text(redact(path.read_text(encoding="utf-8")), encoding="utf-8")
    if plan.pdf:
        from seglib.reporting.pdf import write_pdf

        write_pdf(path)


def _end(run: Run, manifest: Manifest, redact: Redactor, status: str) -> Run:
    """Hide what must not be seen, write the manifest and rename the folder."""
    manifest.status = status
    manifest.peak_memory_mb = peak_memory_mb()
    try:
        for path in run.artifacts().values():
            if path.suffix in _WORDED:
                _rewrite(path, redact)
        run.folder = run.finish(manifest).folder
    except OSError:
        if status == "done":
            raise
        # A full disk: the failure that led here is what the person must read.
    return run


def _rewrite(path: Path, redact: Redactor) -> None:
    text = path.read_text(encoding="utf-8")
    clean = redact(text)
    if clean != text:
        path.write_text(clean, encoding="utf-8")


def _status_of(error: BaseException) -> str:
    if isinstance(error, RunFailed):
        return error.failure.status
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"


def _shown(error: RunFailed, run: Run, redact: Redactor) -> RunFailed:
    """Name the notebook that shows the failure, from where the person is; logs are kept too."""
    path = run.folder / error.failure.notebook
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    message = redact.hide(error.failure.message)
    return RunFailed(replace(error.failure, message=message, shown_in=str(path)))


def _unwritten(error: OSError) -> Failure:
    words = f"The run could not write{_told(error)}."
    return Failure("failed", SeglibError.exit_code, words)


def _not_begun(error: OSError) -> Failure:
    words = f"The run could not begin: a file could not be read or written{_told(error)}."
    return Failure("failed", SeglibError.exit_code, words)


def _told(error: OSError) -> str:
    """Name the file of an error of the system, and its reason."""
    name = f" '{Path(error.filename).name}'" if error.filename else ""
    return f"{name}: {error.strerror or error}"
