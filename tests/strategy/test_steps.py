"""The whole step on a small run: artifacts, findings, tables."""

import csv
import re
from types import SimpleNamespace

import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.run import Run
from seglib.strategy import (
    SegmentedMarket,
    account_plan_table,
    budget_table,
    choice_table,
    choose_targets,
    design_tests,
    evidence_table,
    experiments_table,
    export_lists,
    export_table,
    find_underserved,
    findings,
    first_contact_table,
    knock_out_table,
    make,
    market_table,
    measure_market,
    messages_table,
    plan_budget,
    playbook_warnings,
    plays_table,
    scores_table,
    send_times_table,
    underserved_table,
    weights_table,
    write_cards,
    write_playbook,
)
from seglib.strategy.plan import Advice, SegmentPlan
from seglib.study import Study

ARTIFACTS = (
    "targeting.parquet", "playbook.json", "budget.parquet", "experiments.parquet",
    "exports/targets.csv", "exports/crm_import.csv", "exports/targets.xlsx",
    "exports/key_accounts.csv", "exports/cards/segment-1-group-1.html", "addressable.parquet",
    "underserved.parquet",
)  # fmt: skip


def open_book(market, folder, **study):
    """A book over what a market was made of."""
    run = Run(folder)
    keep = ["account_id", "segment", "confidence", "second_segment"]
    run.write_table("placements.parquet", market.prospects[["account_id", "segment", "confidence"]])
    run.write_json("segments.json", [
        {"segment": s, "name": market.names[s], "traits": []} for s in market.numbers
    ])  # fmt: skip
    helpers = ["segment", "confidence", "second_segment", "shadow", "assigned"]
    return SimpleNamespace(
        run=run,
        study=Study(name="small", source=".", **study),
        accounts=AccountTable(market.accounts.drop(columns=helpers), {}),
        assignments=market.customers[keep],
        facts={n: f.drop(columns="segment", errors="ignore") for n, f in market.facts.items()},
        as_of=market.as_of,
        brief=SimpleNamespace(
            attractiveness={"revenue": 1}, competitiveness={"satisfaction": 1}, min_share=0.05,
            seed=7, currency="EUR",
        ),
    )  # fmt: skip


def shown(market, book):
    choice = choose_targets(book, market)
    plans = write_playbook(book, market, choice)
    split = plan_budget(book, market, choice)
    tests = design_tests(book, market, choice, plans, split)
    lists = export_lists(book, market, choice, plans, tests)
    assert write_cards(book, market, plans, split, tests).text
    tables = [
        knock_out_table(choice), scores_table(choice), choice_table(choice), plays_table(plans),
        evidence_table(plans[0]), messages_table(plans[0]), budget_table(split),
        experiments_table(tests), export_table(lists), weights_table(choice),
        market_table(measure_market(book, market), "EUR"), send_times_table(plans),
        underserved_table(find_underserved(book, market)), account_plan_table(plans),
        first_contact_table(plans[0]),
    ]  # fmt: skip
    return tables, findings(choice, plans, split, tests)


def test_make_leaves_every_artifact_and_the_same_bytes_twice(market, tmp_path):
    book = open_book(market, tmp_path)
    make(book)
    assert book.run.has(*ARTIFACTS)
    first = {name: book.run.path(name).read_bytes() for name in ARTIFACTS}
    make(book)
    assert first == {name: book.run.path(name).read_bytes() for name in ARTIFACTS}


