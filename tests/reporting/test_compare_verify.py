"""Comparing two runs, and executing one again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.errors import MissingArtifact, StudyError
from seglib.reporting import compare_runs, run_study, verify_run
from seglib.run import Run


def finished(sample, folder, **changes) -> Run:
    """A finished run whose segments are numbered and named as asked."""
    run = sample.sample_run(folder, names=changes.get("names"))
    if "segment" in changes:
        table = run.read_table("assignments.parquet").assign(segment=changes["segment"])
        run.write_table("assignments.parquet", table)
    manifest = sample.sample_manifest()
    manifest.parameters["clustering"] = {"k_max": changes.get("k_max", 6)}
    manifest.inputs |= changes.get("inputs", {})
    manifest.status = "done"
    return run.finish(manifest)


def test_a_run_is_like_itself(sample, tmp_path):
    first, second = (finished(sample, tmp_path / n) for n in ("a", "b"))
    text = compare_runs(first.folder, second.folder).text()
    assert "the same data and parameters" in text
    assert "nothing moved" in text
    assert "0 % of the 700 shared accounts changed segment" in text


def test_segments_are_matched_by_their_accounts_not_by_their_numbers(sample, tmp_path):
    first = finished(sample, tmp_path / "a")
    old = first.read_table("assignments.parquet")["segment"]
    swapped = old.map({1: 2, 2: 1, 3: 3, 4: 4})
    names = ["Project buyers", "Large integrators, who buy often", "Hospitals", "Laboratories"]
    second = finished(sample, tmp_path / "b", segment=swapped, names=names, k_max=7,
                      inputs={"orders.csv": "ef" * 32})  # fmt: skip
    compared = compare_runs(first.folder, second.folder)
    assert "data: orders.csv changed" in compared.causes
    assert "parameter clustering.k_max: 6 → 7" in compared.causes
    assert compared.segments[0].startswith("“Large integrators, who buy often”: 26 % → 26 %")
    assert "“Price-minded project buyers”, now “Project buyers”" in compared.segments[1]


def test_a_segment_that_was_split_has_no_successor(sample, tmp_path):
    first = finished(sample, tmp_path / "a")
    old = first.read_table("assignments.parquet")["segment"].to_numpy()
    third = np.where(old == 2, np.where(np.arange(700) % 2 == 0, 2, 5), old)
    second = finished(sample, tmp_path / "b", segment=pd.Series(third))
    lines = compare_runs(first.folder, second.folder).segments
    assert any("is new" in line or "has no successor" in line for line in lines)


def test_a_run_that_is_not_there(tmp_path):
    with pytest.raises(StudyError, match="There is no run folder"):
        compare_runs(tmp_path / "a", tmp_path / "b")
    (tmp_path / "c").mkdir()
    with pytest.raises(MissingArtifact, match="did not finish"):
        verify_run(tmp_path / "c")


def test_verify_says_identical_and_then_names_what_differs(study, make_notebooks, tmp_path):
    code = "import pathlib; pathlib.Path(run_dir, 'rules.sql').write_text('select 1'); 1 + 1"
    notebooks = make_notebooks(step01=code)
    run = run_study(study, out=tmp_path / "runs", until="01", notebooks=notebooks)
    verdict = verify_run(run.folder, notebooks=notebooks)
    assert verdict.identical, verdict.text()
    assert verdict.text() == "identical: 3 artifacts, byte for byte"

    (study.parent / "orders.csv").write_text("order_id,amount\n1,6\n")
    (run.folder / "rules.sql").write_text("select 2")
    verdict = verify_run(run.folder, notebooks=notebooks)
    assert not verdict.identical
    assert "rules.sql was changed or removed after the run" in verdict.differences
    assert "report.html" in verdict.differences
    assert "the input orders.csv has changed" in verdict.reasons


def test_it_is_executed_under_other_conditions_too(study, make_notebooks, tmp_path):
    told = "import pathlib; pathlib.Path(run_dir, 'rules.sql').write_text('select 1')"
    same = make_notebooks(step01=told)
    run = run_study(study, out=tmp_path / "a", until="01", notebooks=same)
    verdict = verify_run(run.folder, everywhere=True, notebooks=same)
    assert verdict.text() == (
        "identical: 3 artifacts, byte for byte, with one thread and with two threads "
        "and in another time zone and locale"
    )


@pytest.mark.parametrize(
    ("code", "where"),
    [
        ("os.environ.get('OMP_NUM_THREADS')", ["with one thread", "with two threads"]),
        ("time.tzname[0]", ["in another time zone and locale"]),
        ("os.environ.get('LC_ALL')", ["in another time zone and locale"]),
    ],
)
def test_what_depends_on_a_condition_is_found(
    code, where, study, make_notebooks, tmp_path, monkeypatch
):
    for name, value in {"OMP_NUM_THREADS": "7", "TZ": "UTC", "LC_ALL": "C.UTF-8"}.items():
        monkeypatch.setenv(name, value)
    told = f"import os, time, pathlib; pathlib.Path(run_dir, 'rules.sql').write_text(str({code}))"
    notebooks = make_notebooks(step01=told)
    run = run_study(study, out=tmp_path / "a", until="01", notebooks=notebooks)
    verdict = verify_run(run.folder, everywhere=True, notebooks=notebooks)
    rules = [line for line in verdict.differences if line.startswith("rules.sql")]
    assert rules == [f"rules.sql ({name})" for name in where]


def test_a_run_whose_password_was_hidden_cannot_be_verified(study, make_notebooks, tmp_path):
    study.write_text("name: tiny\nsource: 'postgres://ann:hunter22@host/db'\n")
    run = run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())
    with pytest.raises(StudyError, match=r"\$\{NAME\}"):
        verify_run(run.folder)
