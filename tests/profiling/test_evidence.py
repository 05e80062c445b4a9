import numpy as np
import pytest

from seglib.profiling import deals, lost_reasons, market_chain, survey_means, technology_fit


def test_survey_items_are_compared_between_segments(market):
    found = survey_means(market.facts, market.assignments)
    price = found[found["item"] == "need:price"].set_index("segment")
    assert price.loc[2, "low"] > price.loc[2, "overall"] > price.loc[1, "high"]
    assert price["n"].tolist() == [120, 90, 60, 30]
    p = found.groupby("item")["p_holm"].first()
    assert p["need:price"] < 0.001
    assert p["satisfaction:overall"] > 0.05


def test_technology_shares_count_accounts_once(market):
    found = technology_fit(market.facts, market.assignments)
    rows = market.facts["technologies"].merge(market.assignments, on="account_id")
    own = rows[(rows["segment"] == 1) & (rows["fit"] == "competing")]
    row = found[(found["segment"] == 1) & (found["fit"] == "competing")].iloc[0]
    assert row["accounts"] == own["account_id"].nunique()
    assert row["of"] == 120
    assert (found["p_holm"] > 0.05).all()


def test_the_market_chain_counts_what_an_account_does_not_name_as_nothing(market):
    found = market_chain(market.facts, market.assignments).set_index(
        ["segment", "customer_industry"]
    )
    assert found.loc[(3, "Households"), "mean"] == pytest.approx(2 / 3, abs=0.1)
    assert found.loc[(1, "Households"), "mean"] == 0
    assert (found["p_holm"] < 0.001).all()


def test_deals_by_segment(market):
    found = deals(market.facts, market.assignments).set_index("segment")
    assert found.loc[1, "closed"] == 240
    assert (found["won"] / found["closed"]).tolist() == pytest.approx(found["win_rate"].tolist())
    assert (found["cycle_days"] == 40).all()
    assert (found["competitors_low"] > 0).all()


def test_the_planted_reason_for_losing_is_found(market):
    found = lost_reasons(market.facts, market.assignments).set_index(["segment", "lost_reason"])
    assert found.loc[(2, "price too high"), "low"] > found.loc[(1, "price too high"), "high"]
    assert found.groupby("segment")["share"].sum().tolist() == pytest.approx([1.0] * 4)


def test_absent_columns_and_tables_leave_gaps(market):
    rows = market.facts["opportunities"][["account_id", "outcome"]]
    found = deals({"opportunities": rows}, market.assignments)
    assert found[["cycle_days", "deciders", "competitors_won"]].isna().all(axis=None)
    assert lost_reasons({"opportunities": rows}, market.assignments).empty
    for function in (deals, lost_reasons, market_chain, survey_means, technology_fit):
        assert function({}, market.assignments).empty


def test_a_fit_that_nobody_has_stays_missing(market):
    rows = market.facts["technologies"].assign(fit=None)
    assert technology_fit({"technologies": rows}, market.assignments).empty
    open_deals = market.facts["opportunities"].assign(outcome=np.nan)
    found = deals({"opportunities": open_deals}, market.assignments)
    assert found["win_rate"].isna().all()
