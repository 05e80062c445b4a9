"""How long a test takes: traffic counted back from the last whole month."""

import numpy as np
import pandas as pd
import pytest

from seglib.strategy import experiments_table, plan_tests, segmented_market
from seglib.strategy.traffic import monthly, months_until, visits


def market_of(orders, as_of="2026-09-30", n=50):
    ids = [f"a{i:02d}" for i in range(n)]
    accounts = pd.DataFrame({"account_id": ids})
    return segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=1), cards=[],
        facts={"orders": orders}, as_of=as_of,
    )  # fmt: skip


def ordered(*pairs):
    frame = pd.DataFrame(pairs, columns=["account_id", "month"])
    return frame.assign(month=pd.to_datetime(frame["month"]), amount=1.0)


ORDERS = ordered(
    ("a00", "2026-10-01"), ("a01", "2026-09-01"), ("a01", "2026-08-01"), ("a02", "2026-08-01"),
    ("a03", "2025-10-01"), ("a04", "2025-09-01"), ("stranger", "2026-09-01"),
)  # fmt: skip


def test_the_last_whole_month_is_the_first_that_counts():
    found = visits(market_of(ORDERS)).sort_values(["account_id", "age"])
    assert list(zip(found["account_id"], found["age"], strict=True)) == [
        ("a01", 0), ("a01", 1), ("a02", 1), ("a03", 11),
    ]  # fmt: skip
    within = visits(market_of(ORDERS, as_of="2026-10-15")).sort_values(["account_id", "age"])
    assert within["age"].tolist() == found["age"].tolist()


def test_every_account_counts_once():
    seen = visits(market_of(ORDERS))
    assert monthly(seen, [1]) == pytest.approx(4 / 12)
    assert [months_until(seen, [1], n) for n in (1, 2, 3)] == [1, 2, 12]
    assert np.isnan(months_until(seen, [1], 4))
    assert np.isnan(months_until(seen, [2], 1))


def test_without_dates_nothing_is_known(make_market):
    bare = make_market(facts=False)
    assert visits(bare) is None
    assert np.isnan(monthly(None, [1]))
    assert np.isnan(months_until(None, [1], 5))
    tests = plan_tests(bare, [1])
    assert tests.table["duration"].iloc[0].endswith("as they come by: not known")
    undated = segmented_market(
        accounts=bare.accounts[["account_id"]], cards=[], facts={"orders": ORDERS}, as_of="NaT",
        assignments=bare.accounts[["account_id", "segment"]],
    )  # fmt: skip
    assert visits(undated) is None


def test_the_plan_says_how_long(make_market):
    market = make_market(per=1500, lift=0.0)
    tests = plan_tests(market, [1, 2, 3])
    row = tests.table.iloc[0]
    assert row["accounts"] >= row["needed"]
    assert row["duration"].startswith("by list: 90 days after the first touch")
    assert row["months"] == 1.0  # every account orders every month
    assert "How long" in experiments_table(tests)._repr_html_()


def test_a_segment_without_enough_accounts_says_so(make_market):
    row = plan_tests(make_market(per=40), [1]).table.iloc[0]
    assert "not alone, it has 50 of" in row["duration"]
    assert "not within a year" in row["duration"]
