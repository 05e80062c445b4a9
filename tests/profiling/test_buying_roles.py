import pandas as pd
import pytest

from seglib.profiling import persona_table, personas, role_coverage, role_engagement

NAMES = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


def test_coverage_counts_accounts_without_any_contact(market):
    found = role_coverage(market.facts, market.assignments).set_index(["segment", "role"])
    assert found.loc[(2, "buyer"), "of"] == 90
    assert found.loc[(2, "buyer"), "coverage"] == found.loc[(2, "buyer"), "accounts"] / 90
    assert 0.7 < found.loc[(2, "buyer"), "low"] < 0.8 < found.loc[(2, "buyer"), "high"]
    assert "unknown" not in found.index.get_level_values("role")


def test_only_the_planted_role_differs(market):
    p = role_coverage(market.facts, market.assignments).groupby("role")["p_holm"].first()
    assert p["buyer"] < 0.001
    assert p["user"] > 0.05


def test_seniority_is_the_most_frequent_level(market):
    found = role_coverage(market.facts, market.assignments)
    assert set(found.loc[found["role"] == "buyer", "seniority"]) == {"manager"}
    facts = {"contacts": market.facts["contacts"].drop(columns="seniority")}
    assert role_coverage(facts, market.assignments)["seniority"].isna().all()


def test_a_busy_account_does_not_speak_for_all():
    events = pd.DataFrame({
        "account_id": ["a", "b", "b"], "role": "buyer", "topic": ["x", "x", "y"],
        "events": [1, 10, 90],
    })  # fmt: skip
    given = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 1]})
    found = role_engagement({"engagements": events}, given).set_index("topic")
    assert found.loc["x", "share"] == pytest.approx((1 + 0.1) / 2)
    assert found.loc["x", "events"] == 11
    assert found["role_events"].unique().tolist() == [101]


def test_personas_say_what_is_planted_with_its_evidence(market):
    cards = {
        (c["segment"], c["role"]): c for c in personas(market.facts, market.assignments, NAMES)
    }
    buyer = cards[2, "buyer"]
    lines = {line["source"]: line for line in buyer["lines"]}
    assert buyer["segment_name"] == "Two"
    assert lines["engagements"]["n"] == buyer["accounts"]
    assert any(
        line["text"].startswith("Engages with prices more than others in this role: ")
        for line in buyer["lines"]
    )
    assert lines["surveys"]["text"].startswith("Price matters more to the segment's accounts")
    assert all(line["n"] and line["unit"] and line["brief"] for line in buyer["lines"])
    table = persona_table([buyer])
    assert table["needs_more_of"].item().startswith("price ")
    assert table["reads"].item().startswith("prices ")


def test_thin_evidence_is_marked_and_says_no_more(market):
    thin = [c for c in personas(market.facts, market.assignments, NAMES) if c["evidence"] == "thin"]
    assert thin
    assert all(card["accounts"] < 15 and len(card["lines"]) == 1 for card in thin)
    table = persona_table(thin)
    assert table["known_at"].str.fullmatch(r"[\d.]+ % \(\d+ of \d+\)").all()
    assert table["level"].isna().all()


def test_without_contacts_there_are_no_personas(market):
    facts = {k: v for k, v in market.facts.items() if k != "contacts"}
    assert personas(facts, market.assignments, NAMES) == []
    assert role_coverage({}, market.assignments).empty
    assert role_engagement({}, market.assignments).empty
    assert persona_table([]).empty


def test_engagements_without_roles_add_no_lines(market):
    events = market.facts["engagements"].assign(role=None)
    cards = personas({**market.facts, "engagements": events}, market.assignments, NAMES)
    assert not any(line["source"] == "engagements" for card in cards for line in card["lines"])
