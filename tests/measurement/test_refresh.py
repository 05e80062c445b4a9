"""Identity, migration, drift and the decision."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy import stats

from seglib.errors import StudyError
from seglib.measurement import (
    Snapshot,
    compare_snapshots,
    drift,
    match_segments,
    paired,
    rules,
    share_shifts,
)
from seglib.measurement.rules import refresh_rules

RULES = {"same_from": 0.5, "part_from": 0.3}


def frame(segments, start=0):
    ids = [f"A{i:04d}" for i in range(start, start + len(segments))]
    return pd.DataFrame({"account_id": ids, "segment": segments})


def match(before, now):
    return match_segments(paired(frame(before), frame(now)), **RULES)


def kinds(matched):
    return {(row.before, row.now): (row.kind, row.parts) for row in matched.itertuples()}


def test_numbers_may_change_and_identity_stays():
    found = kinds(match([1] * 10 + [2] * 20 + [3] * 5, [3] * 10 + [1] * 20 + [2] * 5))
    assert set(found) == {(1, 3), (2, 1), (3, 2)}
    assert {kind for kind, _ in found.values()} == {"same"}


def test_a_split_is_called_so_on_both_sides():
    found = kinds(match([1] * 20 + [2] * 10, [1] * 10 + [3] * 10 + [2] * 10))
    assert found[(2, 2)][0] == "same"
    old_part = found.get((1, 1)) or found.get((1, 3))
    assert old_part[0] == "same"
    new = [(k, v) for k, v in found.items() if k[0] == -1]
    assert [v for _, v in new] == [("split", (1,))]


def test_a_segment_in_three_parts_is_split():
    found = kinds(match([1] * 30, [1] * 10 + [2] * 10 + [3] * 10))
    assert found[(1, -1)] == ("split", (1, 2, 3))


def test_a_merger_is_called_so():
    found = kinds(match([1] * 10 + [2] * 10 + [3] * 10, [1] * 30))
    assert found[(-1, 1)] == ("merged", (1, 2, 3))
    assert found[(1, -1)] == ("merged", (1,))


def test_new_and_gone_segments():
    before, now = frame([1] * 10 + [2] * 10), frame([1] * 10 + [5] * 10, start=0)
    now.loc[now["segment"] == 5, "account_id"] = [f"N{i}" for i in range(10)]
    found = kinds(match_segments(paired(before, now), **RULES))
    assert found[(-1, 5)] == ("new", ())
    assert found[(2, -1)] == ("gone", ())


def test_share_shifts_by_hand():
    pairs = paired(frame([1] * 60 + [2] * 40), frame([1] * 50 + [2] * 50))
    found = share_shifts(pairs, match_segments(pairs, **RULES)).set_index("before")
    assert found.loc[1, ["share_before", "share_now", "shift"]].tolist() == pytest.approx(
        [0.6, 0.5, -0.1]
    )
    half = 1.959964 * np.sqrt(10 - 100 / 100) / 100
    assert found.loc[1, "high"] - found.loc[1, "shift"] == pytest.approx(half, abs=1e-6)


def test_psi_by_hand_and_its_noise():
    before = pd.DataFrame({"v": ["a"] * 50 + ["b"] * 50})
    now = pd.DataFrame({"v": ["a"] * 80 + ["b"] * 20})
    row = drift(before, now, ["v"]).iloc[0]
    p, q = np.array([50.5, 50.5]) / 101, np.array([80.5, 20.5]) / 101
    psi = ((p - q) * np.log(p / q)).sum()
    assert row["psi"] == pytest.approx(psi)
    assert row["p"] == pytest.approx(stats.chi2.sf(psi / 0.02, 1))
    assert row["noise"] == pytest.approx(0.02)
    assert (row["known_before"], row["known_now"]) == (1.0, 1.0)


def test_the_noise_of_psi_is_that_of_chance():
    rng = np.random.default_rng(2)
    found = pd.concat(
        drift(
            pd.DataFrame({"v": rng.normal(size=400)}),
            pd.DataFrame({"v": rng.normal(size=300)}),
            ["v"],
        )
        for _ in range(200)
    )
    assert found["psi"].mean() == pytest.approx(found["noise"].mean(), rel=0.1)
    assert (found["p"] < 0.05).mean() == pytest.approx(0.05, abs=0.035)


def test_missing_constant_and_absent_variables():
    before = pd.DataFrame({"gap": [1.0, np.nan] * 50, "same": 1.0, "old": 1.0})
    now = pd.DataFrame({"gap": [1.0] * 100, "same": 1.0, "new": 1.0})
    found = drift(before, now, ["gap", "same", "old", "new"]).set_index("variable")
    assert set(found.index) == {"gap", "same"}
    assert found.loc["gap", "p_holm"] < 0.001
    assert found.loc["gap", ["known_before", "known_now"]].tolist() == [0.5, 1.0]
    assert found.loc["same", "psi"] == 0


def snapshot(name, seed, *, shift=0.0, move=0.0, fresh=0):
    """200 accounts in two segments; some move, some are new, one variable drifts."""
    rng = np.random.default_rng(seed)
    segments = np.repeat([1, 2], 100)
    moved = rng.random(200) < move
    segments = np.where(moved, 3 - segments, segments)
    ids = [f"A{i:03d}" for i in range(200 - fresh)] + [f"{name}{i}" for i in range(fresh)]
    frame_ = pd.DataFrame({"account_id": ids, "segment": segments})
    frame_["shadow"] = 0.3 + 0.3 * frame_["account_id"].str.startswith(name)
    customers = pd.DataFrame(
        {"account_id": ids, "one": rng.normal(shift, 1, 200), "two": rng.normal(0, 1, 200)}
    )
    return Snapshot(name, frame_, customers, {1: "Large", 2: "Small"})


@pytest.mark.parametrize(
    ("changes", "decision", "fired"),
    [
        ({}, "keep", set()),
        ({"fresh": 40}, "re-score", {"new_accounts", "outside"}),
        ({"move": 0.2}, "re-score", {"moved_some"}),
        ({"move": 0.5}, "refit", {"moved", "moved_some", "lost_identity"}),
        ({"shift": 1.0}, "refit", {"drifted", "drifted_widely"}),
    ],
)
def test_the_decision_and_the_figures_that_fired(changes, decision, fired):
    found = compare_snapshots(snapshot("r1", 1), snapshot("r2", 2, **changes), ["one", "two"])
    assert found.decision == decision
    assert set(found.rules.loc[found.rules["fired"], "rule"]) == fired
    assert found.migration["accounts"].sum() == 200 + changes.get("fresh", 0)
    text = json.dumps(found.as_json(), allow_nan=False)
    assert json.loads(text)["compared_with"] == "r1"


def test_another_cut_of_the_same_market_is_no_move_of_it():
    """The moves are counted by the earlier run's own model, where it can place today's accounts."""
    before, now = snapshot("r1", 1), snapshot("r2", 2)
    other = now.assignments.assign(segment=np.where(np.arange(200) < 60, 1, 2))
    now = Snapshot("r2", other, now.customers, now.names)
    by_cuts = compare_snapshots(before, now, ["one", "two"])
    by_model = compare_snapshots(
        before, now, ["one", "two"], rescored=before.assignments[["account_id", "segment"]]
    )
    assert by_cuts.decision == "re-score"
    assert by_cuts.basis.startswith("The previous run's model could not place")
    assert by_model.decision == "keep"
    assert by_model.basis.startswith("Moves and shares are counted by the previous run's own")
    assert by_model.identity.equals(by_cuts.identity)
    assert by_model.migration.equals(by_cuts.migration)


@pytest.mark.parametrize(("move", "decision"), [(0.03, "keep"), (0.2, "re-score"), (0.5, "refit")])
def test_moves_under_one_model_are_found(move, decision):
    before, now = snapshot("r1", 1), snapshot("r2", 2)
    rescored = snapshot("r2", 2, move=move).assignments[["account_id", "segment"]]
    found = compare_snapshots(before, now, ["one", "two"], rescored=rescored)
    assert found.decision == decision
    moved = found.rules.set_index("rule").loc["moved", "value"]
    assert moved == pytest.approx((rescored["segment"] != before.assignments["segment"]).mean())


def test_every_rule_of_the_file_is_judged():
    found = compare_snapshots(snapshot("r1", 1), snapshot("r2", 2), ["one"])
    assert found.rules["rule"].tolist() == list(refresh_rules().rules)


def test_runs_without_any_segment():
    run = pd.DataFrame({"account_id": list("ab"), "segment": [0, 0]})
    empty = Snapshot("r1", run, run[["account_id"]], {})
    assert compare_snapshots(empty, empty, []).decision == "keep"


def test_a_quiet_quarter_seldom_raises_an_alarm():
    decisions = [
        compare_snapshots(
            snapshot("r1", s), snapshot("r2", 1000 + s, move=0.03), ["one", "two"]
        ).decision
        for s in range(100)
    ]
    assert sum(decision != "keep" for decision in decisions) <= 5


def test_other_identifiers_are_refused():
    other = snapshot("r2", 2)
    other.assignments["account_id"] = "Z" + other.assignments["account_id"]
    with pytest.raises(StudyError, match="shares no account"):
        compare_snapshots(snapshot("r1", 1), other, [])


def test_noise_is_no_segment_and_stays_noise():
    run = pd.DataFrame({"account_id": list("abcd"), "segment": [0, 0, 1, 1]})
    same = Snapshot("r1", run, run[["account_id"]], {1: "Large"})
    found = compare_snapshots(same, same, [])
    assert found.decision == "keep"
    assert found.identity[["before", "now"]].values.tolist() == [[1, 1]]


def test_each_figure_of_a_rule_can_stand_in_a_sentence():
    settings = yaml.safe_load(Path(rules.__file__).with_name("refresh.yaml").read_text("utf-8"))
    told = [r["figure"] for kind in ("rules", "segments") for r in settings[kind].values()]
    assert all(figure.startswith("the ") for figure in told)
