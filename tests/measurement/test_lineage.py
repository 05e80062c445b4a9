"""Numbers and names follow the segment, not its size."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.clustering.candidate import Candidate
from seglib.clustering.models import Centroids, predict
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.errors import StudyError
from seglib.measurement.lineage import (
    follow_previous,
    followed_names,
    followed_numbers,
    inherited_names,
    lost_names,
)
from seglib.run import Run

IDS = [f"a{i}" for i in range(9)]
BEFORE = [1, 1, 1, 1, 2, 2, 2, 3, 3]
NAMES = {1: "Large", 2: "Small", 3: "New"}


@pytest.fixture
def previous(tmp_path):
    """A run with three segments."""
    run = Run(tmp_path / "first")
    table = pd.DataFrame({"account_id": IDS, "segment": BEFORE})
    run.write_table("assignments.parquet", table)
    run.write_table("accounts.parquet", table[["account_id"]])
    run.write_json("segments.json", [{"segment": s, "name": n} for s, n in NAMES.items()])
    return run


def book(tmp_path, now, *, named="first", **names):
    study = SimpleNamespace(
        folder=tmp_path, measurement=SimpleNamespace(previous_run=named), segment_names=names
    )
    assignments = pd.DataFrame({"account_id": IDS, "segment": now})
    run = SimpleNamespace(folder=tmp_path / "second")
    return SimpleNamespace(study=study, run=run, assignments=assignments)


def candidate(now):
    """Each account lies on the centre of its segment."""
    steps = (NumberStep(variable="x", fill=0.0),)
    centers = tuple((float(s),) for s in sorted(set(now)))
    model = Centroids(preprocessing=Preprocessing(steps=steps), centers=centers)
    return Candidate("kmeans", len(centers), np.array(now), model)


def bench():
    return SimpleNamespace(accounts=SimpleNamespace(frame=pd.DataFrame({"account_id": IDS})))


def test_segments_in_another_order_keep_number_and_name(tmp_path, previous):
    now = [2, 2, 2, 3, 1, 1, 1, 3, 3]  # one account left the large ones
    kept = follow_previous(book(tmp_path, now), bench(), candidate(now))
    assert kept.labels.tolist() == [1, 1, 1, 3, 2, 2, 2, 3, 3]
    placed = predict(kept.model, pd.DataFrame({"x": np.array(now, dtype=float)}))
    assert placed.tolist() == kept.labels.tolist()
    assert inherited_names(book(tmp_path, kept.labels)) == {str(s): n for s, n in NAMES.items()}


def test_without_a_previous_run_nothing_changes(tmp_path):
    now = [2] * 5 + [1] * 4
    kept = candidate(now)
    assert follow_previous(book(tmp_path, now, named=None), bench(), kept) is kept
    assert inherited_names(book(tmp_path, now, named=None, **{"1": "Mine"})) == {"1": "Mine"}


def test_a_previous_run_that_is_nowhere_is_named(tmp_path):
    with pytest.raises(StudyError, match="There is no run folder 'first'"):
        follow_previous(book(tmp_path, [1] * 9), bench(), candidate([1] * 9))


def test_a_name_of_the_study_goes_before_the_old_one(tmp_path, previous):
    found = inherited_names(book(tmp_path, BEFORE, **{"2": "Tail", "3": "Large"}))
    assert found == {"2": "Tail", "3": "Large"}  # and no two are alike


def test_a_newcomer_does_not_take_the_name_of_one_that_is_gone():
    assert followed_names({2: 2}, NAMES, {"1": "Large"}) == {"2": "Small"}
    assert followed_names({2: 2}, NAMES, {"1": "Fresh"}) == {"1": "Fresh", "2": "Small"}


def test_the_names_of_those_that_are_gone_are_known(tmp_path, previous):
    assert lost_names(book(tmp_path, BEFORE)) == set()
    assert lost_names(book(tmp_path, [1, 1, 1, 1, 2, 3, 4, 5, 6])) == {"Small"}
    assert lost_names(book(tmp_path, BEFORE, named=None)) == set()


@given(st.permutations(range(1, 8)), st.integers(0, 6), st.integers(1, 7))
def test_numbers_are_one_to_k_each_once(order, known, k):
    same = dict(zip(range(1, known + 1), order[:known], strict=True))
    same = {now: before for now, before in same.items() if now <= k}
    number = followed_numbers(same, k)
    assert sorted(number) == sorted(number.values()) == list(range(1, k + 1))
    assert all(number[now] == before for now, before in same.items() if before <= k)
