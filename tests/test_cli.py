"""The command line: what it prints, and what it ends with."""

from __future__ import annotations

import subprocess
import sys
import time
from types import SimpleNamespace

import pandas as pd
import pytest
from typer.testing import CliRunner

from seglib.cli import app
from seglib.errors import DataError

COMMANDS = [
    "new",
    "check",
    "run",
    "portfolio",
    "score",
    "sql",
    "compare",
    "verify",
    "schema",
    "demo",
]


@pytest.fixture
def call():
    """Call the command line and return its exit code, output and error output."""

    def run(*words):
        result = CliRunner().invoke(app, [str(word) for word in words])
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "study.yaml"
    path.write_text("name: tiny\nsource: .\n")
    (tmp_path / "orders.csv").write_text("order_id\n1\n")
    return path


def test_help_answers_at_once():
    fastest = float("inf")
    for _ in range(3):
        begun = time.monotonic()
        answer = subprocess.run(
            [sys.executable, "-m", "seglib.cli", "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        fastest = min(fastest, time.monotonic() - begun)
    assert fastest < 0.5
    for command in COMMANDS:
        assert command in answer.stdout


def test_the_version(call):
    assert call("--version") == (0, "seglib 0.1.0\n", "")


def test_a_misspelt_parameter_is_refused_with_the_right_one(call, study):
    code, out, error = call("run", study, "--set", "kk=5")
    assert code == 2
    assert "Did you mean 'k'?" in error
    assert out == ""


@pytest.mark.parametrize(
    ("pair", "words"),
    [
        ("k", "--set wants key=value, got 'k'."),
        ("=5", "--set wants key=value"),
        ("k=five", "'clustering.k'"),
        ("clustering.k_min=0", "'clustering.k_min'"),
        ("as_of=2026-13-01", "'as_of'"),
        ("effort=hard", "'clustering.effort' is 'hard'."),
        ("bases=[a", "The value of 'bases' cannot be read"),
        ("seed=true", "'seed'"),
    ],
)
def test_a_bad_value_is_refused(call, study, pair, words):
    code, _, error = call("run", study, "--set", pair)
    assert code == 2
    assert words in error


@pytest.mark.parametrize("words", [["run"], ["run", "a", "--nosuch"], ["nosuch"], ["new", "dir"]])
def test_a_wrong_call_ends_with_2(call, words):
    assert call(*words)[0] == 2


def test_a_study_that_is_not_there(call, tmp_path):
    code, _, error = call("run", tmp_path / "nothing.yaml")
    assert code == 2
    assert "There is no study file" in error


def test_run_prints_the_path_of_the_report_last(call, study, tmp_path, monkeypatch):
    asked = {}

    def run_study(path, *, progress, **options):
        from seglib.reporting.progress import Progress

        asked.update(options, path=path)
        progress(Progress("done", "01_objectives", 1, 6, seconds=1.0))
        return SimpleNamespace(folder=tmp_path / "runs" / "1")

    monkeypatch.setattr("seglib.reporting.runner.run_study", run_study)
    words = ["--set", "k=5", "--set", "currency=01234", "--until", "03", "--effort", "quick"]
    code, out, error = call("run", study, *words, "--audience", "executive", "--pdf")
    assert (code, out) == (0, f"{tmp_path / 'runs' / '1' / 'report.html'}\n")
    assert "[1/6] 01_objectives: done in 1.0 s" in error
    assert asked["overrides"] == {"k": 5, "currency": "01234"}
    assert (asked["until"], asked["effort"], asked["audience"]) == ("03", "quick", "executive")
    assert asked["pdf"] is True


@pytest.mark.parametrize(
    ("raised", "code", "words"),
    [
        (DataError("Table 'orders' is empty."), 3, "Table 'orders' is empty."),
        (KeyboardInterrupt(), 130, "Interrupted."),
        (ZeroDivisionError("division by zero"), 4, "Sorry, seglib itself failed"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_a_code(call, study, monkeypatch, raised, code, words):
    def run_study(*args, **options):
        raise raised

    monkeypatch.setattr("seglib.reporting.runner.run_study", run_study)
    got, out, error = call("run", study)
    assert got == code
    assert words in error
    assert "Traceback" not in error
    assert len(error.splitlines()) == 1
    assert out == ""


def test_the_apology_names_a_log_with_the_traceback(call, study, monkeypatch, tmp_path):
    def run_study(*args, **options):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("seglib.reporting.runner.run_study", run_study)
    _, _, error = call("run", study)
    log = next(tmp_path.glob("seglib-*.log"))
    assert str(log) in error
    assert "ZeroDivisionError: division by zero" in log.read_text()


def test_demo_writes_a_market_that_can_be_run(call, tmp_path):
    folder = tmp_path / "market"
    code, out, _ = call("demo", folder, "--accounts", 60, "--seed", 3, "--dirt", 0)
    assert code == 0
    assert out.strip() == str(folder / "study.yaml")
    assert len(pd.read_csv(folder / "accounts.csv")) == 60
    assert (folder / "truth").is_dir()


def test_demo_refuses_too_few_accounts(call, tmp_path):
    code, _, error = call("demo", tmp_path / "market", "--accounts", 3)
    assert code == 2
    assert "at least 20" in error


def test_sql_and_score_of_a_run_that_is_not_there(call, tmp_path):
    for words in (("sql", tmp_path / "no"), ("score", tmp_path / "no", "a.csv")):
        code, _, error = call(*words)
        assert code == 2
        assert "There is no run folder" in error


@pytest.mark.parametrize(("rows", "code", "words"), [(60, 0, "The data pass."), (0, 3, "stop")])
def test_check_says_whether_the_data_pass(call, tmp_path, rows, code, words):
    lines = [f"{n},{n * n},{n % 7}" for n in range(rows)]
    (tmp_path / "accounts.csv").write_text("\n".join(["account_id,employees,sites", *lines]))
    study = tmp_path / "study.yaml"
    study.write_text("name: tiny\nsource: .\nbases: [firmographic]\n")
    got, out, _ = call("check", study)
    assert got == code
    assert words in out


def test_new_drafts_a_study_once(call, tmp_path):
    table = tmp_path / "accounts.csv"
    table.write_text("account_id,employees\nA,5\n")
    code, out, _ = call("new", tmp_path / "study", table)
    assert code == 0
    assert "accounts.employees = employees" in out
    assert (tmp_path / "study" / "study.yaml").is_file()
    assert call("new", tmp_path / "study", table)[0] == 2
