"""One model, one label: in memory, in DuckDB through Ibis, and by the printed SQL."""

import ibis
import numpy as np
import pandas as pd
import pytest
import sqlglot

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.segmentation import Segmentation
from seglib.errors import DataError, StudyError
from seglib.run import Run

METHODS = ("kmeans", "mixture", "ward", "tree", "rfm", "rules")


@pytest.fixture
def candidates(planted, brief, study):
    accounts, _ = planted
    rules = [{"name": "big", "when": {"spend": {"min": 30}, "industry": {"in": ["Food", "Steel"]}}},
             {"name": "rest", "when": {}}]  # fmt: skip
    study = study.override(**{"clustering.rules": rules})
    return make_candidates(prepare(accounts, brief, study), METHODS)


def scored(segmentation, frame):
    con = ibis.duckdb.connect()
    table = con.create_table("accounts", frame)
    by_ibis = segmentation.assign(table).select("account_id", "segment").to_pandas()
    by_sql = con.raw_sql(segmentation.sql("duckdb")).df()
    con.disconnect()
    order = frame["account_id"]
    return [f.set_index("account_id").loc[order, "segment"].to_numpy() for f in (by_ibis, by_sql)]


def test_every_method_scores_alike_everywhere(planted, candidates):
    frame = planted[0].frame.copy()
    frame.loc[3, "spend"] = np.nan
    frame.loc[4, "industry"] = None
    frame.loc[5, "visits"] = -2.0
    made = {c.method for c in candidates}
    assert {"kmeans", "mixture", "ward", "tree", "rules", "industry", "size"} <= made
    for candidate in candidates:
        segmentation = Segmentation(method=candidate.method, model=candidate.model, assignment="")
        expected = segmentation.predict(frame)
        for result in scored(segmentation, frame):
            assert np.array_equal(result, expected), candidate.name


def test_segments_are_numbered_by_size(candidates):
    for candidate in candidates:
        counts = np.bincount(candidate.labels)[1:]
        assert (np.diff(counts) <= 0).all(), candidate.name
        assert len(counts) == candidate.k


@pytest.mark.parametrize("dialect", ["postgres", "bigquery", "snowflake", "databricks"])
def test_sql_parses_in_other_dialects(candidates, dialect):
    for candidate in candidates:
        segmentation = Segmentation(method=candidate.method, model=candidate.model, assignment="")
        assert sqlglot.parse_one(segmentation.sql(dialect), read=dialect) is not None


def test_round_trip_is_exact(tmp_path, planted, candidates):
    run = Run(tmp_path)
    for candidate in candidates:
        segmentation = Segmentation(method=candidate.method, model=candidate.model, assignment="x")
        segmentation.save(run)
        again = Segmentation.load(run)
        assert again == segmentation
        assert np.array_equal(again.predict(planted[0].frame), candidate.labels)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"version": 2}, "version"),
        ({"mdel": 1}, "Unknown key 'mdel'"),
        ({"model": {"kind": "pickle"}}, "model"),
        ({"agreement": 7}, "agreement"),
    ],
)
def test_hand_edited_files_are_validated(tmp_path, candidates, change, message):
    run = Run(tmp_path)
    kmeans = candidates[0]
    good = Segmentation(method="kmeans", model=kmeans.model, assignment="").model_dump(mode="json")
    run.write_json("segmentation.json", {**good, **change})
    with pytest.raises(StudyError, match=message):
        Segmentation.load(run)


def test_a_centroid_of_another_length_is_refused(tmp_path, candidates):
    run = Run(tmp_path)
    good = Segmentation(method="kmeans", model=candidates[0].model, assignment="")
    content = good.model_dump(mode="json")
    content["model"]["centers"][0].append(1.0)
    run.write_json("segmentation.json", content)
    with pytest.raises(StudyError, match="each centroid must have 2 values"):
        Segmentation.load(run)


def test_missing_columns_and_dialects_are_named(candidates):
    segmentation = Segmentation(method="kmeans", model=candidates[0].model, assignment="")
    with pytest.raises(DataError, match="Unknown variable 'visits'"):
        segmentation.predict(pd.DataFrame({"spend": [1.0]}))
    with pytest.raises(DataError, match="Unknown variable 'visits'"):
        segmentation.assign(ibis.table({"spend": "float64"}, name="t"))
    with pytest.raises(StudyError, match="Did you mean 'postgres'"):
        segmentation.sql("postgress")
