"""The index page as a reader meets it: light, dark and on a phone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from seglib.reporting.index import write_index
from seglib.reporting.summary import Ended, Headline, Summary

pytestmark = [
    pytest.mark.browser,
    # playwright's own event loop is closed by the garbage collector, after the test.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]

VIEWS = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}
RULES = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]'
AXE = f"""async () => (await axe.run(document, {{runOnly: {RULES}}}))
  .violations.map((v) => [v.id, v.help, v.nodes.map((n) => n.html.slice(0, 200))])"""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page over two studies, one with enough runs to fold some away."""
    folder = tmp_path_factory.mktemp("reports")
    for study, runs in (("demo", 24), ("emea", 2)):
        for number in range(runs):
            _leave(folder / study, number, failed=number == 22)
    return write_index(folder)


def _leave(home: Path, number: int, *, failed: bool) -> None:
    run = home / f"202611{number + 1:02}-060000{'.failed' if failed else ''}"
    run.mkdir(parents=True)
    ended = Ended(exit_code=6, notebook="03_cluster_analysis.ipynb", message="", next_step="")
    good = Headline(
        title="Find and grow the accounts worth most", verdict="natural", segments=4,
        customers=500 + 7 * number % 31, value=24.1e6 + 1e5 * number, value_unit="EUR",
        stability=0.8, confident_share=0.9, targets=["Slow-deciding buyers of large orders"],
    )  # fmt: skip
    summary = Summary(
        run_id=run.name, study=home.name, status="kernel died" if failed else "done",
        exit_code=6 if failed else 0, started="", finished="", seconds=40.0,
        headline=Headline() if failed else good, failure=ended if failed else None,
    )  # fmt: skip
    (run / "summary.json").write_text(summary.model_dump_json())
    (run / ("message.txt" if failed else "report.html")).write_text("")


@pytest.mark.parametrize("name", list(VIEWS))
def test_the_page_is_drawn_whole_and_accessible(
    chromium: Any, index: Path, screenshots: Path, name: str
) -> None:
    axe = pytest.importorskip("axe_playwright_python.base")
    context = chromium.new_context(**VIEWS[name])
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.goto(index.as_uri())
    page.screenshot(path=screenshots / f"index_{name}.png", full_page=True)
    assert heard == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.evaluate(axe.AXE_FILE_PATH.read_text(encoding="utf-8"))
    assert page.evaluate(AXE) == []
    page.locator("details summary").first.press("Enter")
    assert page.get_by_text("2026-11-01 06:00").first.is_visible()
    assert page.evaluate(AXE) == []
    context.close()
