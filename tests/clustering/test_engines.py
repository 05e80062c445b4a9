"""The same labels everywhere: in memory, in DuckDB, Postgres and Spark, and by the printed SQL."""

from __future__ import annotations

import os
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest
import sqlglot
from scipy.special import softmax
from sklearn.mixture import GaussianMixture

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.models import Mixture
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.clustering.segmentation import Segmentation
from seglib.errors import SeglibError
from seglib.study import Study
from seglib.workbook import open_step

from ..collection.conftest import password, postgres, spark

__all__ = ["password", "postgres", "spark"]

METHODS = ("kmeans", "mixture", "ward", "latent-class", "prototypes", "hdbscan", "consensus",
           "tree", "rfm", "rules")  # fmt: skip


def segmentations(candidates):
    return [Segmentation(method=c.method, model=c.model, assignment="") for c in candidates]


def spoilt(frame):
    """The accounts, and some with values that no account had when the segments were formed."""
    extra = frame.head(6).copy()
    extra["account_id"] = [f"odd {i}" for i in range(6)]
    numbers = extra.select_dtypes("number").columns
    extra[numbers] = extra[numbers].astype("float64")
    for row, value in enumerate((np.nan, -1e6, 0.0, 1e9)):
        extra.iloc[row, extra.columns.get_indexer(numbers)] = value
    for name in extra.select_dtypes(include=["str", "object", "category"]).columns:
        if name != "account_id":
            extra[name] = extra[name].astype("str")
            extra.loc[extra.index[4], name] = 'it\'s \\ "new"; --'
            extra.loc[extra.index[5], name] = None
    whole = pd.concat([frame, extra], ignore_index=True)
    texts = whole.select_dtypes(include=["str"]).columns
    return whole.assign(**{c: pd.Series(whole[c].to_list(), dtype="str") for c in texts})


@pytest.fixture(scope="module")
def made(request, tmp_path_factory):
    """Accounts and one segmentation of each method, for the demo or the real data."""
    cache: dict[str, tuple[pd.DataFrame, list[Segmentation]]] = {}

    def make(name, study_file):
        if name not in cache:
            book = open_step(
                "03", study=study_file, run_dir=tmp_path_factory.mktemp("run"), effort="quick"
            )
            study = book.study.override(**{"clustering.k_min": 3, "clustering.k_max": 3})
            bench = prepare(book.accounts, book.brief, study)
            found = segmentations(make_candidates(bench, METHODS))
            wanted = {name for s in found for name in s.variables} | {"account_id"}
            frame = bench.accounts.frame[[c for c in bench.accounts.frame if c in wanted]]
            cache[name] = spoilt(frame), found
        return cache[name]

    return make


@pytest.fixture(params=["demo", "adventureworks"])
def case(request, made, pytestconfig, tmp_path):
    if request.param == "adventureworks" and not os.environ.get("SEGLIB_REAL_DATA"):
        pytest.skip("SEGLIB_REAL_DATA is not set")
    study = pytestconfig.rootpath / "data" / request.param / "study.yaml"
    if request.param == "adventureworks":
        text = study.read_text(encoding="utf-8")
        folder = Path(os.environ["SEGLIB_REAL_DATA"]).resolve() / "adventureworks"
        study = tmp_path / "study.yaml"
        study.write_text(text.replace("source: .\n", f"source: {folder}\n"), encoding="utf-8")
    frame, found = made(request.param, study)
    assert {"kmeans", "mixture", "ward"} <= {s.method for s in found}
    return frame, found


def by_id(frame, ids):
    return frame.set_index("account_id").loc[ids, "segment"].to_numpy()


def agree(table, frame, found):
    for segmentation in found:
        expected = segmentation.predict(frame)
        assert len(np.unique(expected)) > 1 or segmentation.n_segments == 1
        placed = segmentation.assign(table).select("account_id", "segment").to_pandas()
        np.testing.assert_array_equal(by_id(placed, frame["account_id"]), expected)


def test_duckdb_gives_the_labels_of_memory(case):
    frame, found = case
    con = ibis.duckdb.connect()
    agree(con.create_table("accounts", frame), frame, found)
    for segmentation in found:
        placed = con.raw_sql(segmentation.sql("duckdb")).df()
        expected = segmentation.predict(frame)
        np.testing.assert_array_equal(by_id(placed, frame["account_id"]), expected)
    con.disconnect()


def test_postgres_gives_them_and_runs_the_printed_sql(case, postgres, password):
    frame, found = case
    con = ibis.connect(postgres.replace("${PGPASSWORD}", "s3cret%40word"))
    agree(con.create_table("accounts", frame, overwrite=True), frame, found)
    for segmentation in found:
        with con.raw_sql(segmentation.sql("postgres")) as cursor:
            placed = pd.DataFrame(cursor.fetchall(), columns=["account_id", "segment"])
        expected = segmentation.predict(frame)
        np.testing.assert_array_equal(by_id(placed, frame["account_id"]), expected)
    con.disconnect()


