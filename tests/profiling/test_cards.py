import json

import pandas as pd
import pytest

from seglib.charts.style import segment_color
from seglib.collection.account_table import AccountTable
from seglib.profiling import (
    card_table,
    concentration,
    descriptor_tests,
    findings,
    personas,
    profile,
    season,
    segment_cards,
    segment_sizes,
    suggest_names,
    surrogate_rules,
    traits,
)


@pytest.fixture(scope="module")
def profiles(market):
    return profile(market.accounts, market.assignments, seed=1)


@pytest.fixture(scope="module")
def cards(market, profiles):
    sizes = segment_sizes(market.accounts, market.assignments, seed=1)
    names = suggest_names(profiles)
    return segment_cards(market.accounts, market.assignments, sizes, profiles, names,
                         outcome="retained", seed=1)  # fmt: skip


def test_cards_stand_in_the_order_of_the_segments_and_are_json(cards):
    assert [card["segment"] for card in cards] == [1, 2, 3, 4]
    assert [card["color"] for card in cards] == [segment_color(s) for s in (1, 2, 3, 4)]
    assert json.loads(json.dumps(cards, allow_nan=False)) == cards


def test_a_card_repeats_the_tables(market, cards):
    joined = market.accounts.frame.merge(market.assignments, on="account_id")
    own = joined[joined["segment"] == 2]
    card = cards[1]
    assert card["accounts"] == 90
    assert card["revenue"] == pytest.approx(own["revenue"].sum())
    assert card["outcome"] == pytest.approx(own["retained"].mean())
    assert card["outcome_low"] < card["outcome"] < card["outcome_high"]
    assert (card["value_label"], card["value_unit"]) == ("Revenue", "EUR")
    assert card["margin_share"] is None


def test_traits_are_true(market, profiles, cards):
    joined = market.accounts.frame.merge(market.assignments, on="account_id")
    means = joined.groupby("segment")["employees"].mean()
    ratio = means[1] / joined["employees"].mean()
    said = cards[0]["traits"]
    assert said[0].startswith(f"{ratio:.2g} × the average number of employees (")
    assert "Industry Health care: 86 % against 38 % of the accounts." in said
    assert all(len(card["traits"]) <= 3 for card in cards)
    assert cards[3]["traits"] == []
    assert "Nothing is shown that sets it apart" in cards[3]["note"]


def test_traits_do_not_say_the_same_twice(market, profiles):
    frame = market.accounts.frame.assign(employees_again=market.accounts.frame["employees"] * 2 + 1)
    again = profiles[profiles["variable"] == "employees"].assign(variable="employees_again")
    both = pd.concat([profiles, again])
    said = traits(both, AccountTable(frame, market.accounts.columns), 1, most=9)
    assert sum("employees" in sentence for sentence in said) == 1


def test_traits_of_scores_shares_and_flags_are_differences(market):
    base = {"segment": 1, "level": "", "scale": "share", "distinct": True, "strength": 0.5,
            "mean": 0.6, "overall": 0.3, "unit": ""}  # fmt: skip
    rows = pd.DataFrame([
        {**base, "variable": "online_share", "label": "Share ordered online", "kind": "share"},
        {**base, "variable": "retained", "label": "Retained", "kind": "flag"},
        {**base, "variable": "need_price", "label": "Need: price", "kind": "number",
         "unit": "points", "mean": 6.0, "overall": 4.0},
        {**base, "variable": "industry", "label": "Industry", "kind": "category", "level": "A & B"},
        {**base, "variable": "revenue", "label": "Revenue", "kind": "number", "mean": 1.001,
         "overall": 1.0},
    ])  # fmt: skip
    assert traits(rows, market.accounts, 1, most=9) == [
        "Industry A & B: 60 % against 30 % of the accounts.",
        "Need: price: 6.0 against 4.0 points on average.",
        "Share ordered online: 60 % against 30 % on average.",
        "Retained: 60 % against 30 % of the accounts.",
    ]


def test_traits_say_their_unit_once(market):
    base = {"segment": 1, "level": "", "scale": "log", "distinct": True, "kind": "number"}
    told = [
        ("cycle_days", "Sales cycle", "days", 42.3, 105.2),
        ("deal_size", "Deal size", "EUR", 11411.0, 42111.4),
        ("subscription_fee", "Subscription fee", "EUR per month", 20.0, 50.0),
        ("features_used", "Features used", "features", 11.0, 4.2),
        ("recency", "Days since last order", "days", 22.0, 52.0),
        ("clv", "Customer lifetime value", "money", 50.0, 20.0),
        ("order_regularity", "Irregularity of ordering", "ratio", 0.4, 1.2),
    ]
    rows = pd.DataFrame([
        {**base, "variable": name, "label": label, "unit": unit, "mean": mean, "overall": overall,
         "strength": 1 / (1 + place)}
        for place, (name, label, unit, mean, overall) in enumerate(told)
    ])  # fmt: skip
    frame = pd.DataFrame({name: [1.0, 2.0] for name, *_ in told})
    assert traits(rows, AccountTable(frame, {}), 1, most=9) == [
        "40 % of the average sales cycle (42 against 105 days).",
        "27 % of the average deal size (11,400 against 42,100 EUR).",
        "40 % of the average subscription fee (20 against 50 EUR per month).",
        "2.6 × the average number of features used (11 against 4.2).",
        "42 % of the average number of days since last order (22 against 52).",
        "2.5 × the average customer lifetime value (50 against 20).",
        "33 % of the average irregularity of ordering (0.4 against 1.2).",
    ]


def test_the_table_of_cards_leaves_out_what_nobody_knows(cards):
    table = card_table(cards)
    assert table["segment"].tolist() == [card["name"] for card in cards]
    assert "value_share" in table
    bare = card_table([{**card, "revenue_share": None, "outcome": None} for card in cards])
    assert {"value_share", "outcome"}.isdisjoint(bare.columns)


def test_findings_are_computed(market, cards):
    names = {card["segment"]: card["name"] for card in cards}
    given, facts = market.assignments, market.facts
    notes = findings(
        cards,
        descriptor_tests(market.accounts, given, seed=1),
        surrogate_rules(market.accounts, given, seed=1),
        season(facts, given, pd.Timestamp("2026-09-30")),
        personas(facts, given, names),
        concentration(market.accounts, given),
    )
    texts = [repr(note) for note in notes]
    assert texts[0].startswith("'Large frequent buyers in Health care' has 39 % of the accounts")
    assert texts[1].startswith("2 of 5 descriptors differ between the segments.")
    assert "buys most in May" in texts[3]
    assert texts[4].startswith("There is enough evidence for 7 personas")
