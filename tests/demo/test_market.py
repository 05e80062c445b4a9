"""The market keeps the data contract, whatever the dials."""

from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from seglib.demo import AS_OF, Market, generate_market
from seglib.errors import StudyError
from seglib.schema import contract

TABLES = list(contract())
LINKED = [
    (table, name, column.link)
    for table, content in contract().items()
    for name, column in content.columns.items()
    if column.link
]
DIALS = {
    "default": {},
    "clean": {"accounts": 300, "dirt": 0.0},
    "filthy": {"accounts": 300, "dirt": 0.5, "difficulty": 1.0},
    "smallest": {"accounts": 20, "difficulty": 0.0},
    "one year, middle of a month": {"accounts": 120, "months": 12, "as_of": date(2024, 2, 14)},
}


@pytest.fixture(scope="module", params=DIALS, ids=DIALS)
def market(request: pytest.FixtureRequest) -> Market:
    return generate_market(**DIALS[request.param])


@pytest.fixture(scope="module")
def clean() -> Market:
    return generate_market(400, dirt=0.0, seed=3)


def test_tables_are_those_of_the_contract(market: Market) -> None:
    assert list(market.tables) == TABLES
    for name, table in market.tables.items():
        assert list(table.columns) == list(contract()[name].columns), name
        assert len(table) > 0, name


def test_types_are_those_of_the_contract(market: Market) -> None:
    expected = {
        "text": pd.api.types.is_string_dtype,
        "number": pd.api.types.is_float_dtype,
        "integer": pd.api.types.is_integer_dtype,
        "date": pd.api.types.is_datetime64_dtype,
        "boolean": pd.api.types.is_bool_dtype,
    }
    for name, table in market.tables.items():
        for column, about in contract()[name].columns.items():
            assert expected[about.type](table[column]), (name, column)


def test_required_values_are_there_and_keys_are_unique(market: Market) -> None:
    for name, table in market.tables.items():
        assert table[list(contract()[name].required)].notna().all(axis=None), name
        if contract()[name].key:
            assert not table.duplicated(list(contract()[name].key)).any(), name


@pytest.mark.parametrize(("table", "column", "target"), LINKED)
def test_links_hold(market: Market, table: str, column: str, target: str) -> None:
    (key,) = contract()[target].key
    given = market.tables[table][column].dropna()
    assert given.isin(market.tables[target][key]).all()


def test_nothing_lies_after_the_last_day(market: Market) -> None:
    last = pd.Timestamp(market.settings["as_of"])
    for name, table in market.tables.items():
        for column, about in contract()[name].columns.items():
            if about.type == "date":
                assert not (table[column] > last).any(), (name, column)


def test_numbers_stay_in_their_limits(market: Market) -> None:
    for name, table in market.tables.items():
        for column, about in contract()[name].columns.items():
            if about.minimum is not None:
                assert not (table[column] < about.minimum).any(), (name, column)
            if about.maximum is not None:
                assert not (table[column] > about.maximum).any(), (name, column)


def test_levels_are_those_of_the_contract(market: Market) -> None:
    for name, table in market.tables.items():
        for column, about in contract()[name].columns.items():
            if about.levels:
                assert table[column].dropna().isin(about.levels).all(), (name, column)


def test_parents_form_no_circle(market: Market) -> None:
    accounts = market.tables["accounts"].set_index("account_id")["parent_id"]
    above = accounts.dropna()
    for _ in range(len(accounts)):
        above = above.map(accounts).dropna()
        if above.empty:
            break
    assert above.empty


