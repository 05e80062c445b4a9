"""The report against its own numbers: each figure by the name of its artifact."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from seglib.reporting import render_report
from seglib.reporting.numbers import NUMBER, read_number
from seglib.reporting.reference import read_reference, words_of
from seglib.reporting.stated import ALLOWED, NO_RESULTS, check_report

AUDIENCES = ("executive", "analyst", "learner")
LEVEL = {"k": 4, "verdict": "reproducible", "stability": 0.8012, "excess": 0.6}


@pytest.fixture(scope="module")
def run(tmp_path_factory, sample):
    made = sample.sample_run(tmp_path_factory.mktemp("stated") / "run")
    made.write_json("verdict.json", {"verdict": "reproducible", "per_k": [LEVEL]})
    made.write_json("decision.json", {"method": "kmeans", "k": 4, "warnings": []})
    made.write_table("profiles.parquet", profiles())
    found = {"segment": [1, 2, 3, 4], "slsw": [0.91, 0.8, np.nan, 0.64], "noise_high": 0.55}
    made.write_table("segment_stability.parquet", pd.DataFrame(found))
    return made


def profiles() -> pd.DataFrame:
    """Industry, country and number of employees of four segments."""
    rows = []
    for segment in range(1, 5):
        for variable, family, level, mean in (
            ("industry", "firmographic", "chemicals", 0.2 + segment / 10),
            ("industry", "firmographic", "other levels", 0.5),
            ("country", "geographic", "Germany", 0.21),
            ("city", "geographic", "Trucks, vans] & <b>\n" if segment == 2 else "Hamburg", 0.2),
        ):
            rows.append((segment, variable, level, family, "category", mean, np.nan, 0.3))
        rows.append((segment, "employees", "", "firmographic", "number", 90.0, 55.5, 0.2))
    columns = ["segment", "variable", "level", "family", "kind", "mean", "median", "effect"]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(label=frame["variable"].str.title(), role="descriptor")


@pytest.fixture(scope="module", params=AUDIENCES)
def html(request, run, sample):
    return render_report(run, sample.sample_manifest(), audience=request.param)


def test_every_figure_stands_in_the_run(run, html):
    assert check_report(run, html) == []
    quoted = re.findall(r'<data value="[^"]+" data-from="[^"]+">', html)
    assert len(quoted) > 45
    assert len(re.findall(r"<span data-from=", html)) >= 12


def test_a_card_says_how_far_it_can_be_trusted_and_what_it_holds(html):
    cards = [re.sub("<[^>]+>", "", card) for card in html.split("<article")[1:]]
    assert "Stability0.91 noise up to 0.55" in cards[0]
    assert "Stability" not in cards[2]
    for number, card in enumerate(cards, start=1):
        assert (
            "Half have more than 56 employees; most often industry chemicals "
            f"({20 + 10 * number}\xa0%) and country Germany (21\xa0%)."
        ) in card


def test_no_quoted_figure_may_be_altered(run, html):
    """Each is changed in turn: its value, and what a person reads."""
    marks = list(re.finditer(r'<data value="([^"]+)" data-from="[^"]+">([^<]+)</data>', html))
    for mark in marks[:: max(1, len(marks) // 12)]:
        for group in (1, 2):
            wrong = _other(mark[group])
            altered = html[: mark.start(group)] + wrong + html[mark.end(group) :]
            assert len(check_report(run, altered)) == 1, mark[0]


def _other(text: str) -> str:
    """The same with another leading digit."""
    return re.sub(r"\d", lambda digit: "7" if digit[0] != "7" else "3", text, count=1)


def test_a_figure_must_name_its_artifact(run, html):
    """That 301 is the size of a segment vouches for nothing, anywhere on the page."""
    assert len(re.findall("<data|<span data-from", html.partition("</section>")[0])) > 10
    for sentence in (
        '<p class="finding">They bring 301 EUR.</p>',
        '<p class="claim"><strong>301 accounts left</strong></p>',
        "<figcaption>n = 301 accounts</figcaption>",
        '<p class="lead">Of 301 accounts</p>',
        "<table><caption>The largest 301</caption></table>",
    ):
        for place in ("</main>", "</section>"):
            altered = html.replace(place, f"{sentence}{place}", 1)
            said = check_report(run, altered)
            assert [line.partition(":")[0] for line in said] == ["301 names no artifact"]
    for words in ("0.5 of 1", "as of 2031-07-09", "the 95 % interval", "2031 Q3", "Segment 3"):
        extra = check_report(run, html.replace("</main>", f"<p>{words}</p></main>"))
        assert [line for line in extra if "0.5" not in line] == []


def test_a_digit_in_a_name_of_the_data_is_no_figure(run, html):
    """But only the whole name, and only a name that has letters too."""
    named = profiles().assign(level=["Tier 2 firms", "7", *[""] * (len(profiles()) - 2)])
    before = run.read_table("profiles.parquet")
    run.write_table("profiles.parquet", named)
    try:
        for words, wrong in (
            ("most often Tier 2 firms", []),
            ("Tier 2 firmset", ["2"]),
            ("in 7 accounts", ["7"]),
        ):
            said = check_report(run, f"<p>{words}</p>")
            assert [line.split()[0] for line in said] == wrong
    finally:
        run.write_table("profiles.parquet", before)


def test_words_that_are_taken_over_must_be_those_of_the_artifact(run, html):
    altered = html.replace("3.1 × the average orders", "4.1 × the average orders", 1)
    assert check_report(run, altered) == [
        "segments.json:traits does not hold the words: "
        "4.1 × the average orders per year (12 against 3.9)."
    ]


def test_words_may_lack_the_statistics_that_an_executive_is_spared(run):
    run.write_json("refresh.json", {"reason": "No change (p = 0.63) in 2 of them."})
    for words, wrong in (("No change in 2", 0), ("No change (p = 0.63)", 0), ("No change in 3", 1)):
        html = f'<p><span data-from="refresh.json:reason">{words}</span></p>'
        assert len(check_report(run, html)) == wrong


def test_an_exception_has_a_reason():
    assert all(reason for _, reason in ALLOWED)
    assert all(NO_RESULTS.values())
    for pattern, _ in ALLOWED:
        assert not re.fullmatch(pattern, "12,345")
        assert not re.fullmatch(pattern, "0.73")
        assert not re.fullmatch(pattern, "43 %")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("segments.json:accounts[segment=2]", 301),
        ("segments.json:accounts|sum", 700),
        ("segments.json:|count", 4),
        ("accounts.parquet:[status=prospect]|count", 400),
        ("assignments.parquet:confidence|share>=0.8", 0.8),
        ("verdict.json:per_k.stability-excess[k=4]", 0.2012),
        ("kpis.parquet:value[segment=1,kpi=retention,period=2026 Q3]", 0.93),
        ("profiles.parquet:mean[segment=2,variable=city,level=Trucks, vans] & <b>\n]", 0.2),
        ("profiles.parquet:mean[segment=3,variable=industry,level=chemicals]", 0.5),
    ],
)
def test_a_reference_leads_to_one_value(run, text, value):
    reference = read_reference(text)
    assert reference.value(run) == pytest.approx(value)
    assert str(reference) == text


def test_a_reference_to_several_values_or_none_is_refused(run):
    for text in ("segments.json:accounts", "segments.json:accounts[segment=9]"):
        with pytest.raises(ValueError, match=r"names \d figures, not one"):
            read_reference(text).value(run)
    with pytest.raises(ValueError, match="names no figure"):
        read_reference("accounts")


def test_words_are_found_at_any_depth(run):
    assert words_of(run, "segments.json:traits")[0].startswith("3.1 ×")
    assert words_of(run, "kpis.parquet:label")[0] == "Retention"
    assert any("framework contract" in words for words in words_of(run, "playbook.json"))


def test_numbers_are_read_as_they_are_written():
    words = "−1,234.50 of 3.2 million, k2, A00001, v1.2.3 and (+7 %)"
    found = [number[0] for number in NUMBER.finditer(words)]
    assert found == ["−1,234.50", "3.2 million", "+7"]
    assert [read_number(text).value for text in found] == [1234.5, 3_200_000, 7]
