"""Runs that fail: told as what they are, and the last good run is untouched."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed
from seglib.run import Run

KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
DATA_ERROR = (
    "from seglib.errors import DataError\n"
    "raise DataError(['Table orders is empty.', 'Nothing else was read.'], where='the data')"
)


@pytest.fixture
def last_good(study: Path, make_notebooks, tmp_path: Path) -> Path:
    """A published run, and the folder of runs that holds it."""
    run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks("good"))
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("code", "status", "exit_code", "words"),
    [
        (KILL, "kernel died", 6, "The kernel under the notebook died."),
        ("import time; time.sleep(60)", "timed out", 5, "longer than 2 seconds"),
        ("raise KeyError('revenue')", "failed", 4, "KeyError: 'revenue'"),
        (DATA_ERROR, "failed", 3, "  - Table orders is empty."),
    ],
    ids=["killed", "timeout", "failed", "data"],
)
def test_a_failure_is_told_as_what_it_is_and_leaves_the_last_good_run(
    study, make_notebooks, last_good, code, status, exit_code, words
):
    before = _bytes(last_good / "latest")
    with pytest.raises(RunFailed) as caught:
        run_study(
            study, out=last_good, timeout=2, until="01", notebooks=make_notebooks(step01=code)
        )
    message = str(caught.value)
    assert caught.value.exit_code == exit_code
    assert words in message
    assert "01_objectives.ipynb, under “Look at the result”" in message
    assert "Traceback" not in message
    assert len(message.splitlines()) < 20

    failed = Run.open(next(last_good.glob("*.failed")))
    assert failed.manifest.status == status
    assert [step.status for step in failed.manifest.steps] == [status]
    assert failed.has("01_objectives.ipynb")
    assert str(failed.folder / "01_objectives.ipynb") in message
    assert _bytes(last_good / "latest") == before
    assert not (failed.folder / "report.html").exists()


def test_a_notebook_that_leaves_early_is_not_a_success(study, make_notebooks, tmp_path):
    notebooks = make_notebooks(step01="import sys; sys.exit(0)")
    path = notebooks / "01_objectives.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell("1 + 1"))
    nbformat.write(notebook, path)
    with pytest.raises(RunFailed, match="stopped before its last cell"):
        run_study(study, out=tmp_path / "runs", until="01", notebooks=notebooks)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_source_that_vanishes_before_the_first_notebook_leaves_nothing(
    study, make_notebooks, last_good, monkeypatch
):
    def vanished(_):
        raise FileNotFoundError(2, "No such file or directory", "/far/orders.csv")

    monkeypatch.setattr("seglib.reporting.publish.input_hashes", vanished)
    before = sorted(last_good.iterdir())
    with pytest.raises(RunFailed) as caught:
        run_study(study, out=last_good, until="01", notebooks=make_notebooks())
    assert "'orders.csv': No such file or directory" in str(caught.value)
    assert caught.value.exit_code == 4
    assert sorted(last_good.iterdir()) == before
