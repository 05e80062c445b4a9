"""What is checked before a kernel starts, and how the study is written into the run."""

from __future__ import annotations

import pytest

from seglib.errors import StudyError
from seglib.reporting.plan import make_plan, study_in


@pytest.fixture
def plan(study, make_notebooks, tmp_path):
    """Plan a run of the tiny study with some fields replaced."""
    notebooks = make_notebooks()

    def make(**options):
        return make_plan(study, out=tmp_path / "runs", notebooks=notebooks, **options)

    return make


def test_a_plan_holds_the_notebooks_up_to_the_step(plan):
    assert list(plan(until="profiling").notebooks) == ["01", "02", "03", "04"]


def test_a_folder_with_a_study_will_do(study, make_notebooks, tmp_path):
    made = make_plan(study.parent, out=tmp_path, notebooks=make_notebooks())
    assert made.study.name == "tiny"


def test_the_previous_run_is_found_where_the_runs_stand(plan, tmp_path):
    earlier = tmp_path / "runs" / "20260101-000000"
    earlier.mkdir(parents=True)
    (tmp_path / "runs" / "latest").symlink_to(earlier.name)
    made = plan(overrides={"measurement.previous_run": "latest"})
    written = study_in(tmp_path / "runs" / "new.partial", made.study)
    assert written.measurement.previous_run == "../20260101-000000"


def test_a_previous_run_that_is_not_there_is_refused(plan):
    with pytest.raises(StudyError, match="there is no such run"):
        plan(overrides={"measurement.previous_run": "nowhere"})


def test_an_address_stays_as_it_is(plan, tmp_path):
    made = plan(overrides={"source": "postgres://${CRM}"})
    assert study_in(tmp_path / "x", made.study).source == "postgres://${CRM}"


def test_runs_go_to_the_reports_folder_by_default(study, make_notebooks, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    made = make_plan(study, notebooks=make_notebooks())
    assert made.home == tmp_path / "reports" / "tiny"


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"cells": [{}]}', "\x00"])
def test_a_file_that_is_no_notebook_is_refused(study, make_notebooks, tmp_path, text):
    notebooks = make_notebooks()
    (notebooks / "05_strategy.ipynb").write_text(text)
    with pytest.raises(StudyError, match=r"05_strategy.ipynb' is not a Jupyter notebook"):
        make_plan(study, out=tmp_path, notebooks=notebooks)
