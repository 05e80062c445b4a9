"""The earlier run: found by path or name, refused in a sentence."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from seglib.clustering import Segmentation
from seglib.clustering.models import Centroids
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.collection.account_table import AccountTable
from seglib.errors import DataError, StudyError
from seglib.measurement import (
    compare_runs,
    compare_with_previous,
    drift_table,
    identity_table,
    rules_table,
)
from seglib.measurement.previous import find_run
from seglib.run import Run
from seglib.schema import ColumnInfo

ORDERS = ColumnInfo(name="orders", role="base", kind="count", label="Orders", definition="Orders")


def leave(folder, segments, prefix="A"):
    folder.mkdir()
    run = Run(folder)
    ids = [f"{prefix}{i}" for i in range(len(segments))]
    frame = pd.DataFrame({"account_id": ids, "status": "customer", "orders": range(len(ids))})
    AccountTable(frame, {"orders": ORDERS}).save(run)
    assigned = pd.DataFrame({"account_id": ids, "segment": segments, "shadow": 0.4})
    run.write_table("assignments.parquet", assigned)
    run.write_json("segments.json", [{"segment": 1, "name": "One"}, {"segment": 2, "name": "Two"}])
    return run


def open_book(run, tmp_path, named=None):
    measurement = SimpleNamespace(previous_run=named)
    study = SimpleNamespace(folder=tmp_path, measurement=measurement, grain="account")
    brief = SimpleNamespace(variables=("orders",))
    return SimpleNamespace(run=run, study=study, brief=brief, day="2026-09-30")


@pytest.fixture
def runs(tmp_path):
    return leave(tmp_path / "old", [1] * 10 + [2] * 10), leave(tmp_path / "new", [1] * 9 + [2] * 11)


@pytest.mark.parametrize("how", ["absolute", "name"])
def test_an_earlier_run_is_found_and_compared(runs, tmp_path, how):
    old, new = runs
    named = str(old.folder) if how == "absolute" else "old"
    refresh = compare_with_previous(open_book(new, tmp_path, named))
    assert refresh.decision == "keep"
    assert new.read_json("refresh.json")["compared_with"] == "old"
    moved = new.read_table("migration.parquet").set_index(["before", "now"])["accounts"]
    assert moved.to_dict() == {(1, 1): 9, (1, 2): 1, (2, 2): 10}


def keep_model(run, cut, method="kmeans"):
    """Leave a model that parts the accounts at a number of orders."""
    steps = (NumberStep(variable="orders", fill=0.0),)
    centers = ((cut - 0.5,), (cut + 0.5,))
    model = Centroids(preprocessing=Preprocessing(steps=steps), centers=centers)
    Segmentation(method=method, model=model, assignment="the nearest centre").save(run)


def test_the_moves_are_counted_by_the_earlier_model(tmp_path):
    """This run cuts elsewhere; by the earlier run's own model no account has moved."""
    old = leave(tmp_path / "old", [1] * 10 + [2] * 10)
    new = leave(tmp_path / "new", [1] * 5 + [2] * 15)
    keep_model(old, 9.5)
    keep_model(new, 4.5, "mixture")
    refresh = compare_with_previous(open_book(new, tmp_path, "old"))
    assert refresh.decision == "keep"
    assert refresh.rules.set_index("rule").loc["moved", "value"] == 0
    assert refresh.basis.endswith(
        "That run cut the market by k-means, this one by Gaussian mixture: part of what differs "
        "between their segments is the method's doing."
    )
    assert new.read_json("refresh.json")["basis"] == refresh.basis
    assert refresh.basis in repr_of(rules_table(refresh))


def repr_of(table):
    return table._repr_html_().replace("&#39;", "'")


