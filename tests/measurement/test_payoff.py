"""Did segmenting pay: planted worlds in which it did, did not, and was beaten."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import PredefinedSplit

from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note
from seglib.measurement import payoff, payoff_table
from seglib.measurement.cohort import Cohort
from seglib.measurement.payoff import NONE, SEGMENTS, held_out_loss

DAY, NOW = pd.Timestamp("2025-09-30"), pd.Timestamp("2026-09-30")


def world(seed, effect, n=400, by_industry=0.0):
    """Segments of an earlier day; revenue afterwards differs by `effect` log points a segment."""
    rng = np.random.default_rng(seed)
    ids = [f"A{i:04d}" for i in range(n)]
    segment, industry = rng.integers(1, 5, n), rng.integers(0, 5, n)
    accounts = pd.DataFrame({"account_id": ids, "industry": [f"I{i}" for i in industry]})
    accounts["employees"] = rng.lognormal(4, 1.2, n).round()
    amount = np.exp(7 + effect * segment + by_industry * industry + rng.normal(0, 1, n))
    bought = rng.random(n) < 0.8
    orders = pd.DataFrame({"account_id": ids, "month": pd.Timestamp("2026-02-01")})
    orders = orders.assign(amount=amount)[bought]
    frame = accounts[["account_id"]].assign(segment=segment)
    return Cohort(DAY, frame, AccountTable(accounts, {}), {}, "a test"), {"orders": orders}


def judged(*args, **kwargs):
    cohort, facts = world(*args, **kwargs)
    return payoff(cohort, facts, NOW, seed=7)


def rows(found, outcome="Revenue of those that bought"):
    return found.table[found.table["outcome"] == outcome].set_index("grouping")


def test_segments_that_pay_are_said_to():
    own = rows(judged(1, 0.8))
    assert own.loc[SEGMENTS, "low"] > 0.2
    assert "these segments explain more" in str(payoff_table(judged(1, 0.8)))
    for other in ("Industry", "Size band", NONE):
        assert own.loc[other, "verdict"] == "these segments explain more"
    # variance of the segments' means 0.8² · 1.25 against a noise of 1
    assert own.loc[SEGMENTS, "explained"] == pytest.approx(0.8 / 1.8, abs=0.08)


def test_segments_that_lose_are_said_to():
    own = rows(judged(2, 0.0, by_industry=0.8))
    assert own.loc["Industry", "verdict"] == "these segments explain less"
    assert own.loc[SEGMENTS, "low"] < 0 or own.loc[SEGMENTS, "explained"] < 0.02


def test_segments_without_meaning_are_seldom_said_to_pay():
    wins = 0
    for seed in range(60):
        found = judged(seed, 0.0, n=250)
        wins += found.table["verdict"].eq("these segments explain more").any()
        own = rows(found)
        assert own.loc[SEGMENTS, "explained"] < 0.05
    assert wins <= 3


def test_the_interval_covers_what_is_explained_of_new_accounts():
    covered = []
    truth = 0.3**2 * 1.25 / (0.3**2 * 1.25 + 1)
    for seed in range(80):
        row = rows(judged(seed, 0.3, n=600)).loc[SEGMENTS]
        covered.append(row["low"] <= truth <= row["high"])
    assert np.mean(covered) >= 0.88


def test_the_held_out_loss_by_a_literal_loop():
    rng = np.random.default_rng(0)
    y, code, fold = rng.normal(size=60), rng.integers(0, 3, 60), rng.permutation(np.arange(60) % 10)
    found = held_out_loss(y, code, fold[None], lambda a, b: (a - b) ** 2)
    expected = np.zeros(60)
    for train, test in PredefinedSplit(fold).split():
        whole = y[train].mean()
        for i in test:
            own = y[train][code[train] == code[i]]
            expected[i] = (y[i] - (own.sum() + 2 * whole) / (len(own) + 2)) ** 2
    assert found == pytest.approx(expected)


def test_too_few_accounts_or_events_are_said():
    found = judged(1, 0.5, n=40)
    assert found.table.empty
    assert payoff_table(found) is None
    assert "40 accounts, 50 are needed" in repr(found.notes[0])
    cohort, facts = world(1, 0.5)
    everyone = facts["orders"].assign(amount=5.0)
    found = payoff(cohort, {"orders": everyone}, NOW, seed=7)
    assert any("the same for all accounts" in note.text for note in found.notes)


def test_negative_revenue_is_no_purchase():
    cohort, facts = world(4, 0.5)
    returned = facts["orders"].assign(amount=-facts["orders"]["amount"])
    found = payoff(cohort, {"orders": returned}, NOW, seed=7)
    assert found.table.empty
    assert len(found.notes) == 2


def test_what_is_not_there_is_said():
    cohort, facts = world(1, 0.5)
    bare = Cohort(DAY, cohort.segments, AccountTable(cohort.segments, {}), {}, "a test")
    found = payoff(bare, facts, NOW, seed=7)
    assert set(found.table["grouping"]) == {SEGMENTS, NONE}
    assert "Industry, Size band, RFM" in found.notes[-1].text
    assert payoff(cohort, {}, NOW, seed=7).table.empty
    note = payoff(Note("no earlier day."), facts, NOW, seed=7).notes[0]
    assert note.text == "Whether segmenting paid: no earlier day."


def test_the_same_seed_gives_the_same_table():
    pd.testing.assert_frame_equal(judged(3, 0.2).table, judged(3, 0.2).table)
