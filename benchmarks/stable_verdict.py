"""Is the verdict on one table the same with every seed?

Result (2026-11-28, "standard", 31 seeds): the same verdict in all 31 of each. Wholesale
reproducible, no structure; vacmot reproducible, no structure; the demo natural with five groups.
The verdict on a single number of segments moves with the seed at the edge of the bands: of the demo
k = 2 to 5 are natural and 6 to 8 reproducible in all 31; of Wholesale the most frequent row of
seven verdicts is that of 6 seeds, of vacmot that of 12. At "quick" the demo is natural in 30 and
reproducible in one, with the same five groups.

Wholesale are log spends standardised, vacmot the yes/no items as they are, both found through
SEGLIB_REAL_DATA; the demo is prepared as step 03 prepares it. A table is always the same; only the
seed of the bootstrap, the twins and the halves changes.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from seglib.clustering import assess, prepare
from seglib.workbook import open_step

DEMO = Path(__file__).parents[1] / "data" / "demo" / "study.yaml"
KS = range(2, 9)


def tables() -> dict[str, tuple[np.ndarray, list[list[int]]]]:
    """The tables at hand: matrix, and the columns of each category."""
    found: dict[str, tuple[np.ndarray, list[list[int]]]] = {}
    real = Path(os.environ.get("SEGLIB_REAL_DATA", "."))
    wholesale, vacmot = real / "wholesale/wholesale_customers.csv", real / "vacmot/vacmot.csv"
    if wholesale.exists():
        logs = np.log(pd.read_csv(wholesale).drop(columns=["Channel", "Region"]).to_numpy())
        found["Wholesale"] = (logs - logs.mean(axis=0)) / logs.std(axis=0), []
    if vacmot.exists():
        found["vacmot"] = pd.read_csv(vacmot).to_numpy(dtype=float), []
    with tempfile.TemporaryDirectory() as folder:
        book = open_step("03", study=DEMO, run_dir=folder)
        bench = prepare(book.accounts, book.brief, book.study)
    found["demo"] = bench.X, bench.preprocessing.blocks
    return found


def judge(
    seed: int, *, table: tuple[np.ndarray, list[list[int]]], effort: Any
) -> tuple[str, str, str]:
    """The verdict with one seed, on each number of segments too, and what the structure says."""
    warnings.simplefilter("ignore")
    with threadpool_limits(1):
        verdict = assess(table[0], KS, effort=effort, blocks=table[1], random_state=seed)
    found = verdict.structure
    structure = f"{found.found}, {found.groups} groups" if found is not None else "too few rows"
    return verdict.overall, " ".join(kind[0] for kind in verdict.table["verdict"]), structure


def shares(values: list[str], most: int = 4) -> str:
    """The most frequent values and how often they were seen."""
    return "; ".join(f"{value} {n}" for value, n in Counter(values).most_common(most))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="31 for the proof")
    parser.add_argument("--effort", default="quick", choices=("quick", "standard", "thorough"))
    parser.add_argument("--only", default="", help="tables whose name holds this")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    chosen = {name: table for name, table in tables().items() if options.only in name}
    if not chosen:
        parser.error(f"no table named '{options.only}' here; real data need SEGLIB_REAL_DATA")
    for name, table in chosen.items():
        started = time.perf_counter()
        work = partial(judge, table=table, effort=options.effort)
        with ProcessPoolExecutor(options.jobs) as pool:
            found = list(pool.map(work, range(options.seeds)))
        verdicts, per_k, structures = (list(one) for one in zip(*found, strict=True))
        modal = max(Counter(verdicts).values()) / len(verdicts)
        print(f"{name} {table[0].shape}: the same verdict in {modal:.0%} of {options.seeds} seeds "
              f"({options.effort}; {time.perf_counter() - started:.0f} s)")  # fmt: skip
        print(f"  verdict {shares(verdicts)}\n  structure {shares(structures)}")
        print(f"  k = {KS[0]}…{KS[-1]} {shares(per_k)}", flush=True)


if __name__ == "__main__":
    main()
