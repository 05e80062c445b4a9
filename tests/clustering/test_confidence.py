"""Margin of error of a placement: against a closed form, and what must never move it."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from seglib.clustering.confidence import confidence
from seglib.clustering.models import Centroids, Condition, Rules, RuleSegment
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.collection import AccountTable
from seglib.schema import ColumnInfo


def info(name, kind="number", margin=None):
    return ColumnInfo(
        name=name, role="base", kind=kind, label=name, family="value", definition=name,
        margin=margin,
    )  # fmt: skip


def table(frame, **margins):
    kinds = {name: "category" if name == "group" else "number" for name in frame}
    return AccountTable(frame, {n: info(n, kinds[n], margins.get(n)) for n in frame})


TWO = Centroids(
    preprocessing=Preprocessing(steps=(NumberStep(variable="x", fill=0.0),)),
    centers=((0.0,), (20.0,)),
)
GROUPS = Rules(rules=tuple(
    RuleSegment(segment=n, conditions=(Condition(variable="group", levels=(level,)),))
    for n, level in enumerate("ab", start=1)
))  # fmt: skip


def test_it_is_the_chance_of_staying_on_this_side_of_the_border():
    frame = pd.DataFrame({"x": [2.0, 8.0, 9.5, 10.5, 12.0, 40.0]})
    found = confidence(TWO, table(frame, x=0.1), seed=1, draws=4000)
    staying = norm.cdf(abs(10 - frame["x"]) / (0.1 * frame["x"]))
    assert found["segment"].tolist() == [1, 1, 1, 2, 2, 2]
    np.testing.assert_allclose(found["confidence"], staying, atol=0.03)
    assert found["second_segment"].tolist() == [0, 2, 2, 1, 1, 0]


def test_a_margin_of_its_own_replaces_the_default():
    frame = pd.DataFrame({"x": [9.5]})
    sure = confidence(TWO, table(frame, x=0.0), seed=1)
    default = confidence(TWO, table(frame), seed=1)
    vague = confidence(TWO, table(frame, x=0.5), seed=1)
    assert sure["confidence"][0] == 1.0
    assert sure["second_segment"][0] == 0
    assert sure["confidence"][0] > default["confidence"][0] > vague["confidence"][0]


def test_more_margin_is_never_more_certain():
    frame = pd.DataFrame({"x": np.linspace(1, 40, 60)})
    means = [
        confidence(TWO, table(frame, x=margin), seed=3)["confidence"].mean()
        for margin in (0.0, 0.05, 0.1, 0.2, 0.4)
    ]
    assert (np.diff(means) < 0).all()


def test_the_confidence_is_that_of_the_label_that_is_kept(planted):
    found = confidence(TWO, table(pd.DataFrame({"x": np.linspace(0, 30, 90)})), seed=2)
    assert found["confidence"].between(0, 1).all()
    assert (found["second_segment"] != found["segment"]).all()
    even = found["second_segment"] == 0
    assert (found.loc[even, "confidence"] == 1).all()
    assert (found.loc[~even, "confidence"] < 1).all()


def test_a_category_moves_only_with_a_margin():
    frame = pd.DataFrame({"group": list("aaaabbbb")})
    still = confidence(GROUPS, table(frame), seed=1)
    assert (still["confidence"] == 1).all()
    # Half of what is drawn instead is the own level: 1 - .3 / 2 stay.
    moved = confidence(GROUPS, table(frame, group=0.3), seed=1, draws=4000)
    np.testing.assert_allclose(moved["confidence"], 0.85, atol=0.03)
    assert moved["second_segment"].tolist() == [2] * 4 + [1] * 4


def test_a_missing_value_is_not_redrawn_and_no_segment_is_no_runner_up():
    number = confidence(TWO, table(pd.DataFrame({"x": [np.nan]})), seed=1)
    assert (number["confidence"] == 1).all()
    group = confidence(GROUPS, table(pd.DataFrame({"group": ["a", None, "new"]})), seed=1)
    assert group["segment"].tolist() == [1, 0, 0]
    assert group["second_segment"].tolist() == [0, 0, 0]
    half = confidence(GROUPS, table(pd.DataFrame({"group": ["a", "z"] * 20}), group=0.5), seed=1)
    assert (half.loc[half["segment"] == 1, "second_segment"] == 0).all()


def test_the_seed_decides_and_parts_do_not(monkeypatch):
    accounts = table(pd.DataFrame({"x": np.linspace(1, 30, 50)}))
    whole = confidence(TWO, accounts, seed=5)
    pd.testing.assert_frame_equal(whole, confidence(TWO, accounts, seed=5))
    assert not whole.equals(confidence(TWO, accounts, seed=6))
    monkeypatch.setattr("seglib.clustering.confidence._CHUNK", 60)
    pd.testing.assert_frame_equal(whole, confidence(TWO, accounts, seed=5))


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_of_nobody_and_of_one(rows):
    found = confidence(TWO, table(pd.DataFrame({"x": [3.0] * rows})), seed=1)
    assert len(found) == rows
    assert list(found) == ["segment", "confidence", "second_segment"]
