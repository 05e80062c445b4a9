"""What a step's result depends on, as hashes: the program, its notebook, parameters and data."""

from __future__ import annotations

import json
import logging
import platform
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import seglib
from seglib.reporting.journal import StepKey, digest
from seglib.reporting.plan import Plan, study_in
from seglib.reporting.provenance import input_files
from seglib.reporting.redact import Redactor
from seglib.run import Manifest, Run, hashes
from seglib.study import Study

log = logging.getLogger(__name__)

READ_FROM: dict[str, str] = {
    "segment_names": "03",
    "measurement": "03",
    "clustering.methods": "03",
    "clustering.method": "03",
    "clustering.k_min": "03",
    "clustering.k_max": "03",
    "clustering.max_fit_accounts": "03",
    "clustering.effort": "03",
    "clustering.family_weights": "03",
    "clustering.winsorise": "03",
    "clustering.ordered": "03",
    "clustering.rules": "03",
    "targeting.targets": "05",
    "playbook": "05",
    "budget": "05",
}
"""Fields of a study and the first step that reads each; any other counts from the first step on."""

READS_SOURCE = ("01", "02")
"""Steps that read the source; those after them read what these left."""


class StepKeys:
    """Makes the keys of a run's steps.

    Parameters
    ----------
    plan
        What is run.
    run
        The run folder.
    manifest
        Holds the hashes of the inputs.
    redact
        Takes secrets out before anything is hashed: a short password could be guessed from a hash.
    """

    def __init__(self, plan: Plan, run: Run, manifest: Manifest, redact: Redactor) -> None:
        self._plan = plan
        self._run = run
        self._redact = redact
        self._program = program_hash()
        self._data = digest(manifest.inputs) if manifest.inputs else ""
        self._sizes = _sizes(plan.study)
        self._previous = _artifacts_hash(plan.study.measurement.previous_run)

    def key(self, step: str, before: Mapping[str, str]) -> StepKey:
        """Return the key of a step.

        Parameters
        ----------
        step
            Its number.
        before
            Hashes of the files that the steps before it left.
        """
        left = {name: mark for name, mark in before.items() if not name.endswith(".ipynb")}
        study = study_in(self._run.folder, self._plan.study)
        return StepKey(
            program=self._program,
            notebook=notebook_hash(self._plan.notebooks[step]),
            parameters=digest(self._redact(json.dumps(parameters(study, step), sort_keys=True))),
            data=self._data,
            previous=self._previous if step >= READ_FROM["measurement"] else "",
            before=digest(left),
        )

    def known(self, step: str) -> bool:
        """Say whether the key tells all: a database may have changed without a sign."""
        return bool(self._data) or step not in READS_SOURCE

    def still_true(self, step: str) -> bool:
        """Say whether the source is as it was hashed, once a step has read it; else warn."""
        if step not in READS_SOURCE or _sizes(self._plan.study) == self._sizes:
            return True
        log.warning(
            "The data changed while step %s read them: "
            "the hashes of the inputs may not be those of what was read.",
            step,
        )
        return False


def parameters(study: Study, step: str) -> dict[str, Any]:
    """Return the fields of a study that count for a step.

    Examples
    --------
    >>> study = Study(name="demo", source="data")
    >>> "budget" in parameters(study, "04"), "budget" in parameters(study, "05")
    (False, True)
    """
    content = study.model_dump(mode="json", by_alias=True)
    for field, first in READ_FROM.items():
        if step < first:
            head, _, inner = field.partition(".")
            del (content[head] if inner else content)[inner or head]
    return content


def notebook_hash(path: Path) -> str:
    """Hash what a notebook executes and shows; outputs, ids and the editor's notes do not count.

    Parameters
    ----------
    path
        The notebook file.
    """
    content = json.loads(path.read_text(encoding="utf-8"))
    cells = [
        (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []),
         cell.get("attachments", {}))
        for cell in content["cells"]
    ]  # fmt: skip
    return digest([cells, content["metadata"].get("kernelspec", {})])


@cache
def program_hash() -> str:
    """Hash the package's files, the names and versions of all packages, and the kind of machine."""
    root = Path(seglib.__file__).parent
    own = (path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    files = hashes((path.relative_to(root).as_posix(), path) for path in own)
    folders = {Path(entry) for entry in sys.path if entry}
    packages = {info.stem for folder in folders for info in folder.glob("*.dist-info")}
    machine = (platform.python_version(), sys.platform, platform.machine())
    return digest([files, sorted(packages), machine])


def _sizes(study: Study) -> dict[str, tuple[int, int]]:
    """Size and time of each source file; what is gone has none."""
    found = {}
    with suppress(OSError):
        for name, path in input_files(study).items():
            status = path.stat()
            found[name] = (status.st_size, status.st_mtime_ns)
    return found


def _artifacts_hash(previous: str | None) -> str:
    """Hash what a previous run left; it was found before."""
    if previous is None:
        return ""
    artifacts = Run(previous).artifacts()
    return digest(hashes((name, path) for name, path in artifacts.items()))
