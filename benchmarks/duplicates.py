"""How well and how fast are planted second records of companies found?

Precision and recall on the demo market's planted duplicates, by share of dirt, and time and memory
by number of accounts. Every field but the identifier and the name also goes missing with the
dirt's probability. Run: python benchmarks/duplicates.py [largest number of accounts]
"""

from __future__ import annotations

import resource
import sys
import time

import numpy as np
import pandas as pd

from seglib.collection.duplicates import find_duplicates
from seglib.demo.accounts import accounts as write_accounts
from seglib.demo.lives import enter, leave
from seglib.demo.second_records import spoil_duplicates
from seglib.demo.world import build_world

_DIRT = (0.02, 0.05, 0.1, 0.2)
_SIZES = (1_000, 10_000, 100_000)
_THRESHOLD = 90.0


def measure(accounts: int, *, dirt: float, seed: int = 3) -> dict[str, float]:
    """Find the duplicates of one market and compare them with the truth."""
    world = build_world(accounts, seed=seed, dirt=dirt)
    table = write_accounts(world, leave(world, *enter(world)))
    table, planted = spoil_duplicates(world, table)
    rng = np.random.default_rng(seed)
    for column in table.columns.drop(["account_id", "name"]):
        table[column] = table[column].mask(rng.random(len(table)) < dirt)
    began = time.perf_counter()
    found = find_duplicates(table)
    seconds = time.perf_counter() - began
    certain = _pairs(found[found["score"] >= _THRESHOLD], "other_id")
    truth = _pairs(planted, "duplicate_of")
    return {
        "accounts": accounts,
        "dirt": dirt,
        "planted": len(truth),
        "found": len(certain),
        "precision": len(certain & truth) / max(len(certain), 1),
        "recall": len(certain & truth) / max(len(truth), 1),
        "seconds": seconds,
        "peak MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _pairs(frame: pd.DataFrame, other: str) -> set[frozenset[str]]:
    return {frozenset(p) for p in frame[["account_id", other]].astype(str).to_numpy().tolist()}


def main(largest: int) -> None:
    """Print the table."""
    rows = [measure(3_000, dirt=dirt) for dirt in _DIRT]
    rows += [measure(size, dirt=0.05) for size in _SIZES if size <= largest]
    table = pd.DataFrame(rows)
    formats = {"precision": "{:.3f}", "recall": "{:.3f}", "seconds": "{:.1f}", "peak MB": "{:.0f}"}
    text = table.to_string(
        index=False, formatters={name: form.format for name, form in formats.items()}
    )
    sys.stdout.write(f"Planted duplicate companies, found with a score of {_THRESHOLD:.0f}\n")
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else _SIZES[-1])
