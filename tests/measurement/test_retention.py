"""Accounts followed from an earlier day: contracts and silence, counted by hand."""

import numpy as np
import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note
from seglib.measurement import retention, retention_table
from seglib.measurement.cohort import Cohort, active_accounts
from seglib.measurement.retention import follow_contracts, follow_orders

DAY, NOW = pd.Timestamp("2025-09-30"), pd.Timestamp("2026-09-30")


def segments(*ids, per=None):
    frame = pd.DataFrame({"account_id": list(ids)})
    return frame.assign(segment=per or [1] * len(ids))


def contracts(*rows):
    frame = pd.DataFrame(rows, columns=["account_id", "start_date", "end_date"])
    return frame.assign(
        start_date=pd.to_datetime(frame["start_date"]), end_date=pd.to_datetime(frame["end_date"])
    )


def orders(**months):
    rows = [(a, pd.Timestamp(m), 10.0) for a, given in months.items() for m in given]
    return pd.DataFrame(rows, columns=["account_id", "month", "amount"])


def followed(facts, follow, *ids):
    rows = follow(segments(*ids), facts, DAY, NOW)
    return rows.set_index("account_id")[["months", "lost"]].apply(tuple, axis=1).to_dict()


def test_contracts_by_hand():
    facts = {
        "subscriptions": contracts(
            ("stays", "2020-01-01", None),
            ("leaves", "2020-01-01", "2025-12-31"),
            ("renews", "2020-01-01", "2025-12-31"),
            ("renews", "2026-01-01", None),
            ("ends today", "2020-01-01", "2026-09-30"),
            ("too late", "2025-12-01", None),
            ("too early", "2020-01-01", "2025-06-30"),
        )
    }
    ids = ("stays", "leaves", "renews", "ends today", "too late", "too early")
    found = followed(facts, follow_contracts, *ids)
    year = 365 / 30.4375
    assert set(found) == {"stays", "leaves", "renews", "ends today"}
    assert found["leaves"] == (pytest.approx(92 / 30.4375), True)
    for name in ("stays", "renews", "ends today"):
        assert found[name] == (pytest.approx(year), False)


def test_contracts_without_an_end_date_column():
    facts = {"subscriptions": contracts(("a", "2020-01-01", None)).drop(columns="end_date")}
    assert followed(facts, follow_contracts, "a")["a"][1] == False  # noqa: E712 (numpy's False)


def test_silence_by_hand():
    facts = {
        "orders": orders(
            monthly=[f"2025-{m:02d}-01" for m in range(4, 13)]
            + [f"2026-{m:02d}-01" for m in range(1, 10)],
            stops=["2025-08-01", "2025-11-01"],
            never=["2025-09-01"],
            again=["2025-08-01", "2026-04-01"],
            recent=["2025-09-01", "2026-02-01", "2026-05-01"],
            edge=["2025-09-01", "2026-03-01", "2026-09-01"],
            silent=["2025-03-01", "2026-01-01"],
        )
    }
    ids = ("monthly", "stops", "never", "again", "recent", "edge", "silent")
    found = followed(facts, follow_orders, *ids)
    assert "silent" not in found  # six months without an order before the first day
    assert found["monthly"] == (12.0, False)
    assert found["stops"] == (8.0, True)  # November and six months: end of May
    assert found["never"] == (6.0, True)
    assert found["again"] == (5.0, True)  # February; that it came back later changes nothing
    assert found["recent"] == (12.0, False)  # four months of silence up to now
    assert found["edge"] == (12.0, False)  # gaps of five months


def test_returns_are_no_orders():
    facts = {"orders": orders(a=["2025-09-01", "2026-02-01"]).assign(amount=[10.0, -10.0])}
    assert followed(facts, follow_orders, "a")["a"] == (6.0, True)


def cohort(frame, names=None):
    return Cohort(DAY, frame, AccountTable(frame, {}), names or {1: "One", 2: "Two"}, "a test")


def test_a_planted_difference_is_found_and_a_small_one_is_not():
    rng = np.random.default_rng(3)
    n = 400
    ids = [f"A{i:03d}" for i in range(n)]
    segment = np.repeat([1, 2], n // 2)
    end = DAY + pd.to_timedelta(rng.integers(1, 360, n), unit="D")
    for rates, clear in (({1: 0.05, 2: 0.4}, True), ({1: 0.2, 2: 0.2}, False)):
        gone = rng.random(n) < np.array([rates[s] for s in segment])
        table = pd.DataFrame({"account_id": ids, "start_date": pd.Timestamp("2020-01-01")})
        table["end_date"] = pd.Series(end).where(gone)
        frame = pd.DataFrame({"account_id": ids, "segment": segment})
        found = retention(cohort(frame), {"subscriptions": table}, NOW)
        assert (found.tests["contracts"] < 0.001) == clear
        rows = found.summary.set_index("segment")
        for s in (1, 2):
            own = gone[segment == s]
            assert rows.loc[s, "lost"] == own.sum()
            assert rows.loc[s, "survival"] == pytest.approx(1 - own.mean())
            assert rows.loc[s, "low"] < 1 - own.mean() < rows.loc[s, "high"]
        assert len(retention_table(found).frame) == 3


def test_none_lost_and_one_account_have_exact_bounds():
    table = contracts(*((a, "2020-01-01", None) for a in "abc"), ("d", "2020-01-01", "2026-01-01"))
    found = retention(cohort(segments(*"abcd", per=[1, 1, 1, 2])), {"subscriptions": table}, NOW)
    rows = found.summary.set_index("segment")
    assert rows.loc[1, "low"] == pytest.approx(0.025 ** (1 / 3))
    assert rows.loc[1, "high"] == 1.0
    assert rows.loc[2, ["survival", "low", "high"]].tolist() == pytest.approx([0, 0, 0.975])


def test_without_a_cohort_or_facts_one_line():
    lacking = retention(Note("no earlier day.", kind="missing"), {}, NOW)
    assert "no earlier day" in lacking.notes[0].text
    assert retention_table(lacking) is None
    nothing = retention(cohort(segments("a")), {}, NOW)
    assert "'subscriptions' or 'orders'" in nothing.notes[0].text
    assert nothing.kinds == []


def test_who_was_a_customer_on_the_day():
    facts = {
        "orders": orders(a=["2024-11-01"], b=["2024-08-01"], c=["2025-10-01"]),
        "subscriptions": contracts(("d", "2020-01-01", None), ("e", "2020-01-01", "2025-09-30")),
    }
    assert active_accounts(facts, DAY) == {"a", "d"}
