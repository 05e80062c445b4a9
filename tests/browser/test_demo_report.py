"""The demo's own report, whole: its figures, its size, its looks, for each audience."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seglib.reporting import render_report
from seglib.reporting.runner import run_study
from seglib.reporting.stated import check_report
from seglib.run import Run

pytestmark = [
    pytest.mark.browser,
    # playwright's own event loop is closed by the garbage collector, after the test.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

DEMO = Path(__file__).parents[2] / "data" / "demo" / "study.yaml"
AUDIENCES = ("executive", "analyst", "learner")
LARGEST = 1_500_000
VIEWS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
SEEN = (
    ("executive", "desktop"),
    ("executive", "phone"),
    ("analyst", "dark"),
    ("analyst", "phone"),
    ("learner", "desktop"),
)
"""Each audience, and each view at least once; a whole report takes axe some seconds."""

RULES = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]'
AXE = f"""async () => (await axe.run(document, {{runOnly: {RULES}}}))
  .violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 200))])"""
# Size at which the smallest text of each narrow picture is seen, in pixels.
SMALLEST = """() => [...document.querySelectorAll("picture:has(source) img")].map((img) => {
  const svg = atob(img.currentSrc.split("base64,")[1]);
  const sizes = [...svg.matchAll(/font-size:([\\d.]+)px/g)].map((found) => Number(found[1]));
  const points = Number(svg.match(/viewBox="0 0 ([\\d.]+)/)[1]);
  return Math.min(...sizes) * img.clientWidth / points;
})"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run_study(DEMO, out=tmp_path_factory.mktemp("demo"), effort="quick")


@pytest.fixture(scope="module")
def reports(run: Run) -> dict[str, Path]:
    """The report for each audience, in a file of its own."""
    paths = {}
    for audience in AUDIENCES:
        paths[audience] = run.folder / f"report_{audience}.html"
        html = render_report(run, run.manifest, audience=audience)
        paths[audience].write_text(html, encoding="utf-8")
    return paths


@pytest.fixture(scope="module", params=AUDIENCES)
def html(request: Any, reports: dict[str, Path]) -> str:
    return reports[request.param].read_text(encoding="utf-8")


@pytest.fixture(params=SEEN, ids="-".join)
def page(
    request: Any, chromium: Any, reports: dict[str, Path]
) -> Iterator[tuple[tuple[str, str], Any]]:
    """Audience and view, and the report opened so."""
    audience, view = request.param
    context = chromium.new_context(**VIEWS[view])
    opened = context.new_page()
    opened.goto(reports[audience].as_uri())
    yield request.param, opened
    context.close()


def test_every_figure_stands_in_an_artifact(run, html):
    assert check_report(run, html) == []


def test_no_file_holds_the_marks_of_figures(run: Run) -> None:
    """They are for what writes sentences; even a notebook's plain text has none."""
    marks = [mark.encode() for mark in ("\ue000", "\ue001", "\ue002")]
    marks += [json.dumps(mark.decode()).strip('"').encode() for mark in marks]
    for path in run.folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            assert not any(mark in path.read_bytes() for mark in marks), path.name


def test_a_changed_last_digit_of_any_figure_is_found(run: Run, html: str) -> None:
    """Each figure on a page of its own sentence: one complaint a figure."""
    figures = re.findall(r'(<data value="[^"]+" data-from="[^"]+">)([^<]+)</data>', html)
    page = "".join(f"<p>{tag}{_other_end(text)}</data></p>" for tag, text in figures)
    assert len(figures) > 100
    assert len(check_report(run, page)) == len(figures)


def _other_end(text: str) -> str:
    """The same with another last digit, too far to be the other rounding of a half."""
    return re.sub(r"\d(?=\D*$)", lambda digit: str((int(digit[0]) + 3) % 10), text)


def test_it_is_one_small_file(html):
    assert len(html.encode()) < LARGEST
    assert not re.search(r"""(?:src|href|srcset)=["'](?!#|data:)""", html)
    assert not re.search(r"url\((?!#)", html)


def test_it_is_rendered_within_three_seconds(run):
    begun = time.process_time()
    render_report(run, run.manifest)
    assert time.process_time() - begun < 3


def test_axe_finds_no_violation(page, screenshots):
    axe = pytest.importorskip("axe_playwright_python.base")
    (audience, view), opened = page
    if audience == "executive":  # the others are too tall for one picture
        opened.screenshot(path=screenshots / f"demo_{view}.png", full_page=True)
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    opened.evaluate(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))
    assert opened.evaluate(AXE) == []


def test_charts_can_be_read_on_a_phone(page):
    (_, view), opened = page
    if view == "phone":
        smallest = opened.evaluate(SMALLEST)
        assert len(smallest) >= 3
        assert min(smallest) > 8
    else:
        assert opened.evaluate("document.images.length") >= 8


def test_a_segment_has_one_name_and_one_colour_everywhere(run, html):
    for card in run.read_json("segments.json"):
        number, name, color = card["segment"], card["name"], card["color"]
        assert f'style="--hue: {color}; --on: ' in html
        assert re.search(rf'--hue: {color}; [^"]+">{number}</span>{re.escape(name)}</li>', html)
        assert f">{name}</h3>" in html
    assert len({card["color"] for card in run.read_json("segments.json")}) == 4


def test_the_pdf_is_tagged_and_its_bookmarks_are_those_of_the_report(run, tmp_path):
    weasyprint = pytest.importorskip("weasyprint")
    from seglib.reporting.pdf import write_pdf

    html = render_report(run, run.manifest, audience="executive")
    (tmp_path / "report.html").write_text(html, encoding="utf-8")
    pdf = write_pdf(tmp_path / "report.html").read_bytes()
    assert pdf.startswith(b"%PDF")
    pages = weasyprint.HTML(string=html).render()
    title, _, below, _ = pages.make_bookmark_tree()[0]
    assert title == "Demo market"
    names = [label for label, *_ in below]
    assert names[:3] == ["In short", "Figures to remember", "The segments"]
    assert names[3] == "Step 1 Choose what the segmentation is for"
    cards = [(label, place[0]) for label, place, *_ in below[2][2]]
    assert [label for label, _ in cards] == [c["name"] for c in run.read_json("segments.json")]
    assert {place for _, place in cards} == {1}  # the page after the answer holds all cards
