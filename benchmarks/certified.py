"""How long do certified segments take, with their stability and both nulls, and in what memory?

Each table is segmented into k = 2…8 at effort "standard": the certified k-means on the rows that a
study fits on (50,000 at most), restarted as often as a study asks for, then the verdict (stability
over bootstrap pairs, its permuted and copula twins, the structure). The largest table lies in a
Parquet file: a sample of it is fitted, and every row is scored in DuckDB. The peer does the
stability alone: scikit-learn's KMeans under joblib on the same cores, on bootstrap samples of as
many of the rows, ten starts for each.

Seconds are of the clock; CPU seconds are of the process and its children. Peak memory is that of
the process, for the peer of all workers together (what they share counts for each).

Prediction for a search on coresets (5,000 rows drawn for each restart; the end descends on all
rows, and there only rows near a border are looked at again): the fits to 50,000 rows in a third of
28 s, those to noise, where every descent is long, in a fourth of some 1,600 s. Found: 9 s, and 86
s, for half as many restarts end a search that finds nothing. Batches cut evenly for two cores were
to save a fifth of the verdict: a fifth it was. Tried and left: bounds on the margins of rows in
short tables too (at 800 rows three times as slow, at 5,000 as fast).

Result (2026-11-28, two idle cores, without the peer): demo 12.2 s (bar 25), 17.3 CPU s, 308 MB;
50,000 × 20: 76 to 82 s (bar 120), 115 to 124 CPU s, 440 MB; 1,000,000 × 20: 86 s (bar 180), 127
CPU s, 468 MB, of which scoring in DuckDB .7 s, before batches were cut evenly. Noise, 50,000 × 20
without groups, misses the bar: 173 to 180 s (half an hour before), of which the fits take 86; all
are given up, for hardly two restarts end alike. Threads do not help there: two take as long as one,
for each step is short. Beside seven other jobs the clock showed three to six times as much. With
the peer, on that busy machine: the demo's stability alone 4.7 CPU s against scikit-learn's 14.2;
with it on an idle one 5.3 against 19.5.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import numpy as np
import pandas as pd
from conditions import Array
from joblib import Parallel
from scoring import as_segmentation, write_rows
from stability import sklearn_stability

from seglib.clustering import CertifiedKMeans, assess, prepare
from seglib.clustering.bench import most_restarts
from seglib.clustering.bootstrap import bootstrap_weights, subsample
from seglib.clustering.stability import global_stability
from seglib.clustering.threads import available_cores
from seglib.clustering.verdict import EFFORTS
from seglib.workbook import open_step

DEMO = Path(__file__).parents[1] / "data" / "demo" / "study.yaml"
KS = range(2, 9)
KEPT = 6  # segments that the file is scored with
FITTED = 50_000  # a study's clustering.max_fit_accounts
BOOTSTRAPPED = 5_000  # global_stability's max_rows
BARS = {  # seconds on two cores, megabytes
    "demo": (25, None),
    "50,000 × 20": (120, 2_000),
    "1,000,000 × 20": (180, 4_000),
    "50,000 × 20 of noise": (120, 2_000),
}
WAYS = ("certified", "stability alone", "scikit-learn, stability alone")


def demo(folder: Path) -> None:
    """The demo market, prepared as step 03 prepares it."""
    book = open_step("03", study=DEMO, run_dir=folder / "run")
    np.save(folder / "rows.npy", prepare(book.accounts, book.brief, book.study).X)


def market(folder: Path) -> None:
    """Five groups that overlap along a common factor, eight columns without groups."""
    rng = np.random.default_rng(0)
    group = rng.choice(5, 50_000, p=(0.4, 0.25, 0.15, 0.12, 0.08))
    centers = np.hstack([rng.normal(size=(5, 12)), np.zeros((5, 8))])
    size = rng.normal(size=(50_000, 1))
    np.save(folder / "rows.npy", centers[group] + 0.6 * size + rng.normal(size=(50_000, 20)))


def file(folder: Path) -> None:
    """A million rows in Parquet, and the sample that is fitted."""
    import duckdb

    write_rows(folder / "rows.parquet", 1_000_000)
    sample = f"select * from '{folder / 'rows.parquet'}' using sample reservoir({FITTED} rows)"
    frame = duckdb.sql(f"{sample} repeatable (0)").df()
    np.save(folder / "rows.npy", frame.to_numpy())


def noise(folder: Path) -> None:
    """Columns that are independent: no partition is better than many others."""
    np.save(folder / "rows.npy", np.random.default_rng(0).normal(size=(50_000, 20)))


CASES: dict[str, Callable[[Path], None]] = dict(zip(BARS, (demo, market, file, noise), strict=True))


def certified(folder: Path, X: Array) -> dict[str, object]:
    """Certified fits and the verdict; where there is a file, it is scored."""
    began = time.perf_counter()
    most = most_restarts(len(X), "standard")
    fits = {k: CertifiedKMeans(k, max_restarts=most, random_state=0).fit(X) for k in KS}
    fitted = time.perf_counter()
    known = {k: fit.certificate_ for k, fit in fits.items()}
    verdict = assess(X, KS, certificates=known, random_state=0)
    judged = time.perf_counter()
    scored = 0.0
    if (folder / "rows.parquet").exists():
        import ibis

        segmentation = as_segmentation(fits[KEPT].cluster_centers_)
        table = ibis.duckdb.connect().read_parquet(folder / "rows.parquet")
        segmentation.assign(table).select("segment").to_parquet(folder / "segments.parquet")
        scored = time.perf_counter() - judged
    return {
        "certified": sum(fit.certificate_.certified for fit in fits.values()),
        "verdict": verdict.overall,
        "fits s": fitted - began,
        "verdict s": judged - fitted,
        "scoring s": scored,
    }


def stability(X: Array) -> dict[str, object]:
    """What the peer does: fits of the bootstrap samples and their agreement; no optimiser ARI."""
    pairs = EFFORTS["standard"].pairs
    global_stability(X, KS, pairs, 0, optimiser_pairs=0, max_restarts=1, min_hits=1)
    return {}


def peer(X: Array) -> dict[str, object]:
    """The same by scikit-learn."""
    rng = np.random.default_rng(0)
    rows = X[subsample(len(X), BOOTSTRAPPED, rng)]
    weights = bootstrap_weights(len(rows), 2 * EFFORTS["standard"].pairs, rng)
    with Parallel(n_jobs=available_cores()) as parallel:
        sklearn_stability(parallel, rows, weights)
    return {}


_ALONE: dict[str, Callable[[Array], dict[str, object]]] = dict(
    zip(WAYS[1:], (stability, peer), strict=True)
)


def work(way: str, folder: Path) -> dict[str, object]:
    """Do one way in this process."""
    X = np.load(folder / "rows.npy")
    began = time.perf_counter()
    found = certified(folder, X) if way == WAYS[0] else _ALONE[way](X)
    return {"seconds": time.perf_counter() - began, **found}


def _family(pid: int) -> list[int]:
    """A process and all that it started."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += [p for child in task.read_text().split() for p in _family(int(child))]
    return found