def test_a_clean_market_has_no_dirt(clean: Market) -> None:
    structural = {
        ("accounts", "parent_id"),
        ("accounts", "employees_second_source"),
        ("accounts", "industry_second_source"),
        ("opportunities", "closed_date"),
        ("opportunities", "outcome"),
        ("opportunities", "lost_reason"),
        ("subscriptions", "end_date"),
        ("engagements", "contact_id"),
        ("touches", "converted_date"),
        ("feedback", "comment"),
    }
    missing = {
        (name, column)
        for name, table in clean.tables.items()
        for column in table.columns[table.isna().any()]
    }
    orders = clean.tables["orders"]
    assert missing == structural
    assert clean.truth["dirt"]["count"].sum() == 0
    assert clean.truth["duplicates"].empty
    assert (orders["quantity"] > 0).all()
    assert set(orders["status"]) == {"completed"}
    assert set(orders["currency"]) == {"EUR"}


def test_status_agrees_with_what_happened(clean: Market) -> None:
    tables = clean.tables
    status = tables["accounts"].set_index("account_id")["status"]
    prospects = status.index[status == "prospect"]
    former = status.index[status == "former"]
    won = tables["opportunities"].query("outcome == 'won'")
    running = tables["subscriptions"].query("end_date.isna()")
    for name in ("orders", "subscriptions", "usage", "tickets"):
        assert not tables[name]["account_id"].isin(prospects).any(), name
    assert not won["account_id"].isin(prospects).any()
    assert not running["account_id"].isin(former).any()
    assert set(status) == {"customer", "prospect", "former"}


def test_shares_of_customers_and_prospects() -> None:
    status = generate_market(5000, seed=1).tables["accounts"]["status"]
    shares = status.value_counts(normalize=True)
    assert shares["customer"] == pytest.approx(0.65, abs=0.04)
    assert shares["prospect"] == pytest.approx(0.30, abs=0.04)
    assert shares["former"] == pytest.approx(0.05, abs=0.02)


def test_an_account_that_entered_later_did_nothing_before(clean: Market) -> None:
    created = clean.tables["accounts"].set_index("account_id")["created_date"]
    for name, column in (
        ("orders", "order_date"),
        ("opportunities", "created_date"),
        ("engagements", "event_date"),
        ("surveys", "answered_date"),
        ("tickets", "opened_date"),
        ("touches", "touch_date"),
        ("subscriptions", "start_date"),
    ):
        table = clean.tables[name]
        assert (table[column] >= table["account_id"].map(created)).all(), name


def test_two_runs_a_quarter_apart_and_three_seasons_are_in_it(clean: Market) -> None:
    orders = clean.tables["orders"]["order_date"]
    campaigns = clean.tables["campaigns"]["start_date"]
    assert orders.dt.to_period("M").nunique() == 36
    assert (campaigns > pd.Timestamp("2026-06-30")).sum() == 2
    assert (campaigns > pd.Timestamp("2024-09-30")).sum() >= 6


def test_the_same_arguments_give_the_same_market() -> None:
    first, second = generate_market(60, seed=5), generate_market(60, seed=5)
    for name in TABLES:
        pd.testing.assert_frame_equal(first.tables[name], second.tables[name])
    other = generate_market(60, seed=6)
    assert not first.tables["orders"].equals(other.tables["orders"])


def test_dirt_leaves_the_hidden_segments_alone() -> None:
    dirty, clean = (generate_market(200, dirt=dirt).truth["segments"] for dirt in (0.05, 0.0))
    second = generate_market(200, dirt=0.05).truth["duplicates"]["account_id"]
    kept = ~clean["account_id"].isin(second)
    assert dirty[kept].equals(clean[kept])


def test_every_wrong_argument_is_named() -> None:
    wrong = {
        "accounts": 19,
        "seed": -1,
        "difficulty": 1.5,
        "dirt": float("nan"),
        "as_of": datetime(2026, 9, 30),
        "months": True,
    }
    with pytest.raises(StudyError) as caught:
        generate_market(**wrong)
    assert len(caught.value.problems) == len(wrong)
    assert all(f"'{name}'" in str(caught.value) for name in wrong)


def test_numpy_numbers_are_taken() -> None:
    market = generate_market(np.int64(20), difficulty=np.float64(0.5), as_of=AS_OF)
    assert len(market.tables["accounts"]) == 20
