"""The report: one file, answer first, for one audience, never an empty section."""

from __future__ import annotations

import itertools
import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seglib.reporting import render_report
from seglib.reporting.answer import verdict_word
from seglib.reporting.findings import Findings
from seglib.reporting.stated import check_report
from seglib.run import Run

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


class Page(HTMLParser):
    """Headings, anchors, links and tags of a page, with a check that tags are closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[tuple[int, str]] = []
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "link", "img", "source", "br"):
            self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if any(re.fullmatch("h[1-6]", tag) for tag in self._open):
            level, text = self.headings[-1]
            self.headings[-1] = (level, text + data)

    def attributes(self, name):
        return [attrs[name] for _, attrs in self.tags if attrs.get(name) is not None]


@pytest.fixture(scope="module")
def run(tmp_path_factory, sample) -> Run:
    return sample.sample_run(tmp_path_factory.mktemp("report") / "run")


@pytest.fixture(scope="module", params=["executive", "analyst", "learner"])
def page(request, run, sample) -> Page:
    return Page(render_report(run, sample.sample_manifest(), audience=request.param))


def test_one_h1_and_no_gap_in_the_headings(page):
    levels = [level for level, _ in page.headings]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_link_leads_inside_and_every_anchor_is_there_once(page):
    anchors = page.attributes("id")
    assert len(anchors) == len(set(anchors))
    for address in page.attributes("href"):
        assert address.startswith(("#", "data:"))
        assert address[1:] in anchors or address == "data:,"
    addresses = page.attributes("src") + page.attributes("srcset")
    assert all(address.startswith("data:image/") for address in addresses)
    for name in ("aria-labelledby",):
        assert set(page.attributes(name)) <= set(anchors)


def test_every_picture_has_words(page):
    pictures = [attrs for tag, attrs in page.tags if tag == "img"]
    assert len(pictures) == 6
    assert all(picture["alt"] for picture in pictures)


def test_no_script_and_nothing_from_outside(run, sample):
    html = render_report(run, sample.sample_manifest())
    assert "<script" not in html
    assert not re.search(r"https?://", html)
    assert "@import" not in html
    assert len(html.encode()) < 1_500_000


def test_no_heading_without_content(run, sample):
    for audience in ("executive", "analyst", "learner"):
        html = render_report(run, sample.sample_manifest(), audience=audience)
        assert "Bare heading" not in html
        assert "Learn more" not in html or audience == "learner"


def test_the_executive_sees_no_code_and_no_method(run, sample):
    html = render_report(run, sample.sample_manifest(), audience="executive")
    assert "<code>" not in html
    assert "Show the code" not in html
    assert "Know the method" not in html
    assert "Read the table" not in html
    assert len(re.findall("<h3[^>]*>See the figure", html)) == 6
    assert "Why it is done" not in html


def test_the_analyst_sees_folded_code(run, sample):
    html = render_report(run, sample.sample_manifest())
    assert html.count("Show the code") == 18
    assert "Exercise" not in html
    assert "Know the method" in html


def test_the_learner_sees_everything(run, sample):
    html = render_report(run, sample.sample_manifest(), audience="learner")
    assert "Exercise: do it again." in html
    assert "Show the code" not in html
    assert "<code>Table(frame, caption)</code>" in html


def test_the_answer_comes_first_and_says_what_kind_of_segments_these_are(run, sample):
    html = render_report(run, sample.sample_manifest())
    first = html[html.index('<p class="lead">') :].split("</p>")[0]
    assert "4</data> segments" in first
    assert "<b>reproducible</b>" in first
    assert html.index('id="in-short"') < html.index('id="segments"') < html.index('id="step-01"')
    words = re.sub("<[^>]+>", "", html)
    assert "First address Large integrators, who buy often" in words
    assert "Offer a yearly framework contract" in html
    assert "Retention in 2026 Q3: " in words
    assert "Nothing to compare" not in html
    assert "is not among them" not in html


def test_the_answer_says_why_the_richest_segment_is_no_target(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run")
    cards = run.read_json("segments.json")
    richest = max(range(4), key=lambda i: cards[i]["revenue_share"])
    reason = "Not sold below cost"
    table = run.read_table("targeting.parquet")
    table["knocked_out"] = [reason if i in (richest, 3) else "" for i in range(4)]
    table["target"] = [i not in (richest, 3) for i in range(4)]
    run.write_table("targeting.parquet", table)
    html = re.sub("<[^>]+>", "", render_report(run, sample.sample_manifest()))
    assert "the only ones that pass every condition for a target." in html
    assert (
        f"{cards[richest]['name']}, which brings {cards[richest]['revenue_share']:.0%} of the "
        f"revenue, is not among them, for it fails a condition: {reason}. Settle this first."
    ) in html.replace(" %", "%").replace("\u202f", "").replace("\xa0", "")


def test_hostile_text_is_shown_as_text(tmp_path, sample):
    names = [HOSTILE, '" onload="x', "=cmd()", "{{ 7 * 7 }}"]
    run = sample.sample_run(tmp_path / "run", hostile=HOSTILE, names=names)
    (run.folder / "study.yaml").write_text(f"name: sample\ntitle: '{HOSTILE}'\n")
    html = render_report(run, sample.sample_manifest(), audience="learner")
    page = Page(html)
    assert "script" not in {tag for tag, _ in page.tags}
    assert not any(name.startswith("on") for _, attrs in page.tags for name in attrs)
    assert "&lt;script&gt;alert(1)" in html
    assert "{{ 7 * 7 }}" in html
    assert all(source.startswith("data:image/svg") for source in page.attributes("src"))


def test_a_run_that_stopped_after_step_02_gives_a_shorter_report(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run", until="02")
    page = Page(html := render_report(run, sample.sample_manifest()))
    titles = [text for _, text in page.headings]
    assert not any("segments" in title for title in titles)
    assert "700</data> of them customers" in html
    assert "step-02" in page.attributes("id")
    assert "step-03" not in page.attributes("id")
    assert 'class="card"' not in html


def test_a_run_that_stopped_after_step_01_says_what_it_is_for(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run", until="01")
    html = render_report(run, sample.sample_manifest())
    assert "No data have been read yet." in html
    assert "Figures to remember" not in html
    Page(html)


def test_thin_data_leave_out_what_they_do_not_say(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run", until="04")
    cards = json.loads((run.folder / "segments.json").read_text())
    for card in cards:
        for key in ("revenue", "revenue_share", "revenue_per_account", "value_label", "confidence"):
            card[key] = None
        card["traits"] = []
    run.write_json("segments.json", cards)
    (run.folder / "verdict.json").unlink()
    html = render_report(run, sample.sample_manifest())
    assert "revenue" not in html[html.index('id="in-short"') : html.index('id="step-01"')]
    body = html[html.index("<body") :]
    assert "None" not in body
    assert not re.search(r"\bnan\b", body)
    assert "<ul></ul>" not in html
    Page(html)


def test_the_same_run_gives_the_same_bytes(run, tmp_path, sample):
    again = sample.sample_run(tmp_path / "elsewhere")
    later = sample.sample_manifest().model_copy(
        update={"run_id": "20271231-235959", "started": "2027-12-31T23:59:59+00:00"}
    )
    assert render_report(run, sample.sample_manifest()) == render_report(again, later)


def test_the_appendix_says_where_it_comes_from(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run")
    rows = {"accounts": 1100, "orders": 5000}
    run.write_json("quality.json", {"rows_in": rows, "rows_out": {**rows, "orders": 4987}})
    html = render_report(run, sample.sample_manifest())
    appendix = html[html.index('id="appendix"') :]
    for words in (
        "accounts.csv, orders.csv",
        "accounts 1,100, orders 5,000 (4,987 kept)",
        "700 customers, 400 prospects",
        "seglib 0.1.0",
        "0123456789ab",
        "k_max = 6",
        "2026-09-30",
    ):
        assert words in appendix
    assert "20261123" not in html
    assert "12:00" not in html


def test_the_pdf_has_pages_and_the_same_bytes(run, tmp_path, sample):
    pytest.importorskip("weasyprint")
    from seglib.reporting.pdf import write_pdf

    made = []
    for name in ("a", "b"):
        report = tmp_path / name / "report.html"
        report.parent.mkdir()
        report.write_text(render_report(run, sample.sample_manifest(), audience="executive"))
        made.append(write_pdf(report).read_bytes())
    assert made[0].startswith(b"%PDF")
    assert made[0] == made[1]


def test_without_weasyprint_the_run_is_refused_at_once(monkeypatch):
    import seglib.reporting.pdf as pdf
    from seglib.errors import StudyError

    monkeypatch.setattr(pdf, "find_spec", lambda name: None)
    with pytest.raises(StudyError, match="needs the package WeasyPrint"):
        pdf.require_weasyprint()


def test_rendering_is_quick(run, sample):
    import time

    begun = time.monotonic()
    render_report(run, sample.sample_manifest())
    assert time.monotonic() - begun < 3


def test_the_report_stands_in_the_run_folder(run, sample):
    from seglib.reporting import write_report

    path = write_report(run, sample.sample_manifest())
    assert path == Path(run.folder, "report.html")


@pytest.mark.parametrize(
    ("verdict", "decision", "word"),
    [
        ({"verdict": "natural"}, {"method": "kmeans", "k": 4}, "natural"),
        (
            {"verdict": "reproducible", "per_k": [{"k": 4, "verdict": "constructive"}]},
            {"method": "mixture", "k": 4},
            "constructive",
        ),
        ({"verdict": "natural"}, {"method": "rules", "k": 4}, "constructive"),
        ({"verdict": "undecided"}, {}, "undecided"),
        ({}, {}, ""),
    ],
)
def test_the_verdict_is_that_on_the_segments_that_were_kept(verdict, decision, word):
    assert verdict_word(Findings(verdict=verdict, decision=decision)) == word


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("no", "the market shows no separate groups"),
        ("unclear", "whether the market holds separate groups is not clear"),
        ("yes", "there is more than one group in the market, but these segments are not its"),
    ],
)
def test_reproducible_segments_say_what_is_known_of_groups(tmp_path, sample, found, words):
    run = sample.sample_run(tmp_path / "run")
    run.write_json("verdict.json", {"verdict": "reproducible", "structure_found": found})
    html = render_report(run, sample.sample_manifest())
    first = html[html.index('<p class="lead">') :].split("</p>")[0]
    assert f"a <b>reproducible</b> segmentation: {words}" in first
    assert "the same segments come back when the analysis is repeated." in first
    run.write_json("decision.json", {"method": "kmeans", "k": 4, "warnings": []})
    level = {"k": 4, "verdict": "reproducible", "above_copula": False}
    verdict = {"verdict": "reproducible", "structure_found": found, "per_k": [level]}
    run.write_json("verdict.json", verdict)
    html = render_report(run, sample.sample_manifest())
    assert "as they would for the variables' correlation alone" in unescape(html)


@pytest.mark.parametrize(
    ("alike", "said"),
    [
        (0.74, "agree by 0.80 of 1; noise reaches 0.33, and 0.74 where it keeps the correlations "
         "between the variables."),
        (0.85, "0.85 where it keeps the correlations between the variables, which may be all that "
         "is repeated here."),
    ],
)  # fmt: skip
def test_how_sure_we_are_is_held_against_both_kinds_of_noise(tmp_path, sample, alike, said):
    run = sample.sample_run(tmp_path / "run")
    level = {"k": 4, "stability": 0.8, "excess": 0.6, "permute_high": 0.33, "copula_high": alike}
    run.write_json("verdict.json", {"verdict": "reproducible", "per_k": [level]})
    run.write_json("decision.json", {"method": "kmeans", "k": 4, "warnings": []})
    html = render_report(run, sample.sample_manifest())
    assert said in re.sub("<[^>]+>", "", html)
    assert check_report(run, html) == []


def test_the_play_is_quoted_for_the_segment_it_belongs_to(run, sample):
    text = re.sub("<[^>]+>", "", render_report(run, sample.sample_manifest()))
    assert "The play for the first: “Offer a yearly framework contract" in text


def test_where_the_data_differ_from_the_segments_both_are_said(tmp_path, sample):
    run = sample.sample_run(tmp_path / "run")
    sentence = "Natural segments: there are groups with gaps between them (k = 2)."
    per_k = [{"k": 4, "verdict": "constructive"}]
    run.write_json("verdict.json", {"verdict": "natural", "sentence": sentence, "per_k": per_k})
    run.write_json("decision.json", {"method": "kmeans", "k": 4, "warnings": []})
    html = render_report(run, sample.sample_manifest())
    first = html[html.index('<p class="lead">') :].split("</p>")[0]
    assert "a <b>constructive</b> segmentation" in first
    said = re.sub("<[^>]+>", "", first)
    assert "The data as a whole: there are groups with gaps between them (k = 2)." in said
