"""Two runs at once, runs that were killed, and disks that are full."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed
from seglib.reporting.lock import LOCK_FILE, RunLocked, run_lock
from seglib.run import Run

HOLD = (
    "import sys, time; from pathlib import Path; from seglib.reporting.lock import run_lock\n"
    "with run_lock(Path(sys.argv[1])) as held:\n"
    "    print(held, flush=True); time.sleep(60)\n"
)


@pytest.fixture
def holder(tmp_path):
    """Another process that holds the lock of ``runs``."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "runs")], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "True\n"
    yield process
    process.kill()
    process.communicate()


def test_the_lock_file_says_who_holds_it(tmp_path):
    with run_lock(tmp_path) as held:
        said = json.loads((tmp_path / LOCK_FILE).read_text())
    assert held
    assert said["pid"] == os.getpid()
    assert set(said) == {"pid", "host", "started"}
    assert (tmp_path / LOCK_FILE).read_text() == ""


def test_a_second_run_is_refused_and_says_whom_it_waits_for(
    holder, study, make_notebooks, tmp_path
):
    with pytest.raises(RunLocked, match="is under way already") as caught:
        run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())
    assert f"process {holder.pid} on " in str(caught.value)
    assert caught.value.exit_code == 2
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [LOCK_FILE]


def test_a_refused_run_leaves_the_holders_name(holder, tmp_path):
    for _ in range(2):
        with pytest.raises(RunLocked, match=f"process {holder.pid}"), run_lock(tmp_path / "runs"):
            pass


def test_the_lock_of_a_dead_process_locks_nobody_out(holder, study, make_notebooks, tmp_path):
    holder.kill()
    holder.wait()
    assert json.loads((tmp_path / "runs" / LOCK_FILE).read_text())["pid"] == holder.pid
    run = run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())
    assert run.manifest.status == "done"


def test_a_run_killed_with_its_whole_group_is_tidied_up_by_the_next(
    study, make_notebooks, tmp_path, command, caplog
):
    runs = tmp_path / "runs"
    good = run_study(study, out=runs, until="01", notebooks=make_notebooks("good"))
    before = {path: path.read_bytes() for path in good.folder.rglob("*") if path.is_file()}
    slow = make_notebooks("slow", step01="import time; time.sleep(120)")
    process = command(slow, "run", study, "--out", runs, "--until", "01")
    _wait_for(lambda: list(runs.glob("*.partial/01_objectives.ipynb")))
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert list(runs.glob("*.partial"))
    assert {path: path.read_bytes() for path in before} == before

    with caplog.at_level(logging.WARNING):
        again = run_study(study, out=runs, until="01", notebooks=make_notebooks("good"))
    assert len(caplog.messages) == 1
    assert "was killed; its half-made folder was removed" in caplog.text
    assert not list(runs.glob("*.partial"))
    assert {path: path.read_bytes() for path in before} == before
    assert (runs / "latest").resolve() == again.folder
    assert again.manifest.status == "done"


def test_a_link_that_is_named_like_a_half_made_run_is_not_followed(study, make_notebooks, tmp_path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "mine.txt").write_text("keep")
    (tmp_path / "runs" / "x.partial").symlink_to(tmp_path / "elsewhere")
    run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())
    assert (tmp_path / "elsewhere" / "mine.txt").read_text() == "keep"


FULL = OSError(errno.ENOSPC, "No space left on device", "/far/manifest.json")


@pytest.mark.parametrize(
    ("code", "exit_code", "words"),
    [
        ("1", 4, "The run could not write 'manifest.json': No space left"),
        ("1 / 0", 4, "ZeroDivisionError: division by zero"),
        ("import os, signal; os.kill(os.getpid(), 9)", 6, "The kernel under the notebook died"),
    ],
    ids=["good", "failed", "killed"],
)
def test_a_full_disk_at_the_end_is_told(
    study, make_notebooks, tmp_path, monkeypatch, code, exit_code, words
):
    def full(*_):
        raise FULL

    monkeypatch.setattr(Run, "finish", full)
    with pytest.raises(RunFailed) as caught:
        run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks(step01=code))
    assert caught.value.exit_code == exit_code
    assert words in str(caught.value)
    assert "could not be put in order 'manifest.json': No space left" in str(caught.value)
    assert not (tmp_path / "runs" / "latest").exists()


def test_a_full_disk_after_an_interruption_is_logged(
    study, make_notebooks, tmp_path, monkeypatch, caplog
):
    def full(*_):
        raise FULL

    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "finish", full)
    monkeypatch.setattr("seglib.reporting.steps.execute", stop)
    with pytest.raises(KeyboardInterrupt):
        run_study(study, out=tmp_path / "runs", until="01", notebooks=make_notebooks())
    assert "No space left" in caplog.text


def _wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.05)


def test_a_lock_in_a_place_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Exception, match="Runs cannot be written"), run_lock(Path(tmp_path, "file")):
        pass
