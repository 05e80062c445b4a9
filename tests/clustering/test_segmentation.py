"""One model, one label: in memory, in DuckDB through Ibis, and by the printed SQL."""

import json

import ibis
import numpy as np
import pandas as pd
import pytest
import sqlglot

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.models import Centroids, Tree, TreeNode
from seglib.clustering.preprocessing import CategoryStep, NumberStep, Preprocessing
from seglib.clustering.segmentation import Segmentation
from seglib.errors import DataError, StudyError
from seglib.run import Run

METHODS = ("kmeans", "mixture", "ward", "latent-class", "prototypes", "hdbscan", "consensus",
           "tree", "rfm", "rules")  # fmt: skip


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


HOSTILE = {
    "wrong shapes": (("centers",), [[0.0], [1.0, 2.0]], "each centroid must have 2 values"),
    "no centroid": (("centers",), [], "centers"),
    "NaN": (("centers",), [[float("nan"), 0.0]], "centers"),
    "infinite": (("preprocessing", "steps", 0, "scale"), float("inf"), "scale"),
    "a scale of nothing": (("preprocessing", "steps", 0, "scale"), 0.0, "scale"),
    "text for a number": (("centers",), [["1; DROP TABLE accounts", 0.0]], "centers"),
    "code for a number": (("centers",), [["__import__('os').getpid()", 0.0]], "centers"),
    "an object for a name": (("preprocessing", "steps", 0, "variable"), {"a": 1}, "variable"),
    "an unknown kind": (("kind",), "pickle", "kind"),
    "an unknown step": (("preprocessing", "steps", 0, "kind"), "lambda", "kind"),
    "another key": (("run",), "rm -rf /", "Unknown key"),
    "too many": (("centers",), [[0.0, 0.0]] * 1001, "centers"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_not_a_model_is_refused_with_a_sentence(tmp_path, candidates, case):
    path, value, word = HOSTILE[case]
    content = Segmentation(
        method="kmeans", model=candidates[0].model, assignment=""
    ).model_dump(mode="json")  # fmt: skip
    place = content["model"]
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    (tmp_path / "segmentation.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(StudyError, match=word) as refused:
        Segmentation.load(Run(tmp_path))
    assert "segmentation.json" in str(refused.value)
    assert len(str(refused.value)) < 2000


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "not valid JSON"),
        ("{'version': 1}", "not valid JSON"),
        ("[]", "the file must hold an object"),
        ("[" * 200_000, "nested too deeply|not valid JSON"),
        ('{"version": 1, "method": "kmeans", "assignment": "", "model": '
         + '{"model": ' * 500 + "1" + "}" * 501, "model"),
        ("\x00\x01", "not valid JSON"),
    ],
)  # fmt: skip
def test_what_is_not_json_is_refused_with_a_sentence(tmp_path, text, sentence):
    (tmp_path / "segmentation.json").write_text(text, encoding="utf-8")
    with pytest.raises(StudyError, match=sentence):
        Segmentation.load(Run(tmp_path))


def test_a_tree_that_nests_too_deeply_or_runs_in_circles_is_refused(candidates):
    steps = Preprocessing(steps=(NumberStep(variable="x", fill=0.0),))
    chain = [TreeNode(output=0, left=i + 1, right=i + 1) for i in range(60)]
    with pytest.raises(ValueError, match="at most 50 questions"):
        Tree(preprocessing=steps, nodes=(*chain, TreeNode(segment=1)))
    with pytest.raises(ValueError, match="must point to later nodes"):
        Tree(preprocessing=steps, nodes=(TreeNode(output=0, left=0, right=0),))
    with pytest.raises(ValueError, match="less than or equal to 1000"):
        TreeNode(segment=10**9)


EVIL = ['x"; DROP TABLE accounts; --', "it's", "a\\'; --", "`tick`", "naïve ;"]


def test_names_and_levels_of_any_kind_stay_names_and_levels(tmp_path):
    steps = [CategoryStep(variable=name, levels=tuple(sorted(EVIL))) for name in EVIL]
    width = len(EVIL) ** 2
    model = Centroids(
        preprocessing=Preprocessing(steps=tuple(steps)),
        centers=tuple(tuple(float((i + j) % 3 == 0) for i in range(width)) for j in range(3)),
    )
    segmentation = Segmentation(method="kmeans", model=model, assignment=EVIL[0])
    segmentation.save(Run(tmp_path))
    again = Segmentation.load(Run(tmp_path))
    rows = [[EVIL[(r * (c + 1)) % len(EVIL)] for c in range(len(EVIL))] for r in range(9)]
    frame = pd.DataFrame(rows, columns=EVIL).assign(account_id=[str(r) for r in range(9)])
    expected = again.predict(frame)
    assert len(set(expected)) > 1
    for result in scored(again, frame):
        assert np.array_equal(result, expected)
    for dialect in ("postgres", "bigquery", "snowflake"):
        parsed = [s for s in sqlglot.parse(again.sql(dialect), read=dialect) if s is not None]
        assert len(parsed) == 1
        assert isinstance(parsed[0], sqlglot.exp.Select)
        literals = {x.this for x in parsed[0].find_all(sqlglot.exp.Literal) if x.is_string}
        assert literals == set(EVIL)


def test_weights_and_scales_far_apart_give_the_same_labels(planted):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"account_id": [str(i) for i in range(200)],
                          "tiny": rng.normal(0, 1e-9, 200),
                          "huge": rng.normal(1e12, 1e9, 200)})  # fmt: skip
    steps = tuple(
        NumberStep(variable=n, fill=0.0, center=float(frame[n].mean()), scale=float(frame[n].std()))
        for n in ("tiny", "huge")
    )
    centers = ((1.0, 1.0), (-1.0, 1.0), (0.0, -1.0))
    model = Centroids(preprocessing=Preprocessing(steps=steps), centers=centers)
    segmentation = Segmentation(method="kmeans", model=model, assignment="")
    for result in scored(segmentation, frame):
        assert np.array_equal(result, segmentation.predict(frame))
