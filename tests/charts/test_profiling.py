import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

from seglib.charts import profiling as charts
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Chart, Note
from seglib.profiling import (
    Season,
    concentration_by_segment,
    descriptor_tests,
    neighbour_pairs,
    pair_differences,
    profile,
    questionnaire,
    role_coverage,
    season,
    segment_sizes,
    surrogate_rules,
    telling_differences,
    win_season,
)
from seglib.quotes import bare
from seglib.reporting.numbers import NUMBER
from seglib.reporting.stated import ALLOWED
from seglib.schema import ColumnInfo

AS_OF = "2026-09-30"
EVIL = {1: "Large <script>alert(1)</script> $a$ & $b buyers", 2: "Small buyers"}


def column(name, kind, role="descriptor"):
    return ColumnInfo(name=name, role=role, kind=kind, label=name.capitalize(), definition=name,
                      observable=True, family="firmographic")  # fmt: skip


@pytest.fixture(scope="module", params=["planted", "noise"])
def market(request):
    """Two segments of 80 and 60 accounts, far apart or not at all."""
    rng = np.random.default_rng(1)
    n, far = 140, request.param == "planted"
    large = np.arange(n) < 80
    frame = pd.DataFrame({
        "account_id": [f"a{i}" for i in range(n)],
        "employees": rng.lognormal(3 + 2 * large * far, 0.5, n),
        "industry": np.where(rng.random(n) < 0.5 + 0.4 * large * far, "A $1 & <b>", "B"),
        "revenue": rng.lognormal(3 + 2 * large * far, 0.5, n),
    })  # fmt: skip
    info = {
        "employees": column("employees", "number"),
        "industry": column("industry", "category"),
        "revenue": column("revenue", "number", "outcome"),
    }
    given = pd.DataFrame({"account_id": frame["account_id"], "segment": np.where(large, 1, 2)})
    months = pd.date_range("2023-10-01", "2026-09-01", freq="MS")
    high = np.where((months.month.to_numpy() == 5) & large[:, None] & far, 4.0, 1.0)
    account, month = np.nonzero(rng.poisson(0.5 * high))
    orders = pd.DataFrame({"account_id": frame["account_id"].to_numpy()[account],
                           "month": months[month], "orders": 1})  # fmt: skip
    has = rng.random(n) < 0.3 + 0.5 * large * far
    contacts = pd.DataFrame({"account_id": frame.loc[has, "account_id"], "role": "buyer",
                             "contacts": 1})  # fmt: skip
    closed = pd.Timestamp("2023-10-01") + pd.to_timedelta(rng.integers(0, 1095, 900), unit="D")
    account = rng.integers(0, n, 900)
    chance = 0.4 + 0.5 * (closed.month.to_numpy() == 4) * large[account] * far
    deals = pd.DataFrame({"account_id": frame["account_id"].to_numpy()[account],
                          "closed_date": closed,
                          "outcome": np.where(rng.random(900) < chance, "won", "lost")}
                         )  # fmt: skip
    facts = {"orders": orders, "contacts": contacts, "opportunities": deals}
    return far, AccountTable(frame, info), given, facts


def test_a_small_share_is_written_clear_of_the_names(market):
    _, accounts, given, _ = market
    sizes = segment_sizes(accounts, given, seed=1)
    sizes.loc[sizes.index[0], ["share", "revenue_share"]] = [0.3, 0.03]
    chart = charts.size_and_value(sizes, EVIL, value="Revenue", as_of=AS_OF)
    sides = {text.get_text(): text.get_ha() for text in chart.figure.axes[0].texts}
    assert sides["3 %"] == "center"


def test_a_claim_quotes_the_label_that_it_names(market):
    claim = draw("profile_plot", market).claim
    assert bool(re.search(r"stands out most: '[^']+' is \d", claim)) == bool(market[0])
    pair = draw("pair_differences", market)
    assert bool(re.search(r"differ most in '[^']+'$", getattr(pair, "claim", ""))) == bool(
        market[0]
    )


CLAIMS = {
    "size_and_value": ("brings", "Share of the accounts and of the revenue by segment"),
    "profile_plot": ("stands out most", "Profiles of the segments beside all accounts"),
    "differences_heatmap": ("larger than chance", "Differences from the average by segment"),
    "effect_sizes": ("tells the segments apart best", "No descriptor is shown to tell"),
    "rule_quality": ("Known descriptors place", "cannot be reached by firmographics"),
    "role_coverage": ("The role buyer is known at", "Buying roles known at the accounts"),
    "season": ("× as much in May", "No segment is shown to have a buying season"),
    "lorenz": ("of the accounts bring 8", "of the accounts bring 8"),
    "pair_differences": ("lie next to each other and differ most in", "No pair of neighbouring"),
    "question_accuracy": ("of an average segment right, against 50 %", "No questions place"),
    "win_rate_months": ("depends on the month", "No segment's win rate is shown to depend"),
}
NOTES_OF_NOISE = ("rule_quality", "pair_differences")  # a chart of chance would pretend