def _memory(pid: int) -> float:
    """Memory in use by a process and its children, in MB."""
    pages = 0
    for one in _family(pid):
        with suppress(OSError):
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def watched(way: str, folder: Path) -> dict[str, object]:
    """Do one way in its own process; its seconds, CPU seconds and peak memory."""
    call = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    before = os.times()
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    peaks, done = [0.0], Event()

    def watch() -> None:
        while not done.wait(0.2):
            peaks.append(_memory(process.pid))

    watcher = Thread(target=watch)
    watcher.start()
    text, _ = process.communicate()
    done.set()
    watcher.join()
    after = os.times()
    spent = sum(after[2:4]) - sum(before[2:4])
    return {"way": way, **json.loads(text), "CPU s": spent, "peak MB": max(peaks)}


def compare(case: str, *, with_peer: bool) -> pd.DataFrame:
    """All ways on one table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        CASES[case](folder)
        ways = WAYS if with_peer else WAYS[:1]
        return pd.DataFrame([watched(way, folder) for way in ways])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the large tables too")
    parser.add_argument("--only", default="", help="tables whose name holds this")
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(work(options.way, options.folder)))
        return
    chosen = [
        c for c in CASES if options.only in c and (options.all or options.only or c == "demo")
    ]
    for case in chosen:
        seconds, memory = BARS[case]
        bar = f"bar {seconds} s" + (f", {memory:,} MB" if memory else "")
        table = compare(case, with_peer=not options.no_peer)
        print(f"{case}, k = {KS[0]}…{KS[-1]}, {available_cores()} cores; {bar}")
        print(table.to_string(index=False, float_format="{:.1f}".format, na_rep=""))
        if not options.no_peer:
            ratio = table["CPU s"].iloc[2] / table["CPU s"].iloc[1]
            print(f"stability: scikit-learn takes {ratio:.1f} × the CPU seconds\n")


if __name__ == "__main__":
    main()
