"""The budget split against brute force and a general solver; response curves."""

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from seglib.strategy import load_playbook, response_curves, split_budget
from seglib.strategy.budget import worth_spending
from seglib.strategy.response import BELOW_COST

COLUMNS = ["segment", "channel", "contacts_possible", "cost", "response", "value"]


def curves(rows):
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(
        name="S" + frame["segment"].astype(str),
        label=frame["channel"],
        accounts=frame["contacts_possible"],
        value_of="revenue",
        source="past campaigns",
    )


def returned(table, amount):
    reach = table["contacts_possible"] * table["cost"]
    gain = table["contacts_possible"] * table["response"] * table["value"]
    return float((gain * (1 - np.exp(-np.asarray(amount) / reach))).sum())


TWO_BY_TWO = curves([
    (1, "a", 100.0, 1.0, 0.05, 200.0),
    (1, "b", 50.0, 10.0, 0.20, 200.0),
    (2, "a", 300.0, 1.0, 0.02, 400.0),
    (2, "b", 150.0, 10.0, 0.10, 400.0),
])  # fmt: skip


def test_no_grid_point_is_better():
    total, step = 1000.0, 50
    found = split_budget(TWO_BY_TWO, total=total, min_share=0.2, max_share=0.6).table
    best = returned(TWO_BY_TWO, found["amount"])
    assert found["expected_return"].sum() == pytest.approx(best)
    grid = np.arange(0, total + 1, step)
    for a in grid:
        for b in grid[grid <= total - a]:
            for c in grid[grid <= total - a - b]:
                if 0.4 <= (a + b) / total <= 0.6:  # the other segment keeps its bounds too
                    assert returned(TWO_BY_TWO, [a, b, c, total - a - b - c]) <= best + 1e-6


def test_no_grid_point_within_the_channels_bounds_is_better():
    total, step = 1000.0, 50
    found = split_budget(
        TWO_BY_TWO, total=total, min_share=0.2, max_share=0.6, channels={"a": (0.0, 0.3)}
    ).table
    by_channel = found.groupby("channel")["amount"].sum()
    by_segment = found.groupby("segment")["amount"].sum()
    assert found["amount"].sum() == pytest.approx(total)
    assert by_channel["a"] == pytest.approx(300.0, abs=0.02)  # it binds: free, 'a' takes more
    assert by_segment.between(400 - 0.02, 600 + 0.02).all()
    assert (
        split_budget(TWO_BY_TWO, total=total, min_share=0.2, max_share=0.6)
        .table.groupby("channel")["amount"]
        .sum()["a"]
        > 310.0
    )
    best = returned(TWO_BY_TWO, found["amount"])
    grid = np.arange(0, total + 1, step)
    for a in grid:
        for b in grid[grid <= total - a]:
            for c in grid[grid <= total - a - b]:
                if 0.4 <= (a + b) / total <= 0.6 and a + c <= 300:
                    assert returned(TWO_BY_TWO, [a, b, c, total - a - b - c]) <= best + 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_bounds_that_do_not_bind_change_nothing(seed):
    rng = np.random.default_rng(seed)
    table = curves([
        (s, str(c), float(rng.integers(50, 300)), rng.uniform(1, 20), rng.uniform(0.01, 0.2),
         rng.uniform(100, 900))
        for s in range(3) for c in range(4)
    ])  # fmt: skip
    free = split_budget(table, total=5000.0, max_share=0.8).table
    bound = split_budget(table, total=5000.0, max_share=0.8, channels={"0": (0.0, 1.0)}).table
    best = free["expected_return"].sum()
    assert bound["expected_return"].sum() == pytest.approx(best, rel=1e-5)
    assert bound["amount"].sum() == pytest.approx(5000.0)


def test_bounds_of_channels_that_cannot_be_kept_are_said_and_left_out():
    one = TWO_BY_TWO[TWO_BY_TWO["channel"] == "a"]
    found = split_budget(one, total=100.0, channels={"a": (0.0, 0.5), "eb": (0.1, 1.0)})
    words = " ".join(note.text for note in found.notes)
    assert "cannot be kept together" in words
    assert "Unknown channel 'eb'" in words
    assert found.table["amount"].sum() == pytest.approx(100.0)


