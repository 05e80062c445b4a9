"""What does a run lose when machine, disk, data or people fail it?

Prediction: nothing. After each fault the last good run is there byte for byte, the exit code is the
promised one, and the next run is done.
Result (2026-11-28, the whole table by one command in 13.6 minutes, two cores shared with other
work): kernels killed 6, the workbook's kernels 6, signals 10, power cut 20, disk full 12, read-only
from the start 3, read-only in the middle of a run 6, two runs at once 20, source gone 5, endless
cell 3, folders 1,000, hostile text 39 columns, bad files 16: all survived, none lost, with the exit
codes promised. What was lost before it was mended: a signal while a kernel was being connected to
hung the run for ever; terminal escapes in the data reached reports, cards and notebooks, and made
charts no SVG. Harm in a column of yes and no is refused by the gate (exit code 3), so that no such
column counts as text.

Two kinds of notebooks: stand-ins of a second each, which write artifacts as the workbook's do (for
the runner alone: a fault is to fall into its few short moments too, beginning and publishing), and
the workbook's own over a market of 120 accounts (kernels killed, hostile text). Power is cut by
SIGKILL to the runner and to every process below it. A full and a read-only disk need root, to mount
a small tmpfs; without, their lines say so.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from faults_hostile import BAD_FILES, hostile_tables, leaks
from faults_notebooks import stand_ins, with_a_remark
from faults_place import PATIENCE, Place, Tally, below, kill

Fault = Callable[[Path, int], Tally]


def kernel_killed(folder: Path, count: int, *, real: bool = False) -> Tally:
    """SIGKILL to the kernel of each notebook in turn, from outside."""
    tally = Tally(f"kernel killed, each notebook{' of the workbook' if real else ''}")
    place = Place(folder, real=real, until="06")
    place.remember()
    for number in range(1, min(count, 6) + 1):
        changed = with_a_remark(place.notebooks, folder / f"changed{number}", number)
        process = place.begin("--resume", notebooks=changed)
        place.wait(f"*.partial/{number:02d}_*.ipynb")
        time.sleep(0.3)
        kill(below(process.pid)[0])
        said = process.communicate(timeout=PATIENCE)
        place.judge(tally, process.returncode, "".join(said), (6,))
    return tally


def asked_to_end(folder: Path, count: int) -> Tally:
    """SIGINT and SIGTERM to the runner while a notebook is executed."""
    tally = Tally("SIGINT and SIGTERM to the runner")
    place = Place(folder)
    place.remember()
    for number in [signal.SIGINT, signal.SIGTERM] * (count // 2):
        process = place.begin()
        place.wait("*.partial/01_*.ipynb")
        process.send_signal(number)
        said = process.communicate(timeout=PATIENCE)
        place.judge(tally, process.returncode, "".join(said), (128 + number,))
    return tally


def power_cut(folder: Path, count: int) -> Tally:
    """SIGKILL to the runner and all below it, at moments spread over a run's whole length."""
    tally = Tally("power cut at random moments")
    place = Place(folder)
    place.remember()
    begun = time.monotonic()
    place.run()
    whole = time.monotonic() - begun
    draw = random.Random(7)
    for number in range(count):
        process = place.begin()
        time.sleep(whole * (number + draw.random()) / count)
        for pid in (process.pid, *below(process.pid)):
            kill(pid)
        said = process.communicate(timeout=PATIENCE)
        place.judge(tally, process.returncode, "".join(said), (-signal.SIGKILL, 0))
    return tally


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[bool]:
    """Mount a tmpfs of eight megabytes; says whether that is allowed."""
    folder.mkdir(parents=True)
    mounted = mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", folder)
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", folder], check=True)


def mount(*words: object) -> bool:
    """Call mount and say whether it was allowed; elsewhere it does not exist."""
    with contextlib.suppress(OSError):
        done = subprocess.run(["mount", *map(str, words)], capture_output=True, check=False)
        return done.returncode == 0
    return False


