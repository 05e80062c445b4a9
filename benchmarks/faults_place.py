"""A study, its runs and the good one that is watched while faults are injected."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from faults_hostile import hostile_tables
from faults_notebooks import stand_ins, workbook

START = (
    # a job in the background of a shell is born deaf to SIGINT
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    "import sys; from pathlib import Path; import seglib.reporting.plan as plan\n"
    "folder = Path(sys.argv[1]); plan.notebooks_folder = lambda: folder\n"
    "sys.argv = ['seglib', *sys.argv[2:]]\n"
    "from seglib.cli import main; main()"
)
PATIENCE = 600


@dataclass
class Tally:
    """One line of the table."""

    fault: str
    injected: int = 0
    lost: list[str] = field(default_factory=list)
    codes: set[int] = field(default_factory=set)
    note: str = ""

    def line(self) -> str:
        """Say it in a row; what was lost stands below."""
        codes = ", ".join(map(str, sorted(self.codes)))
        numbers = f"{self.injected:>8} {self.injected - len(self.lost):>8} {len(self.lost):>6}"
        row = f"{self.fault:<44} {numbers}  {codes:<10} {self.note}".rstrip()
        return "\n".join([row, *(f"    lost: {what}" for what in self.lost)])


class Place:
    """A study, its runs, and one good run whose bytes are watched."""

    def __init__(self, folder: Path, *, real: bool = False, until: str = "02") -> None:
        self.folder, self.until = folder, until
        self.home = folder / "runs"
        self.source = folder / "data"
        self.study = folder / "study.yaml"
        self.notebooks = workbook(folder / "notebooks") if real else stand_ins(folder / "notebooks")
        if real:
            hostile_tables(self.source, self.study, harm=False)
        else:
            self.source.mkdir(parents=True)
            (self.source / "orders.csv").write_text("order_id,amount\n1,5\n")
            self.study.write_text("name: tiny\nsource: data\n")
        self.good: dict[Path, bytes] = {}

    def begin(self, *words: object, notebooks: Path | None = None) -> subprocess.Popen[str]:
        """Start a run in a session of its own."""
        command = [START, notebooks or self.notebooks, "run", self.study, "--out", self.home]
        return subprocess.Popen(
            [sys.executable, "-c", *map(str, [*command, "--until", self.until, *words])],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: object, notebooks: Path | None = None) -> tuple[int, str]:
        """Make a run; its exit code and what it said."""
        process = self.begin(*words, notebooks=notebooks)
        said = process.communicate(timeout=PATIENCE)
        return process.returncode, "".join(said)

    def remember(self) -> None:
        """Make a good run and remember its bytes."""
        code, said = self.run("--resume")
        assert code == 0, said
        run = (self.home / "latest").resolve()
        self.good = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}

    def judge(
        self, tally: Tally, code: int, said: str, expected: tuple[int, ...], *, after: bool = True
    ) -> None:
        """Count a fault: what the run ended with, the last good run, and the next one."""
        tally.injected += 1
        tally.codes.add(code)
        wrong = [] if code in expected else [f"exit code {code}: {said[-300:]}"]
        wrong += ["a traceback was shown"] if "Traceback" in said else []
        wrong += self.damage()
        if after:
            next_code, next_said = self.run("--resume")
            wrong += [] if next_code == 0 else [f"the next run: {next_code} {next_said[-300:]}"]
            wrong += self.damage()
        if wrong:
            tally.lost.append("; ".join(wrong))

    def damage(self) -> list[str]:
        """Name what is no longer as it was in the good run, and what stands half-made as whole."""
        lost = [p.name for p, old in self.good.items() if not p.is_file() or p.read_bytes() != old]
        link = self.home / "latest"
        told = json.loads((link / "manifest.json").read_text())["status"] if link.exists() else ""
        return [f"{name} changed" for name in lost] + ([] if told == "done" else ["no latest"])

    def wait(self, pattern: str) -> None:
        """Wait until a file of a half-made run is there."""
        deadline = time.monotonic() + PATIENCE
        while not list(self.home.glob(pattern)) and time.monotonic() < deadline:
            time.sleep(0.02)


def below(pid: int) -> list[int]:
    """Processes below one, the oldest first."""
    found: list[int] = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            words = path.read_text().rpartition(")")[2].split()
            if int(words[1]) == pid:
                found += [int(path.parent.name), *below(int(path.parent.name))]
    return sorted(found)


def kill(pid: int) -> None:
    """Cut a process's power."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
