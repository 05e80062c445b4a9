"""Funnel and upkeep: counted by hand, planted and found."""

import numpy as np
import pandas as pd
import pytest

from seglib.measurement import funnel, funnel_table, upkeep, upkeep_table
from seglib.measurement.rules import refresh_rules


def deals(*rows):
    frame = pd.DataFrame(rows, columns=["account_id", "created_date", "outcome"])
    return frame.assign(created_date=pd.to_datetime(frame["created_date"]))


def test_the_funnel_by_hand(make_market):
    facts = {
        "opportunities": deals(
            ("a", "2026-03-01", "won"), ("a", "2026-04-01", "lost"), ("b", "2026-03-01", None),
            ("c", "2025-03-01", "won"), ("x", "2026-03-01", "won"),
        )
    }  # fmt: skip
    table = funnel(make_market(facts, engagement_count=[0, 0, 2, 0, 5]))
    counted = table.set_index(["segment", "stage"])[["reached", "of"]].apply(tuple, axis=1)
    assert counted.to_dict() == {
        (1, "engaged"): (2, 2), (1, "opportunity"): (2, 2), (1, "decided"): (1, 2),
        (1, "won"): (1, 1), (2, "engaged"): (1, 2), (2, "opportunity"): (0, 1),
        (2, "decided"): (0, 0), (2, "won"): (0, 0),
    }  # fmt: skip
    own = table.set_index(["segment", "stage"]).loc[(1, "decided")]
    assert (own["rate"], own["whole"]) == (0.5, 0.5)
    assert own["low"] == pytest.approx(0.0945, abs=1e-4)
    assert "1 of 2" in funnel_table(table)._repr_html_()


def test_a_funnel_without_engagements_or_deals(make_market):
    facts = {"opportunities": deals(("a", "2026-03-01", "won"))}
    assert set(funnel(make_market(facts))["stage"]) == {"opportunity", "decided", "won"}
    assert "'opportunities' is needed" in funnel_table(funnel(make_market({}))).text
    assert "'opportunities' is needed" in funnel(make_market(facts, as_of="")).text


def accounts(seed, *, two_in_one, n=150):
    """Two segments; where asked for, the first is made of two groups."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(2 * n, 6))
    X[n:, 0] += 6
    if two_in_one:
        X[: n // 2, 1:4] += 4
    frame = pd.DataFrame(X, columns=[f"v{j}" for j in range(6)])
    return frame.assign(account_id=[f"A{i:03d}" for i in range(2 * n)])


def assigned(frame, confidence=0.95):
    half = len(frame) // 2
    return frame[["account_id"]].assign(
        segment=[1] * half + [2] * half,
        confidence=confidence,
        second_segment=[2] * half + [1] * half,
    )


def advice(frame, placed, min_share=0.05):
    names = {1: "One", 2: "Two"}
    variables = [c for c in frame if c.startswith("v")]
    found = upkeep(placed, frame, variables, names, min_share=min_share)
    assert "<table>" in upkeep_table(found)._repr_html_()
    return dict(zip(found["segment"], found["advice"], strict=True))


def test_two_groups_in_one_segment_are_found_and_one_is_left_alone():
    for seed in range(5):
        whole, double = (accounts(seed, two_in_one=two) for two in (False, True))
        assert advice(whole, assigned(whole)) == {1: "keep", 2: "keep"}
        assert advice(double, assigned(double)) == {1: "split", 2: "keep"}


def test_a_long_segment_is_not_two():
    rng = np.random.default_rng(1)
    frame = accounts(1, two_in_one=False)
    long = rng.normal(size=len(frame))
    frame = frame.assign(**{f"v{j}": frame[f"v{j}"] + 3 * long for j in range(1, 6)})
    assert advice(frame, assigned(frame)) == {1: "keep", 2: "keep"}


def test_blurred_and_tiny_segments():
    frame = accounts(2, two_in_one=False)
    placed = assigned(frame)
    placed.loc[placed["segment"] == 2, "confidence"] = 0.6
    assert advice(frame, placed) == {1: "keep", 2: "merge"}
    placed = assigned(frame).assign(segment=[1] * (len(frame) - 1) + [2])
    assert advice(frame, placed)[2] == "retire"


def test_without_numbers_or_confidence_nothing_is_claimed():
    frame = accounts(2, two_in_one=True)[["account_id"]]
    placed = assigned(frame).drop(columns=["confidence", "second_segment"])
    assert advice(frame, placed) == {1: "keep", 2: "keep"}
    assert set(refresh_rules().segments) == {"retire", "merge", "split"}
