"""A small run for the report's tests: artifacts and executed notebooks, made without kernels."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from seglib.artifacts import STEPS
from seglib.charts.style import new_figure, segment_color, source_line
from seglib.exhibits import Chart, Note, Table
from seglib.run import Manifest, Run

BRIEF = {
    "study": "sample",
    "objective": "high_value_accounts",
    "title": "Find and grow the accounts that are worth most",
    "question": "Which accounts are worth most, and which could become so?",
    "currency": "EUR",
    "as_of": "2026-09-30",
    "seed": 7,
}
SEGMENTS = [
    ("Large integrators, who buy often", 182, 0.26, 4_100_000.0, 0.51, 22_530.0, 0.91),
    ("Price-minded project buyers", 301, 0.43, 1_900_000.0, 0.24, 6_310.0, 0.84),
    ("Service-led hospitals", 112, 0.16, 1_700_000.0, 0.21, 15_180.0, 0.88),
    ("Small laboratories", 105, 0.15, 330_000.0, 0.04, 3_140.0, 0.71),
]
TRAITS = [
    "3.1 × the average orders per year (12 against 3.9).",
    "Industry pharmaceuticals: 48 % against 21 % of the accounts.",
    "Need: integration: 5.9 against 4.1 points on average.",
]


def sample_cards(names: list[str] | None = None) -> list[dict[str, Any]]:
    """Content of ``segments.json``."""
    return [
        {
            "segment": number,
            "name": names[number - 1] if names else name,
            "color": segment_color(number),
            "accounts": accounts,
            "share": share,
            "revenue": revenue,
            "revenue_share": revenue_share,
            "revenue_per_account": each,
            "value_label": "Revenue, 12 months",
            "value_unit": "EUR",
            "traits": TRAITS[: 4 - number] or TRAITS[:1],
            "confidence": confidence,
            "prospects": 40 * number,
            "note": "Its border is soft: the mean confidence of its accounts is 71 %."
            if confidence < 0.8
            else "",
        }
        for number, (name, accounts, share, revenue, revenue_share, each, confidence) in enumerate(
            SEGMENTS, start=1
        )
    ]


def write_artifacts(run: Run, *, names: list[str] | None = None, until: str = "06") -> None:
    """Leave the artifacts of the steps up to one."""
    (run.folder / "study.yaml").write_text("name: sample\ntitle: Sample market\n")
    run.write_json("brief.json", BRIEF)
    if until >= "02":
        status = ["customer"] * 700 + ["prospect"] * 400
        ids = [f"A{i:04}" for i in range(1100)]
        run.write_table("accounts.parquet", pd.DataFrame({"account_id": ids, "status": status}))
    if until >= "04":
        _write_segments(run, sample_cards(names))
    if until >= "05":
        _write_strategy(run, sample_cards(names))
    if until >= "06":
        _write_kpis(run, sample_cards(names))


def _write_segments(run: Run, cards: list[dict[str, Any]]) -> None:
    run.write_json("verdict.json", {"verdict": "reproducible"})
    segment = np.repeat([card["segment"] for card in cards], [card["accounts"] for card in cards])
    confidence = np.where(np.arange(700) % 5 == 0, 0.62, 0.93)
    run.write_table(
        "assignments.parquet",
        pd.DataFrame(
            {
                "account_id": [f"A{i:04}" for i in range(700)],
                "segment": segment,
                "confidence": confidence,
            }
        ),
    )
    run.write_json("segments.json", cards)


def _write_strategy(run: Run, cards: list[dict[str, Any]]) -> None:
    table = pd.DataFrame(
        {
            "segment": [card["segment"] for card in cards],
            "name": [card["name"] for card in cards],
            "overall": [7.1, 4.2, 6.4, 3.0],
            "chosen_share": [0.97, 0.12, 0.84, 0.07],
            "target": [True, False, True, False],
            "knocked_out": ["", "", "", ""],
        }
    )
    run.write_table("targeting.parquet", table)
    play = "Offer a yearly framework contract with data integration, led by a key account manager."
    run.write_json(
        "playbook.json",
        [
            {
                "segment": card["segment"],
                "target": card["segment"] in (1, 3),
                "plays": [{"text": play}] if card["segment"] < 4 else [],
                "value_proposition": "A starter set at a fixed price.",
            }
            for card in cards
        ],
    )


def _write_kpis(run: Run, cards: list[dict[str, Any]]) -> None:
    rates = [(0.93, 0.88, 0.96), (0.74, 0.64, 0.81), (0.81, 0.70, 0.89), (0.75, 0.61, 0.84)]
    rows = [
        {"segment": card["segment"], "name": card["name"], "period": period, "kpi": "retention",
         "label": "Retention", "value": value, "low": low, "high": high, "unit": "share"}
        for period in ("2026 Q2", "2026 Q3")
        for card, (value, low, high) in zip(cards, rates, strict=True)
    ]  # fmt: skip
    run.write_table("kpis.parquet", pd.DataFrame(rows))
    nothing = {"decision": None, "reason": "Nothing to compare with.", "compared_with": None}
    run.write_json("refresh.json", nothing)


def sample_notebook(step: str, *, hostile: str = "") -> NotebookNode:
    """An executed notebook with a cell for each audience."""
    chart = sample_chart(step).named(lambda figure: "segments.json:accounts|sum")
    frame = pd.DataFrame(
        {"segment": [row[0] for row in SEGMENTS], "accounts": [row[1] for row in SEGMENTS],
         "revenue": [row[3] for row in SEGMENTS]}
    )  # fmt: skip
    table = Table(frame, f"Accounts and revenue by segment, step {step} {hostile}".strip())
    cells = [
        new_markdown_cell(f"# Do step {step}: {STEPS[step]}\n\nWhy it is done {hostile}."),
        shown(None, "parameters", source='study: str = "x"'),
        new_markdown_cell("**What you will learn.** How it is done.", metadata=tags("learner")),
        new_markdown_cell("## See the figure\n\nA *look*; see [step 1](01_objectives.ipynb#x)."),
        shown(chart, "executive", source=f"book.show(charts.sample({step!r}))"),
        new_markdown_cell("### Read the table\n\nNotice the second row. See <https://example.org/a>."),
        shown(table, "analyst", source="Table(frame, caption)"),
        new_markdown_cell("## Learn more", metadata=tags("learner")),
        new_markdown_cell("Exercise: do it again.", metadata=tags("learner")),
        new_markdown_cell("## Know the method"),
        shown(Note(f"The method was {hostile or 'plain'}."), "method", source="Note(text)"),
        new_markdown_cell("## Bare heading"),
    ]  # fmt: skip
    return new_notebook(
        cells=cells,
        metadata={
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
    )


def sample_chart(step: str) -> Chart:
    """A bar chart in the house style."""
    figure, (ax,) = new_figure("Large integrators bring half of the revenue", height=2.8)
    values = [row[4] for row in SEGMENTS]
    ax.barh(range(4), values, color=[segment_color(i) for i in range(1, 5)])
    ax.set_yticks(range(4), [row[0] for row in SEGMENTS])
    ax.invert_yaxis()
    alt = "Large integrators bring 51 % of the revenue."
    return Chart(figure, f"value_{step}", alt, source_line("orders", 700, "2026-09-30"))


def shown(exhibit: Any, tag: str, *, source: str) -> NotebookNode:
    """A code cell that displayed an exhibit."""
    outputs = []
    if exhibit is not None:
        data = {"text/html": exhibit._repr_html_(), "text/plain": "…"}
        outputs = [new_output("execute_result", data, execution_count=1)]
    return new_code_cell(source, outputs=outputs, execution_count=1, metadata=tags(tag))


def tags(*names: str) -> dict[str, Any]:
    """Metadata of a tagged cell."""
    return {"tags": list(names)}


def sample_run(
    folder: Path, *, until: str = "06", hostile: str = "", names: list[str] | None = None
) -> Run:
    """A run that reached a step."""
    folder.mkdir(parents=True)
    run = Run(folder)
    write_artifacts(run, names=names, until=until)
    for step, name in STEPS.items():
        if step <= until:
            nbformat.write(sample_notebook(step, hostile=hostile), folder / f"{step}_{name}.ipynb")
    return run


def sample_manifest() -> Manifest:
    """A manifest as it stands while the report is written."""
    return Manifest(
        run_id="20261123-120000",
        study="sample",
        status="running",
        started="2026-11-23T12:00:00+00:00",
        parameters={"name": "sample", "clustering": {"k_max": 6}},
        seed=7,
        effort="standard",
        inputs={"accounts.csv": "ab" * 32, "orders.csv": "cd" * 32},
        versions={"python": "3.11.7", "seglib": "0.1.0"},
        git_revision="0123456789ab",
    )


def pictures(html: str) -> list[str]:
    """The SVG pictures inside a report, decoded."""
    parts = html.split("data:image/svg+xml;base64,")[1:]
    return [base64.b64decode(part.split('"')[0]).decode() for part in parts]
