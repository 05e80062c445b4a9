"""Segments joined to accounts and facts."""

import pandas as pd

from seglib.strategy import UNPLACED, segmented_market

ACCOUNTS = pd.DataFrame({"account_id": ["a", "b", "c", "d"], "status": "customer"})
ASSIGNED = pd.DataFrame({"account_id": ["a", "b"], "segment": [2, 0], "confidence": [0.9, 0.1]})
PLACED = pd.DataFrame({"account_id": ["a", "c"], "segment": [1, 1], "confidence": [0.5, 0.5]})


def build(**changes):
    given = {"accounts": ACCOUNTS, "assignments": ASSIGNED, "cards": [], "facts": {}}
    return segmented_market(**{**given, "as_of": "2026-09-30", **changes})


def test_an_assignment_goes_before_a_placement():
    market = build(placements=PLACED)
    found = market.accounts.set_index("account_id")["segment"].to_dict()
    assert found == {"a": 2, "b": 0, "c": 1}
    assert market.customers["account_id"].tolist() == ["a", "b"]
    assert market.prospects["account_id"].tolist() == ["c"]


def test_no_segment_is_kept_but_is_no_segment():
    market = build()
    assert market.numbers == [2]
    assert market.names[0] == "No segment"


def test_absent_or_empty_placements_change_nothing():
    with_none, with_empty = build(), build(placements=PLACED.iloc[:0])
    pd.testing.assert_frame_equal(with_none.accounts, with_empty.accounts)


def test_facts_carry_the_segment_and_unplaced_accounts_are_marked():
    facts = {"orders": pd.DataFrame({"account_id": ["a", "d"], "amount": [1.0, 2.0]})}
    assert build(facts=facts).facts["orders"]["segment"].tolist() == [2, UNPLACED]


def test_a_table_without_values_counts_as_absent():
    facts = {"orders": pd.DataFrame({"account_id": ["a"], "cost": [float("nan")]})}
    market = build(facts=facts)
    assert market.fact("orders", "account_id") is not None
    assert market.fact("orders", "cost") is None
    assert market.fact("orders", "never") is None
    assert market.fact("contacts") is None


def test_traits_may_be_sentences_or_records():
    cards = [{"segment": 2, "name": "B", "traits": ["Large.", {"text": "Loyal."}]}]
    assert build(cards=cards).segments["traits"].iloc[0] == ["Large.", "Loyal."]


def test_data_without_dates():
    assert build(as_of="").day == ""


def test_spend_is_shared_by_the_treated(market):
    touches = market.touches()
    treated = touches[~touches["held_out"]]
    assert abs(treated["spent"].sum() - 1000.0) < 1e-6
    assert touches.loc[touches["held_out"], "spent"].isna().all()


def test_campaigns_without_spend_use_the_cost_of_the_touch(make_market):
    market = make_market()
    facts = {**market.facts, "campaigns": market.facts["campaigns"].drop(columns="spend")}
    accounts = market.accounts.drop(columns=["segment", "confidence", "second_segment", "assigned"])
    other = segmented_market(
        accounts=accounts.drop(columns="shadow"),
        assignments=market.customers,
        cards=[],
        facts={
            name: frame.drop(columns="segment", errors="ignore") for name, frame in facts.items()
        },
        as_of=market.as_of,
    )
    touches = other.touches()
    assert set(touches.loc[~touches["held_out"], "spent"]) == {2.0}