def disk_full(folder: Path, count: int) -> Tally:
    """A disk with room for less and less of a run."""
    tally = Tally("disk full")
    place = Place(folder)
    with small_disk(place.home) as mounted:
        if not mounted:
            return Tally("disk full", note="not tried: mounting a tmpfs needs root")
        place.remember()
        need = sum(map(len, place.good.values()))
        for number in range(count):
            free = shutil.disk_usage(place.home).free
            ballast = place.home / "ballast"
            ballast.write_bytes(b"0" * max(0, free - need * number // count // 4096 * 4096))
            code, said = place.run()
            ballast.unlink()
            place.judge(tally, code, said, (2, 4))
            for old in sorted(place.home.glob("2*"))[:-1]:
                if old not in {path.parents[0] for path in place.good}:
                    shutil.rmtree(old, ignore_errors=True)
    return tally


def read_only(folder: Path, count: int) -> Tally:
    """A disk that is read-only when a run begins."""
    tally = Tally("read-only output")
    place = Place(folder)
    with small_disk(place.home) as mounted:
        if not mounted:
            return Tally("read-only output", note="not tried: mounting a tmpfs needs root")
        place.remember()
        for _ in range(count):
            mount("-o", "remount,ro", place.home)
            code, said = place.run()
            mount("-o", "remount,rw", place.home)
            place.judge(tally, code, said, (2,))
    return tally


def read_only_midway(folder: Path, count: int) -> Tally:
    """A disk that becomes read-only while the third of four notebooks is executed, or the last.

    The lock is held open for writing, so that a remount would be refused: the folder is mounted
    over itself instead, and that mount is read-only.
    """
    tally = Tally("output read-only in the middle of a run")
    place = Place(folder, until="04")
    with small_disk(place.home) as mounted:
        if not mounted:
            return Tally(tally.fault, note="not tried: mounting a tmpfs needs root")
        place.remember()
        asleep = stand_ins(folder / "asleep", step03="time.sleep(3)", step04="time.sleep(3)")
        for number in range(count):
            step = ("03", "04")[number % 2]
            process = place.begin(notebooks=asleep)
            place.wait(f"*.partial/figures/{step}_19.svg")
            time.sleep(0.3)
            covered = mount("--bind", place.home, place.home)
            covered = covered and mount("-o", "remount,ro,bind", place.home)
            said = process.communicate(timeout=PATIENCE)
            subprocess.run(["umount", "-l", place.home], check=covered)
            place.judge(tally, process.returncode, "".join(said), (4,))
            tally.lost += [] if covered else ["the disk could not be made read-only"]
    return tally


def two_at_once(folder: Path, count: int) -> Tally:
    """Two runs of one study begun at the same moment: one is done, the other is told to wait."""
    tally = Tally("two runs at once")
    place = Place(folder)
    place.remember()
    for _ in range(count):
        both = [place.begin() for _ in range(2)]
        said = ["".join(process.communicate(timeout=PATIENCE)) for process in both]
        codes = sorted(process.returncode for process in both)
        tally.codes |= set(codes)
        refused = said[[p.returncode for p in both].index(codes[1])]
        code = codes[1] if codes[0] == 0 and "is under way already" in refused else 99
        place.judge(tally, code, " | ".join(said), (2,), after=False)
    return tally


def source_gone(folder: Path, count: int) -> Tally:
    """The data disappear between the first notebook and the second, which reads them."""
    tally = Tally("source gone in the middle of a run")
    place = Place(folder)
    place.remember()
    for _ in range(count):
        process = place.begin()
        place.wait("*.partial/01_*.ipynb")
        place.source.rename(folder / "away")
        said = process.communicate(timeout=PATIENCE)
        (folder / "away").rename(place.source)
        place.judge(tally, process.returncode, "".join(said), (2, 3))
    return tally


def never_ends(folder: Path, count: int) -> Tally:
    """A cell that never ends."""
    tally = Tally("a cell that never ends")
    place = Place(folder)
    place.remember()
    endless = stand_ins(folder / "endless", step02="import time\nwhile True: time.sleep(1)")
    for _ in range(count):
        code, said = place.run("--timeout", 3, notebooks=endless)
        place.judge(tally, code, said, (5,))
    return tally


def many_runs(folder: Path, count: int) -> Tally:
    """Folders of a thousand runs beside the next one."""
    tally = Tally("folders of earlier runs (one injection each)")
    place = Place(folder)
    place.remember()
    begun = time.monotonic()
    place.run("--resume")
    alone = time.monotonic() - begun
    good = (place.home / "latest").resolve()
    for number in range(count):
        shutil.copytree(good, place.home / f"20200101-{number:06d}")
    begun = time.monotonic()
    code, said = place.run("--resume")
    tally.note = f"{alone:.1f} s a run alone, {time.monotonic() - begun:.1f} s among them"
    place.judge(tally, code, said, (0,))
    tally.injected = count
    return tally


def hostile_text(folder: Path, count: int) -> Tally:
    """HTML, SVG, formulas and terminal escapes in every text column, through the workbook."""
    tally = Tally("hostile content in every text column")
    place = Place(folder, real=True, until="05")
    tally.injected = hostile_tables(place.source, place.study, harm=True)
    code, said = place.run()
    tally.codes.add(code)
    tally.note = "one injection a column"
    run = (place.home / "latest").resolve()
    found = leaks(run) if code == 0 else [f"exit code {code}: {said[-300:]}"]
    tally.lost += found + (["escapes on the terminal"] if "\x1b" in said else [])
    return tally


def bad_files(folder: Path, count: int) -> Tally:
    """Names that lead elsewhere, YAML bombs and tags, packed files above the limit."""
    tally = Tally("path traversal, YAML and packed bombs")
    peak = 0
    place = Place(folder)
    place.remember()
    good, text = dict(place.good), place.study.read_text()
    for name, write in list(BAD_FILES.items())[:count]:
        write(place.study, place.source)
        with subprocess.Popen(
            [sys.executable, "-m", "seglib.cli", "check", str(place.study)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        ) as process:  # fmt: skip
            said = process.stdout.read() if process.stdout else ""
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        peak = max(peak, used.ru_maxrss // 1000)
        place.study.write_text(text)
        for path in place.source.glob("accounts*"):
            path.unlink()
        place.good = good
        place.judge(tally, process.returncode, f"{name}: {said}", (2, 3), after=False)
    tally.note = f"at most {peak} MB of memory"
    return tally


FAULTS: dict[str, tuple[Fault, int, int]] = {
    "kernel": (kernel_killed, 6, 2),
    "workbook": (functools.partial(kernel_killed, real=True), 6, 0),
    "signals": (asked_to_end, 10, 2),
    "power": (power_cut, 20, 3),
    "full": (disk_full, 12, 2),
    "read-only": (read_only, 3, 1),
    "midway": (read_only_midway, 6, 1),
    "two": (two_at_once, 20, 1),
    "source": (source_gone, 5, 1),
    "endless": (never_ends, 3, 1),
    "thousand": (many_runs, 1000, 50),
    "text": (hostile_text, 1, 0),
    "files": (bad_files, 99, 99),
}
"""Name to what is done, how often, and how often in the tests."""


def main() -> None:
    """Print the table; the exit code says whether anything was lost."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="*", choices=FAULTS, default=list(FAULTS))
    parser.add_argument("--fast", action="store_true", help="as few of each as the tests do")
    asked = parser.parse_args()
    print(f"{'fault':<44} {'injected':>8} {'survived':>8} {'lost':>6}  exit codes")
    lost = 0
    for name in asked.only:
        fault, often, fast = FAULTS[name]
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            tally = fault(Path(folder), fast if asked.fast else often)
        lost += len(tally.lost)
        print(tally.line(), flush=True)
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
