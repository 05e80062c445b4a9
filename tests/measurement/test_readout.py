"""Campaign readout: coverage, false alarms, contamination."""

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportions_ztest

from seglib.measurement import campaign_readout

EFFECT = {1: (0.1, 0.25), 2: (0.1, 0.1)}


def test_intervals_cover_and_no_effect_is_called_so(make_campaign):
    covered, alarms, differs = [], 0, 0
    planted = {1: (0.1, 0.25), 2: (0.1, 0.1), 3: (0.3, 0.2), 4: (0.05, 0.15), 5: (0.2, 0.25)}
    quiet = {segment: (0.1 + 0.04 * segment,) * 2 for segment in range(1, 6)}
    for seed in range(60):
        rates = planted if seed % 2 else quiet
        readout = campaign_readout(make_campaign(seed, rates, n=1200))
        split = readout.by_segment.set_index("segment")
        covered += [
            split.loc[segment, "low"] <= treated - base <= split.loc[segment, "high"]
            for segment, (base, treated) in rates.items()
        ]
        if rates is quiet:
            alarms += split["verdict"].isin(["worked", "did harm"]).any()
            differs += readout.overall["p_interaction"].iloc[0] < 0.05
    assert 0.92 <= np.mean(covered) <= 0.98
    assert alarms <= 4
    assert differs <= 4


def test_a_planted_difference_between_segments_is_found(make_campaign):
    readout = campaign_readout(make_campaign(5, EFFECT, n=2000))
    verdicts = readout.by_segment.set_index("segment")["verdict"]
    assert verdicts[1] == "worked"
    assert verdicts[2].startswith("no effect seen") or verdicts[2].startswith("too small")
    assert readout.overall["p_interaction"].iloc[0] < 0.001


def test_harm_is_called_harm(make_campaign):
    readout = campaign_readout(make_campaign(1, {1: (0.4, 0.1)}))
    assert readout.overall["verdict"].tolist() == ["did harm"]
    assert np.isnan(readout.overall["p_interaction"].iloc[0])


def test_the_test_is_that_of_statsmodels(make_campaign):
    row = campaign_readout(make_campaign(2, EFFECT)).overall.iloc[0]
    _, expected = proportions_ztest(
        [row["treated_converted"], row["held_out_converted"]], [row["treated"], row["held_out"]]
    )
    assert row["p"] == pytest.approx(expected)


def touches(rows):
    frame = pd.DataFrame(rows, columns=["campaign_id", "account_id", "held_out", "converted"])
    return frame.assign(touch_date=pd.Timestamp("2026-05-01"))


def test_accounts_in_both_cells_are_left_out_and_counted(make_market):
    rows = [("C1", "a", True, False), ("C1", "a", False, True), ("C1", "b", True, False),
            ("C1", "c", False, True), ("C1", "d", False, False),
            ("C1", "d", False, True)]  # fmt: skip
    readout = campaign_readout(make_market({"touches": touches(rows)}))
    assert readout.overall[["treated", "treated_converted", "held_out"]].values.tolist() == [
        [2, 2, 1]
    ]
    assert any("1 accounts were treated and held out" in repr(note) for note in readout.notes)


def test_accounts_held_out_that_were_paid_for_are_said(make_market):
    rows = [("C1", "a", True, False), ("C1", "b", False, True), ("C1", "c", True, False)]
    paid = touches(rows).assign(cost=[3.0, 3.0, 0.0])
    readout = campaign_readout(make_market({"touches": paid}))
    assert readout.overall["held_out"].tolist() == [2]
    assert any("C1: 1 accounts held out have a cost" in repr(note) for note in readout.notes)


def test_a_campaign_without_hold_out_is_named_and_not_read(make_market):
    rows = [("C1", "a", False, True), ("C2", "b", False, True), ("C2", "c", True, False)]
    readout = campaign_readout(make_market({"touches": touches(rows)}))
    assert readout.overall["campaign_id"].tolist() == ["C2"]
    assert any("campaign C1" in note.text for note in readout.notes)
    only = campaign_readout(make_market({"touches": touches(rows[:1])}))
    assert only.overall.empty
    assert only.by_segment.empty


def test_overlapping_campaigns_are_said(make_market):
    campaigns = pd.DataFrame(
        {
            "campaign_id": ["C1", "C2"],
            "start_date": pd.to_datetime(["2026-05-01", "2026-05-10"]),
            "end_date": pd.to_datetime(["2026-06-01", "2026-06-10"]),
        }
    )
    rows = [("C1", "a", True, False), ("C1", "b", False, False), ("C2", "a", False, True),
            ("C2", "c", True, False)]  # fmt: skip
    market = make_market({"touches": touches(rows), "campaigns": campaigns})
    notes = [repr(note) for note in campaign_readout(market).notes]
    assert any("C1: 1 of 1 accounts held out were treated by another" in text for text in notes)


def test_accounts_without_a_segment_count_in_the_whole_and_are_said(make_market):
    rows = [("C1", "a", True, False), ("C1", "x", False, True), ("C1", "b", False, False)]
    readout = campaign_readout(make_market({"touches": touches(rows)}))
    assert readout.overall["treated"].tolist() == [2]
    assert readout.by_segment["treated"].tolist() == [1]
    assert any("C1 (33 %)" in repr(note) for note in readout.notes)


def test_only_accounts_without_a_segment(make_market):
    rows = [("C1", "x", True, False), ("C2", "a", True, False)]
    assert campaign_readout(make_market({"touches": touches(rows)})).overall.empty


def test_a_segment_with_one_account_is_too_small_to_say(make_market):
    rows = [("C1", "a", True, False), ("C1", "b", False, True), ("C1", "c", False, True)]
    split = campaign_readout(make_market({"touches": touches(rows)})).by_segment
    assert split["verdict"].tolist() == [
        "too small to say: no lift could have been seen", "not a test: one cell is empty",
    ]  # fmt: skip


def test_no_touches(make_market):
    readout = campaign_readout(make_market({}))
    assert readout.overall.empty
    assert "'touches'" in readout.notes[0].text


def test_the_benchmark_of_planted_campaigns_and_quarters_on_a_few_seeds():
    path = Path(__file__).parents[2] / "benchmarks" / "readout.py"
    spec = importlib.util.spec_from_file_location("benchmark_readout", path)
    benchmark = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    found = benchmark.figures(6, 20, accounts=600)
    assert 0.93 <= found["coverage, by segment"] <= 1.0
    assert found["null campaigns called effective"] <= 1 / 6
    assert found["alarms in a quiet quarter"] <= 0.05
    assert found["one variable shifts by 0.5: found"] == 1.0
    assert found["a segment melts away: found"] == 1.0
