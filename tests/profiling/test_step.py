from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib import profiling
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Table
from seglib.profiling import make, table_or_missing
from seglib.quotes import bare
from seglib.run import Run, file_hash

NAMES = (
    "profiles.parquet", "segments.json", "personas.json", "rules.sql", "typing.sql", "typing.json",
    "placements.parquet",
)  # fmt: skip


def book(folder, accounts, assignments, facts, *, names=None, outcome="retained"):
    """What the step reads of an open book."""
    folder.mkdir(parents=True, exist_ok=True)
    return SimpleNamespace(
        run=Run(folder), accounts=accounts, assignments=assignments, facts=facts,
        brief=SimpleNamespace(seed=7, outcome=outcome, as_of="2026-09-30"),
        study=SimpleNamespace(
            segment_names=names or {}, measurement=SimpleNamespace(previous_run=None)
        ),
        as_of=pd.Timestamp("2026-09-30"),
    )  # fmt: skip


def test_all_artifacts_are_left_and_are_the_same_each_time(market, tmp_path):
    books = [book(tmp_path / name, *market) for name in ("one", "two")]
    for each in books:
        make(each)
    hashes = [[file_hash(each.run.folder / name) for name in NAMES] for each in books]
    assert hashes[0] == hashes[1]
    run = books[0].run
    assert [card["segment"] for card in run.read_json("segments.json")] == [1, 2, 3, 4]
    assert run.read_table("placements.parquet")["segment"].between(1, 4).all()
    assert len(run.read_table("profiles.parquet")) == 60
    texts = [path.read_text() for path in run.folder.iterdir() if path.suffix != ".parquet"]
    assert not any(text != bare(text) for text in texts)


def test_the_order_of_the_rows_does_not_matter(market, tmp_path):
    make(book(tmp_path / "one", *market))
    shuffled = market._replace(assignments=market.assignments.sample(frac=1, random_state=1))
    make(book(tmp_path / "two", *shuffled))
    for name in NAMES:
        assert file_hash(tmp_path / "one" / name) == file_hash(tmp_path / "two" / name)


def test_cards_carry_what_a_marketer_asks_and_the_potential(market, tmp_path):
    frame = market.accounts.frame.assign(clv=market.accounts.frame["revenue"] * 2)
    each = book(tmp_path, *market._replace(accounts=AccountTable(frame, market.accounts.columns)))
    make(each)
    card = each.run.read_json("segments.json")[1]
    assert card["asked"]["challenge"][0]["text"].startswith("Price matters more to them")
    assert card["clv"] == pytest.approx(2 * card["revenue_per_account"])
    assert card["clv_low"] < card["clv"] < card["clv_high"]
    assert card["potential_low"] < card["potential"] < card["potential_high"]


def test_names_of_the_study_are_used_everywhere(market, tmp_path):
    name = "<script>alert('$x$')</script>"
    each = book(tmp_path, *market, names={"1": name})
    make(each)
    assert each.run.read_json("segments.json")[0]["name"] == name
    assert each.run.read_json("personas.json")[0]["segment_name"] == name


def one_account(market):
    given = market.assignments.copy()
    given.loc[given.index[0], "segment"] = 9
    return market._replace(assignments=given)


def only_spends(market):
    rng = np.random.default_rng(1)
    frame = market.accounts.frame[["account_id", "status"]].copy()
    frame["milk"] = rng.lognormal(size=len(frame))
    info = market.accounts.columns["orders_per_year"].model_copy(
        update={"name": "milk", "label": "Milk", "unit": "EUR"}
    )
    return market._replace(accounts=AccountTable(frame, {"milk": info}), facts={})


def many_levels(market):
    rng = np.random.default_rng(1)
    frame = market.accounts.frame.assign(
        industry=rng.choice([f"L{i} <b>&\"'" for i in range(200)], len(market.accounts.frame)),
        employees=np.nan,
        country=None,
        competing_technology=market.accounts.frame["competing_technology"] > 0,
    )
    return market._replace(accounts=AccountTable(frame, market.accounts.columns))


def negative(market):
    frame = market.accounts.frame.assign(revenue=-1.0 - market.accounts.frame["revenue"])
    return market._replace(accounts=AccountTable(frame, market.accounts.columns))


def bare_deals(market):
    """Opportunities with nothing but an outcome, all of one day."""
    deals = market.facts["opportunities"][["account_id", "outcome"]]
    dated = deals.assign(created_date=pd.NaT, closed_date=pd.NaT, stage=None, lost_reason=None)
    return market._replace(facts={"opportunities": dated})


def empty_tables(market):
    return market._replace(facts={name: table.head(0) for name, table in market.facts.items()})


HARD = {
    "negative revenue": negative,
    "deals without dates": bare_deals,
    "empty tables": empty_tables,
    "one segment": lambda m: m._replace(assignments=m.assignments.assign(segment=1)),
    "no segment at all": lambda m: m._replace(assignments=m.assignments.assign(segment=0)),
    "one account in a segment": one_account,
    "a single account": lambda m: m._replace(assignments=m.assignments.head(1)),
    "only spends": only_spends,
    "no facts": lambda m: m._replace(facts={}),
    "many levels, empty columns, booleans": many_levels,
    "no confidence": lambda m: m._replace(assignments=m.assignments.drop(columns="confidence")),
}


@pytest.mark.parametrize("case", HARD)
def test_hard_cases_leave_whole_artifacts(market, tmp_path, case):
    changed = HARD[case](market)
    each = book(tmp_path, *changed)
    make(each)
    assert each.run.has(*NAMES)
    cards = each.run.read_json("segments.json")
    given = changed.assignments
    assert [card["segment"] for card in cards] == sorted(set(given["segment"]) - {0})
    assert len({card["name"] for card in cards}) == len(cards)


def test_a_segment_of_one_account_warns(market, tmp_path):
    each = book(tmp_path, *one_account(market))
    make(each)
    card = each.run.read_json("segments.json")[-1]
    assert card["name"] == "Segment 9"
    assert card["traits"] == []
    assert card["revenue_low"] is None
    assert card["note"].startswith("Only 1 account: no figure of this card is sure.")


def test_a_missing_outcome_leaves_a_gap(market, tmp_path):
    each = book(tmp_path, *market, outcome=None)
    make(each)
    assert each.run.read_json("segments.json")[0]["outcome"] is None


def test_a_table_or_the_line_that_says_what_it_wants():
    frame = pd.DataFrame({"share": [0.5], "segment": [1]})
    table = table_or_missing(frame, "Shares", wants=["orders"], names={1: "<b>One</b>"})
    assert isinstance(table, Table)
    assert "&lt;b&gt;One&lt;/b&gt;" in table._repr_html_()
    line = table_or_missing(frame.head(0), "Shares", wants=["orders", "contacts"])
    assert repr(line) == "Shares: not shown, the table 'orders' or 'contacts' is needed."


def test_the_public_names_exist():
    assert all(hasattr(profiling, name) for name in profiling.__all__)
