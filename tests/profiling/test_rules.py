import duckdb
import numpy as np
import pandas as pd
import pytest
import sqlglot

from seglib.charts.profiling_reach import rule_quality
from seglib.collection.account_table import AccountTable
from seglib.errors import StudyError
from seglib.exhibits import Note
from seglib.profiling import (
    reach_variables,
    rule_cards,
    rules_sql,
    surrogate_rules,
)
from seglib.profiling.encode import features_of, matrix
from seglib.profiling.quality import new_tree
from seglib.profiling.tree import leaves_of
from seglib.schema import ColumnInfo

NAMES = {1: "One", 2: "Two\n; DROP TABLE accounts; --", 3: "Three", 4: "Four"}


@pytest.fixture(scope="module")
def rules(market):
    return surrogate_rules(market.accounts, market.assignments, seed=1)


def awkward(n=400, seed=3):
    """Columns with quotes, missing values, infinities, booleans and few distinct numbers."""
    rng = np.random.default_rng(seed)
    size = rng.lognormal(3, 1, n).round(2)
    frame = pd.DataFrame({
        "account_id": [f"a{i}" for i in range(n)],
        'odd "name"': rng.choice(["O'Neill", "x; --", "back\\slash", "ü"], n),
        "size": np.where(rng.random(n) < 0.2, np.nan, size),
        "count": rng.integers(0, 4, n),
        "open": rng.random(n) < 0.5,
    })  # fmt: skip
    frame.loc[rng.random(n) < 0.1, 'odd "name"'] = None
    hidden = (
        2 * (frame['odd "name"'] == "O'Neill") + (size > 20) + frame["open"] * rng.integers(0, 2)
    )
    return frame, (hidden.astype(int) % 3 + 1).to_numpy()


@pytest.mark.parametrize("seed", range(5))
def test_tree_rules_and_sql_give_the_same_labels(seed):
    frame, segment = awkward(seed=seed)
    columns = ['odd "name"', "size", "count", "open"]
    features = features_of(frame, columns, ['odd "name"'])
    inputs = matrix(frame, features)
    tree = new_tree(segment, 1).fit(inputs, segment)
    leaves = leaves_of(tree, features, inputs)
    held = np.column_stack([leaf.holds(frame) for leaf in leaves])
    assert (held.sum(axis=1) == 1).all()
    by_rules = np.array([leaf.segment for leaf in leaves])[held.argmax(axis=1)]
    assert (by_rules == tree.predict(inputs)).all()

    info = ColumnInfo(name="size", role="descriptor", kind="number", label="Size", definition="")
    found = surrogate_rules(AccountTable(frame, {"size": info}), given(frame, segment), [], seed=1)
    sql = rules_sql(found.__class__(leaves, found.table, None, "As a test.", ()), {})
    with duckdb.connect() as connection:
        connection.register("accounts", frame)
        by_sql = connection.sql(sql).df().set_index("account_id")["segment"]
    assert (by_sql.loc[frame["account_id"]].to_numpy() == by_rules).all()


def given(frame, segment):
    return pd.DataFrame({"account_id": frame["account_id"], "segment": segment})


def test_planted_descriptors_reach_the_segments(rules):
    quality = rules.quality
    assert rules.reaches
    assert quality.baseline == 0.25
    assert 0.65 < quality.low < quality.balanced_accuracy < quality.high < 0.9
    assert rules.sentence.startswith("The segments can be reached by ")


def test_the_figures_of_a_rule_are_those_of_held_out_accounts(rules):
    table = rules.table
    assert table["held_out"].sum() == 90
    assert (table["precision"] == table["hits"] / table["held_out"]).all()
    assert table["coverage"].between(0, 1).all()
    cards = rule_cards(rules, NAMES)
    assert cards["segment"].tolist() == [1, 2, 3, 4]
    assert cards.loc[0, "precision"] > 0.8 > cards.loc[0, "base"]


def test_noise_is_said_to_be_out_of_reach(market):
    noise = market.assignments.assign(
        segment=np.random.default_rng(1).permutation(market.assignments["segment"])
    )
    found = surrogate_rules(market.accounts, noise, seed=1)
    assert not found.reaches
    assert not found.beats_chance
    assert found.sentence.startswith("These segments cannot be reached by firmographics: balanced")
    head = rules_sql(found, NAMES).splitlines()[0]
    assert head.startswith("-- DO NOT PLACE ACCOUNTS BY THESE RULES")
    note = rule_quality(found, NAMES, as_of="2026-01-31")
    assert isinstance(note, Note)
    assert note.text.startswith("No chart of the rules: they are no better than chance.")


def test_rules_that_beat_chance_carry_no_warning(rules):
    assert "DO NOT" not in rules_sql(rules, NAMES)


def test_the_sql_is_one_statement_and_names_cannot_break_out(rules):
    sql = rules_sql(rules, NAMES)
    statements = sqlglot.parse(sql, dialect="postgres")
    assert len([s for s in statements if s is not None]) == 1
    assert "    -- Two ; DROP TABLE accounts; --\n" in sql


def test_small_segments_are_left_out_and_said(market):
    few = market.assignments.copy()
    few.loc[few["segment"] == 4, "segment"] = 3
    few.loc[few.index[:1], "segment"] = 4
    found = surrogate_rules(market.accounts, few, seed=1)
    assert found.skipped == (4,)
    assert rule_cards(found, NAMES)["rules"].iloc[3] == "too few accounts for a rule"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda a: a.assign(segment=1), "fewer than two segments have 15 accounts"),
        (lambda a: a.assign(segment=0), "no descriptor that is known of prospects varies"),
        (lambda a: a.head(0), "no descriptor that is known of prospects varies"),
    ],
)
def test_without_segments_there_are_no_rules(market, change, sentence):
    found = surrogate_rules(market.accounts, change(market.assignments), seed=1)
    assert sentence in found.sentence
    assert rules_sql(found, {}).startswith("-- ")
    assert "SELECT" not in rules_sql(found, {})


def test_without_descriptors_there_are_no_rules(market):
    found = surrogate_rules(market.accounts, market.assignments, [], seed=1)
    assert found.quality is None
    assert rule_cards(found, NAMES)["precision"].isna().all()


def test_only_what_is_known_before_the_relation_is_used(market):
    assert reach_variables(market.accounts) == [
        "industry", "employees", "country", "competing_technology"
    ]  # fmt: skip


def test_unknown_descriptors_are_refused(market):
    with pytest.raises(StudyError, match="Did you mean 'employees'"):
        surrogate_rules(market.accounts, market.assignments, ["employes"], seed=1)
