"""A segmentation.json that somebody spoilt, by accident or on purpose, is refused or harmless."""

from __future__ import annotations

import copy
import json
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest
import sqlglot
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seglib.clustering.segmentation import Segmentation
from seglib.errors import SeglibError
from seglib.run import Run

NUMBER = {"kind": "number", "variable": "spend", "fill": 1.0, "unit": 2.0}
CATEGORY = {"kind": "category", "variable": "sector", "levels": ["a", "b"]}
ORDINAL = {"kind": "ordinal", "variable": "tier", "levels": ["s", "m", "l"], "fill": 1.0}
STEPS = {"steps": [NUMBER, CATEGORY, ORDINAL]}
ZEROS, ONES = [0.0] * 4, [1.0, 0.0, 1.0, 2.0]
EYE = np.eye(4).tolist()
GAUSS = {"kind": "gaussian", "means": [0.0, 1.0], "variances": [1.0, 2.0]}
LEVEL = {"kind": "level", "probabilities": [0.2, 0.7]}
MODELS: dict[str, dict[str, Any]] = {
    "centroids": {"preprocessing": STEPS, "centers": [ZEROS, ONES]},
    "mixture": {"preprocessing": STEPS, "weights": [0.4, 0.6], "means": [ZEROS, ONES],
                "precisions_cholesky": [EYE, EYE]},
    "prototypes": {"preprocessing": STEPS, "centers": [ZEROS, ONES]},
    "exemplars": {"preprocessing": STEPS, "centers": [ZEROS, ONES], "reach": [1.0, 2.0],
                  "groups": [1, 2]},
    "latent-class": {"preprocessing": STEPS, "weights": [0.4, 0.6],
                     "emissions": [GAUSS, LEVEL, LEVEL, GAUSS]},
    "tree": {"preprocessing": STEPS,
             "nodes": [{"output": 0, "threshold": 1.0, "left": 1, "right": 2},
                       {"segment": 1}, {"segment": 2}]},
    "rules": {"rules": [{"segment": 1, "name": "big", "conditions": [
                  {"variable": "spend", "low": 2.0}, {"variable": "sector", "levels": ["a"]}]}],
              "otherwise": 2},
}  # fmt: skip
EVIL = ["spend", "", "x1_", "score1_", "best1_", "segment", "account_id", "SPEND", "tier",
        'x"; DROP TABLE accounts; --', "it's", "'; DELETE FROM accounts; --", "`a`", "\\", "a\x00b",
        "\ud800", "naïve", "{}", "%s", "${HOME}", "__import__('os')", "9" * 400,
        "*/ --"]  # fmt: skip
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from([0, 1, -1, 2, 10**30, -(10**400), 0.5, -2.5, 1e-320, 1e308, -1e308]),
    st.sampled_from([float("nan"), float("inf"), float("-inf")]),
    st.sampled_from(EVIL),
    st.sampled_from([[], {}, [[]], [1.0], {"kind": "number"}, [None], [[[[1]]]], {"a": {"b": []}}]),
)


