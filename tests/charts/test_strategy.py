"""Figures of step 05: titles claim no more than the figures bear; nothing is drawn of nothing."""

from itertools import pairwise

import pandas as pd
import pytest

from seglib.charts import strategy as charts
from seglib.charts.strategy import _spread
from seglib.charts.style import segment_color
from seglib.exhibits import Chart, Note
from seglib.quotes import bare
from seglib.strategy import plan_tests, segmented_market, split_budget, targeting


def market(k=3, per=30, **columns):
    n = k * per
    accounts = pd.DataFrame({"account_id": [f"A{i:03d}" for i in range(n)]})
    segment = [1 + i // per for i in range(n)]
    values = {
        "revenue_12m": [100.0 * s for s in segment],
        "satisfaction": [1.0 * s for s in segment],
    }
    return segmented_market(
        accounts=accounts.assign(**{**values, **columns}),
        assignments=accounts.assign(segment=segment, confidence=0.9),
        cards=[{"segment": s, "name": f"Group {s}"} for s in range(1, k + 1)],
        facts={},
        as_of="2026-09-30",
        currency="EUR",
    )


def choose(of, targets=1, **weights):
    asked = {"attractiveness": {"revenue": 1}, "competitiveness": {"satisfaction": 1}, **weights}
    return targeting(of, targets=targets, min_share=0.05, seed=7, **asked)


def curves(k=2):
    return pd.DataFrame(
        {
            "segment": range(1, k + 1), "name": [f"Group {s}" for s in range(1, k + 1)],
            "channel": "e-mail", "label": "E-mail", "accounts": 100.0, "contacts_possible": 100.0,
            "cost": 1.0, "response": 0.05, "value": 100.0, "value_of": "margin",
            "source": "declared prior",
        }
    )  # fmt: skip


def title(chart):
    return chart.figure.get_suptitle().replace("\n", " ")


def test_the_matrix_claims_the_choice_with_how_often_it_is_made():
    chart = charts.targeting_matrix(choose(market()), market())
    assert title(chart) == "Group 3 comes first, under all drawn weights"
    assert "Group 1: attractiveness" in chart.alt
    assert "n = 90 accounts; as of 2026-09-30" in bare(chart.caption)


def test_an_open_choice_is_called_open():
    contest = market(satisfaction=[6.0] * 30 + [1.0] * 60, retained=[0.0] * 30 + [1.0] * 60)
    both = {"attractiveness": {"size": 1}, "competitiveness": {"satisfaction": 1, "retention": 1}}
    chart = charts.targeting_matrix(choose(contest, **both), contest)
    assert "only under" in title(chart)


def test_bubbles_keep_the_segments_colours():
    chart = charts.targeting_matrix(choose(market()), market())
    svg = chart.svg()
    assert all(segment_color(s) in svg for s in (1, 2, 3))
    assert "Group 2" in svg


def test_the_matrix_without_an_axis_says_what_it_wants():
    found = charts.targeting_matrix(choose(market(satisfaction=None)), market())
    assert isinstance(found, Note)
    assert found.kind == "missing"


@pytest.mark.parametrize("k", [1, 2, 10])
def test_any_number_of_segments(k):
    of = market(k=k)
    assert isinstance(charts.targeting_matrix(choose(of), of), Chart)
    split = split_budget(curves(k), total=100)
    assert isinstance(charts.budget_bars(split, of), Chart)
    assert isinstance(charts.detectable_lifts(plan_tests(of, of.numbers), of), Chart)


def test_the_budget_says_amounts_and_the_next_unit():
    chart = charts.budget_bars(split_budget(curves(), total=60), market())
    assert title(chart) == "E-mail in Group 1 gets the largest part: 50 % of the budget"
    assert "Group 1, E-mail: 30" in chart.alt
    assert "one more EUR returns 3.70" in chart.svg()


def test_no_budget_no_figure():
    nothing = split_budget(curves(), total=0)
    empty = split_budget(curves().iloc[:0], total=10)
    for split in (nothing, empty):
        assert isinstance(charts.budget_bars(split, market()), Note)
        assert isinstance(charts.marginal_returns(split, market()), Note)


def test_both_figures_of_the_budget_name_the_same_source():
    past = split_budget(curves().assign(source="C01"), total=60)
    for split, source in ((past, "past campaigns"), (None, "declared priors")):
        shown = split or split_budget(curves(), total=60)
        for draw in (charts.budget_bars, charts.marginal_returns):
            caption = draw(shown, market()).caption
            assert f"Source: response curves from {source};" in caption
            assert "declared curves" not in caption


def test_the_marginal_return_names_the_budget_that_pays():
    chart = charts.marginal_returns(split_budget(curves(), total=60), market())
    assert title(chart) == "The next unit pays for itself up to a budget of about 322"
    dear = split_budget(curves().assign(cost=100.0), total=60)
    assert title(charts.marginal_returns(dear, market())).startswith("No unit of this budget")


@pytest.mark.parametrize(("times", "scale"), [(1, "linear"), (40, "log")])
def test_a_steep_start_does_not_flatten_the_rest(times, scale):
    table = curves().assign(value=lambda rows: rows["value"] * times)
    chart = charts.marginal_returns(split_budget(table, total=60), market())
    (axes,) = chart.figure.axes
    assert axes.get_yscale() == scale
    assert ("Logarithmic" in chart.caption) == (scale == "log")
    line = axes.lines[0].get_ydata()
    low, high = axes.get_ylim()
    assert low <= line[1:].min()
    assert line.max() <= high


def test_the_test_plan_says_what_cannot_be_seen():
    small = market()
    chart = charts.detectable_lifts(plan_tests(small, [1, 2]), small)
    assert title(chart).startswith("No segment's own test would see 5 points; the best sees")
    large = market(per=3000)
    chart = charts.detectable_lifts(plan_tests(large, [1, 2]), large)
    assert title(chart) == "Every segment's test would see a lift of 5 points"
    tiny = market(per=1)
    assert isinstance(charts.detectable_lifts(plan_tests(tiny, [1]), tiny), Note)


def test_the_same_chart_has_the_same_bytes():
    first, second = (charts.targeting_matrix(choose(market()), market()).svg() for _ in range(2))
    assert first == second


def test_labels_keep_their_distance_and_their_order():
    places = _spread([5.0, 5.01, 5.02, 9.9], 0.5, 1.0, 10.0)
    assert places == sorted(places)
    assert min(b - a for a, b in pairwise(places)) >= 0.5 - 1e-9
    assert places[0] >= 1
    assert places[-1] <= 10
