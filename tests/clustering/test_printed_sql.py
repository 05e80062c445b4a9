"""What `seglib sql` prints for a run gives the run's segments in Postgres and DuckDB."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import ibis
import pandas as pd
import pytest
import sqlglot

from ..collection.conftest import password, postgres

__all__ = ["password", "postgres"]


def seglib(*words: object) -> str:
    """Call the command line; what it prints."""
    call = [sys.executable, "-m", "seglib.cli", *map(str, words)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(
    scope="module", params=["demo", pytest.param("adventureworks", marks=pytest.mark.real)]
)
def run(request, pytestconfig, tmp_path_factory):
    """The run of a whole study up to the cluster analysis, made by the command line."""
    study = pytestconfig.rootpath / "data" / request.param / "study.yaml"
    folder = tmp_path_factory.mktemp("runs")
    if request.param == "adventureworks":
        if not os.environ.get("SEGLIB_REAL_DATA"):
            pytest.skip("SEGLIB_REAL_DATA is not set")
        text = study.read_text(encoding="utf-8")
        real = Path(os.environ["SEGLIB_REAL_DATA"]).resolve() / "adventureworks"
        study = folder / "study.yaml"
        study.write_text(text.replace("source: .\n", f"source: {real}\n"), encoding="utf-8")
    seglib("run", study, "--until", "03", "--effort", "quick", "--out", folder / "out")
    return (folder / "out" / "latest").resolve()


@pytest.fixture
def accounts(run):
    return pd.read_parquet(run / "accounts.parquet")


@pytest.fixture
def expected(run):
    assigned = pd.read_parquet(run / "assignments.parquet").set_index("account_id")["segment"]
    assert assigned.nunique() > 1
    return assigned


def test_postgres_gives_the_assignments(run, accounts, expected, postgres, password):
    con = ibis.connect(postgres.replace("${PGPASSWORD}", "s3cret%40word"))
    con.create_table("accounts", accounts, overwrite=True)
    with con.raw_sql(seglib("sql", run, "--dialect", "postgres")) as cursor:
        placed = dict(cursor.fetchall())
    con.disconnect()
    assert len(placed) == len(accounts)
    assert {account: placed[account] for account in expected.index} == expected.to_dict()


def test_duckdb_and_the_score_command_give_them_too(run, accounts, expected, tmp_path):
    with duckdb.connect() as con:
        con.register("accounts", accounts)
        placed = dict(con.sql(seglib("sql", run)).fetchall())
    assert {account: placed[account] for account in expected.index} == expected.to_dict()
    seglib("score", run, run / "accounts.parquet", "--out", tmp_path / "scored.parquet")
    scored = pd.read_parquet(tmp_path / "scored.parquet").set_index("account_id")["segment"]
    assert scored.to_dict() == placed


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake"])
def test_the_sql_parses_elsewhere(run, dialect):
    parsed = sqlglot.parse_one(seglib("sql", run, "--dialect", dialect), read=dialect)
    assert [column.alias_or_name for column in parsed.selects] == ["account_id", "segment"]
