"""Progress: plain lines in a log, bars on a terminal."""

from __future__ import annotations

import io

from seglib.reporting.console import shown_progress
from seglib.reporting.progress import Progress

TOLD = [
    Progress("begins", "01_objectives", 1, 2, cells=3),
    Progress("cell", "01_objectives", 1, 2, cell=1, cells=3),
    Progress("done", "01_objectives", 1, 2, cells=3, seconds=1.25),
    Progress("begins", "02_data_collection", 2, 2, cells=3),
    Progress("failed", "02_data_collection", 2, 2, cells=3, seconds=0.5),
    Progress("report"),
]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_one_line_for_each_thing_but_cells():
    out = io.StringIO()
    with shown_progress(out) as listen:
        for told in TOLD:
            listen(told)
    assert out.getvalue().splitlines() == [
        "[1/2] 01_objectives (3 cells)",
        "[1/2] 01_objectives: done in 1.2 s",
        "[2/2] 02_data_collection (3 cells)",
        "[2/2] 02_data_collection: failed after 0.5 s",
        "writing the report",
    ]


def test_a_terminal_gets_bars(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    out = Terminal()
    with shown_progress(out) as listen:
        for told in TOLD:
            listen(told)
    assert "report" in out.getvalue()
    assert "writing the report\n" not in out.getvalue()
