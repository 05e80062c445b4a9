"""What a marketer asks for: every line has its evidence, and nothing is said without any."""

import numpy as np
import pandas as pd
import pytest

from seglib.profiling import TOPICS, asked_of, asked_tables, season

AS_OF = pd.Timestamp("2026-09-30")
NAMES = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


def notes(*rows):
    frame = pd.DataFrame(rows, columns=["account_id", "noted_date", "source", "topic", "note"])
    return frame.assign(noted_date=pd.to_datetime(frame["noted_date"]))


@pytest.fixture(scope="module")
def found(market):
    seasons = season(market.facts, market.assignments, AS_OF)
    return asked_of(market.facts, market.assignments, seasons, seed=1)


def texts(lines):
    return [line["text"] for line in lines]


def test_planted_needs_reasons_and_seasons_are_found(found):
    assert texts(found[2]["challenge"])[0].startswith("Price matters more to them than to others")
    assert texts(found[2]["objection"])[0].startswith("Price too high: ")
    assert "against" in texts(found[2]["objection"])[0]
    assert texts(found[1]["trigger"])[0].startswith("Buys most in May")
    assert texts(found[3]["trigger"]) == []
    assert any(t.startswith("Read about prices") for t in texts(found[2]["content"]))
    assert texts(found[3]["objection"])[0].endswith("as in other segments.")


def test_every_line_names_its_evidence_and_table(found):
    lines = [line for topics in found.values() for part in topics.values() for line in part]
    assert lines
    assert all(line["text"] and line["evidence"] and line["source"] for line in lines)
    assert set(found) == {1, 2, 3, 4}
    assert all(set(topics) == set(TOPICS) for topics in found.values())


def test_noise_is_said_of_nobody_as_a_difference(market):
    shuffled = np.random.default_rng(5).permutation(market.assignments["segment"])
    given = market.assignments.assign(segment=shuffled)
    told = asked_of(market.facts, given, season(market.facts, given, AS_OF), seed=1)
    said = [t for topics in told.values() for part in topics.values() for t in texts(part)]
    assert not [t for t in said if "than to others" in t or "against" in t]


def test_the_two_latest_notes_are_quoted_with_source_and_date(market):
    own = market.assignments.loc[market.assignments["segment"] == 1, "account_id"].tolist()
    research = notes(
        (own[0], "2026-01-01", "Interview", "objection", "Too old."),
        (own[1], "2026-03-01", "Interview", "objection", "It is dear."),
        (own[2], "2026-05-01", "Site visit", "objection", "It is late."),
        ("stranger", "2026-05-01", "Interview", "objection", "Who am I?"),
        (own[3], "2026-05-01", "Interview", None, "About nothing."),
    )
    told = asked_of(
        {"research": research}, market.assignments, season({}, market.assignments, AS_OF)
    )
    assert [(x["text"], x["evidence"]) for x in told[1]["objection"]] == [
        ("“It is late.”", "site visit, 2026-05-01, 1 account"),
        ("“It is dear.”", "interview, 2026-03-01, 1 account"),
    ]
    assert not any(told[s]["objection"] for s in (2, 3, 4))


def test_what_a_placed_prospect_said_is_marked(market):
    placed = pd.DataFrame({"account_id": ["p"], "segment": [2], "confidence": [0.9]})
    research = notes(("p", "2026-03-01", "interview", "trigger", "We move."))
    nothing = season({}, market.assignments, AS_OF)
    told = asked_of({"research": research}, market.assignments, nothing, placements=placed)
    assert told[2]["trigger"][0]["evidence"].endswith("1 prospect placed here")
    assert not asked_of({"research": research}, market.assignments, nothing)[2]["trigger"]


def test_without_data_one_line_says_so_and_names_the_tables(market):
    told = asked_of({}, market.assignments, season({}, market.assignments, AS_OF))
    (line,) = asked_tables(told, NAMES)
    assert line.kind == "missing"
    assert line.text.startswith("No evidence yet of core challenges, buying triggers, key")
    assert line.text.endswith(
        "from 'surveys', 'research', 'orders', 'technologies', 'engagements' or 'opportunities'."
    )


def test_what_is_not_known_stands_in_a_line_under_the_table(market):
    account = market.assignments.loc[market.assignments["segment"] == 1, "account_id"].iloc[0]
    research = notes((account, "2026-03-01", "interview", "trigger", "We move."))
    told = asked_of(
        {"research": research}, market.assignments, season({}, market.assignments, AS_OF)
    )
    first, *others = asked_tables(told, NAMES)
    assert first.caption == "'One': what a marketer asks for"
    assert first.frame["finding"].tolist() == ["“We move.”"]
    assert first.note.startswith("No evidence yet of core challenges, key decision criteria,")
    assert [other.text[:27] for other in others] == [
        "'Two': no evidence yet of c", "'Three': no evidence yet of", "'Four': no evidence yet of ",
    ]  # fmt: skip


def test_words_from_data_stay_text(market):
    account = market.assignments.loc[market.assignments["segment"] == 1, "account_id"].iloc[0]
    research = notes((account, "2026-03-01", "interview", "trigger", "<b>bold</b>" + "x" * 300))
    told = asked_of(
        {"research": research}, market.assignments, season({}, market.assignments, AS_OF)
    )
    html = asked_tables(told, NAMES)[0]._repr_html_()
    assert "&lt;b&gt;bold" in html
    assert len(told[1]["trigger"][0]["text"]) < 170
