"""Place the rows of a file in a run's segments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from seglib.errors import DataError, StudyError

_READERS = {".csv": "read_csv", ".tsv": "read_csv", ".gz": "read_csv", ".parquet": "read_parquet"}


def score_file(run: Path, table: Path, out: Path | None = None) -> Path | None:
    """Give each row of a file the segment that the run's segmentation assigns.

    Parameters
    ----------
    run
        The run folder.
    table
        CSV or Parquet, one row an account, with the variables of the segmentation.
    out
        CSV or Parquet to write; the standard output when not given.

    Returns
    -------
    Path or None
        What was written.

    Raises
    ------
    StudyError
        When a file is not there or is of another kind.
    DataError
        When the table cannot be read, lacks a variable, or has text where numbers are wanted.
    """
    from seglib.clustering.segmentation import Segmentation

    segmentation = Segmentation.load(run)
    if out is not None and out.suffix not in (".csv", ".parquet"):
        raise StudyError(f"'{out.name}' must end in .csv or .parquet.")
    scored = _computed(segmentation.assign(_read(table)), table)
    kept = [c for c in ("account_id",) if c in scored] or list(scored.columns[:1])
    placed = scored[[*kept, "segment"]].sort_values(kept, kind="stable", ignore_index=True)
    placed["name"] = placed["segment"].map(_names(run)).fillna("No segment")
    return _write(placed, out)


def _read(path: Path) -> Any:
    import ibis

    reader = _READERS.get(path.suffix.lower())
    if not path.is_file():
        raise StudyError(f"There is no file '{path}'.")
    if reader is None:
        raise StudyError(f"'{path.name}' must be a CSV or Parquet file.")
    try:
        return getattr(ibis.duckdb.connect(), reader)(path)
    except Exception as error:  # duckdb and ibis raise families of their own
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"cannot be read: {reason}", where=path.name) from None


def _computed(scored: Any, path: Path) -> Any:
    import duckdb

    try:
        return scored.to_pandas()
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise DataError(f"cannot be scored: {reason}", where=path.name) from None


def _names(run: Path) -> dict[int, str]:
    from seglib.reporting.findings import read_findings
    from seglib.run import Run

    found = read_findings(Run.open(run)).names
    return found or {}


def _write(placed: Any, out: Path | None) -> Path | None:
    from seglib.strategy.exports import to_safe_csv

    if out is None:
        sys.stdout.write(to_safe_csv(placed))
    elif out.suffix == ".csv":
        out.write_text(to_safe_csv(placed), encoding="utf-8")
    else:
        placed.to_parquet(out, index=False)
    return out
