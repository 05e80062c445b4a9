"""Test plan: power against statsmodels, hold-out lists, pooling."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_effectsize

from seglib.strategy import accounts_needed, detectable_lift, draw_cells, plan_tests
from seglib.strategy.experiments import experiment_settings

SETTINGS = experiment_settings()


@pytest.mark.parametrize(("base", "n1", "n0"), [(0.1, 500, 500), (0.02, 300, 100), (0.4, 70, 30)])
def test_the_detectable_lift_is_that_of_statsmodels(base, n1, n0):
    effect = NormalIndPower().solve_power(nobs1=n1, ratio=n0 / n1, alpha=0.05, power=0.8)
    lift = float(detectable_lift(base, n1, n0))
    assert proportion_effectsize(base + lift, base) == pytest.approx(effect, abs=1e-5)


@pytest.mark.parametrize(("base", "lift", "hold_out"), [(0.05, 0.05, 0.3), (0.2, 0.1, 0.5)])
def test_the_size_is_that_of_statsmodels(base, lift, hold_out):
    effect = proportion_effectsize(base + lift, base)
    ratio = hold_out / (1 - hold_out)
    treated = NormalIndPower().solve_power(effect, ratio=ratio, alpha=0.05, power=0.8)
    found = accounts_needed(base, lift, hold_out=hold_out)
    assert found == pytest.approx(treated / (1 - hold_out), rel=1e-3, abs=1)


def test_what_cannot_be_seen_is_missing():
    assert np.isnan(detectable_lift(0.9, 3, 3))
    assert np.isnan(detectable_lift(0.1, 10, 0))


def test_cells_add_up_and_are_long_in_the_artifact(market):
    plan = plan_tests(market, [1, 3], {1: "E-mail"})
    table = plan.table
    assert (table["treated"] + table["held_out"] == table["accounts"]).all()
    assert table["accounts"].tolist() == [50, 40]
    cells = plan.cells()
    assert cells[["segment", "cell", "accounts"]].to_numpy().tolist() == [
        [1, "hold-out", 15], [1, "test", 35], [3, "hold-out", 12], [3, "test", 28],
    ]  # fmt: skip


def test_a_small_segment_is_pooled_with_its_neighbour(market):
    table = plan_tests(market, [1, 2, 3]).table.set_index("segment")
    assert table.loc[1, "pool_with"] == 3
    assert table.loc[3, "pool_with"] == 2
    assert "too small to test alone" in table.loc[1, "advice"]
    assert table.loc[1, "pooled_detectable"] < table.loc[1, "detectable"]


def test_a_large_segment_is_tested_alone(make_market):
    table = plan_tests(make_market(per=3000), [1, 2]).table
    assert table["pool_with"].tolist() == [0, 0]
    assert table["advice"].str.startswith("large enough").all()
    assert (table["detectable"] <= table["relevant"]).all()


def test_a_segment_of_one_account(make_market):
    market = make_market(k=1, per=1, prospects=0)
    table = plan_tests(market, [1]).table
    assert table["detectable"].isna().all()
    assert "test together with everyone else" in table["advice"].iloc[0]


def test_without_past_campaigns_the_base_rate_is_declared(make_market):
    table = plan_tests(make_market(facts=False), [1]).table
    assert table["base_rate"].tolist() == [SETTINGS.base_rate]
    assert table["base_source"].tolist() == ["declared"]


def test_no_segments_no_tests(market):
    plan = plan_tests(market, [])
    assert plan.table.empty
    assert plan.cells().empty
    assert (draw_cells(market.accounts, plan, seed=1) == "").all()


def test_the_hold_out_is_exact_seeded_and_each_segment_apart(market):
    plan = plan_tests(market, [1, 2])
    first = draw_cells(market.accounts, plan, seed=7)
    shuffled = market.accounts.sample(frac=1, random_state=3)
    second = draw_cells(shuffled, plan, seed=7).reindex(first.index)
    pd.testing.assert_series_equal(first, second)
    alone = draw_cells(market.accounts, plan_tests(market, [2]), seed=7)
    own = market.accounts["segment"] == 2
    pd.testing.assert_series_equal(first[own], alone[own])
    counts = first.groupby(market.accounts["segment"]).value_counts()
    assert counts[(1, "hold-out")] == 15
    assert counts[(2, "hold-out")] == 12
    assert counts[(3, "")] == 40
    assert (draw_cells(market.accounts, plan, seed=8) != first).any()


def test_every_account_is_held_out_equally_often(market):
    plan = plan_tests(market, [2])
    own = market.accounts["segment"] == 2
    held = sum(
        (draw_cells(market.accounts, plan, seed=s)[own] == "hold-out").astype(int)
        for s in range(300)
    )
    assert held.mean() == pytest.approx(90)
    assert held.between(55, 125).all()