def test_a_model_that_cannot_place_the_accounts_is_set_aside(runs, tmp_path, caplog):
    old, new = runs
    keep_model(old, 9.5)
    text = (old.folder / "segmentation.json").read_text(encoding="utf-8")
    (old.folder / "segmentation.json").write_text(text.replace("orders", "visits"), "utf-8")
    refresh = compare_with_previous(open_book(new, tmp_path, "old"))
    assert refresh.basis.startswith("The previous run's model could not place today's accounts")
    assert "visits" in caplog.text


@pytest.mark.parametrize("text", ["{nonsense", "[]"])
def test_a_model_that_cannot_be_read_is_set_aside(runs, tmp_path, caplog, text):
    old, new = runs
    (old.folder / "segmentation.json").write_text(text, encoding="utf-8")
    refresh = compare_with_previous(open_book(new, tmp_path, "old"))
    assert refresh.decision == "keep"
    assert refresh.basis.startswith("The previous run's model could not place today's accounts")
    assert "The model of run 'old' cannot be read" in caplog.text


def test_the_drift_names_variables_as_people_do(runs, tmp_path):
    refresh = compare_with_previous(open_book(runs[1], tmp_path, "old"))
    html = drift_table(refresh, {"orders": "Orders a year"}.get)._repr_html_()
    assert ">Orders a year</th>" in html
    assert ">orders</th>" not in html


def test_without_a_previous_run_the_file_says_so(runs, tmp_path):
    note = compare_with_previous(open_book(runs[1], tmp_path))
    assert note.kind == "missing"
    assert rules_table(note) is note
    assert identity_table(note, {}) is drift_table(note) is None
    assert "names no previous run" in json.dumps(runs[1].read_json("refresh.json"))
    assert not runs[1].has("migration.parquet")


@pytest.mark.parametrize(
    ("named", "said"),
    [("nowhere", "There is no run folder 'nowhere'"), ("new", "is this run itself")],
)
def test_a_wrong_folder_is_refused(runs, tmp_path, named, said):
    with pytest.raises(StudyError, match=said):
        compare_runs(open_book(runs[1], tmp_path), named)


def test_a_folder_that_is_no_run_is_refused(tmp_path):
    (tmp_path / "other").mkdir()
    with pytest.raises(StudyError, match="not a finished run"):
        find_run("other", [tmp_path])


def test_a_run_of_other_accounts_is_refused(runs, tmp_path):
    leave(tmp_path / "foreign", [1, 2], prefix="Z")
    with pytest.raises(StudyError, match="shares no account"):
        compare_runs(open_book(runs[1], tmp_path), "foreign")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"study.yaml": "name: old\ngrain: parent\n"}, "one row per parent, this one per account"),
        ({"quality.json": '{"as_of": "2026-12-31"}'}, "is as of 2026-12-31, after this one"),
    ],
)
def test_a_run_of_another_kind_is_a_warning_and_the_rest_stands(runs, tmp_path, content, said):
    old, new = runs
    for name, text in content.items():
        (old.folder / name).write_text(text, encoding="utf-8")
    note = compare_with_previous(open_book(new, tmp_path, "old"))
    assert note.kind == "warning"
    assert said in note.text
    left = new.read_json("refresh.json")
    assert (left["decision"], left["compared_with"]) == (None, "old")
    assert said in left["reason"]


@pytest.mark.parametrize(
    "content", ["[{", "[1]", '[{"segment": "one", "name": 2}]', '{"a": 1}', "7"]
)
def test_spoilt_names_of_an_earlier_run_are_told_in_a_sentence(runs, tmp_path, content):
    old, new = runs
    (old.folder / "segments.json").write_text(content)
    with pytest.raises(DataError, match=r"'segments\.json' of run 'old'"):
        compare_runs(open_book(new, tmp_path), "old")


@pytest.mark.parametrize("content", ["[]", "{}", '{"as_of": null}'])
def test_an_earlier_run_without_a_day_is_compared(runs, tmp_path, content):
    old, new = runs
    (old.folder / "quality.json").write_text(content)
    assert compare_runs(open_book(new, tmp_path), "old").decision == "keep"
