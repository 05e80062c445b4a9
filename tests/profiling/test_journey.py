"""The journey: funnel by counting, waiting times against statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from seglib.exhibits import Note, Table
from seglib.profiling import buying_behaviour, durations, durations_table, funnel, funnel_table
from seglib.profiling.waiting import log_rank, median_time

NAMES = {1: "One", 2: "Two"}
GIVEN = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 2]})


def deals(rows):
    frame = pd.DataFrame(rows, columns=["account_id", "stage", "outcome"])
    return {"opportunities": frame.assign(created_date=pd.Timestamp("2026-01-01"))}


def test_open_deals_are_not_counted_as_failed():
    rows = [("a", "closed", "won")] * 3 + [("a", "evaluation", "lost")] * 2
    rows += [("a", "evaluation", None)] * 4 + [("b", "closed", "lost")]
    found = funnel(deals(rows), GIVEN).set_index(["segment", "stage"])
    evaluation, negotiation = found.loc[(1, "evaluation")], found.loc[(1, "negotiation")]
    assert evaluation[["reached", "waiting", "lost_here"]].tolist() == [9, 4, 2]
    assert negotiation[["reached", "of", "step"]].tolist() == [3, 5, 0.6]
    assert found.loc[(1, "won"), "step"] == 1
    assert found.loc[(2, "won"), "step"] == 0


def test_the_table_says_when_lost_deals_keep_no_stage():
    silent = funnel_table(funnel(deals([("a", "closed", "won"), ("b", "closed", "lost")]), GIVEN),
                          NAMES)  # fmt: skip
    assert isinstance(silent, Table)
    assert "No lost deal keeps the stage" in silent.note
    told = funnel_table(funnel(deals([("a", "evaluation", "lost")]), GIVEN), NAMES)
    assert "No lost deal" not in told.note
    assert "0: 0 %" in told.frame.set_index("stage").loc["negotiation", "One"]


def test_without_deals_a_line_says_what_is_wanted():
    assert isinstance(funnel_table(funnel({}, GIVEN), NAMES), Note)
    assert isinstance(durations_table(durations({}, GIVEN, pd.NaT), NAMES), Note)


def waits(seed, n=60, rate=20.0):
    rng = np.random.default_rng(seed)
    days = np.ceil(rng.exponential(rate, n))
    limit = np.ceil(rng.uniform(5, 60, n))
    return np.minimum(days, limit), days <= limit


@pytest.mark.parametrize("seed", range(5))
def test_the_median_and_its_interval_are_those_of_statsmodels(seed):
    days, event = waits(seed)
    reference = SurvfuncRight(days, event.astype(int))
    median, low, high = median_time(days, event)
    assert median == reference.quantile(0.5)
    expected = reference.quantile_ci(0.5, method="cloglog")
    assert (low, high) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("seed", range(5))
def test_the_log_rank_test_is_that_of_statsmodels(seed):
    (one, first), (two, second) = waits(seed), waits(seed + 100, rate=30.0)
    days, event = np.concatenate([one, two]), np.concatenate([first, second])
    group = np.repeat([1, 2], [len(one), len(two)])
    assert log_rank(days, event, group) == pytest.approx(survdiff(days, event, group)[1])


def test_three_groups_are_tested_at_once():
    parts = [waits(seed, rate=rate) for seed, rate in ((1, 10.0), (2, 20.0), (3, 30.0))]
    days, event = (np.concatenate([part[i] for part in parts]) for i in (0, 1))
    group = np.repeat([1, 2, 3], 60)
    assert log_rank(days, event, group) == pytest.approx(survdiff(days, event, group)[1])


def test_where_nothing_happens_nothing_is_told():
    days, event = np.array([3.0, 4.0]), np.array([False, False])
    assert np.isnan(median_time(days, event)).all()
    assert np.isnan(log_rank(days, event, np.array([1, 2])))


def test_open_deals_lengthen_the_cycle():
    created = pd.Timestamp("2026-01-01")
    rows = pd.DataFrame({
        "account_id": ["a"] * 5, "created_date": created, "outcome": ["won", "lost"] + [None] * 3,
        "closed_date": [created + pd.Timedelta(days=d) for d in (10, 20)] + [pd.NaT] * 3,
    })  # fmt: skip
    found = durations({"opportunities": rows}, GIVEN, pd.Timestamp("2026-03-01"))
    cycle, lead = found.iloc[0], found.iloc[1]
    assert cycle[["n", "events"]].tolist() == [5, 2]
    assert np.isnan(cycle["median"])  # less than half have closed
    assert lead[["n", "events", "median"]].tolist() == [1, 1, 10.0]


def test_shares_of_behaviour_add_up(market):
    kinds = np.where(np.arange(len(market.accounts.frame)) % 3 == 0, "habitual", "complex")
    frame = market.accounts.frame.assign(purchasing_behaviour=kinds)
    accounts = type(market.accounts)(frame, market.accounts.columns)
    found = buying_behaviour(accounts, market.assignments)
    assert found.groupby("segment")["share"].sum().tolist() == pytest.approx([1, 1, 1, 1])
    assert (found["p_holm"] > 0.05).all()
    assert buying_behaviour(market.accounts, market.assignments).empty
