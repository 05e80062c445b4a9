"""The report as a reader meets it: nothing is fetched, nothing overflows, all can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = [
    pytest.mark.browser,
    # playwright's own event loop is closed by the garbage collector, after the test.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

# Contrast of each text against the nearest background that is not transparent.
CONTRAST = """() => {
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (text) => {
    const [r, g, b] = parts(text).map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (node) => {
    for (let n = node; n; n = n.parentElement) {
      const color = getComputedStyle(n).backgroundColor;
      if ((parts(color)[3] ?? 1) > 0) return color;
    }
    return "rgb(255, 255, 255)";
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !node.checkVisibility({opacityProperty: true})) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(style.color), light(behind(node))].sort((x, y) => y - x);
    const large = parseFloat(style.fontSize) >= 24;
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push([walker.currentNode.data.trim(), ratio]);
  }
  return found;
}"""

AXE = """async () => {
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const {passes, violations} = await axe.run(document, {runOnly: rules});
  const told = violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 200))]);
  return {passed: passes.length, violations: told};
}"""

VIEWS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@pytest.fixture(params=list(VIEWS))
def view(request: Any, chromium: Any, report: Path) -> Iterator[tuple[str, Any, list[str]]]:
    """The opened report, and everything that the browser complained of or asked for."""
    context = chromium.new_context(**VIEWS[request.param])
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda asked: heard.append(asked.url) if _outside(asked.url, report) else 0)
    page.goto(report.as_uri())
    yield request.param, page, heard
    context.close()


def _outside(address: str, report: Path) -> bool:
    return not address.startswith("data:") and address.split("#")[0] != report.as_uri()


def test_nothing_is_fetched_and_nothing_is_complained_of(view, screenshots):
    name, page, heard = view
    page.screenshot(path=screenshots / f"report_{name}.png", full_page=True)
    assert heard == []
    assert (screenshots / f"report_{name}.png").stat().st_size > 20_000


def test_nothing_runs_over_the_edge(view):
    _, page, _ = view
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_every_text_has_enough_contrast(view):
    _, page, _ = view
    assert page.evaluate(CONTRAST) == []


def test_axe_finds_no_violation(view):
    """WCAG 2.2 AA and axe's own best practices, light, dark and on a phone."""
    axe = pytest.importorskip("axe_playwright_python.base")
    page = view[1]
    page.evaluate(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))
    found = page.evaluate(AXE)
    assert found["passed"] > 20
    assert found["violations"] == []


def test_every_picture_is_drawn(view):
    _, page, _ = view
    drawn = page.evaluate("[...document.images].map((i) => i.complete && i.naturalWidth > 0)")
    assert drawn == [True] * 6


def test_the_keyboard_reaches_the_report_first(view):
    _, page, _ = view
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")


def test_folded_code_opens_without_a_script(view):
    _, page, _ = view
    code = page.locator("details.code").first
    assert not code.locator("code").is_visible()
    code.locator("summary").press("Enter")
    assert code.locator("code").is_visible()


def test_it_prints_without_contents_and_code(chromium, report, screenshots):
    page = chromium.new_page(viewport={"width": 660, "height": 930})
    page.emulate_media(media="print")
    page.goto(report.as_uri())
    page.screenshot(path=screenshots / "report_print.png", full_page=True)
    for hidden in (".toc.wide", ".toc.narrow", ".skip", "details.code"):
        assert not page.locator(hidden).first.is_visible()
    assert page.evaluate(CONTRAST) == []
    assert page.pdf().startswith(b"%PDF")
    page.close()


GROUND = """() => [...document.querySelectorAll(".plot")].map((plot) => {
  const style = getComputedStyle(plot);
  const filter = getComputedStyle(plot.querySelector("img")).filter;
  return [style.backgroundColor, parseFloat(style.borderRadius), filter];
})"""

HINT = """() => [...document.querySelectorAll(".plot.broad")].map((plot) => [
  getComputedStyle(plot, "::before").content.includes("sideways"),
  plot.scrollWidth > plot.clientWidth,
  plot.tabIndex,
])"""


def test_charts_keep_their_colours_in_the_dark_on_a_soft_card(view):
    name, page, _ = view
    grounds = page.evaluate(GROUND)
    card = ["rgb(239, 241, 244)", 10] if name == "dark" else ["rgb(255, 255, 255)", 3]
    assert grounds
    assert all(ground == [*card, "none"] for ground in grounds)


def test_a_chart_wider_than_a_phone_says_so_and_the_keyboard_moves_it(chromium, tmp_path):
    from seglib.charts.style import new_figure
    from seglib.exhibits import Chart
    from seglib.reporting import report as pages

    figure, (ax,) = new_figure("Claim", height=2.0)
    ax.barh(["one", "two"], [1, 2])
    for x in (0.5, 1.5):
        ax.text(x, 0, "a label of many letters")
    style = Path(pages.__file__).with_name("style.css").read_text(encoding="utf-8")
    chart = Chart(figure, "wide", alt="x", caption="y")._repr_html_()
    place = tmp_path / "page.html"
    place.write_text(f"<meta charset=utf-8><style>{style}</style>{chart}", encoding="utf-8")
    page = chromium.new_page(viewport=VIEWS["phone"]["viewport"])
    page.goto(place.as_uri())
    assert page.evaluate(HINT) == [[True, True, 0]]
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('.plot').scrollLeft > 0")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert page.evaluate(HINT) == [[False, False, 0]]
    page.close()