@pytest.mark.parametrize("seed", range(20))
def test_a_general_solver_finds_nothing_better(seed):
    rng = np.random.default_rng(seed)
    segments, channels = rng.integers(2, 4), rng.integers(1, 4)
    total = float(rng.choice([500.0, 20_000.0]))
    low, high = rng.uniform(0, 0.3), rng.uniform(0.5, 1)
    table = curves([
        (s, str(c), float(rng.integers(1, 300)), rng.uniform(0.3, 60), rng.uniform(0, 0.2),
         rng.uniform(10, 5000))
        for s in range(segments) for c in range(channels)
    ])  # fmt: skip
    found = split_budget(table, total=total, min_share=low, max_share=high).table
    amount = found["amount"].to_numpy()
    assert amount.sum() == pytest.approx(total, abs=0.005)
    assert (amount >= 0).all()
    shares = found.groupby("segment")["amount"].sum() / total
    assert shares.between(low - 1e-4, high + 1e-4).all()
    assert solved_by_slsqp(table, total, low, high) <= returned(table, amount) * (1 + 1e-3)


def solved_by_slsqp(table, total, low, high):
    reach = (table["contacts_possible"] * table["cost"]).to_numpy()
    gain = (table["contacts_possible"] * table["response"] * table["value"]).to_numpy()
    member = np.stack([table["segment"].to_numpy() == s for s in table["segment"].unique()])
    solved = minimize(
        lambda x: -(gain * -np.expm1(-x * total / reach)).sum() / gain.sum(),
        np.full(len(table), 1 / len(table)),
        bounds=[(0, 1)] * len(table),
        constraints=[
            {"type": "eq", "fun": lambda x: x.sum() - 1},
            {"type": "ineq", "fun": lambda x: member @ x - low},
            {"type": "ineq", "fun": lambda x: high - member @ x},
        ],
        method="SLSQP",
    )
    return -solved.fun * gain.sum()


def test_the_next_unit_returns_the_same_where_nothing_binds():
    found = split_budget(TWO_BY_TWO, total=3000, max_share=1).table
    paid = found[found["amount"] > 0]
    np.testing.assert_allclose(paid["marginal_return"], paid["marginal_return"].iloc[0], rtol=1e-3)


def test_a_budget_of_nothing_is_zeros_with_a_note():
    split = split_budget(TWO_BY_TWO, total=0)
    assert split.table[["amount", "share", "expected_return"]].to_numpy().sum() == 0
    assert "nothing to split" in split.notes[0].text


def test_bounds_that_cannot_hold_are_widened_and_said():
    one = TWO_BY_TWO[TWO_BY_TWO["segment"] == 1]
    split = split_budget(one, total=100, max_share=0.6)
    assert split.table["amount"].sum() == pytest.approx(100)
    assert "is raised to 100 %" in repr(split.notes[0])
    split = split_budget(TWO_BY_TWO, total=100, min_share=0.8, max_share=0.9)
    assert split.table.groupby("segment")["amount"].sum().tolist() == pytest.approx([50, 50])
    assert "each gets 50 %" in repr(split.notes[0])


def test_channels_that_return_nothing_take_money_only_by_force():
    table = TWO_BY_TWO.assign(response=[0.0, 0.0, 0.1, 0.1])
    free = split_budget(table, total=100).table.groupby("segment")["amount"].sum()
    assert free.tolist() == pytest.approx([0, 100])
    forced = split_budget(table, total=100, min_share=0.3).table.groupby("segment")["amount"].sum()
    assert forced.tolist() == pytest.approx([30, 70])
    nowhere = split_budget(TWO_BY_TWO.assign(response=0.0), total=100).table
    assert nowhere["amount"].sum() == pytest.approx(100)


def test_beyond_the_worthwhile_budget_the_next_unit_loses():
    worth = worth_spending(TWO_BY_TWO)
    at = split_budget(TWO_BY_TWO, total=worth).table
    assert at.loc[at["amount"] > 0, "marginal_return"].max() == pytest.approx(1, rel=1e-3)
    notes = split_budget(TWO_BY_TWO, total=2 * worth).notes
    assert any("pays back within a year" in note.text for note in notes)
    assert any("better left unspent: set 'leave_unspent: true'" in note.text for note in notes)


