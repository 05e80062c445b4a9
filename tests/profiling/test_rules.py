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
    SurrogateRules,
    reach_variables,
    rule_cards,
    rules_sql,
    surrogate_rules,
)
from seglib.profiling.encode import features_of, matrix
from seglib.profiling.quality import Quality, new_tree
from seglib.profiling.tree import leaves_of
from seglib.quotes import bare, quotes_in
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
    assert rules.sentence(NAMES).startswith("The segments can be reached by ")
    assert rules.exceptions(NAMES) == ""


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
    said = found.sentence(NAMES)
    assert said.startswith("These segments cannot be reached by firmographics: ")
    assert "of an average segment's held-out accounts are placed right" in said
    assert "stand" not in said
    head = rules_sql(found, NAMES).splitlines()[0]
    assert head.startswith("-- DO NOT PLACE ACCOUNTS BY THESE RULES")
    note = rule_quality(found, NAMES, as_of="2026-01-31")
    assert isinstance(note, Note)
    assert note.text.startswith("No chart of the rules: they are no better than chance.")


# what the rules pick for each segment: accounts, right ones, of how many; 160 held out
DEMO = {1: (36, 22, 61), 2: (37, 14, 37), 3: (52, 20, 28), 4: (35, 14, 34)}
CASES = {
    "as in the demo": (DEMO, [3]),
    "half of it, by luck": ({1: (8, 2, 4), 2: (16, 8, 16), 3: (16, 9, 20)}, []),
    "shown, but hardly more than of the others": (
        {1: (5200, 2200, 5000), 2: (4800, 1900, 5000), 3: (6000, 2600, 6000)}, [],
    ),
    "two of three": ({1: (50, 40, 60), 2: (60, 45, 60), 3: (50, 0, 40)}, [1, 2]),
    "every one, which cross-validation denies": ({1: (80, 60, 80), 2: (80, 60, 80)}, []),
}  # fmt: skip


def counted(picked, low=0.36, accuracy=0.39):
    """Rules that reach no whole market, with these counts on held-out accounts."""
    rows = [(s, 1, "", n, hits, of) for s, (n, hits, of) in picked.items()]
    columns = ["segment", "rule", "text", "held_out", "hits", "of"]
    table = pd.DataFrame(rows, columns=columns)
    table["coverage"] = table["hits"] / table["of"]
    table["precision"] = table["hits"] / table["held_out"]
    table["base"] = table["of"] / table["of"].sum()
    quality = Quality(accuracy, low, 0.43, 0.25, 0.4, 0.4, 160)
    return SurrogateRules((), table, quality, "They cannot be reached.", ())


@pytest.mark.parametrize("case", CASES)
def test_only_a_segment_that_is_clearly_found_stands_out(case):
    picked, segments = CASES[case]
    assert counted(picked).standing_out()["segment"].tolist() == segments


def test_the_sentence_names_what_stands_out_with_its_figures():
    rules = counted(DEMO)
    said = rules.sentence(NAMES)
    assert bare(said) == (
        "They cannot be reached; only 'Three' stands out (the rules find 71 % of it; 38 % of those "
        "picked belong to it, against 18 % of all)."
    )
    card = rule_cards(rules, NAMES).set_index("name").loc["Three"]
    assert [(figure.name, figure.value) for figure in quotes_in(said)] == [
        ("reach_found_3", card["coverage"]), ("reach_right_3", card["precision"]),
        ("reach_base_3", card["base"]),
    ]  # fmt: skip
    claim = rule_quality(rules, NAMES, as_of="2026-01-31").claim
    assert claim.endswith("39 % placed right, 25 % by chance; only 'Three' stands out")
    two = bare(counted(CASES["two of three"][0]).sentence({1: "One", 2: "Two"}))
    assert "; only 'One' and 'Two' stand out ('One': the rules find 67 % of it; 80 % of" in two


def test_nothing_stands_out_of_rules_that_are_chance_or_reach_all():
    assert counted(DEMO, low=0.24).standing_out().empty
    assert counted(DEMO, accuracy=0.5).standing_out().empty


def test_of_chance_hardly_anything_stands_out():
    rng = np.random.default_rng(1)
    alarms = 0
    for _ in range(200):
        guessed, segment = rng.integers(1, 5, 160), np.repeat([1, 2, 3, 4], 40)
        hits = [((guessed == s) & (segment == s)).sum() for s in (1, 2, 3, 4)]
        picked = {s: ((guessed == s).sum(), hits[s - 1], 40) for s in (1, 2, 3, 4)}
        alarms += len(counted(picked).standing_out()) > 0
    assert alarms <= 10


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
    said = bare(found.sentence(NAMES))
    assert said.endswith(f" Left out, as it has fewer than 15 accounts: '{NAMES[4]}'.")
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
    assert sentence in bare(found.sentence({}))
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
