"""What the step exports: key accounts, the query, the cards."""

from __future__ import annotations

import os
from html.parser import HTMLParser
from types import SimpleNamespace

import duckdb
import ibis
import pandas as pd

from seglib.strategy import (
    build_playbook,
    key_accounts,
    load_playbook,
    make,
)
from seglib.strategy.card import card_facts, card_name, segment_card
from seglib.strategy.plan import SegmentPlan
from seglib.strategy.plays_sql import plays_sql

from ..collection.conftest import password, postgres
from .test_steps import open_book

__all__ = ["password", "postgres"]

PLAYBOOK = load_playbook()
PLANS = [
    SegmentPlan(segment=2, name="O'Neill; DROP TABLE x --", target=True, tier="Key"),
    SegmentPlan(segment=1, name="Others", target=False),
]
QUERY = plays_sql("SELECT account_id, segment FROM accounts;", PLANS, [2])
TABLE = """CREATE TABLE accounts AS
SELECT * FROM (VALUES ('a', 1), ('b', 2), ('c', 0)) AS t (account_id, segment)"""
EXPECTED = [("b", 2, "O'Neill; DROP TABLE x --", 1), ("c", 0, None, None), ("a", 1, "Others", None)]


def test_the_query_gives_segment_and_play_in_duckdb():
    con = duckdb.connect()
    con.execute(TABLE)
    found = con.execute(QUERY).fetchall()
    assert [(row[0], row[1], row[2], row[5]) for row in found] == EXPECTED


def test_the_query_gives_segment_and_play_in_postgres(postgres, password):
    con = ibis.connect(os.path.expandvars(postgres))
    con.raw_sql(TABLE.replace("TABLE", "TEMP TABLE", 1)).close()
    with con.raw_sql(QUERY) as cursor:
        found = cursor.fetchall()
    con.disconnect()
    assert [(row[0], row[1], row[2], row[5]) for row in found] == EXPECTED


def test_key_accounts_are_the_most_valuable_of_the_top_tier(make_market):
    market = make_market()
    top = {"name": "Top", "at_least": 1.2, "dearest_contact": 99, "account_based": True}
    texts = {"motion": "Plan", "service": "Care"}
    low = {"name": "Low", "at_least": 0, "dearest_contact": 9}
    playbook = load_playbook(
        {"settings": {"planned_accounts": 3}, "tiers": [{**top, **texts}, {**low, **texts}]}
    )
    plans = build_playbook(market, playbook)
    based = [plan.segment for plan in plans if plan.account_plan]
    assert based == [3]
    found = key_accounts(market, plans, playbook, pd.Series("test", index=market.accounts.index))
    own = market.customers[market.customers["segment"] == 3]
    assert found["account_id"].tolist() == own.nlargest(3, "revenue_12m")["account_id"].tolist()
    assert found["rank"].tolist() == [1, 2, 3]
    assert set(found["roles_known"]) == {"decision maker"}
    assert "buyer" in found["roles_missing"].iloc[0]
    assert set(found["next_step"]) == {"write the account's own case"}
    assert "revenue_12m" not in found


def test_without_value_no_account_is_a_key_account(make_market):
    market = make_market(facts=False)
    bare = market.accounts.drop(columns="revenue_12m")
    market = type(market)(market.segments, bare, {}, {}, market.as_of)
    plans = build_playbook(market, PLAYBOOK)
    assert key_accounts(market, plans, PLAYBOOK, pd.Series("", index=bare.index)).empty


class Words(HTMLParser):
    """Collects tags, attributes that load something, and text."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.loads, self.text = [], [], ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.loads += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


def test_every_segment_has_a_card_that_loads_nothing(market, tmp_path):
    book = open_book(market, tmp_path)
    stale = book.run.path("exports/cards/segment-9-gone.html")
    stale.write_text("old")
    make(book)
    found = sorted(path.name for path in (tmp_path / "exports/cards").iterdir())
    assert found == [f"segment-{s}-group-{s}.html" for s in (1, 2, 3)]
    words = Words((tmp_path / "exports/cards" / found[0]).read_text(encoding="utf-8"))
    assert words.loads == ["data:,"]
    assert "script" not in words.tags
    for part in ("Group 1", "Low total cost", "Where and when", "Test", "of drawn weights"):
        assert part in words.text
    assert "None" not in words.text
    assert "{" not in words.text.split("@media print")[-1].split("}", 3)[-1]


def test_a_card_without_any_evidence_says_so_and_escapes(make_market):
    market = make_market(facts=False)
    plan = SegmentPlan(segment=1, name="<b>A&B</b>", target=False)
    nothing = SimpleNamespace(
        table=pd.DataFrame(columns=["segment", "amount", "expected_return", "value_of", "source"])
    )
    facts = card_facts(plan, {}, nothing, nothing, market)
    html = segment_card(plan, {**facts, "chosen": "Not a target"}, title="T", day="")
    assert "<b>A&B" not in html
    assert "no evidence yet" in html
    assert "No money of the budget goes here." in html
    assert card_name(plan) == "segment-1-b-a-b-b"
