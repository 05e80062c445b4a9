"""How long do the steps after clustering take, and with how much memory?

Question: profiling, strategy and measurement (notebooks 04, 05, 06 as they stand, figures and
tables included) on the demo market with 50,000 accounts and 5 million order lines; steps 01-03 are
made before and not counted. Peer for the last step: its KPI table by hand in pandas (revenue,
retention and conversion by segment and quarter, without intervals, shrinkage or denominators'
notes), from the same Parquet file of order lines.

Prediction (before the first run): together under 90 s, each under 2 GB; the pandas table takes
about 3 s and more than 2 GB.

Result (2026-11-28, two idle cores): 71.7 s by the clock (bar 90; profiling 40, strategy 12,
measurement 20), 84 s of one core and at most 1,442 MB (bar 2,000); the table by hand 5.5 s and
2,578 MB. Before looking back took a sample of 10,000 accounts, and two parts of a segment were
looked for in 500 of its accounts, measurement alone took 391 s by the clock. Processor time and
peak are those of all processes of a notebook.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pandas as pd
import yaml

from seglib.demo import generate_market, write_market

HOUSE = Path(__file__).parents[1]
LINES = 5_000_000
BEFORE = ("01_objectives", "02_data_collection", "03_cluster_analysis")
TIMED = ("04_profiling", "05_strategy", "06_measurement")
QUICK = {
    "methods": ["kmeans"], "k": 5, "method": "kmeans", "effort": "quick", "max_fit_accounts": 5000,
}  # fmt: skip


def prepare(folder: Path, accounts: int) -> None:
    """Write the demo market, its order lines repeated as Parquet, and a quick study."""
    write_market(generate_market(accounts), folder)
    lines = folder / "orders.csv"
    con = duckdb.connect()
    con.sql(f"CREATE TABLE lines AS FROM read_csv('{lines}', all_varchar = true)")
    count = con.sql("SELECT count(*) FROM lines").fetchall()[0][0]
    times = max(round(LINES * accounts / 50_000 / count), 1)
    con.sql(
        "COPY (SELECT * REPLACE (order_id || '-' || n AS order_id, (CAST(order_date AS DATE) - "
        "CAST(n AS INTEGER))::VARCHAR AS order_date, TRY_CAST(amount AS DOUBLE) AS amount) "
        f"FROM lines, range({times}) AS r(n)) TO '{folder / 'orders.parquet'}'"
    )
    lines.unlink()
    study = yaml.safe_load((folder / "study.yaml").read_text(encoding="utf-8"))
    study["clustering"].update(QUICK)
    (folder / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
    print(f"{accounts:,} accounts, {count * times:,} order lines", flush=True)


def execute(notebook: str, folder: Path) -> dict[str, float]:
    """Execute a notebook in a process of its own; seconds, processor time and peak memory."""
    script = (
        "import json, resource, time, papermill, sys; t = time.perf_counter();"
        "papermill.execute_notebook(sys.argv[1], None, parameters=json.loads(sys.argv[2]),"
        " progress_bar=False, log_output=False);"
        "used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)];"
        "print(json.dumps({'seconds': time.perf_counter() - t,"
        " 'cpu': sum(u.ru_utime + u.ru_stime for u in used),"
        " 'peak': max(u.ru_maxrss for u in used) / 1024}))"
    )
    parameters = {"study": str(folder / "study.yaml"), "run_dir": str(folder / "run")}
    path = str(HOUSE / "notebooks" / f"{notebook}.ipynb")
    done = subprocess.run(
        [sys.executable, "-c", script, path, json.dumps(parameters)],
        capture_output=True, text=True, check=True, cwd=HOUSE,
        env={**os.environ, "PYTHONPATH": str(HOUSE)},
    )  # fmt: skip
    return json.loads(done.stdout.strip().splitlines()[-1])


def by_hand(folder: Path) -> None:
    """The peer: KPIs by segment and quarter in pandas; prints seconds and peak memory."""
    start = time.perf_counter()
    segment = pd.read_parquet(folder / "run" / "assignments.parquet")[["account_id", "segment"]]
    orders = pd.read_parquet(folder / "orders.parquet")
    orders = orders[(orders["status"] != "cancelled") & (orders["currency"] == "EUR")]
    orders["quarter"] = pd.to_datetime(orders["order_date"]).dt.to_period("Q")
    bought = orders.groupby(["account_id", "quarter"])["amount"].sum().reset_index()
    bought = bought.merge(segment, on="account_id")
    revenue = bought.groupby(["segment", "quarter"])["amount"].sum()
    active = bought[bought["amount"] > 0][["account_id", "segment", "quarter"]]
    later = active.assign(quarter=active["quarter"] + 4)
    kept = later.merge(active, on=["account_id", "segment", "quarter"], how="left", indicator=True)
    retention = (kept["_merge"] == "both").groupby([kept["segment"], kept["quarter"]]).mean()
    deals = pd.read_csv(folder / "opportunities.csv", parse_dates=["closed_date"])
    deals = deals[deals["outcome"].notna()].merge(segment, on="account_id")
    quarter = deals["closed_date"].dt.to_period("Q")
    conversion = (deals["outcome"] == "won").groupby([deals["segment"], quarter]).mean()
    table = pd.concat([revenue, retention, conversion], axis=1)
    used, seconds = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - start
    found = {"seconds": seconds, "cpu": used.ru_utime + used.ru_stime, "rows": len(table)}
    print(json.dumps({**found, "peak": used.ru_maxrss / 1024}))


def _alone(part: str, folder: Path, accounts: int) -> str:
    """Run a part of this script in a process of its own: a child begins with its parent's peak."""
    words = ["--only", part, "--folder", str(folder), "--accounts", str(accounts)]
    return subprocess.run(
        [sys.executable, __file__, *words], capture_output=True, text=True, check=True
    ).stdout


def _line(name: str, found: dict[str, float]) -> str:
    return (
        f"{name:<22}{found['seconds']:8.1f} s{found['cpu']:8.1f} s of a core"
        f"{found['peak']:8,.0f} MB"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--folder", default="", help="keep (and use again) what is made here")
    parser.add_argument("--only", choices=("prepare", "by hand"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only == "prepare":
        prepare(Path(options.folder), options.accounts)
        return
    if options.only == "by hand":
        by_hand(Path(options.folder))
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(options.folder or scratch).resolve()
        if not (folder / "run" / "assignments.parquet").exists():
            folder.mkdir(parents=True, exist_ok=True)
            print(_alone("prepare", folder, options.accounts), end="", flush=True)
            (folder / "run").mkdir(exist_ok=True)
            for notebook in BEFORE:
                print(f"{notebook:<22}{execute(notebook, folder)['seconds']:8.1f} s (not counted)",
                      flush=True)  # fmt: skip
        timed = []
        for notebook in TIMED:
            timed.append(execute(notebook, folder))
            print(_line(notebook, timed[-1]), flush=True)
        both = {key: sum(found[key] for found in timed) for key in ("seconds", "cpu")}
        print(_line("together", {**both, "peak": max(found["peak"] for found in timed)}))
        found = json.loads(_alone("by hand", folder, options.accounts))
        print(_line("KPIs by hand, pandas", found))


if __name__ == "__main__":
    main()
