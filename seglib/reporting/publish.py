"""Carry out a plan: execute the notebooks, write the report, publish whole or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from seglib.reporting.ending import end_failed, end_run, not_begun
from seglib.reporting.failure import RunFailed
from seglib.reporting.hidden import hide_in
from seglib.reporting.hook import Hook
from seglib.reporting.kernel import terminating
from seglib.reporting.lock import run_lock
from seglib.reporting.plan import Plan, study_in
from seglib.reporting.progress import Listener, Progress
from seglib.reporting.provenance import git_revision, input_hashes, versions
from seglib.reporting.redact import Redactor, for_run
from seglib.reporting.report import write_report
from seglib.reporting.resume import Earlier
from seglib.reporting.stale import remove_stale, tidy_stale
from seglib.reporting.steps import Work, run_steps
from seglib.run import Manifest, Run


def run_plan(
    plan: Plan,
    *,
    timeout: int,
    progress: Listener,
    hook: Hook | None = None,
    resume: bool = False,
) -> Run:
    """Execute the notebooks of a plan and publish the run.

    Parameters
    ----------
    plan
        What was checked.
    timeout
        Seconds that one cell may take.
    progress
        Is told of each notebook and cell.
    hook
        Is told which run has begun.
    resume
        Use the steps of earlier runs again whose inputs and parameters are the same by hash.

    Returns
    -------
    Run
        The published run.

    Raises
    ------
    RunLocked
        When another run into the same folder has not ended.
    RunFailed
        When a notebook did not reach its end; the folder stays under its ``.failed`` name.
    """
    with terminating(), run_lock(plan.home) as held:
        if held:
            tidy_stale(plan.home)
        earlier = Earlier(plan.home if resume else None)
        run = _carry_out(plan, earlier, timeout=timeout, progress=progress, hook=hook or Hook())
        if held:
            remove_stale(plan.home)
        return run


def _carry_out(
    plan: Plan, earlier: Earlier, *, timeout: int, progress: Listener, hook: Hook
) -> Run:
    run = Run.start(plan.study, plan.home)
    run.folder = run.folder.resolve()
    redact = for_run(plan.study, run.folder, plan.root)
    try:
        manifest = _begin(plan, run, redact)
    except BaseException as error:
        run.discard()
        if isinstance(error, OSError):
            raise RunFailed(not_begun(error)) from error
        raise
    hook.watch(run)
    try:
        work = Work(plan, run, manifest, redact, timeout, progress)
        run_steps(work, earlier)
        _report(plan, run, manifest, redact, progress)
        return end_run(run, manifest, redact, "done")
    except BaseException as error:
        end_failed(run, manifest, redact, error)
        raise


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


def _report(plan: Plan, run: Run, manifest: Manifest, redact: Redactor, listen: Listener) -> None:
    listen(Progress("report"))
    path = write_report(run, manifest, audience=plan.audience)
    path.write_text(redact(path.read_text(encoding="utf-8")), encoding="utf-8")
    if plan.pdf:
        from seglib.reporting.pdf import write_pdf

        write_pdf(path)
        for card in sorted(run.folder.glob("exports/cards/*.html")):
            hide_in(card, redact)
            write_pdf(card)
