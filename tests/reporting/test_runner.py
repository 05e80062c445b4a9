"""Runs that succeed, and parameters that are refused before a kernel starts."""

from __future__ import annotations

import time

import nbformat
import pytest
import yaml

from seglib.errors import StudyError
from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed
from seglib.reporting.progress import Progress
from seglib.reporting.refresh import refresh_notebooks
from seglib.study import Study


def test_a_good_run_is_published_with_its_manifest(study, make_notebooks, tmp_path):
    told: list[Progress] = []
    run = run_study(
        study,
        out=tmp_path / "runs",
        until="02",
        overrides={"clustering.k_max": 5},
        effort="quick",
        notebooks=make_notebooks(step02="import logging; logging.warning('be careful'); 1 + 1"),
        progress=told.append,
    )
    manifest = run.manifest
    assert manifest.status == "done"
    assert [(s.notebook, s.status) for s in manifest.steps] == [
        ("01_objectives.ipynb", "done"),
        ("02_data_collection.ipynb", "done"),
    ]
    assert all(step.seconds > 0 for step in manifest.steps)
    assert manifest.peak_memory_mb > 10
    assert manifest.parameters["clustering"] == {"k_max": 5, "effort": "quick"}
    assert list(manifest.inputs) == ["orders.csv"]
    assert {"numpy", "pandas", "python", "seglib"} <= set(manifest.versions)
    assert set(manifest.artifacts) == {
        "01_objectives.ipynb",
        "02_data_collection.ipynb",
        "journal.json",
        "message.txt",
        "report.html",
        "run.log",
        "summary.json",
        "study.yaml",
    }
    assert (tmp_path / "runs" / "latest").resolve() == run.folder
    assert not list((tmp_path / "runs").glob("*.partial"))
    assert "be careful" in (run.folder / "run.log").read_text()
    assert "WARNING" not in (run.folder / "02_data_collection.ipynb").read_text()
    assert [p.state for p in told if p.state != "cell"] == ["begins", "done"] * 2 + ["report"]


def test_the_effective_study_stands_in_the_run_and_finds_its_source(
    study, make_notebooks, tmp_path
):
    probe = "import pathlib, yaml; yaml.safe_load(pathlib.Path(study).read_text())['source']"
    notebooks = make_notebooks(step01=probe)
    run = run_study(study, out=tmp_path / "runs", until="1", notebooks=notebooks)
    kept = run.folder / "study.yaml"
    assert yaml.safe_load(kept.read_text())["source"] == "../../company"
    assert Study.load(kept).location == study.parent
    assert Study.load(kept).to_yaml() == kept.read_text()


def test_two_runs_give_the_same_bytes(study, make_notebooks, tmp_path):
    code = "import logging; logging.warning('x'); print(run_dir, {'b', 'a', 'c'}); [1.5, object]"
    notebooks = make_notebooks(step01=code, step02=code)
    runs = [
        run_study(study, out=tmp_path / name, until="02", notebooks=notebooks)
        for name in ("first", "second")
    ]
    first, second = (run.manifest.artifacts for run in runs)
    for notice in ("summary.json", "message.txt"):  # they tell the run's own time
        assert first.pop(notice) != second.pop(notice)
    assert first == second


def test_bad_parameters_are_refused_together_before_anything_is_made(study, tmp_path):
    begun = time.monotonic()
    with pytest.raises(StudyError) as caught:
        run_study(
            study,
            out=tmp_path / "runs",
            overrides={"kk": 5},
            until="07",
            audience="bos",
        )
    assert time.monotonic() - begun < 5
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 3
    assert "Did you mean 'k'?" in str(caught.value)
    assert not (tmp_path / "runs").exists()


def test_a_source_that_is_not_there_is_refused_at_once(study, tmp_path):
    with pytest.raises(StudyError, match="no such file or folder"):
        run_study(study, out=tmp_path / "runs", overrides={"source": "nowhere"})


def test_a_notebook_without_parameters_is_refused(study, make_notebooks, tmp_path):
    notebooks = make_notebooks()
    path = notebooks / "03_cluster_analysis.ipynb"
    path.write_text(path.read_text().replace("run_dir", "folder"))
    with pytest.raises(StudyError, match=r"03_cluster_analysis.ipynb' has no parameter 'run_dir'"):
        run_study(study, out=tmp_path / "runs", notebooks=notebooks)


def test_a_folder_that_cannot_be_written_is_refused(study, make_notebooks, tmp_path):
    (tmp_path / "runs").write_text("a file, not a folder")
    with pytest.raises(StudyError, match="cannot be written"):
        run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())


def test_notebooks_are_refreshed_in_place(make_notebooks):
    folder = make_notebooks(step03="2 * 21")
    refresh_notebooks(folder)
    notebook = nbformat.read(folder / "03_cluster_analysis.ipynb", 4)
    assert notebook.cells[-1].outputs[0].data["text/plain"] == "42"
    assert not any("injected-parameters" in c.metadata.get("tags", []) for c in notebook.cells)
    assert not list(folder.glob("*.part"))


def test_a_notebook_that_fails_is_left_as_it_was(make_notebooks):
    folder = make_notebooks(step01="1 / 0")
    before = (folder / "01_objectives.ipynb").read_bytes()
    with pytest.raises(RunFailed, match="ZeroDivisionError"):
        refresh_notebooks(folder)
    assert (folder / "01_objectives.ipynb").read_bytes() == before
    assert len(list(folder.iterdir())) == 6
