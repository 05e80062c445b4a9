"""Many runs from one file: checked together, run apart, one exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from seglib.cli import app
from seglib.errors import StudyError
from seglib.reporting.portfolio import Job, Portfolio, read_portfolio
from seglib.reporting.portfolio_run import Outcome, PortfolioResult, run_portfolio
from seglib.reporting.summary import Ended, Headline, Summary


@pytest.fixture
def write(study, tmp_path):
    """Write a portfolio beside the folder of the study ``company/study.yaml``."""

    def make(**content) -> Path:
        path = tmp_path / "portfolio.yaml"
        path.write_text(
            yaml.safe_dump({"out": "reports", "until": "01", **content}, sort_keys=False)
        )
        return path

    return make


def test_values_stand_where_their_word_is_written(write):
    entry = {
        "study": "company/study.yaml",
        "name": "tiny-{region}",
        "set": {"title": "Accounts in {region}", "clustering": {"k": "{k}"}},
        "for_each": {"region": ["emea", "apac"], "k": [3, 4]},
    }
    path = write(jobs=2, runs=[{**entry, "name": "tiny-{region}-{k}", "effort": "quick"}])
    found = read_portfolio(path)
    assert found.jobs == 2
    names = [job.name for job in found.runs]
    assert names == ["tiny-emea-3", "tiny-emea-4", "tiny-apac-3", "tiny-apac-4"]
    first = found.runs[0]
    assert first.home == path.parent / "reports" / "tiny-emea-3"
    assert 'title="Accounts in emea"' in first.words
    assert 'clustering={"k": 3}' in first.words
    assert first.words[-4:] == ("--until", "01", "--effort", "quick")


def test_all_problems_are_told_before_anything_is_run(write, tmp_path):
    path = write(
        job=2,
        runs=[
            {"study": "company/study.yaml", "name": "Bad Name"},
            {"study": "nowhere.yaml"},
            {"study": "company/study.yaml", "sett": {}},
            {"study": "company/study.yaml", "set": {"kk": 4}, "effort": "fast"},
            {"study": "company/study.yaml", "until": "profilling", "audience": "analist"},
            "company/study.yaml",
            {"study": "company/study.yaml", "notify": "mail 'ann"},
        ],
    )
    with pytest.raises(StudyError) as caught:
        read_portfolio(path)
    text = str(caught.value)
    for words in (
        "Unknown key 'job'. Did you mean 'jobs'?",
        "run 1: 'name': use 1-63 small letters",
        "run 2: There is no study file",
        "run 3: Unknown key 'sett'. Did you mean 'set'?",
        "run 4: Unknown parameter 'kk'. Did you mean 'k'?",
        "run 4: 'clustering.effort' is 'fast'",
        "run 5: Unknown step 'profilling'. Did you mean '04_profiling'?",
        "run 5: Unknown audience 'analist'. Did you mean 'analyst'?",
        "run 6: it must hold 'key: value' lines",
        "run 7: --notify cannot be read",
    ):
        assert words in text
    assert caught.value.exit_code == 2
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("content", [{}, {"runs": []}, {"runs": "x"}, {"runs": None, "jobs": 0}])
def test_a_portfolio_without_runs_is_refused(write, content):
    with pytest.raises(StudyError, match="'runs'"):
        read_portfolio(write(**content))


def test_two_runs_cannot_have_one_folder(write):
    run = {"study": "company/study.yaml"}
    with pytest.raises(StudyError, match="2 runs are named 'tiny'; give each a 'name'"):
        read_portfolio(write(runs=[run, dict(run)]))


def test_a_source_starts_from_the_file(write, tmp_path):
    path = write(runs=[{"study": "company", "set": {"source": "company"}}])
    (job,) = read_portfolio(path).runs
    assert f"source={json.dumps(str(tmp_path / 'company'))}" in job.words


def test_the_runs_are_made_and_one_failure_is_the_exit_code(study, write, tmp_path):
    orders = "order_id,account_id,order_date,amount\n1,A,2026-01-05,5\n"
    (study.parent / "orders.csv").write_text(orders)
    unmapped = {"tables": {"orders": {"from": "orders", "columns": {"amount": "nosuch"}}}}
    runs = [
        {"study": "company/study.yaml", "name": "one"},
        {"study": "company/study.yaml", "name": "two", "set": unmapped},
    ]
    answer = CliRunner().invoke(app, ["portfolio", str(write(jobs=2, runs=runs))])
    assert answer.exit_code == 2, answer.output
    lines = answer.stdout.splitlines()
    assert lines[1].split()[:3] == ["one", "done", "0"]
    assert lines[2].split()[:3] == ["two", "failed", "2"]
    assert lines[3].startswith("two: 01_objectives.ipynb: ")
    assert "nosuch" in lines[3]
    assert lines[-1].endswith(str(Path("reports", "index.html")))
    assert "one: [1/1] 01_objectives: done in" in answer.stderr
    html = (tmp_path / "reports" / "index.html").read_text()
    assert html.count("<h2") == 2


def test_it_ends_its_runs_when_it_is_asked_to_end(write, tmp_path):
    demo = Path(__file__).parents[2] / "data" / "demo" / "study.yaml"
    path = write(until="06", jobs=2, runs=[{"study": str(demo), "name": n} for n in ("a", "b")])
    process = subprocess.Popen(
        [sys.executable, "-m", "seglib.cli", "portfolio", str(path)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    )
    assert process.stderr is not None
    while "[1/6]" not in process.stderr.readline():
        assert process.poll() is None
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert not list((tmp_path / "reports").glob("*/*.partial"))
    assert not list((tmp_path / "reports").glob("*/latest"))


def test_a_process_that_is_killed_is_a_failure(tmp_path, monkeypatch):
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    monkeypatch.setattr(
        "seglib.reporting.portfolio_run._command", lambda job: [sys.executable, "-c", killed]
    )
    result = run_portfolio(Portfolio(1, (Job("a", (), tmp_path / "a"),), tmp_path))
    assert result.exit_code == 4
    assert "a: Its process was killed by signal 9." in result.text()


def test_the_table_and_the_worst_code(tmp_path):
    good = Summary(
        run_id="1", study="a", status="done", exit_code=0, started="", finished="", seconds=1,
        headline=Headline(customers=1531, segments=4, value=24e6, value_unit="EUR",
                          verdict="natural"),
    )  # fmt: skip
    ended = Ended(exit_code=6, notebook="03_cluster_analysis.ipynb", message="Killed.\nx",
                  next_step="")  # fmt: skip
    bad = good.model_copy(
        update={"status": "kernel died", "failure": ended, "headline": Headline()}
    )
    outcomes = (
        Outcome("emea", 0, 41.2, good),
        Outcome("apac", 6, 9.0, bad),
        Outcome("us", 2, 0.4, None, "A run is under way already."),
    )
    result = PortfolioResult(outcomes, tmp_path / "index.html")
    assert result.exit_code == 6
    assert result.text() == "\n".join(
        [
            "Run   Ended        Code  Seconds  Customers  Segments             Value  Verdict",
            "emea  done            0       41      1,531         4  24.0 million EUR  natural",
            "apac  kernel died     6        9",
            "us    no run made     2        0",
            "apac: 03_cluster_analysis.ipynb: Killed.",
            "us: A run is under way already.",
        ]
    )