@pytest.mark.parametrize("kind", ["full", "tied"])
def test_mixtures_with_whole_covariances_are_those_of_scikit_learn(kind, postgres, password):
    names = [f"x{j}" for j in range(12)]
    rng = np.random.default_rng(5)
    mixing = rng.normal(size=(12, 12))
    X = rng.normal(size=(900, 12)) @ mixing + np.repeat(rng.normal(size=(3, 12)), 300, axis=0)
    peer = GaussianMixture(3, covariance_type=kind, random_state=0).fit(X)
    roots = np.broadcast_to(peer.precisions_cholesky_, (3, 12, 12))
    model = Mixture(
        preprocessing=Preprocessing(steps=tuple(NumberStep(variable=n, fill=0.0) for n in names)),
        weights=tuple(peer.weights_), means=tuple(map(tuple, peer.means_)),
        precisions_cholesky=tuple(tuple(map(tuple, root)) for root in roots), covariance=kind,
    )  # fmt: skip
    frame = pd.DataFrame(X, columns=names).assign(account_id=[f"a{i:03d}" for i in range(900)])
    con = ibis.connect(postgres.replace("${PGPASSWORD}", "s3cret%40word"))
    table = con.create_table("accounts", frame, overwrite=True)
    scores = dict(zip("abc", model.expressions([table[n] for n in names]), strict=True))
    found = table.select("account_id", **scores).to_pandas().set_index("account_id")
    result = softmax(found.loc[frame["account_id"]].to_numpy(), axis=1)
    np.testing.assert_allclose(result, peer.predict_proba(X), rtol=0, atol=1e-9)
    with con.raw_sql(
        Segmentation(method="mixture", model=model, assignment="").sql("postgres")
    ) as c:
        placed = pd.DataFrame(c.fetchall(), columns=["account_id", "segment"])
    np.testing.assert_array_equal(by_id(placed, frame["account_id"]), peer.predict(X) + 1)
    con.disconnect()


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # pyspark 4.0 on pandas 3
@pytest.mark.filterwarnings("ignore:toPandas attempted Arrow")  # which it turns into this one
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets to the JVM outlive the test
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_spark_gives_them(case, spark, tmp_path):
    from seglib.source import connect

    frame, found = case
    source = connect(Study(name="spark", source=spark))
    frame.to_parquet(tmp_path / "accounts.parquet", index=False)
    table = source.con.read_parquet(tmp_path / "accounts.parquet", table_name="placed")
    agree(table, frame, found)


@pytest.mark.parametrize("dialect", ["bigquery", "snowflake"])
def test_the_printed_sql_parses_elsewhere(case, dialect):
    for segmentation in case[1]:
        parsed = sqlglot.parse_one(segmentation.sql(dialect), read=dialect)
        assert [c.alias_or_name for c in parsed.selects] == ["account_id", "segment"]


def test_what_is_not_finite_is_missing_everywhere(case):
    """Parquet keeps NaN apart from nothing, and so do engines."""
    frame, found = case
    odd = frame.tail(6).head(3).copy()
    numbers = odd.select_dtypes("number").columns
    odd[numbers] = odd[numbers].astype("float64")
    odd["account_id"] = ["nan", "inf", "minus inf"]
    con = ibis.duckdb.connect()
    table = con.create_table("accounts", odd.assign(**dict.fromkeys(numbers, None)),
                             schema=ibis.schema({c: "float64" if c in numbers else "string"
                                                 for c in odd}))  # fmt: skip
    wild = [np.nan, np.inf, -np.inf]
    for name in numbers:
        for key, value in zip(odd["account_id"], ("nan", "inf", "-inf"), strict=True):
            con.raw_sql(f"UPDATE accounts SET \"{name}\" = '{value}'::DOUBLE "
                        f"WHERE account_id = '{key}'")  # fmt: skip
    memory = odd.assign(**dict.fromkeys(numbers, wild))
    nothing = odd.assign(**dict.fromkeys(numbers, np.nan))
    for segmentation in found:
        expected = segmentation.predict(nothing)
        np.testing.assert_array_equal(segmentation.predict(memory), expected)
        placed = segmentation.assign(table).select("account_id", "segment").to_pandas()
        np.testing.assert_array_equal(by_id(placed, odd["account_id"]), expected)
    con.disconnect()


def test_new_data_never_invent_a_label(case):
    frame, found = case
    for segmentation in found:
        labels = segmentation.predict(frame)
        assert set(labels) <= set(range(segmentation.n_segments + 1))


def test_a_missing_column_is_named_by_every_way(case):
    frame, found = case
    for segmentation in found:
        lost = segmentation.variables[0]
        rest = frame.drop(columns=lost)
        schema = dict.fromkeys(rest, "string")
        for way in (
            lambda s=segmentation, r=rest: s.predict(r),
            lambda s=segmentation, c=schema: s.assign(ibis.table(c, name="t")),
        ):
            with pytest.raises(SeglibError, match=f"Unknown variable '{lost}'"):
                way()
