"""The index page over a folder of runs."""

from __future__ import annotations

import json
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest

from seglib.reporting import run_study
from seglib.reporting.failure import RunFailed
from seglib.reporting.history import past_runs
from seglib.reporting.index import DRAWN, SHOWN, refresh_index, render_index, write_index
from seglib.reporting.summary import Ended, Headline, Summary


def leave(home: Path, number: int, *, failed: bool = False, **head) -> Path:
    """A run's folder with nothing but its notices."""
    hours, minute = divmod(number, 60)
    run_id = f"202601{1 + hours // 24:02}-{hours % 24:02}{minute:02}00"
    folder = home / f"{run_id}{'.failed' if failed else ''}"
    folder.mkdir(parents=True)
    failure = Ended(exit_code=6, notebook="03_cluster_analysis.ipynb", message="", next_step="")
    summary = Summary(
        run_id=run_id,
        study=home.name,
        status="kernel died" if failed else "done",
        exit_code=6 if failed else 0,
        started="",
        finished="",
        seconds=1.0,
        failure=failure if failed else None,
        headline=Headline(**head),
    )
    (folder / "summary.json").write_text(summary.model_dump_json())
    (folder / ("message.txt" if failed else "report.html")).write_text("x")
    return folder


class Page(HTMLParser):
    """Tags of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data

    def all(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


def test_each_study_has_its_runs_figures_and_links(tmp_path):
    for number, customers in enumerate((500, 520, 531)):
        leave(tmp_path / "demo", number, customers=customers, segments=4, verdict="natural",
              value=24.1e6, value_unit="EUR", confident_share=0.91, targets=["A & B"])  # fmt: skip
    leave(tmp_path / "demo", 3, failed=True)
    leave(tmp_path / "emea", 0, customers=10)
    (tmp_path / "demo" / "latest").symlink_to(leave(tmp_path / "demo", 4, customers=540).name)
    html = render_index(tmp_path)
    page = Page(html)
    assert [a["href"] for a in page.all("a") if "/" in a["href"]] == [
        "demo/20260101-000400/report.html",
        "demo/20260101-000300.failed/message.txt",
        "demo/20260101-000200/report.html",
        "demo/20260101-000100/report.html",
        "demo/20260101-000000/report.html",
        "emea/20260101-000000/report.html",
    ]
    assert "kernel died (exit code 6)" in page.text
    assert "24.1 million EUR" in page.text
    assert "A & B" in page.text
    assert "5 runs, 1 not finished." in page.text
    label = "Customers in 4 runs: from 500 to 540, lowest 500, highest 540"
    assert label in [svg["aria-label"] for svg in page.all("svg")]


def test_the_page_can_be_read_by_all_and_fetches_nothing(tmp_path):
    for number in range(3):
        leave(tmp_path / "demo", number, customers=number)
    html = render_index(tmp_path)
    page = Page(html)
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table")) == 1
    assert {th.get("scope") for th in page.all("th")} == {"col", "row"}
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in page.all("svg"))
    assert not re.search(r"https?:|//\w", html)
    assert not page.all("script")
    assert "prefers-color-scheme: dark" in html
    assert "default-src 'none'" in html
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    "broken",
    ["", "{", "[]", "null", '"x"', '{"status": "done"}', "[" * 100_000, "\x00\xff", '{"a": 1}'],
)
def test_a_broken_folder_is_told_and_hides_no_other(tmp_path, broken):
    leave(tmp_path / "demo", 0, customers=500)
    folder = leave(tmp_path / "demo", 1)
    (folder / "summary.json").write_text(broken)
    (folder / "manifest.json").write_text(broken)
    page = Page(render_index(tmp_path))
    assert "cannot be read" in page.text
    assert "500" in page.text


def test_odd_things_in_the_folder_do_no_harm(tmp_path):
    leave(tmp_path / "demo", 0, customers=500)
    for name in ("20260101-000900", "20260101-000901.failed"):
        (tmp_path / "demo" / name).mkdir()
    (tmp_path / "demo" / "20260101-000902").write_text("a file")
    (tmp_path / "demo" / "20260101-000903").symlink_to("nowhere")
    (tmp_path / "demo" / "20260101-000904.partial").mkdir()
    (tmp_path / "demo" / "workbench").mkdir()
    big = leave(tmp_path / "demo", 5)
    (big / "summary.json").write_text(" " * 3_000_000)
    (leave(tmp_path / "demo", 6) / "summary.json").unlink()
    (tmp_path / "demo" / "20260101-000600" / "summary.json").mkdir()
    os.symlink(tmp_path, tmp_path / "loop")
    runs = past_runs(tmp_path)
    assert list(runs) == ["demo"]
    assert [run.summary is None for run in runs["demo"]] == [False, True, True, True, True]


def test_a_run_from_before_there_were_summaries_is_listed_by_its_manifest(tmp_path, sample):
    folder = leave(tmp_path / "demo", 0)
    (folder / "summary.json").unlink()
    manifest = sample.sample_manifest()
    manifest.status = "done"
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    (run,) = past_runs(tmp_path)["demo"]
    assert run.summary.status == "done"


def test_hostile_words_stay_words(tmp_path):
    home = tmp_path / 'a"><img src=x onerror=alert(1)> & b'
    leave(home, 0, title="<script>x</script>", targets=["</table><svg onload=x>"], value=1.0,
          value_unit="<b>")  # fmt: skip
    page = Page(render_index(tmp_path))
    assert {"img", "script", "b"}.isdisjoint(tag for tag, _ in page.tags)
    assert len(page.all("table")) == 1
    (link,) = [a["href"] for a in page.all("a") if "/" in a["href"]]
    assert link.startswith("a%22%3E%3Cimg%20src")


def test_numbers_that_are_none_are_left_out(tmp_path):
    folder = leave(tmp_path / "demo", 0, customers=5, value=1.0)
    text = (folder / "summary.json").read_text().replace('"value":1.0', '"value":NaN')
    (folder / "summary.json").write_text(text)
    html = render_index(tmp_path)
    assert "nan" not in Page(html).text.lower().split()


def test_a_thousand_runs_take_a_moment(tmp_path):
    for number in range(1000):
        leave(tmp_path / "demo", number, customers=number, segments=4, value=float(number))
    begun = time.process_time()
    path = write_index(tmp_path)
    assert time.process_time() - begun < 3
    html = path.read_text()
    assert len(html) < 1_500_000
    assert html.count("/report.html") == 1000
    assert f"{1000 - SHOWN} earlier runs" in html
    assert f"in {DRAWN} runs" in html
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["index.html"]


def test_a_page_that_cannot_be_written_is_a_warning(tmp_path, caplog):
    (tmp_path / "index.html").mkdir()
    refresh_index(tmp_path)
    assert "was not written" in caplog.text
    assert [p.name for p in tmp_path.iterdir()] == ["index.html"]


def test_each_run_rebuilds_it_good_or_not(study, make_notebooks, tmp_path, monkeypatch):
    monkeypatch.setattr("seglib.reporting.plan._root", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    run_study(study, until="01", notebooks=make_notebooks())
    index = tmp_path / "reports" / "index.html"
    assert "1 run, 0 not finished" in index.read_text()
    with pytest.raises(RunFailed):
        run_study(study, until="01", notebooks=make_notebooks(step01="1 / 0"))
    text = index.read_text()
    assert "2 runs, 1 not finished" in text
    (summary,) = (tmp_path / "reports" / "tiny").glob("*.failed/summary.json")
    assert json.loads(summary.read_text())["exit_code"] == 4


def test_a_folder_of_ones_own_has_a_page_of_its_own(study, make_notebooks, tmp_path):
    run_study(study, out=tmp_path / "own" / "runs", until="01", notebooks=make_notebooks())
    assert "1 run, 0 not finished" in (tmp_path / "own" / "runs" / "index.html").read_text()
    assert not (tmp_path / "own" / "index.html").exists()
