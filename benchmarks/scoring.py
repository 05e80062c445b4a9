"""Scoring in DuckDB against scikit-learn's predict, on the same rows read from Parquet.

Result (2026-11-28, 10,000,000 rows, two idle cores, median of 3): DuckDB 6.9 s, 12.6 CPU s, 1,084
MB; scikit-learn with the file read as a whole 9.3 s, 12.7 CPU s, 7,046 MB, and by batches of a
million, which have to be written by hand, 1.8 s, 2.6 CPU s, 3,414 MB; all labels equal.

Result (2026-11-28, 2,000,000 rows, a very busy machine, CPU seconds): DuckDB 2.6 to 2.7, and 2.3 to
2.5 for the eight linear forms alone, without any treatment of what is missing; scikit-learn by
batches 1.6 to 2.8. DuckDB computes each of the 320 products and sums of a row as a step of its own;
inner products of arrays take it twice as long (4.7).

Each runs in its own process, reads the same Parquet file and writes the segment of every row to a
Parquet file; scikit-learn reads with pyarrow in batches or as a whole. Peak memory is that of the
process, imports included.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.cluster import KMeans

from seglib.clustering import Segmentation
from seglib.clustering.models import Centroids
from seglib.clustering.preprocessing import NumberStep, Preprocessing

COLUMNS, K = 20, 8
BATCH = 1_000_000
NAMES = [f"x{j:02d}" for j in range(COLUMNS)]
Array = np.ndarray


def write_rows(path: Path, rows: int) -> None:
    """Normal variables around eight centres, in row groups as DuckDB writes them."""
    rng = np.random.default_rng(0)
    centers = 2 * rng.normal(size=(K, COLUMNS))
    schema = pa.schema([(name, pa.float64()) for name in NAMES])
    with pq.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, BATCH):
            n = min(BATCH, rows - start)
            X = centers[rng.integers(K, size=n)] + rng.normal(size=(n, COLUMNS))
            batch = pa.table(dict(zip(NAMES, X.T, strict=True)))
            writer.write_table(batch, row_group_size=122_880)


def model(path: Path) -> KMeans:
    """k-means on the first rows."""
    first = next(pq.ParquetFile(path).iter_batches(20_000)).to_pandas()
    return KMeans(K, n_init=3, random_state=0).fit(first.to_numpy())


def as_segmentation(centers: Array) -> Segmentation:
    """The same centroids as a segmentation."""
    steps = tuple(NumberStep(variable=name, fill=0.0) for name in NAMES)
    rows = tuple(tuple(float(v) for v in center) for center in centers)
    preprocessing = Preprocessing(steps=steps)
    return Segmentation(
        method="kmeans",
        model=Centroids(preprocessing=preprocessing, centers=rows),
        assignment="nearest centroid",
    )


def by_duckdb(source: Path, target: Path, centers: Array) -> None:
    """`Segmentation.assign` over the file, in the engine."""
    import ibis

    segmentation = as_segmentation(centers)
    connection = ibis.duckdb.connect()
    table = connection.read_parquet(source)
    segmentation.assign(table).select("segment").to_parquet(target)


def by_sklearn(source: Path, target: Path, centers: Array, *, batch: int = 0) -> None:
    """Read the whole file, or a batch at a time, and predict."""
    kmeans = KMeans(K, n_init=1).fit(np.vstack([centers, centers]))
    kmeans.cluster_centers_ = np.ascontiguousarray(centers)
    schema = pa.schema([("segment", pa.int64())])
    file = pq.ParquetFile(source)
    pieces = file.iter_batches(batch) if batch else iter([file.read()])
    with pq.ParquetWriter(target, schema) as writer:
        for piece in pieces:
            labels = kmeans.predict(piece.to_pandas().to_numpy()) + 1
            writer.write_table(pa.table({"segment": labels.astype(np.int64)}))


WAYS = ("DuckDB", "scikit-learn", "scikit-learn, batches")


def score(way: str, source: Path, target: Path, centers: Array) -> dict[str, float]:
    """Seconds of the clock and of the CPU, and peak memory, of one way in this process."""
    began, spent = time.perf_counter(), time.process_time()
    if way == "DuckDB":
        by_duckdb(source, target, centers)
    else:
        by_sklearn(source, target, centers, batch=BATCH if way.endswith("batches") else 0)
    seconds, used = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF)
    return {
        "seconds": seconds,
        "CPU s": used.ru_utime + used.ru_stime - spent,
        "peak MB": used.ru_maxrss / 1024,
    }


def compare(rows: int, repeats: int) -> pd.DataFrame:
    """All ways, each in its own process; the ratio to scikit-learn, and the labels' agreement."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = folder / "rows.parquet"
        write_rows(source, rows)
        np.save(folder / "centers.npy", model(source).cluster_centers_)
        found = []
        for repeat in range(repeats):
            for number, way in enumerate(WAYS):
                call = [sys.executable, __file__, "--way", way, "--folder", name]
                done = subprocess.run(call, check=True, capture_output=True, text=True)
                labels = f"{folder / WAYS[number]}.parquet"
                found.append({"way": way, "repeat": repeat} | json.loads(done.stdout))
                same = duckdb.sql(
                    f"select count(*) filter (a.segment = b.segment) / count(*) from "
                    f"'{labels}' a positional join '{folder / WAYS[0]}.parquet' b"
                ).fetchone()
                found[-1]["same labels"] = float(same[0]) if same else float("nan")
    table = pd.DataFrame(found).groupby("way", sort=False).median()
    for column in ("seconds", "CPU s"):
        table[f"{column}, times batches"] = table[column] / table.loc[WAYS[-1], column]
    return table.drop(columns="repeat")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="10,000,000 for the proof")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        source, centers = options.folder / "rows.parquet", np.load(options.folder / "centers.npy")
        target = options.folder / f"{options.way}.parquet"
        print(json.dumps(score(options.way, source, target, centers)))
        return
    print(f"{options.rows:,} rows × {COLUMNS} variables, k = {K}, median of {options.repeats}")
    print(compare(options.rows, options.repeats).round(3).to_string())


if __name__ == "__main__":
    main()