def test_the_artifacts_hold_what_later_steps_need(market, tmp_path):
    book = open_book(market, tmp_path)
    make(book)
    targets = book.run.read_table("targeting.parquet")
    assert {"segment", "name", "target", "chosen_share", "score_revenue"} <= set(targets)
    assert targets["target"].sum() == 2
    plans = book.run.read_json("playbook.json")
    assert [plan["segment"] for plan in plans] == [3, 2, 1]
    assert [plan["target"] for plan in plans] == [True, True, False]
    assert {"role", "stages"} <= set(plans[0]["roles"][0])
    budget = book.run.read_table("budget.parquet")
    assert budget["amount"].sum() == pytest.approx(100_000)
    with book.run.path("exports/crm_import.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(market.accounts)
    assert {row["cell"] for row in rows} == {"", "test", "hold-out"}


def test_the_playbook_leaves_out_what_it_does_not_know_of_any_segment():
    play = Advice(key="grow", label="Larger orders", text="t", evidence="e")
    plan = SegmentPlan(segment=1, name="One", target=True, tier="Key accounts", plays=(play,))
    shown = plays_table([plan])
    assert shown.frame.columns.tolist() == ["segment", "chosen", "first plays", "tier"]
    assert shown.note == (
        "No evidence yet of leading need, value proposition, offer and first channels."
    )


def test_the_budget_is_told_in_its_currency(market, tmp_path):
    book = open_book(market, tmp_path)
    found = SegmentedMarket.of(book)
    choice = choose_targets(book, found)
    plans = write_playbook(book, found, choice)
    split = plan_budget(book, found, choice)
    tests = design_tests(book, found, choice, plans, split)
    said = " ".join(repr(n) for n in findings(choice, plans, split, tests, currency="EUR"))
    assert "Of a budget of 100,000 EUR, the largest part" in said
    assert re.search(r"would bring [\d,.]+( million)? EUR of ", said)


def test_the_weights_are_those_of_the_brief(market, tmp_path):
    book = open_book(market, tmp_path, targeting={"targets": 1})
    book.brief.attractiveness = {"growth": 3, "revenue": 1}
    choice = choose_targets(book, SegmentedMarket.of(book))
    weights = choice.scores.drop_duplicates("criterion").set_index("criterion")["weight"]
    assert weights.to_dict() == {"growth": 0.75, "revenue": 0.25, "satisfaction": 1.0}
    assert len(choice.targets) == 1


@pytest.mark.parametrize("case", ["all", "no facts", "one segment", "tiny", "nothing"])
def test_every_table_is_shown_or_says_what_it_wants(make_market, tmp_path, case):
    built = {
        "all": {}, "no facts": {"facts": False}, "one segment": {"k": 1},
        "tiny": {"k": 2, "per": 1, "prospects": 0}, "nothing": {"facts": False},
    }  # fmt: skip
    market = make_market(**built[case])
    if case == "nothing":
        bare = market.accounts.drop(
            columns=["revenue_12m", "retained", "satisfaction", "order_count"]
        )
        market = SegmentedMarket(market.segments, bare, {}, {}, pd.NaT, "EUR")
    tables, notes = shown(market, open_book(market, tmp_path))
    assert all(table._repr_html_() for table in tables)
    assert notes
    assert all(note.text for note in notes)


def test_a_budget_of_zero_stands(make_market, tmp_path):
    market = make_market()
    book = open_book(market, tmp_path, budget={"total": 0})
    _, notes = shown(market, book)
    assert any("The budget is 0" in note.text for note in notes)
    assert book.run.read_table("budget.parquet")["amount"].sum() == 0


def test_weights_that_do_not_sum_to_one_are_said(make_market, tmp_path):
    market = make_market()
    asked = {"attractiveness": {"size": 2, "growth": 1.5}, "competitiveness": {"win_rate": 1}}
    choice = choose_targets(open_book(market, tmp_path, targeting=asked), market)
    said = [repr(note) for note in choice.notes if "add up to" in note.text]
    assert len(said) == 1
    assert "attractiveness weights add up to 3.5, not to 1" in said[0]


def test_an_edit_for_a_lost_segment_is_said_and_the_step_stands(make_market, tmp_path):
    market = make_market()
    book = open_book(market, tmp_path, playbook={"segments": {"Group 7": {"offer": "X"}}})
    make(book)
    assert book.run.has(*ARTIFACTS)
    assert "Group 7" in playbook_warnings(book, market)[0].text


def test_markup_in_a_name_is_escaped(make_market, tmp_path):
    market = make_market()
    market.segments["name"] = ["<script>x</script>", "B", "C"]
    tables, notes = shown(market, open_book(market, tmp_path))
    html = "".join(part._repr_html_() for part in [*tables, *notes])
    assert "<script>" not in html
