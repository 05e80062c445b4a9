"""Every kind of dirt is in the tables as often as the truth says."""

import numpy as np
import pandas as pd
import pytest

from seglib.demo import Market, generate_market
from seglib.demo.recipe import knowledge

LEVELS = {
    "industry": list(knowledge().recipe.industries),
    "country": list(knowledge().places.countries),
}


@pytest.fixture(scope="module", params=[0.05, 0.3])
def market(request: pytest.FixtureRequest) -> Market:
    return generate_market(1500, seed=9, dirt=request.param)


@pytest.fixture(scope="module")
def clean() -> Market:
    return generate_market(1500, seed=9, dirt=0.0)


def counts(market: Market, kind: str) -> pd.Series:
    dirt = market.truth["dirt"].query("kind == @kind")
    return dirt.set_index(["table", "column"])["count"]


def test_missing_values(market: Market) -> None:
    told = counts(market, "missing value")
    for (table, column), count in told.items():
        values = market.tables[table][column]
        if column == "lost_reason":
            values = values[market.tables[table]["outcome"] == "lost"]
        assert values.isna().sum() == count, (table, column)
        assert count > 0, (table, column)


def test_misspelt_categories(market: Market) -> None:
    for (_, column), count in counts(market, "misspelt category").items():
        values = market.tables["accounts"][column].dropna()
        assert (~values.isin(LEVELS[column])).sum() == count
        assert count > 0


def test_returns_cancellations_and_currencies(market: Market) -> None:
    orders = market.tables["orders"]
    returned = orders[orders["quantity"] < 0]
    assert len(returned) == counts(market, "return").sum() > 0
    assert (returned["amount"] < 0).all()
    assert (orders["status"] == "cancelled").sum() == counts(market, "cancelled line").sum() > 0
    assert (orders["currency"] != "EUR").sum() == counts(market, "stray currency").sum() > 0


def test_an_order_is_cancelled_whole(market: Market) -> None:
    cancelled = market.tables["orders"].groupby("order_id")["status"].nunique()
    assert (cancelled == 1).all()


def test_conflicting_sources(market: Market) -> None:
    told = counts(market, "conflicting source")
    accounts, known = market.tables["accounts"], knowledge()
    second = accounts["industry_second_source"]
    differs = second.notna() & accounts["industry"].isin(LEVELS["industry"])
    differs &= second != accounts["industry"]
    ratio = np.abs(np.log(accounts["employees_second_source"] / accounts["employees"])).dropna()
    far = ratio > 8 * known.recipe.shares["employees_margin"] + np.log(1.3)
    assert 0 < differs.sum() <= told["accounts", "industry_second_source"]
    assert 0 < far.sum() <= told["accounts", "employees_second_source"]


def test_unanswered_items(market: Market) -> None:
    status = market.tables["accounts"].set_index("account_id")["status"]
    surveys = market.tables["surveys"]
    prospects = surveys[surveys["account_id"].map(status) == "prospect"]
    asked = prospects.groupby(["account_id", "answered_date"]).size()
    assert counts(market, "unanswered item").sum() > 0
    assert (asked <= 8).all()
    assert (asked < 8).any()


def test_duplicates_are_other_records_of_the_same_company(market: Market) -> None:
    pairs = market.truth["duplicates"]
    accounts = market.tables["accounts"].set_index("account_id")
    segment = market.truth["segments"].set_index("account_id")["segment"]
    second, first = (accounts.loc[pairs[name]] for name in ("account_id", "duplicate_of"))
    assert len(pairs) == counts(market, "duplicate account").sum() > 0
    assert not pairs["duplicate_of"].isin(pairs["account_id"]).any()
    assert (second["name"].to_numpy() != first["name"].to_numpy()).all()
    assert (second["created_date"].to_numpy() >= first["created_date"].to_numpy()).all()
    assert (
        segment[pairs["account_id"]].to_numpy() == segment[pairs["duplicate_of"]].to_numpy()
    ).all()
    for column in ("domain", "postcode"):
        known = second[column].notna().to_numpy() & first[column].notna().to_numpy()
        same = second[column].to_numpy()[known] == first[column].to_numpy()[known]
        told = pairs[f"same_{column}"].to_numpy()[known]
        assert (same >= told).all()
        assert 0.3 < told.mean() < 0.8


def test_employees_are_missing_more_often_in_small_countries(market: Market) -> None:
    (rule,) = (r for r in knowledge().recipe.dirt.missing if r.column == "employees")
    accounts = market.tables["accounts"]
    small = accounts["country"].isin(rule.where["country"])
    missing = accounts["employees"].isna()
    assert missing[small].mean() > missing[~small].mean()


def test_what_is_not_spoilt_is_as_it_was(market: Market, clean: Market) -> None:
    second = market.truth["duplicates"]["account_id"]
    ours = market.tables["accounts"].set_index("account_id").drop(second)
    theirs = clean.tables["accounts"].set_index("account_id").loc[ours.index]
    for column in ("name", "postcode", "time_zone", "region"):
        assert ours[column].equals(theirs[column]), column
