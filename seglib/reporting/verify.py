"""Execute a run again and compare every artifact, byte for byte."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seglib.errors import StudyError
from seglib.reporting.conditions import AS_IT_IS, CONDITIONS
from seglib.reporting.plan import CELL_TIMEOUT
from seglib.reporting.progress import Listener, ignore
from seglib.reporting.provenance import git_revision, input_hashes, versions
from seglib.reporting.redact import HIDDEN
from seglib.reporting.runner import run_study
from seglib.reporting.stated import check_report
from seglib.run import Manifest, Run
from seglib.study import Study
from seglib.workbook import project_root

_ITS_OWN = {"run.log", "study.yaml", "summary.json", "message.txt", "journal.json"}
"""Files that tell of the execution; study.yaml names the source as seen from its own folder."""


@dataclass(frozen=True)
class Verdict:
    """Whether a second execution gave the same bytes.

    Attributes
    ----------
    compared
        Number of artifacts.
    differences
        One line for each artifact that differs.
    reasons
        What has changed since that could explain it: data, versions, revision.
    conditions
        Under which the run was executed again, beside the present ones.
    unfounded
        One line for each figure of the report that stands in no artifact.
    """

    compared: int
    differences: tuple[str, ...]
    reasons: tuple[str, ...]
    conditions: tuple[str, ...] = ()
    unfounded: tuple[str, ...] = ()

    @property
    def identical(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    def text(self) -> str:
        """Say it in lines."""
        if self.identical:
            where = f", {' and '.join(self.conditions)}" if self.conditions else ""
            same = f"identical: {self.compared} artifacts, byte for byte{where}"
            return "\n".join((same, *self._report()))
        lines = [f"{len(self.differences)} of {self.compared} artifacts differ:"]
        lines += [f"  {line}" for line in self.differences]
        if self.reasons:
            lines += ["", "Since the run:", *(f"  {line}" for line in self.reasons)]
        return "\n".join((*lines, *self._report()))

    def _report(self) -> list[str]:
        if not self.unfounded:
            return []
        return ["", "In the report:", *(f"  {line}" for line in self.unfounded)]


def verify_run(
    path: str | Path,
    *,
    everywhere: bool = False,
    timeout: int = CELL_TIMEOUT,
    progress: Listener = ignore,
    notebooks: Path | None = None,
) -> Verdict:
    """Execute a run's study again in a temporary folder and compare.

    Parameters
    ----------
    path
        The run folder.
    everywhere
        Execute it three times: with one thread on one core, with two, and in another time zone
        and locale.
    timeout, progress, notebooks
        As for :func:`~seglib.reporting.runner.run_study`.

    Raises
    ------
    StudyError
        When there is no such run, or its source held a password that was hidden.
    """
    run = Run.open(path)
    manifest = run.manifest
    if not manifest.steps:
        raise StudyError(f"Run '{run.id}' executed no notebook: there is nothing to verify.")
    study = Study.load(run.folder / "study.yaml")
    if HIDDEN in study.source:
        raise StudyError(
            f"The source of run '{run.id}' held a password, which was hidden. "
            "Write the source with ${NAME} for an environment variable and run the study again."
        )
    differences = list(_altered(run, manifest))
    conditions = CONDITIONS if everywhere else {"": AS_IT_IS}
    for name, condition in conditions.items():
        with condition(), tempfile.TemporaryDirectory(prefix="seglib-verify-") as folder:
            again = run_study(
                run.folder / "study.yaml",
                out=folder,
                until=manifest.steps[-1].step,
                audience=manifest.audience,
                pdf=run.has("report.pdf"),
                timeout=timeout,
                progress=progress,
                notebooks=notebooks,
            )
            found = _differences(manifest.artifacts, again.manifest.artifacts)
            differences += [f"{line} ({name})" if name else line for line in found]
    return Verdict(
        len({*manifest.artifacts} - _ITS_OWN),
        tuple(dict.fromkeys(differences)),
        tuple(_reasons(manifest, study)),
        tuple(filter(None, conditions)),
        tuple(check_report(run)) if run.has("report.html") else (),
    )


def _differences(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for name in sorted({*old, *new} - _ITS_OWN):
        if name not in new:
            yield f"{name} was not made again"
        elif name not in old:
            yield f"{name} is new"
        elif old[name] != new[name]:
            yield name


def _altered(run: Run, manifest: Manifest) -> Iterator[str]:
    """Name the files of the run that no longer are what its manifest says."""
    from seglib.run import hashes

    present = hashes(run.artifacts().items())
    for name, digest in manifest.artifacts.items():
        if present.get(name) != digest:
            yield f"{name} was changed or removed after the run"


def _reasons(manifest: Manifest, study: Study) -> Iterator[str]:
    inputs = input_hashes(study)
    for name in sorted({*inputs, *manifest.inputs}):
        if inputs.get(name) != manifest.inputs.get(name):
            yield f"the input {name} has changed"
    present = versions()
    for name, version in manifest.versions.items():
        if present.get(name) != version:
            yield f"{name} was {version} and is {present.get(name, 'not installed')}"
    revision = git_revision(project_root() or Path.cwd())
    if revision != manifest.git_revision:
        before = manifest.git_revision or "under no revision"
        yield f"the code was {before} and is {revision or 'under none'}"