def places(content: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Where something stands in a JSON document."""
    found = [path] if path else []
    if isinstance(content, (dict, list)):
        keys = content if isinstance(content, dict) else range(len(content))
        for key in keys:
            found += places(content[key], (*path, key))
    return found


@st.composite
def spoilt(draw: Any) -> Any:
    """A good file in which one to three things were changed, taken out or put in."""
    kind = draw(st.sampled_from(sorted(MODELS)))
    content: Any = copy.deepcopy(
        {"version": 1, "method": kind, "model": {"kind": kind, **MODELS[kind]}, "assignment": ""}
    )
    for _ in range(draw(st.integers(1, 3))):
        where = draw(st.sampled_from(places(content) or [("version",)]))
        parent = content
        for key in where[:-1]:
            parent = parent[key]
        deed = draw(st.sampled_from(["change", "change", "remove", "add", "double"]))
        if deed == "change":
            parent[where[-1]] = copy.deepcopy(draw(VALUES))
        elif deed == "remove":
            del parent[where[-1]]
        elif deed == "add" and isinstance(parent, dict):
            parent[draw(st.sampled_from(EVIL))] = copy.deepcopy(draw(VALUES))
        elif isinstance(parent, list):
            parent.append(copy.deepcopy(parent[where[-1]]))
    return content


def table(segmentation: Segmentation) -> pd.DataFrame:
    """Some accounts with what the segmentation reads."""
    texts = segmentation._texts()
    columns: dict[str, list[Any]] = {"account_id": ["1", "2", "3"]}
    for name in segmentation.variables:
        columns[name] = ["a", "l", None] if name in texts else [3.0, None, -1e6]
    return pd.DataFrame(columns)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(content=spoilt())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numbers of 1e308 overflow
def test_what_was_spoilt_is_refused_with_a_sentence_or_scores(content, tmp_path_factory):
    folder = tmp_path_factory.mktemp("spoilt")
    (folder / "segmentation.json").write_text(json.dumps(content), encoding="utf-8")
    try:
        segmentation = Segmentation.load(Run(folder))
        frame = table(segmentation)
        labels = segmentation.predict(frame)
        printed = {d: segmentation.sql(d) for d in ("duckdb", "postgres", "bigquery", "snowflake")}
    except SeglibError as refusal:
        sentence = str(refusal)
        assert 10 < len(sentence) < 5000
        return
    assert ((labels >= 0) & (labels <= max(segmentation.n_segments, 1000))).all()
    for dialect, text in printed.items():
        parsed = [one for one in sqlglot.parse(text, read=dialect) if one is not None]
        assert len(parsed) == 1
        assert isinstance(parsed[0], sqlglot.exp.Select)
    with duckdb.connect() as con:
        con.register("frame", frame)
        con.execute("CREATE TABLE accounts AS SELECT * FROM frame")
        placed = con.sql(printed["duckdb"]).fetchall()
        assert sorted(key for key, _ in placed) == ["1", "2", "3"]
        assert con.sql("SELECT count(*) FROM accounts").fetchall() == [(3,)]


def test_rules_without_a_rule_put_everyone_in_the_rest():
    model = {"kind": "rules", "rules": [], "otherwise": 2}
    segmentation = Segmentation.model_validate(
        {"method": "rules", "model": model, "assignment": ""}
    )
    accounts = ibis.memtable({"account_id": ["1", "2"]})
    assert segmentation.assign(accounts).to_pandas()["segment"].tolist() == [2, 2]


def test_columns_named_like_the_stages_of_the_sql_stay_what_they_are():
    names = ["x1_", "X2_", "score1_", "best1_", "x_1_"]
    steps = {"steps": [{"kind": "number", "variable": name, "fill": 0.0} for name in names]}
    centers = [[0.0] * 5, [1.0, -1.0, 2.0, 0.5, 3.0]]
    model = {"kind": "centroids", "preprocessing": steps, "centers": centers}
    segmentation = Segmentation.model_validate(
        {"method": "kmeans", "model": model, "assignment": ""}
    )
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(40, 5)), columns=names)
    scored = segmentation.assign(ibis.memtable(frame)).to_pandas()
    assert scored["segment"].tolist() == segmentation.predict(frame).tolist()
    pd.testing.assert_frame_equal(scored[names], frame)


@pytest.mark.parametrize("place", [("variable",), ("levels", 0)])
def test_a_character_that_databases_refuse_is_refused(place):
    step: Any = copy.deepcopy(CATEGORY)
    parent = step if len(place) == 1 else step[place[0]]
    parent[place[-1]] = "a\x00b"
    model = {"kind": "centroids", "preprocessing": {"steps": [step]}, "centers": [[0.0, 1.0]]}
    with pytest.raises(ValueError, match="no text may hold the character NUL"):
        Segmentation.model_validate({"method": "kmeans", "model": model, "assignment": ""})