def test_what_does_not_pay_back_stays_unspent_where_that_is_asked():
    worth = worth_spending(TWO_BY_TWO)
    full = split_budget(TWO_BY_TWO, total=2 * worth)
    kept = split_budget(TWO_BY_TWO, total=2 * worth, leave_unspent=True)
    assert (full.unspent, full.idle) == (0.0, pytest.approx(worth, abs=0.01))
    assert kept.unspent == kept.idle == pytest.approx(worth, abs=0.01)
    assert kept.table.loc[kept.table["amount"] > 0, "marginal_return"].min() >= 0.99
    assert full.table.loc[full.table["amount"] > 0, "marginal_return"].max() < 1
    assert kept.table["share"].sum() == pytest.approx(0.5, abs=1e-3)
    gained = [f.table["expected_return"].sum() - f.table["amount"].sum() for f in (kept, full)]
    assert gained[0] > gained[1]
    assert any("is left unspent" in note.text for note in kept.notes)
    small = split_budget(TWO_BY_TWO, total=worth / 2, leave_unspent=True)
    assert small.unspent == small.idle == 0.0


def test_where_nothing_pays_back_all_stays_unspent():
    table = TWO_BY_TWO.assign(response=0.0)
    split = split_budget(table, total=1000, leave_unspent=True)
    assert split.unspent == 1000
    assert split.table["amount"].sum() == 0


def test_a_response_is_the_lift_pulled_toward_the_prior(make_market):
    market = make_market(per=400, lift=0.2)
    found = response_curves(market, load_playbook(), [1, 2]).set_index("segment")
    assert set(found["channel"]) == {"e-mail"}
    assert found.loc[1, "response"] > 2 * found.loc[2, "response"]
    assert 0.05 < found.loc[1, "response"] < 0.25
    touches = market.touches()
    assert found.loc[1, "cost"] == pytest.approx(1000 / (~touches["held_out"]).sum())
    assert found.loc[1, "value"] == pytest.approx(300 * 0.4)
    assert found.loc[1, "value_of"] == "margin"


def test_without_a_hold_out_the_prior_stays(make_market):
    market = make_market()
    market.facts["touches"]["held_out"] = False
    found = response_curves(market, load_playbook(), [1])
    assert found["source"].tolist() == ["declared prior"]
    assert found["response"].tolist() == [0.01]


def test_without_campaigns_all_channels_have_priors_and_orders_their_worth(make_market):
    market = make_market()
    del market.facts["touches"], market.facts["opportunities"]
    found = response_curves(market, load_playbook(), [1])
    assert found["channel"].tolist() == list(load_playbook().channels)
    split = split_budget(found, total=1000)
    assert any("declared priors" in note.text for note in split.notes)


def test_goods_sold_below_cost_are_said(make_market):
    market = make_market()
    market.facts["orders"]["cost"] = 2 * market.facts["orders"]["amount"]
    found = response_curves(market, load_playbook(), [1])
    assert set(found["value_of"]) == {BELOW_COST}
    notes = split_budget(found, total=1000).notes
    assert any("below cost" in note.text for note in notes)


def test_an_unknown_channel_gets_the_middle_of_the_others(make_market):
    market = make_market()
    market.facts["campaigns"]["channel"] = "zeppelin"
    found = response_curves(market, load_playbook(), [1])
    assert found["channel"].tolist() == ["zeppelin"]
    assert found["label"].tolist() == ["Zeppelin"]


def test_nothing_says_what_a_conversion_is_worth(make_market):
    found = response_curves(make_market(facts=False), load_playbook(), [1])
    assert found.empty
    split = split_budget(found, total=1000)
    assert split.table.empty
    wanted = "not shown, the table 'orders' or 'subscriptions' or 'touches' is needed"
    assert wanted in split.notes[0].text


def test_campaigns_without_spend_are_named_and_the_playbook_cost_stands(make_market):
    market = make_market()
    market.facts["campaigns"]["spend"] = np.nan
    market.facts["touches"]["cost"] = np.nan
    found = response_curves(market, load_playbook(), [1, 2])
    assert found["cost"].tolist() == [load_playbook().channels["e-mail"].cost] * 2
    notes = split_budget(found, total=1000).notes
    assert any("No spend is on file for past campaigns by E-mail" in note.text for note in notes)
    paid = split_budget(response_curves(make_market(), load_playbook(), [1]), total=1000)
    assert not any("No spend" in note.text for note in paid.notes)
