"""Rows from after the as-of date, planted in every dated table, change no variable and no fact."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from seglib.collection import collect
from seglib.demo import generate_market
from seglib.objectives import data_support, make_brief
from seglib.schema import contract
from seglib.study import Study

DAY, LATER = "2026-03-31", "2026-04-01"
DATED = [name for name, table in contract().items() if table.time]


def with_leak(name, frame, keys):
    """Repeat forty rows with a later date, other keys and amounts a thousandfold."""
    spec, leak = contract()[name], frame.head(40).copy()
    leak[spec.time] = LATER
    for column in spec.key:
        leak[column] = [f"{keys}{row}" for row in range(len(leak))]
    for column in leak.select_dtypes("number"):
        if column not in ("hour", "founded_year"):
            leak[column] = leak[column] * 1000
    return pd.concat([frame, leak], ignore_index=True)


def build(tables, folder):
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, date_format="%Y-%m-%d")
    text = f"name: small\nas_of: {DAY}\nobjective: high_value_accounts\n"
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    study = Study.load(folder / "study.yaml")
    return collect(study, make_brief(study, data_support(study)))


@pytest.fixture(scope="module")
def before_and_after(tmp_path_factory):
    tables = generate_market(150, seed=2).tables
    leaking = {n: with_leak(n, t, "Z") if n in DATED else t for n, t in tables.items()}
    return build(tables, tmp_path_factory.mktemp("clean")), build(
        leaking, tmp_path_factory.mktemp("leaking")
    )


def test_every_dated_table_is_tried():
    assert set(DATED) == {
        "accounts", "opportunities", "orders", "subscriptions", "usage", "engagements",
        "tickets", "surveys", "campaigns", "touches", "research", "feedback",
    }  # fmt: skip


def test_no_variable_changes(before_and_after):
    clean, leaking = before_and_after
    assert_frame_equal(clean.accounts.frame, leaking.accounts.frame)
    assert clean.accounts.columns == leaking.accounts.columns


def test_no_fact_changes(before_and_after):
    clean, leaking = before_and_after
    assert list(clean.facts) == list(leaking.facts)
    for name, fact in clean.facts.items():
        assert_frame_equal(fact, leaking.facts[name])


def test_what_was_refused_is_counted(before_and_after):
    clean, leaking = (
        {f.table: f.count for f in found.findings if f.code == "after-as-of"}
        for found in before_and_after
    )
    added = {name: count - clean.get(name, 0) for name, count in leaking.items()}
    fewer = {"campaigns": 8, "research": 29, "feedback": 14}
    assert added == {**dict.fromkeys(DATED, 40), **fewer}
