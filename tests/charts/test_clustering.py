"""Figures of step 03: what they draw is what is defined, and the title says what was found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from scipy.spatial import ConvexHull, Delaunay
from scipy.spatial.distance import pdist

from seglib.charts import clustering as charts
from seglib.charts.clustering_levels import _THIN
from seglib.charts.clustering_parts import tint
from seglib.charts.clustering_shape import _hulls, _overlap
from seglib.charts.style import palette, segment_color
from seglib.clustering import assess, find_again, make_candidates, prepare
from seglib.clustering.flows import slsa_flows
from seglib.clustering.shape import gorge, plane_of, shape_from_means
from seglib.collection import AccountTable
from seglib.exhibits import Chart, Note
from seglib.objectives import Brief
from seglib.quotes import bare
from seglib.schema import ColumnInfo
from seglib.study import Study

AS_OF = "2026-09-30"
EVIL = "Money <script>alert(1)</script> $a$ & $b"


def column(name, role="base", kind="number"):
    return ColumnInfo(name=name, role=role, kind=kind, label=name, definition=name,
                      observable=False, family="behavioural")  # fmt: skip


def brief_for(names):
    criteria = ("measurable", "substantial", "accessible", "differentiable", "actionable")
    return Brief(
        study="small", objective="own", title="t", question="q", outcome=None,
        higher_is_better=True, kpis=(), bases=("behavioural",), variables=tuple(names),
        descriptors=(), weights=dict.fromkeys(criteria, 1), attractiveness={}, competitiveness={},
        capacity=5, min_share=0.05, hypotheses=(), currency="EUR", as_of=AS_OF, seed=7,
    )  # fmt: skip


@pytest.fixture(scope="module", params=["planted", "noise"])
def market(request):
    """Four segments of 50, or none, in six variables, with all that step 03 knows of them."""
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2, 3], 50)
    centers = rng.normal(size=(4, 6))
    centers *= 5 / pdist(centers).min() * (request.param == "planted")
    names = [f"v{j}" for j in range(6)]
    frame = pd.DataFrame(centers[truth] + rng.normal(size=(200, 6)), columns=names)
    frame.insert(0, "account_id", [f"a{i}" for i in range(200)])
    frame.insert(1, "status", "customer")
    info = {name: column(name) for name in names}
    info |= {"account_id": column("account_id", "id", "id"),
             "status": column("status", "descriptor", "category")}  # fmt: skip
    study = Study(name="small", clustering={"k_min": 2, "k_max": 5, "effort": "quick"})
    bench = prepare(AccountTable(frame, info), brief_for(names), study)
    verdict = assess(bench.X, bench.ks, effort="quick", random_state=7)
    made = make_candidates(bench, ["kmeans", "mixture"])
    kept = next(c for c in made if c.method == "kmeans" and c.k == 4)
    return request.param == "planted", bench, made, verdict, find_again(bench, made, kept, verdict)


CLAIMS = {
    "stability": ("rises above both kinds of noise most at 4", "No number of segments is more"),
    "prediction_strength": (
        "segments beyond noise: prediction strength",
        "No number of segments is foret",
    ),
    "slsw": (
        "segments come back beyond noise",
        "The segments come back no more often than segments of noise",
    ),
    "slsa": ("of the 4 segments come", "of the 4 segments come"),
    "separation": ("of 6 pairs of segments overlap", "of 6 pairs of segments overlap"),
    "neighbours": ("shades most into segment", "shades most into segment"),
    "gorge": ("of the accounts belong clearly", "of the accounts belong clearly"),
    "shadow": ("lie near a border, fewer than in noise", "lie near a border, as many as in noise"),
    "segment_profiles": ("variables", "variables"),
}


def draw(name, market):
    _, bench, _, verdict, found = market
    shape = shape_from_means(bench.X, found.kept.labels)
    nearest = np.sort(shape.distances, axis=1)
    shadow = 2 * nearest[:, 0] / (nearest[:, 0] + nearest[:, 1])
    match name:
        case "stability":
            return charts.stability_chart(verdict, bench.accounts, AS_OF)
        case "prediction_strength":
            return charts.strength_chart(found, AS_OF)
        case "slsw":
            return charts.slsw_chart(found, AS_OF)
        case "slsa":
            return charts.slsa_chart(found, bench.X, AS_OF)
        case "shadow":
            placed = pd.DataFrame({"segment": found.kept.labels, "shadow": shadow})
            return charts.shadow_chart(placed, AS_OF, found.border_noise)
        case "segment_profiles":
            columns = pd.DataFrame(bench.X, columns=bench.names)
            return charts.segment_profile_chart(columns, found.kept.labels, AS_OF, {"v0": EVIL})
        case _:
            return getattr(charts, f"{name}_chart")(shape, AS_OF)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_title_claims_what_is_planted_and_is_neutral_on_noise(market, name):
    chart = draw(name, market)
    assert isinstance(chart, Chart)
    title = chart.figure.get_suptitle().replace("\n", " ")
    assert CLAIMS[name][not market[0]] in title
    assert chart.name == name
    assert "Easily misread:" in chart.caption
    assert bare(chart.caption).endswith(f"n = 200 accounts; as of {AS_OF}.")
    assert len(chart.alt) > 40


@pytest.mark.parametrize("name", CLAIMS)
def test_names_stay_text_and_the_bytes_stay_the_same(market, name):
    svg = draw(name, market).svg()
    assert svg == draw(name, market).svg()
    assert "<script>" not in svg + draw(name, market)._repr_html_()


def test_what_is_not_certified_is_withheld(market):
    _, bench, _, _, found = market
    failed = replace(found, kept=replace(found.kept, certified=False, note="Not certified: 1."))
    note = charts.slsw_chart(failed, AS_OF)
    assert isinstance(note, Note)
    assert "Withheld" in note.text
    assert "Not certified: 1." in note.text
    gone = replace(found, slsa=found.slsa.assign(certified=False),
                   strength=found.strength.assign(certified=False))  # fmt: skip
    for chart in (charts.slsa_chart(gone, bench.X, AS_OF), charts.strength_chart(gone, AS_OF)):
        texts = [text.get_text() for text in chart.figure.axes[0].texts]
        assert texts.count("not\ncertified") >= 2
        assert "k = 4: not certified" in chart.alt


def test_a_caption_names_the_bands_that_are_drawn_and_no_other(market):
    _, _, _, _, found = market
    both = charts.slsw_chart(found, AS_OF).caption
    assert "every column permuted (grey), correlations kept (ochre);" in both
    noise = found.slsw_noise
    alone = replace(found, slsw_noise=noise[noise["how"] == "permute"])
    caption = charts.slsw_chart(alone, AS_OF).caption
    assert "every column permuted (grey);" in caption
    assert "ochre" not in caption


def test_the_names_of_the_two_bands_stand_on_two_lines(market):
    chart = charts.slsw_chart(market[4], AS_OF)
    named = {t.get_text(): t.get_position()[1] for t in chart.figure.axes[0].texts}
    assert abs(named["noise"] - named["noise, correlated"]) > 0.2


def test_stability_inside_the_band_of_correlated_noise_is_not_called_above_noise(market):
    _, bench, _, verdict, _ = market
    table = verdict.table.assign(above_permuted=True, above_copula=False)
    chart = charts.stability_chart(replace(verdict, table=table), bench.accounts, AS_OF)
    assert chart.alt.count("within correlated noise") == len(table)
    assert "above noise" not in chart.alt
    table = table.assign(above_copula=True)
    chart = charts.stability_chart(replace(verdict, table=table), bench.accounts, AS_OF)
    assert "above both kinds of noise" in chart.alt


def test_one_segment_or_rules_get_a_sentence_each(market):
    _, bench, made, verdict, found = market
    alone = next(c for c in made if c.k == 1)
    one = find_again(bench, made, alone, verdict)
    shape = shape_from_means(bench.X, alone.labels)
    rules = replace(found, kept=replace(found.kept, method="rules"), slsw=None)
    labelled = pd.DataFrame({"segment": alone.labels, "shadow": np.nan})
    notes = [
        charts.slsw_chart(one, AS_OF),
        charts.slsw_chart(rules, AS_OF),
        charts.separation_chart(shape, AS_OF),
        charts.neighbours_chart(shape, AS_OF),
        charts.gorge_chart(shape, AS_OF),
        charts.shadow_chart(labelled, AS_OF),
        charts.segment_profile_chart(pd.DataFrame(bench.X), alone.labels, AS_OF),
        charts.slsa_chart(replace(found, solutions={}), bench.X, AS_OF),
    ]
    assert all(isinstance(note, Note) for note in notes)
    assert "the same in every sample" in notes[1].text


def test_hulls_hold_the_rows_within_the_median_distance_and_two_and_a_half_times_it():
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(size=(40, 3)), rng.normal(6, 1, size=(30, 3)), [[9.0, -9.0, 0.0]]])
    shape = shape_from_means(X, [1] * 40 + [2] * 31)
    mean, axes, _ = plane_of(X)
    points = (X - mean) @ axes.T
    for place, rows in enumerate((np.arange(40), np.arange(40, 71))):
        away = np.linalg.norm(X[rows] - X[rows].mean(axis=0), axis=1)
        for times, hull in zip((1.0, 2.5), _hulls(shape, points, place), strict=True):
            near = points[rows[away <= times * np.median(away)]]
            expected = near[ConvexHull(near).vertices]
            assert {tuple(p) for p in hull} == {tuple(p) for p in expected}
            assert (Delaunay(hull).find_simplex(near * (1 - 1e-9) + hull.mean(0) * 1e-9) >= 0).all()


def test_hulls_of_few_or_collinear_rows_are_lines():
    X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [9.0, 0.0], [9.0, 0.0]])
    shape = shape_from_means(X, [1, 1, 1, 2, 2])
    assert len(_hulls(shape, X, 0)[1]) == 2
    assert len(_hulls(shape, X, 1)[0]) == 1
    assert isinstance(charts.separation_chart(shape, AS_OF), Chart)


def test_convex_hulls_overlap_where_they_share_area():
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    assert _overlap(square, square + 0.5)
    assert not _overlap(square, square + np.array([1.0, 0.0]))
    assert not _overlap(square, np.array([[1.2, 0.5], [1.0, 1.2], [1.2, 1.2]]))


def test_the_gorge_plot_counts_all_accounts_in_every_panel(market):
    _, bench, _, _, found = market
    shape = shape_from_means(bench.X, found.kept.labels)
    values = gorge(shape.X, shape.centers, sqrt=True)
    chart = charts.gorge_chart(shape, AS_OF, sqrt=True)
    for ax, own in zip(chart.figure.axes, values.T, strict=True):
        heights = [patch.get_height() for patch in ax.patches]
        assert sum(heights) == 200
        counts = np.histogram(own, bins=np.linspace(0, 1, 31))[0]
        assert np.array_equal(np.reshape(heights, (2, 30)).sum(axis=0), counts)


def test_the_slsa_plot_draws_every_flow_above_a_percent_and_its_saturation(market):
    _, bench, _, _, found = market
    ax = charts.slsa_chart(found, bench.X, AS_OF).figure.axes[0]
    flows = slsa_flows(found.solutions)
    widths = sorted(line.get_linewidth() for line in ax.lines)
    shares = flows.loc[flows["share"] > _THIN, "share"]
    assert widths == pytest.approx(sorted(np.maximum(30 * shares, 0.6)))
    filled = [to_hex(p.get_facecolor()) for p in ax.patches if isinstance(p, Rectangle)]
    for row in found.slsa.dropna(subset="stability").to_dict("records"):
        color = segment_color(row["segment"]) if row["k"] == 4 else palette().accent
        assert (
            tint(color, (1 - row["entropy"]) ** 2 * row["certified"]) in filled
            or not row["certified"]
        )


def test_any_number_of_segments_and_variables_fits():
    rng = np.random.default_rng(1)
    names = [f"A variable with quite a long name ({j}) in ${j}" for j in range(70)]
    columns = pd.DataFrame(rng.normal(size=(240, 70)), columns=names)
    labels = np.arange(240) % 12 + 1
    chart = charts.segment_profile_chart(columns, labels, AS_OF)
    assert "46 variables that differ least are not shown" in bare(chart.caption)
    assert len([ax for ax in chart.figure.axes if ax.axison]) == 12
    assert max(chart.figure.get_size_inches()) < 14
    shape = shape_from_means(columns.to_numpy(), labels)
    for function in (charts.separation_chart, charts.neighbours_chart, charts.gorge_chart):
        assert function(shape, AS_OF).svg().count("<svg") == 1


def test_yes_or_no_variables_are_shown_as_shares():
    columns = pd.DataFrame({"a": [1, 1, 0, 0], "b": [1, 0, 1, 0]}, dtype=float)
    chart = charts.segment_profile_chart(columns, [1, 1, 2, 2], AS_OF)
    widths = [bar.get_width() for bar in chart.figure.axes[0].patches]
    assert sorted(widths) == [0.5, 1.0]
    assert "share differs by 0.25 or by 50 %" in bare(chart.caption)
