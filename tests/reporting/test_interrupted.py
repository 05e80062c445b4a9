"""Runs that are asked to end."""

from __future__ import annotations

import signal
import time

import pytest

from seglib.run import Run


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_run_says_so(study, make_notebooks, tmp_path, command, number, exit_code):
    notebooks = make_notebooks(step01="import time; time.sleep(120)")
    executed = tmp_path / "runs"
    process = command(notebooks, "run", study, "--out", executed)
    deadline = time.monotonic() + 60
    while not list(executed.glob("*.partial/01_objectives.ipynb")):
        assert time.monotonic() < deadline, "the run did not begin"
        time.sleep(0.1)
    time.sleep(1.5)
    process.send_signal(number)
    _, error = process.communicate(timeout=60)
    assert process.returncode == exit_code, error
    assert "Traceback" not in error
    failed = Run.open(next(executed.glob("*.failed")))
    assert failed.manifest.status == "interrupted"
    assert failed.manifest.steps[0].status == "interrupted"
    assert not (executed / "latest").exists()
