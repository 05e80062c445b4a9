"""The same market from six kinds of source gives the same account table."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.collection import collect
from seglib.demo import generate_market
from seglib.objectives import data_support, make_brief
from seglib.run import Run, file_hash
from seglib.study import Study

AS_OF = "2026-09-30"
ACCOUNTS = 150


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    """The demo's tables as text files with the dirt that real exports have."""
    folder = tmp_path_factory.mktemp("market")
    tables = generate_market(ACCOUNTS, seed=5, dirt=0.1).tables
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")
    return folder, tables


def study_of(source):
    return Study(name="demo", as_of=AS_OF, source=str(source), bases=("behavioural", "needs"))


def collected_from(source):
    study = study_of(source)
    return collect(study, make_brief(study, data_support(study)))


def hash_of(found, folder):
    found.save(Run(folder))
    return file_hash(folder / "accounts.parquet")


@pytest.fixture(scope="module")
def from_csv(market):
    return collected_from(market[0])


def typed(tables):
    """The tables with the types that a database would hold them in."""
    frames = {}
    for name, table in tables.items():
        frame = table.copy()
        for column in frame.columns[
            frame.columns.str.endswith("_date") | (frame.columns == "month")
        ]:
            frame[column] = pd.to_datetime(frame[column])
        frames[name] = frame
    return frames


def test_parquet_and_excel_and_duckdb_give_the_same_bytes(market, from_csv, tmp_path):
    import duckdb

    places = {kind: tmp_path / kind for kind in ("parquet", "excel")}
    for place in places.values():
        place.mkdir()
    with duckdb.connect(str(tmp_path / "market.duckdb")) as con:
        for name, frame in typed(market[1]).items():
            frame.to_parquet(places["parquet"] / f"{name}.parquet")
            frame.to_excel(places["excel"] / f"{name}.xlsx", index=False)
            con.register("frame", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            con.unregister("frame")
    expected = hash_of(from_csv, tmp_path / "run")
    for source in (*places.values(), tmp_path / "market.duckdb"):
        assert hash_of(collected_from(source), tmp_path / f"run-{source.name}") == expected, source


def assert_same_accounts(result, expected):
    """Counts, days and text are equal; sums agree to a part in a thousand million."""
    assert set(result.accounts.columns) == set(expected.accounts.columns)
    assert list(result.accounts.columns) == list(expected.accounts.columns)
    left, right = result.accounts.frame, expected.accounts.frame
    for name, info in expected.accounts.columns.items():
        if right[name].dtype != float or info.kind in ("count", "flag"):
            pd.testing.assert_series_equal(left[name], right[name])
        else:
            np.testing.assert_allclose(left[name], right[name], rtol=1e-9, atol=0, err_msg=name)
    codes = [{(f.code, f.table, f.column, f.count) for f in r.findings} for r in (result, expected)]
    assert codes[0] == codes[1]
    assert {n: len(f) for n, f in result.facts.items()} == {
        n: len(f) for n, f in expected.facts.items()
    }


@pytest.fixture
def served(postgres, password, market):
    """The market in Postgres: half of the tables typed, half as text."""
    import psycopg

    with psycopg.connect(
        postgres.replace("${PGPASSWORD}", "s3cret%40word"), autocommit=True
    ) as con:
        for number, (name, frame) in enumerate(typed(market[1]).items()):
            con.execute(f"DROP TABLE IF EXISTS {name}")
            con.execute(f"CREATE TABLE {name} ({', '.join(columns(frame, number % 2 == 0))})")
            text = (market[0] / f"{name}.csv").read_bytes()
            with con.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv, HEADER)") as copy:
                copy.write(text)
    return postgres


def columns(frame, is_typed):
    for name, dtype in frame.dtypes.items():
        kind = {"M": "date", "f": "numeric", "i": "numeric"}.get(dtype.kind, "text")
        yield f'"{name}" {kind if is_typed else "text"}'


def test_sums_do_not_depend_on_threads():
    """The same hundred thousand amounts, added by one thread and by many."""
    import ibis

    from seglib.collection.exact import exact_sums

    con = ibis.duckdb.connect()
    con.raw_sql(
        "CREATE TABLE t AS SELECT (range % 7)::VARCHAR AS account_id, "
        "sin(range) * 1000 AS amount FROM range(500000)"
    )
    rows, results = con.table("t"), []
    wanted = {"total": rows.amount.sum(), "mean": rows.amount.mean(), "sd": rows.amount.std()}
    for threads in (1, 4):
        con.raw_sql(f"SET threads = {threads}")
        exact = exact_sums(rows, wanted, "duckdb")
        table = rows.group_by("account_id").aggregate(**exact).order_by("account_id")
        results.append(table.to_pandas())
    pd.testing.assert_frame_equal(*results, check_exact=True)
    expected = rows.group_by("account_id").aggregate(**wanted).order_by("account_id").to_pandas()
    pd.testing.assert_frame_equal(results[0], expected, rtol=1e-9, atol=1e-9)


def test_a_part_of_a_column_is_added_on_the_grid_of_the_whole():
    """Footers bound the column, not the part; negative amounts count by their size."""
    import ibis

    from seglib.collection.exact import exact_sums

    amounts = [-3e9, 0.1, 0.2, 0.3, None]
    frame = pd.DataFrame({"g": list("abbbb"), "late": [False, True, True, False, True]})
    con = ibis.duckdb.connect()
    rows = con.create_table("t", frame.assign(amount=amounts))
    part = ibis.ifelse(rows.late, rows.amount, 0.0)
    exact = exact_sums(rows, {"part": part.sum(), "all": rows.amount.sum()}, "duckdb")
    table = rows.group_by("g").aggregate(**exact).order_by("g").to_pandas()
    assert table["part"].tolist() == pytest.approx([0.0, 0.3], abs=1e-9)
    assert table["all"].tolist() == pytest.approx([-3e9, 0.6], rel=1e-12, abs=1e-9)


def test_postgres(served, from_csv):
    assert_same_accounts(collected_from(served), from_csv)


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # pyspark 4.0 on pandas 3
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets to the JVM outlive the test
def test_spark(spark, market, from_csv, tmp_path):
    assert_same_accounts(collected_from(f"{spark}&files={market[0]}"), from_csv)
