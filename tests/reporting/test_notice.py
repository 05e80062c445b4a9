"""The notices that a run leaves, and the command that is called with them."""

from __future__ import annotations

import json
import logging
import sys

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.errors import StudyError
from seglib.reporting import run_study
from seglib.reporting.failure import Failure, RunFailed
from seglib.reporting.hook import Hook, parse_command
from seglib.reporting.message import LINES, message
from seglib.reporting.notice import leave_notice, summarise
from seglib.reporting.summary import Changes, Ended, Headline, SegmentLine, Summary
from seglib.schemas import RUN_FILES, schema_text

NO_SHELL = (
    "import os, sys; told = [os.environ['SEGLIB_' + n] for n in ('STATUS', "
    "'EXIT_CODE', 'SUMMARY')]; "
    "open(sys.argv[1], 'w').write('|'.join([*told, sys.stdin.read()]))"
)


def caller(path, code=NO_SHELL):
    return f'"{sys.executable}" -c "{code}" "{path}"'


def ended(sample, folder, **changes):
    """A run that is about to be ended, and its manifest."""
    run = sample.sample_run(folder, **changes)
    manifest = sample.sample_manifest()
    manifest.status = "done"
    return run, manifest


def test_a_summary_holds_what_the_artifacts_say(sample, tmp_path):
    found = summarise(*ended(sample, tmp_path / "20261123-120000"))
    assert (found.status, found.exit_code, found.study) == ("done", 0, "sample")
    assert found.report == "20261123-120000/report.html"
    head = found.headline
    assert (head.accounts, head.customers, head.segments) == (1100, 700, 4)
    assert (head.verdict, head.as_of) == ("reproducible", "2026-09-30")
    assert head.value == pytest.approx(8_030_000)
    assert head.confident_share == pytest.approx(0.8)
    assert head.targets == ["Large integrators, who buy often", "Service-led hospitals"]
    assert [line.accounts for line in found.segments] == [182, 301, 112, 105]
    assert found.changes is None
    assert any("Small laboratories: Its border is soft" in line for line in found.needs)


def test_it_tells_what_changed_since_the_last_good_run(sample, tmp_path):
    run, manifest = ended(sample, tmp_path / "20261122-120000")
    manifest.run_id = run.id
    run.finish(manifest)
    run, manifest = ended(sample, tmp_path / "20261123-120000.partial", names=["A", "B", "C", "D"])
    manifest.inputs["orders.csv"] = "ef" * 32
    found = summarise(run, manifest)
    assert found.changes is not None
    assert found.changes.since == found.last_good == "20261122-120000"
    assert "data: orders.csv changed" in found.changes.causes
    assert any("now “A”" in line for line in found.changes.segments)
    text = message(found)
    assert "Since run 20261122-120000:" in text
    assert "0 % of the 700 shared accounts changed segment" in text


def test_a_failure_says_where_and_what_next(sample, tmp_path):
    run, manifest = ended(sample, tmp_path / "20261123-120000.partial", until="01")
    manifest.status = "kernel died"
    failure = Failure("kernel died", 6, "It was killed.", "02_data_collection.ipynb", "Read")
    leave_notice(run, manifest, RunFailed(failure))
    found = json.loads((run.folder / "summary.json").read_text())
    assert (found["status"], found["exit_code"], found["report"]) == ("kernel died", 6, "")
    assert found["failure"]["notebook"] == "02_data_collection.ipynb"
    lines = (run.folder / "message.txt").read_text().splitlines()
    assert lines[0].startswith("seglib: sample DID NOT FINISH: kernel died, exit code 6")
    assert lines[1] == "Where: 02_data_collection.ipynb, Read"
    assert any(line.startswith("Next: Give the machine more memory") for line in lines)


def test_a_notice_that_cannot_be_made_is_a_warning(sample, tmp_path, caplog):
    run, manifest = ended(sample, tmp_path / "20261123-120000")
    (run.folder / "segments.json").write_text("[{]")
    leave_notice(run, manifest)
    assert "No notice of run 20261123-120000 was left" in caplog.text
    assert not (run.folder / "summary.json").exists()


