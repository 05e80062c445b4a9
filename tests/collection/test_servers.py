"""Servers: only read, nothing secret in a message, and what is said when they fail."""

from __future__ import annotations

import pytest

from seglib.errors import DataError, StudyError
from seglib.source import connect
from seglib.study import Study


def opened(source):
    return connect(Study(name="small", source=source))


def test_postgres_is_only_read(postgres, password):
    import psycopg

    source = opened(postgres)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        source.con.raw_sql("CREATE TABLE written (a int)")
    asked = source.query("SELECT 1 AS a, now() AS b, 1.5::numeric(4, 2) AS c, 'x'::varchar(9) AS d")
    assert [str(kind)[:7] for kind in asked.schema().types] == [
        "int32", "timesta", "decimal", "string(",
    ]  # fmt: skip
    kept = source.keep("one", asked.select("a"))
    again = source.keep("one", kept.mutate(b=kept.a + 1))
    assert again.to_pandas().to_dict("records") == [{"a": 1, "b": 2}]
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        source.con.raw_sql("CREATE TABLE written (a int)")
    assert source.names() == [n for n in source.names() if not n.startswith("seglib_")]
    source.close()


def test_a_wrong_password_and_an_unreachable_server_say_so_and_no_secret(postgres, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "not-it")
    with pytest.raises(StudyError, match="password was not accepted") as refused:
        opened(postgres)
    monkeypatch.setenv("SECRET", "sesame")
    with pytest.raises(StudyError, match="no server answers there") as unreachable:
        opened("postgres://me:${SECRET}@127.0.0.1:1/x")
    for error in (refused.value, unreachable.value):
        assert error.exit_code == 2
        assert not {"not-it", "sesame"} & set(str(error).replace(":", " ").split())
        assert error.__cause__ is None


def test_a_table_that_vanishes_is_a_data_error(postgres, password):
    import psycopg

    address = postgres.replace("${PGPASSWORD}", "s3cret%40word")
    with psycopg.connect(address, autocommit=True) as con:
        con.execute("DROP TABLE IF EXISTS gone; CREATE TABLE gone (account_id text)")
        source = opened(postgres)
        table = source.table("gone")
        con.execute("DROP TABLE gone")
    with (
        pytest.raises(DataError, match="the table 'gone' is no longer there"),
        source.explained(),
    ):
        table.count().to_pandas()
    source.close()
