"""The targeting matrix: measures, scores, knock-outs, drawn weights."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seglib.errors import StudyError
from seglib.strategy import catalogue, knock_outs, segmented_market, targeting
from seglib.strategy.measures import Measure, measure
from seglib.strategy.scoring import score

CRITERIA = catalogue().criteria
ASKED = {
    "attractiveness": {"revenue_per_account": 2, "size": 1},
    "competitiveness": {"satisfaction": 1, "win_rate": 1},
    "targets": 1,
    "min_share": 0.05,
    "seed": 7,
}


def test_the_planted_order_is_found(market):
    choice = targeting(market, **ASKED)
    assert choice.targets == [3]
    matrix = choice.matrix.set_index("segment")
    assert matrix["overall"].is_monotonic_increasing
    assert matrix["chosen_share"].tolist() == [0.0, 0.0, 1.0]


def test_the_same_seed_gives_the_same_and_the_interval_holds_the_position(market):
    first, second = targeting(market, **ASKED), targeting(market, **ASKED)
    pd.testing.assert_frame_equal(first.matrix, second.matrix)
    for axis in ("attractiveness", "competitiveness"):
        assert (first.matrix[f"{axis}_low"] <= first.matrix[axis] + 1e-9).all()
        assert (first.matrix[axis] <= first.matrix[f"{axis}_high"] + 1e-9).all()


def test_measures_against_the_definition(market):
    customers = market.customers
    mean = customers.groupby("segment")["revenue_12m"].mean()
    found = measure(market, CRITERIA["revenue_per_account"])
    np.testing.assert_allclose(found.value, mean)
    deals = market.facts["opportunities"]
    won = (deals["outcome"] == "won").groupby(deals["segment"]).mean()
    np.testing.assert_allclose(measure(market, CRITERIA["win_rate"]).value, won)
    np.testing.assert_allclose(measure(market, CRITERIA["margin"]).value, 0.4)
    np.testing.assert_allclose(measure(market, CRITERIA["growth"]).value, 0.0, atol=0.1)
    assert measure(market, CRITERIA["size"]).value.tolist() == [50.0, 40.0, 40.0]
    assert measure(market, CRITERIA["potential"]).value.tolist() == [10.0, 0.0, 0.0]


@pytest.mark.parametrize("scale", ["win_rate", "revenue", "satisfaction", "few_competitors"])
def test_scores_stay_between_1_and_10_and_turn_with_the_direction(scale):
    value = pd.Series([0.0, 0.5, 1.0, 1e9, -1e9])
    found = score(Measure(value, value * 0 + np.inf, whole=0.5, spread=0.2), CRITERIA[scale])
    assert found.between(1, 10).all()
    better = found.iloc[3] > found.iloc[4]
    assert better == CRITERIA[scale].higher_is_better


def test_segments_that_do_not_differ_score_alike():
    value = pd.Series([3.0, 3.0])
    found = score(Measure(value, value * 10, whole=3.0, spread=1.0), CRITERIA["satisfaction"])
    assert found.tolist() == [5.5, 5.5]


def test_few_observations_are_pulled_toward_the_market():
    few = Measure(pd.Series([1.0]), pd.Series([2.0]), whole=0.5)
    many = Measure(pd.Series([1.0]), pd.Series([2000.0]), whole=0.5)
    assert score(few, CRITERIA["win_rate"])[0] < score(many, CRITERIA["win_rate"])[0]


def test_a_segment_under_the_least_share_is_knocked_out():
    accounts = pd.DataFrame({"account_id": [str(i) for i in range(100)]})
    market = segmented_market(
        accounts=accounts,
        assignments=accounts.assign(segment=[2] + [1] * 99, confidence=1.0),
        cards=[{"segment": 2, "name": "Lone"}],
        facts={},
        as_of="2026-09-30",
    )
    choice = targeting(market, **{**ASKED, "targets": 2})
    assert choice.targets == [1]
    assert choice.matrix.set_index("segment").loc[2, "knocked_out"] == "Large enough"
    assert any("Lone is knocked out" in note.text for note in choice.notes)


def test_what_has_no_data_is_left_out_and_said(make_market):
    choice = targeting(make_market(facts=False), **ASKED)
    assert set(choice.scores["criterion"]) == {"revenue_per_account", "size", "satisfaction"}
    assert any("'Win rate'" in n.text and "'opportunities'" in n.text for n in choice.notes)
    weights = choice.scores.groupby("axis")["weight"].sum() / 3
    np.testing.assert_allclose(weights, 1)


def test_a_table_that_holds_too_little_is_not_asked_for_again(make_market):
    market = make_market()
    orders = market.facts["orders"].drop(columns="cost")
    thin = replace(market, facts={**market.facts, "orders": orders})
    choice = targeting(thin, **{**ASKED, "attractiveness": {"size": 1, "margin": 1}})
    said = [note.text for note in choice.notes if "'Margin'" in note.text]
    assert len(said) == 1
    assert "the table 'orders' does not hold enough for it (revenue minus cost" in said[0]


def test_no_data_at_all_still_makes_a_matrix():
    accounts = pd.DataFrame({"account_id": list("abcd")})
    market = segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=[1, 1, 2, 2]), cards=[], facts={},
        as_of="",
    )  # fmt: skip
    choice = targeting(market, **{**ASKED, "competitiveness": {"win_rate": 1}})
    assert choice.matrix["competitiveness"].isna().all()
    assert choice.matrix["potential_unit"].tolist() == ["accounts", "accounts"]
    assert len(choice.targets) == 1


def test_one_segment_and_a_segment_of_one(make_market):
    assert targeting(make_market(k=1), **ASKED).targets == [1]
    tiny = targeting(make_market(k=2, per=1, prospects=0), **ASKED)
    assert tiny.matrix["overall"].notna().all()


def test_negative_revenue_is_scored_and_not_a_crash(make_market):
    market = make_market()
    market.accounts["revenue_12m"] = -market.accounts["revenue_12m"]
    choice = targeting(market, **ASKED)
    assert choice.matrix["attractiveness"].between(1, 10).all()


def test_a_condition_that_all_fail_knocks_out_none(make_market):
    market = make_market()
    market.facts["orders"]["cost"] = 2 * market.facts["orders"]["amount"]
    choice = targeting(market, **ASKED)
    assert choice.targets
    assert any("it knocks out none" in note.text for note in choice.notes)
    assert (choice.matrix["profit_potential"] > 0).all()


def test_the_criterion_that_decides_is_named(market):
    weights = {"size": 1, "revenue_per_account": 3}
    one = {**ASKED, "attractiveness": weights, "competitiveness": {"margin": 1}}
    decided = {note.text for note in targeting(market, **one).notes if "hangs on" in note.text}
    assert any("'Revenue per account'" in text for text in decided)


def test_unknown_criterion_is_refused(market):
    with pytest.raises(StudyError, match="Did you mean 'win_rate'"):
        targeting(market, **{**ASKED, "competitiveness": {"win_rat": 1}})


def test_not_judged_is_not_failed(make_market):
    found = knock_outs(make_market(facts=False), min_share=0.05)
    verdicts = found.set_index(["segment", "condition"])["verdict"]
    assert verdicts[(1, "reachable")] == "not judged"
    assert verdicts[(1, "substantial")] == "passed"
