"""A few of each fault of ``benchmarks/faults.py``: nothing is lost."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture(scope="module")
def faults():
    """The benchmark, imported with the two files beside it."""
    sys.path.insert(0, str(BENCHMARKS))
    try:
        import faults
    finally:
        sys.path.remove(str(BENCHMARKS))
    return faults


@pytest.mark.parametrize(
    "name",
    [
        "kernel",
        "signals",
        "power",
        "full",
        "read-only",
        "midway",
        "two",
        "source",
        "endless",
        "thousand",
    ],
)
def test_a_fault_loses_nothing(faults, name, tmp_path):
    fault, _, often = faults.FAULTS[name]
    tally = fault(tmp_path, often)
    assert tally.lost == []
    assert tally.injected == often or "needs root" in tally.note


def test_a_loss_would_be_seen(faults, tmp_path):
    place = faults.Place(tmp_path)
    place.remember()
    tally = faults.Tally("none")
    place.judge(tally, 0, "", (0,), after=False)
    assert tally.lost == []
    next(iter(place.good)).write_bytes(b"")
    place.judge(tally, 4, "Traceback", (0,), after=False)
    assert "exit code 4" in tally.line()
    assert "a traceback was shown" in tally.line()
    assert "changed" in tally.line()


def test_small_files_that_are_bombs_are_refused(faults, tmp_path):
    tally = faults.bad_files(tmp_path, 99)
    assert tally.lost == []
    assert tally.codes == {2, 3}
    assert int(tally.note.split()[2]) < 1000
