"""The scheduling examples are read by those who run them, and call what exists."""

import ast
import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from typer.testing import CliRunner

from seglib.cli import app

FOLDER = Path(__file__).parents[1] / "examples" / "scheduling"
CALL = re.compile(r"seglib run [^;\n]*")


def ini(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str
    unit.read(path, encoding="utf-8")
    return unit


def calls() -> list[str]:
    """The command lines in all examples."""
    files = [p for p in FOLDER.rglob("*") if p.is_file() and p.suffix not in (".md", ".ipynb")]
    return [line for p in files for line in CALL.findall(p.read_text(encoding="utf-8"))]


def test_every_scheduler_has_its_folder() -> None:
    listed = set(re.findall(r"^\| `(\w+)/` \|", (FOLDER / "README.md").read_text(), re.M))
    assert listed == {p.name for p in FOLDER.iterdir() if p.is_dir()}


def test_calls_give_only_options_that_there_are() -> None:
    offered = set(re.findall(r"--\w+", CliRunner().invoke(app, ["run", "--help"]).output))
    assert len(calls()) >= 4
    for line in calls():
        words = shlex.split(line)
        assert words[2].endswith("study.yaml")
        assert {w for w in words if w.startswith("--")} <= offered


def test_the_exit_codes_in_the_readme_are_the_commands_own() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    codes = set(re.findall(r"\d+", " ".join(re.findall(r"^\| ([\d, ]+) \|", text, re.M))))
    told = CliRunner().invoke(app, ["--help"]).output
    said = set(re.findall(r"\b\d+\b", told[told.index("Exit codes") :]))
    assert codes == said


def test_cron_has_five_fields_and_a_command() -> None:
    lines = (FOLDER / "cron" / "crontab").read_text().splitlines()
    jobs = [line for line in lines if line[:1].isdigit()]
    assert len(jobs) == 1
    assert all(re.fullmatch(r"[\d*/,-]+", field) for field in jobs[0].split()[:5])


def test_systemd_units_fit_each_other() -> None:
    service, timer = (ini(FOLDER / "systemd" / f"seglib.{kind}") for kind in ("service", "timer"))
    assert service["Service"]["Type"] == "oneshot"
    assert set(service["Service"]["RestartPreventExitStatus"].split()) == {"2", "3", "4"}
    assert timer["Timer"]["OnCalendar"].startswith("Mon ")


def test_the_workflow_installs_as_locked_and_keeps_what_failed() -> None:
    flow = yaml.safe_load((FOLDER / "github" / "segmentation.yaml").read_text())
    steps = flow["jobs"]["report"]["steps"]
    assert "--require-hashes" in steps[2]["run"]
    assert steps[-1]["if"] == "always()"


@pytest.mark.parametrize("name", ["airflow", "dagster"])
def test_python_examples_compile(name: str) -> None:
    ast.parse((FOLDER / name / "segmentation.py").read_text(encoding="utf-8"))


def executable(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(("code", "calls"), [(0, 1), (2, 1), (3, 1), (4, 1), (5, 2), (143, 2)])
def test_airflow_tries_again_only_what_may_pass(code: int, calls: int, tmp_path: Path) -> None:
    tree = ast.parse((FOLDER / "airflow" / "segmentation.py").read_text(encoding="utf-8"))
    script = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "RUN"
    )
    executable(tmp_path / ".venv" / "bin" / "seglib", f"echo called >> calls; exit {code}")
    executable(tmp_path / "bin" / "sleep", "exit 0")
    ended = subprocess.run(
        ["bash", "-c", f"PATH={tmp_path}/bin:$PATH; {script}"], cwd=tmp_path, check=False
    )
    assert ended.returncode == code
    assert (tmp_path / "calls").read_text().split() == ["called"] * calls


def test_the_notebook_job_fails_where_the_command_fails(tmp_path: Path) -> None:
    book = nbformat.read(FOLDER / "jupyterlab" / "segmentation.ipynb", as_version=4)
    code = "\n".join(cell.source for cell in book.cells if cell.cell_type == "code")
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert "study.yaml" in ended.stdout