def draw(name, market):
    _, accounts, given, facts = market
    n = len(given)
    match name:
        case "size_and_value":
            sizes = segment_sizes(accounts, given, seed=1)
            return charts.size_and_value(sizes, EVIL, value="Revenue", as_of=AS_OF)
        case "profile_plot" | "differences_heatmap":
            profiles = profile(accounts, given, seed=1)
            return getattr(charts, name)(profiles, EVIL, n=n, as_of=AS_OF)
        case "effect_sizes":
            return charts.effect_sizes(descriptor_tests(accounts, given, seed=1), as_of=AS_OF)
        case "rule_quality":
            return charts.rule_quality(surrogate_rules(accounts, given, seed=1), EVIL, as_of=AS_OF)
        case "role_coverage":
            return charts.role_coverage(role_coverage(facts, given), EVIL, as_of=AS_OF)
        case "lorenz":
            found = concentration_by_segment(accounts, given, seed=1)
            return charts.lorenz(accounts, given, found, EVIL, as_of=AS_OF)
        case "pair_differences":
            pairs = neighbour_pairs(given, profile(accounts, given, seed=1))
            telling = telling_differences(pair_differences(accounts, given, pairs), accounts)
            return charts.pair_differences(telling, EVIL, n=n, as_of=AS_OF)
        case "question_accuracy":
            found = questionnaire(accounts, given, ["employees", "industry"], seed=1)
            return charts.question_accuracy(found, as_of=AS_OF, all_known=0.7)
        case "win_rate_months":
            return charts.win_rate_months(win_season(facts, given), EVIL, as_of=AS_OF, starts=4)
        case _:
            found = season(facts, given, pd.Timestamp(AS_OF))
            return charts.season(found, EVIL, as_of=AS_OF)


@pytest.mark.parametrize("name", CLAIMS)
def test_the_title_claims_what_is_planted_and_is_neutral_otherwise(market, name):
    chart = draw(name, market)
    if name in NOTES_OF_NOISE and not market[0]:
        assert isinstance(chart, Note)
        assert CLAIMS[name][1] in repr(chart)
        return
    assert isinstance(chart, Chart)
    claim, neutral = CLAIMS[name]
    alt, caption = bare(chart.alt), bare(chart.caption)
    assert (claim if market[0] else neutral) in alt
    assert chart.name == name
    assert "n = 1" in caption or "closed deals won" in caption
    assert caption.endswith(f"as of {AS_OF}.")
    first = alt.split()[0].strip("'")
    assert first in chart.figure.get_suptitle().replace("\n", " ")


@pytest.mark.parametrize("name", CLAIMS)
def test_names_from_data_stay_text_and_the_bytes_stay_the_same(market, name):
    one, other = draw(name, market), draw(name, market)
    if isinstance(one, Note):
        assert one == other
        return
    svg = one.svg()
    assert svg == other.svg()
    assert "<script>" not in svg + one._repr_html_()
    assert r"\$" not in one.alt


@pytest.mark.parametrize("name", CLAIMS)
def test_every_figure_in_words_has_a_name(market, name):
    exhibit = draw(name, market)
    said = [exhibit.text] if isinstance(exhibit, Note) else [exhibit._claim, exhibit.caption]
    left = re.sub("\ue000.*?\ue002", " ", " ".join(said))
    for text in (*EVIL.values(), "A $1 & <b>", *(pattern for pattern, _ in ALLOWED)):
        left = re.sub(text if text not in left else re.escape(text), " ", left)
    assert NUMBER.findall(left) == []
    assert not any("\ue000" in text.get_text() for text in drawn(exhibit))


def drawn(exhibit):
    return [] if isinstance(exhibit, Note) else exhibit.figure.findobj(Text)


def test_each_segment_has_its_colour(market):
    svg = draw("size_and_value", market).svg()
    assert "#3f90da" in svg
    assert "#ffa90e" in svg


def test_without_data_a_line_says_what_is_wanted():
    nothing = pd.DataFrame()
    sizes = pd.DataFrame({"segment": [0]})
    empty = Season(nothing, nothing, "")
    results = [
        charts.size_and_value(sizes, EVIL, value="", as_of=AS_OF),
        charts.profile_plot(nothing, EVIL, n=0, as_of=AS_OF),
        charts.differences_heatmap(nothing, EVIL, n=0, as_of=AS_OF),
        charts.role_coverage(nothing, EVIL, as_of=AS_OF),
        charts.season(empty, EVIL, as_of=AS_OF),
        charts.effect_sizes(pd.DataFrame({"p": [np.nan]}), as_of=AS_OF),
        charts.win_rate_months(win_season({}, sizes), EVIL, as_of=AS_OF),
        charts.lorenz(AccountTable(nothing, {}), sizes, nothing, EVIL, as_of=AS_OF),
    ]
    assert all(isinstance(result, Note) for result in results)
    assert "the table 'contacts' is needed" in results[3].text


def test_without_revenue_only_the_accounts_are_drawn(market):
    _, accounts, given, _ = market
    few = AccountTable(accounts.frame[["account_id", "employees"]], accounts.columns)
    sizes = segment_sizes(few, given, seed=1)
    chart = charts.size_and_value(sizes, EVIL, value="", as_of=AS_OF)
    assert chart.alt.startswith("Share of the accounts by segment")
    assert "revenue" not in chart.alt + chart.caption


@pytest.mark.parametrize("count", [1, 2, 4, 7])
def test_any_number_of_segments_fits(count):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(140, 4)), columns=list("pqrs"))
    frame.insert(0, "account_id", [str(i) for i in range(140)])
    info = {name: column(name, "number") for name in "pqrs"}
    given = pd.DataFrame({"account_id": frame["account_id"], "segment": np.arange(140) % count + 1})
    names = {s: f"Segment {s} with quite a long name in it" for s in range(1, count + 1)}
    profiles = profile(AccountTable(frame, info), given, seed=1)
    for function in (charts.profile_plot, charts.differences_heatmap):
        chart = function(profiles, names, n=140, as_of=AS_OF)
        assert chart.svg().count("<svg") == 1
