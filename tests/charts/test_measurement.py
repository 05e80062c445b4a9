"""Figures of step 06: titles claim no more than the intervals bear; nothing is drawn of nothing."""

import numpy as np
import pandas as pd
import pytest

from seglib.charts import measurement as charts
from seglib.charts import measurement_outcomes as outcomes
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Chart, Note
from seglib.measurement import (
    Cohort,
    Snapshot,
    campaign_readout,
    compare_snapshots,
    kpis,
    payoff,
    retention,
)
from seglib.quotes import bare
from seglib.strategy import segmented_market


def market(facts, k=2, per=60):
    n = k * per
    accounts = pd.DataFrame({"account_id": [f"A{i:03d}" for i in range(n)]})
    return segmented_market(
        accounts=accounts,
        assignments=accounts.assign(segment=[1 + i // per for i in range(n)]),
        cards=[{"segment": s, "name": f"Group {s}"} for s in range(1, k + 1)],
        facts=facts,
        as_of="2026-09-30",
        currency="EUR",
    )


def deals(won, months=("2026-08-01",), per=60, k=2):
    """Deals of each account; won: share by segment, in the last month (half before)."""
    frame = pd.DataFrame({"account_id": [f"A{i:03d}" for i in range(k * per)]})
    parts = []
    for month in months:
        shares = won if month == months[-1] else [0.5] * k
        outcome = [
            "won" if (i % per) < shares[i // per] * per else "lost" for i in range(len(frame))
        ]
        day = pd.Timestamp(month)
        parts.append(frame.assign(created_date=day, closed_date=day, outcome=outcome, amount=10.0))
    return pd.concat(parts, ignore_index=True)


def title(chart):
    return chart.figure.get_suptitle().replace("\n", " ")


def conversion(*args, **kwargs):
    of = market({"opportunities": deals(*args, **kwargs)})
    return charts.kpi_by_segment(kpis(of), "conversion", of)


def test_a_difference_beyond_the_intervals_is_claimed_with_both_numbers():
    chart = conversion([0.2, 0.8])
    assert title(chart) == "Conversion in 2026 Q3: 80.0 % in Group 2, 20.0 % in Group 1"
    assert "Group 1 20.0% (from 11.8% to 31.8%)" in chart.alt
    assert "n = 120 accounts; as of 2026-09-30" in bare(chart.caption)


def test_a_difference_inside_the_intervals_is_not_claimed():
    assert title(conversion([0.5, 0.55])) == "Conversion by segment in 2026 Q3"


def test_one_segment_and_a_segment_without_deals():
    of = market({"opportunities": deals([0.5], k=1)}, k=1)
    assert title(charts.kpi_by_segment(kpis(of), "conversion", of)).startswith("Conversion by")
    half = deals([0.5, 0.5])
    of = market({"opportunities": half[half["account_id"] < "A060"]})
    chart = charts.kpi_by_segment(kpis(of), "conversion", of)
    assert "no closed opportunities" in chart.svg()


def test_a_change_is_claimed_against_the_same_quarter_a_year_before():
    months = ("2025-08-01", "2026-02-01", "2026-08-01")
    of = market({"opportunities": deals([0.9, 0.5], months)})
    chart = charts.kpi_over_periods(kpis(of), "conversion", of)
    assert title(chart) == "Conversion by segment, 2025 Q3 to 2026 Q3"
    every = tuple(f"{y}-{m:02d}-01" for y in (2025, 2026) for m in (2, 5, 8))
    of = market({"opportunities": deals([0.9, 0.5], (*every[:3], "2025-11-01", *every[3:]))})
    chart = charts.kpi_over_periods(kpis(of), "conversion", of)
    assert title(chart) == (
        "Conversion rose from 50.0 % in 2025 Q3 to 90.0 % in 2026 Q3 in Group 1"
    )


def test_kpis_without_data_are_one_line():
    of = market({})
    for draw in (charts.kpi_by_segment, charts.kpi_over_periods):
        found = draw(kpis(of), "conversion", of)
        assert isinstance(found, Note)
        assert "'opportunities'" in found.text
    once = market({"opportunities": deals([0.5, 0.5])})
    found = charts.kpi_over_periods(kpis(once), "conversion", once)
    assert found.text == "Conversion is known for one period only."


def touches(rate_treated, per=60, k=2, campaigns=("C1",)):
    ids = [f"A{i:03d}" for i in range(k * per)]
    rows = [
        (c, a, i % 2 == 0, i % 2 == 1 and (i % per) < 2 * rate_treated * per / 2)
        for c in campaigns
        for i, a in enumerate(ids)
    ]
    frame = pd.DataFrame(rows, columns=["campaign_id", "account_id", "held_out", "converted"])
    return frame.assign(touch_date=pd.Timestamp("2026-05-01"))


def lift(*args, **kwargs):
    of = market({"touches": touches(*args, **kwargs)})
    return charts.lift_by_segment(campaign_readout(of), of)


def test_an_effect_is_claimed_with_its_interval():
    chart = lift(0.5)
    assert title(chart).startswith("1 of 1 campaigns made a difference; most C1: +50.0 points (+")
    assert "C1 worked in Group 1" in chart.alt


def test_no_effect_is_not_claimed():
    chart = lift(0.0)
    assert title(chart) == "No effect is beyond chance in any of 1 campaigns with a hold-out"
    assert "none is beyond chance" in chart.alt


@pytest.mark.parametrize("count", [2, 3, 11])
def test_many_campaigns_are_the_latest_eight(count):
    chart = lift(0.2, campaigns=[f"C{i:02d}" for i in range(count)])
    drawn = [ax for ax in chart.figure.axes if ax.axison]
    assert len(drawn) == min(count, 8)


def test_no_campaigns_is_one_line():
    of = market({})
    assert isinstance(charts.lift_by_segment(campaign_readout(of), of), Note)


def snapshot(name, segments):
    frame = pd.DataFrame(
        {"account_id": [f"A{i}" for i in range(len(segments))], "segment": segments}
    )
    return Snapshot(name, frame, frame[["account_id"]], {1: "Large", 2: "Small"})


def test_the_migration_says_how_many_moved():
    before = np.repeat([1, 2], 50)
    now = before.copy()
    now[:10] = 2
    refresh = compare_snapshots(snapshot("r1", before), snapshot("r2", now), [])
    chart = charts.migration_heatmap(refresh, market({}))
    assert isinstance(chart, Chart)
    assert title(chart) == "2 of 2 segments are still the same; 10 % of the accounts moved"
    same = snapshot("r1", before).assignments
    by_model = compare_snapshots(snapshot("r1", before), snapshot("r2", now), [], rescored=same)
    assert title(charts.migration_flow(by_model, market({}))) == (
        "2 of 2 segments are still the same; by the earlier model 0 % of the accounts moved"
    )
    assert "of Large, 80% to Large" in chart.alt
    assert "20\N{NO-BREAK SPACE}%" in chart.svg()


def test_the_flow_shows_every_segment_with_its_accounts():
    before = np.repeat([1, 2], 50)
    now = before.copy()
    now[:10] = 2
    now[99] = 0
    refresh = compare_snapshots(snapshot("r1", before), snapshot("r2", now), [])
    chart = charts.migration_flow(refresh, market({}))
    svg = chart.svg()
    for words in ("Large (50)", "Small (50)", "Large (40)", "Small (59)", "No segment (1)"):
        assert words in svg
    ribbons = [c for c in chart.figure.axes[0].collections if len(c.get_paths())]
    assert len(ribbons) == 4
    assert "of Large, 80% to Large" in chart.alt


def test_new_and_lost_accounts_flow_too():
    now = snapshot("r2", np.repeat([1, 2], 30))
    now.assignments.loc[50:, "account_id"] = [f"N{i}" for i in range(10)]
    refresh = compare_snapshots(snapshot("r1", np.repeat([1, 2], 30)), now, [])
    svg = charts.migration_flow(refresh, market({})).svg()
    assert "New accounts (10)" in svg
    assert "No longer there (10)" in svg


DAY = pd.Timestamp("2025-09-30")


def cohort(n=200):
    frame = pd.DataFrame({"account_id": [f"A{i:03d}" for i in range(n)]})
    frame["segment"] = np.repeat([1, 2], n // 2)
    return Cohort(DAY, frame, AccountTable(frame, {}), {1: "Group 1", 2: "Group 2"}, "a test")


def kept(share):
    """Contracts of which a share by segment ends after half a year."""
    there = cohort()
    ends = [
        pd.Timestamp("2026-03-31") if (i % 100) >= 100 * share[s - 1] else pd.NaT
        for i, s in enumerate(there.segments["segment"])
    ]
    table = there.segments[["account_id"]].assign(start_date=pd.Timestamp("2020-01-01"))
    return retention(there, {"subscriptions": table.assign(end_date=ends)}, DAY + YEAR)


YEAR = pd.DateOffset(years=1)


def test_retention_is_claimed_where_the_test_says_so():
    chart = outcomes.retention_curves(kept([0.9, 0.5]))
    assert title(chart) == (
        "After 12 months 90 % of Group 1 are still under contract, 50 % of Group 2"
    )
    assert "Group 2: 50% still under contract after 12 months (from" in chart.alt
    assert "no difference" in title(outcomes.retention_curves(kept([0.7, 0.72])))


def test_the_legend_tells_a_long_name_whole():
    name = "Service-minded buyers of calibration and service"
    there = Cohort(DAY, cohort().segments, cohort().accounts, {1: name, 2: "Two"}, "a test")
    ends = [pd.NaT, pd.Timestamp("2026-03-31")] * 100
    table = there.segments[["account_id"]].assign(start_date=pd.Timestamp("2020-01-01"))
    found = retention(there, {"subscriptions": table.assign(end_date=ends)}, DAY + YEAR)
    (legend,) = outcomes.retention_curves(found).figure.legends
    told = [" ".join(text.get_text().split()) for text in legend.get_texts()]
    assert name in told


def test_the_payoff_names_the_tables_that_its_outcomes_come_from():
    assert outcomes._judged_by(["Bought again", "Revenue of those that bought"]) == "orders"
    assert outcomes._judged_by(["Bought again", "Contract kept"]) == "orders and subscriptions"
    assert outcomes._judged_by(["Contract kept"]) == "subscriptions"


def test_percentages_are_written_alike_in_picture_and_words():
    chart = outcomes.retention_curves(kept([0.9, 0.5]))
    assert "90%</text>" not in chart.svg()
    assert "90\N{NO-BREAK SPACE}%</text>" in chart.svg()
    assert "50\N{NO-BREAK SPACE}% still under contract" in chart._repr_html_()


def test_payoff_titles_claim_what_was_decided():
    there, rng = cohort(400), np.random.default_rng(1)
    for effect, said in ((1.0, "these segments explain"), (0.0, "no grouping is seen")):
        amount = np.exp(effect * there.segments["segment"] + rng.normal(0, 1, 400))
        table = there.segments[["account_id"]].assign(month=DAY + YEAR, amount=amount)
        chart = outcomes.payoff_by_grouping(payoff(there, {"orders": table}, DAY + YEAR, seed=7))
        assert said in title(chart)
        assert "These segments:" in chart.alt


def test_no_earlier_day_is_one_line():
    note = Note("no earlier day.", kind="missing")
    for found in (
        outcomes.retention_curves(retention(note, {}, DAY)),
        outcomes.payoff_by_grouping(payoff(note, {}, DAY, seed=7)),
    ):
        assert isinstance(found, Note)
        assert "no earlier day" in found.text


def test_money_and_cost_axes_are_short():
    of = market({"opportunities": deals([0.5, 0.5]).assign(amount=2e6)})
    chart = charts.kpi_by_segment(kpis(of), "pipeline_opened", of)
    assert "EUR" in chart.svg()
    assert "100m" in chart.svg()
