"""The fewest questions: they place as well as they say, or nobody, and SQL says the same."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from seglib.collection.account_table import AccountTable
from seglib.profiling import question_table, questionnaire, typing_data, typing_sql
from seglib.profiling.questions_learn import MOST
from seglib.profiling.scorecard import answer_points, possible_questions
from seglib.profiling.typing_tool import SURE
from seglib.quotes import bare

NAMES = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


@pytest.fixture(scope="module")
def found(market):
    return questionnaire(market.accounts, market.assignments, seed=1)


def test_the_first_questions_are_those_that_tell_most(found):
    assert set(found.curve["added"].head(2)) == {"Employees", "Need: price"}
    assert len(found.curve) <= MOST
    assert found.beats_chance
    assert found.baseline == 0.25


def test_the_fewest_questions_are_within_a_standard_error_of_the_best(found):
    curve, count = found.curve, len(found.card.questions)
    best = curve.loc[curve["accuracy"].idxmax()]
    error = (best["high"] - best["accuracy"]) / 1.96
    assert curve["accuracy"].iloc[count - 1] >= best["accuracy"] - 1.001 * error
    assert (curve["accuracy"].head(count - 1) < best["accuracy"] - 0.999 * error).all()


def test_its_word_holds_for_customers_that_it_has_not_seen(market):
    hidden = market.assignments[market.assignments["segment"] > 0].iloc[::3]
    taught = market.assignments.drop(hidden.index)
    tool = questionnaire(market.accounts, taught, seed=1)
    frame = market.accounts.frame.set_index("account_id").loc[hidden["account_id"]].reset_index()
    said = tool.card.place(frame)
    sure = said > 0
    right = (said == hidden["segment"].to_numpy())[sure].mean()
    row = tool.curve.iloc[len(tool.card.questions) - 1]
    assert sure.mean() == pytest.approx(row["placed"], abs=0.15)
    assert right > SURE
    assert right == pytest.approx(row["right"], abs=0.12)


def test_who_answers_nothing_cannot_be_placed(market, found):
    nothing = market.accounts.frame.head(3).copy()
    for question in found.card.questions:
        nothing[question.column] = np.nan
    assert found.card.place(nothing).tolist() == [0, 0, 0]


def test_noise_is_called_so_and_places_nobody(market):
    alarms = 0
    for seed in range(12):
        shuffled = np.random.default_rng(seed).permutation(market.assignments["segment"])
        noise = market.assignments.assign(segment=shuffled)
        tool = questionnaire(market.accounts, noise, seed=seed)
        assert (tool.card.place(market.accounts.frame) > 0).mean() < 0.02
        if tool.beats_chance:
            alarms += 1
            continue
        assert tool.sentence(market.accounts).startswith("No questions place companies")
        assert typing_sql(tool, market.accounts, NAMES).startswith("-- DO NOT PLACE COMPANIES")
    assert alarms <= 1


def test_the_query_places_as_the_scorecard_does(market, found):
    import duckdb

    frame = market.accounts.frame.copy()
    frame.loc[::7, "employees"] = np.nan
    frame.loc[::5, "industry"] = None
    query = typing_sql(found, market.accounts, {**NAMES, 1: "Multi\nline; DROP TABLE"})
    with duckdb.connect() as engine:
        engine.register("accounts", frame)
        result = engine.sql(query.replace(";\n", "\n").strip()).df()
    told = result.set_index("account_id")["segment"].fillna(0).astype(int)
    assert told.loc[frame["account_id"]].tolist() == found.card.place(frame).tolist()
    assert (told > 0).sum() > 50


@pytest.mark.parametrize("dialect", ["postgres", "spark", "snowflake", "bigquery"])
def test_the_query_is_read_by_other_dialects(market, found, dialect):
    import sqlglot

    query = typing_sql(found, market.accounts, NAMES)
    if dialect in ("spark", "bigquery"):  # they quote names otherwise
        query = sqlglot.transpile(query, read="duckdb", write=dialect)[0]
    (parsed,) = (part for part in sqlglot.parse(query, read=dialect) if part is not None)
    assert [column.alias_or_name for column in parsed.selects] == ["account_id", "segment"]


def test_the_data_say_what_the_scorecard_does(market, found):
    data = json.loads(json.dumps(typing_data(found, market.accounts, NAMES), allow_nan=False))
    assert [s["segment"] for s in data["segments"]] == [1, 2, 3, 4]
    assert len(data["curve"]) == len(found.curve)
    card = found.card
    account = market.accounts.frame.iloc[0]
    total = dict.fromkeys("1234", 0)
    for question in data["questions"]:
        value = account[question["column"]]
        for answer in question["answers"]:
            if "only" in answer or "not_in" in answer:
                fits = value in answer.get("only", [value]) and value not in answer.get(
                    "not_in", []
                )
            else:
                fits = answer.get("above", -np.inf) < value <= answer.get("up_to", np.inf)
            if fits:
                total = {key: total[key] + answer["points"][key] for key in total}
    assert list(total.values()) == card.scores(market.accounts.frame.head(1))[0].tolist()


def test_the_table_shows_every_answer_with_its_points(market, found):
    table = question_table(found, market.accounts, NAMES)
    assert len(table) == sum(len(q.answers) for q in found.card.questions)
    assert list(table.columns) == ["question", "answer", *NAMES.values()]


@pytest.mark.parametrize(
    ("segments", "why"),
    [(1, "fewer than two segments have 15 accounts"), (0, "fewer than two segments")],
)
def test_too_little_to_learn_from_is_said(market, segments, why):
    tool = questionnaire(market.accounts, market.assignments.assign(segment=segments), seed=1)
    assert tool.card is None
    assert why in bare(tool.sentence(market.accounts))
    assert typing_data(tool, market.accounts, NAMES)["questions"] == []
    assert typing_sql(tool, market.accounts, NAMES).count("\n") == 2
    assert question_table(tool, market.accounts, NAMES).empty


def test_nothing_to_ask_is_said(market):
    tool = questionnaire(market.accounts, market.assignments, [], seed=1)
    assert "nothing that can be asked varies" in tool.reason


@drawn(st.lists(st.integers(0, 6), min_size=12, max_size=60))
def test_no_two_answers_hold_at_once_and_every_value_has_one(values):
    frame = pd.DataFrame({"x": [float(v) for v in values] + [np.nan]})
    for question in possible_questions(frame, ["x"], []):
        held = np.array([answer.holds(frame) for answer in question.answers]).sum(axis=0)
        assert held.tolist() == [1] * len(values) + [0]


def test_points_are_the_logarithm_of_how_much_more_often_an_answer_is_given():
    codes = np.repeat([0, 1, 0, 1], [80, 20, 20, 80])
    segment = np.repeat([0, 1], 100)
    expected = 10 * np.log(80 / 20) / 2
    assert answer_points(codes, segment, 2, 2)[0, 0] == pytest.approx(expected, abs=0.6)


def test_true_and_false_are_answers_and_a_cast_in_sql(market):
    frame = market.accounts.frame.assign(competing_technology=lambda f: f["employees"] > 400)
    accounts = AccountTable(frame, market.accounts.columns)
    tool = questionnaire(accounts, market.assignments, ["competing_technology"], seed=1)
    assert question_table(tool, accounts, NAMES)["answer"].tolist() == ["no", "yes"]
    assert 'CAST("competing_technology" AS INTEGER) > ' in typing_sql(tool, accounts, NAMES)
