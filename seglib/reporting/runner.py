"""Run a study, from its question to its report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seglib.reporting.plan import CELL_TIMEOUT, make_plan
from seglib.reporting.progress import Listener, ignore

if TYPE_CHECKING:
    from seglib.run import Run


def run_study(
    study_path: str | Path,
    *,
    out: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    until: str | None = None,
    effort: str | None = None,
    audience: str = "analyst",
    pdf: bool = False,
    timeout: int = CELL_TIMEOUT,
    progress: Listener = ignore,
    notebooks: Path | None = None,
    notify: str | None = None,
    resume: bool = False,
) -> Run:
    """Run a study from its question to its report.

    Parameters
    ----------
    study_path
        The study file, or a folder that holds ``study.yaml``.
    out
        Folder of this study's runs; ``reports/<study>`` when not given.
    overrides
        Fields of the study to replace, by dotted name.
    until
        Number or name of the last step; all six when not given.
    effort
        How much bootstrap work is done, instead of what the study says.
    audience
        Who reads the report: ``executive``, ``analyst`` or ``learner``.
    pdf
        Write ``report.pdf`` too.
    timeout
        Seconds that one cell may take.
    progress
        Is told of each notebook and cell.
    notebooks
        Folder of the notebooks; the workbook's own when not given.
    notify
        Command that is called after the run, with the message on its standard input; see
        :class:`~seglib.reporting.hook.Hook`.
    resume
        Use the steps of earlier runs in the folder again, killed and failed ones too, whose
        inputs and parameters are the same by hash; the manifest says which.

    Returns
    -------
    Run
        The published run.

    Raises
    ------
    StudyError
        For bad parameters, before a kernel starts.
    RunFailed
        When a notebook did not reach its end; the folder stays under its ``.failed`` name, and
        the last good run is untouched.
    """
    from seglib.reporting.hook import Hook, parse_command

    with Hook(parse_command(notify) if notify is not None else None) as hook:
        plan = make_plan(
            study_path,
            out=out,
            overrides=overrides,
            until=until,
            effort=effort,
            audience=audience,
            pdf=pdf,
            notebooks=notebooks,
        )
        # Imported once the parameters are known to be good: a refusal is to come at once.
        from seglib.reporting.index import refresh_index
        from seglib.reporting.publish import run_plan

        try:
            return run_plan(plan, timeout=timeout, progress=progress, hook=hook, resume=resume)
        finally:
            if hook.began:
                # A folder of the user's own is listed alone: what stands beside it is not ours.
                refresh_index(plan.home if out else plan.home.parent)