words = st.text(max_size=400)


@given(
    st.lists(words, max_size=30), st.lists(words, max_size=9), words, words, st.booleans()
)  # fmt: skip
def test_a_message_is_short_and_plain_whatever_stands_in_it(many, needs, name, told, failed):
    segment = SegmentLine(segment=1, name=name, accounts=1, share=1.0)
    found = Summary(
        run_id="1", study="s", status="done", exit_code=0, started="", finished="", seconds=1,
        report="1/report.html", segments=[segment], needs=needs,
        headline=Headline(customers=1, segments=1, value=1.0, targets=[name]),
        changes=Changes(since="0", causes=many, figures=many, segments=many),
        failure=Ended(exit_code=4, notebook=name, message=told, next_step="Go on.")
        if failed else None, last_good="0",
    )  # fmt: skip
    lines = message(found).split("\n")
    assert len(lines) <= LINES
    assert all(len(line) <= 160 and (not line or line.isprintable()) for line in lines)
    assert lines[-1].startswith("Kept in:" if failed else "Report:")


def test_a_run_leaves_its_notice_and_calls_the_command(study, make_notebooks, tmp_path):
    kept = tmp_path / "told"
    run = run_study(
        study, out=tmp_path / "runs", until="01", notebooks=make_notebooks(), notify=caller(kept)
    )
    status, code, summary, text = kept.read_text().split("|")
    assert (status, code) == ("done", "0")
    assert summary == str(run.folder / "summary.json")
    assert text == (run.folder / "message.txt").read_text()
    assert {"summary.json", "message.txt"} <= set(run.manifest.artifacts)
    for name in RUN_FILES:
        content = json.loads((run.folder / f"{name}.json").read_text())
        jsonschema.validate(content, json.loads(schema_text(name)))
    assert str(tmp_path) not in (run.folder / "summary.json").read_text() + text


def test_a_failed_run_calls_it_too_and_keeps_its_exit_code(study, make_notebooks, tmp_path):
    kept = tmp_path / "told"
    notebooks = make_notebooks(step01="raise KeyError('revenue')")
    with pytest.raises(RunFailed) as caught:
        run_study(
            study, out=tmp_path / "runs", until="01", notebooks=notebooks, notify=caller(kept)
        )
    assert caught.value.exit_code == 4
    status, code, summary, text = kept.read_text().split("|")
    assert (status, code) == ("failed", "4")
    assert ".failed" in summary
    assert "Where: 01_objectives.ipynb, Look at the result" in text
    assert "KeyError: 'revenue'" in text


def test_a_refused_run_calls_it_without_a_summary(study, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_TOKEN", "planted-9f3a")
    kept = tmp_path / "told"
    with pytest.raises(StudyError):
        run_study(study, overrides={"kk": 1, "planted-9f3a": 2}, notify=caller(kept))
    status, code, summary, text = kept.read_text().split("|")
    assert (status, code, summary) == ("refused", "2", "")
    assert "Did you mean 'k'?" in text
    assert "planted-9f3a" not in text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/nowhere/at/all"], "No such file"),
        ([sys.executable, "-c", "import sys; sys.exit('no mail today')"], "no mail today"),
        ([sys.executable, "-c", "import time; time.sleep(30)"], "longer than 0.5 seconds"),
    ],
)
def test_a_command_that_fails_is_a_warning(command, words, caplog):
    with caplog.at_level(logging.WARNING), Hook(command, limit=0.5):
        pass
    assert "--notify command" in caplog.text
    assert words in caplog.text


def test_it_does_not_hide_the_first_failure():
    with pytest.raises(KeyError), Hook(["/nowhere"]):
        raise KeyError("first")


@pytest.mark.parametrize("text", ["", "  ", "mail 'ann"])
def test_a_command_that_cannot_be_read_is_refused(study, text):
    with pytest.raises(StudyError, match="--notify"):
        run_study(study, notify=text)


def test_no_shell_sees_the_command():
    assert parse_command("echo $HOME; rm *") == ["echo", "$HOME;", "rm", "*"]
