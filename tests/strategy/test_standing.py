from types import SimpleNamespace

import pandas as pd
import pytest

from seglib.quotes import bare
from seglib.strategy import standing

BRIEF = SimpleNamespace(min_segments=2, capacity=6, min_share=0.05)


def book(kind: str, overall: str, method: str = "kmeans", at_k: str = "") -> SimpleNamespace:
    per_k = [{"k": 4, "verdict": at_k}] if at_k else []
    files = {
        "verdict.json": {"verdict": overall, "per_k": per_k},
        "decision.json": {"method": method, "kind": kind, "k": 4},
    }
    row = {"smallest_share": 0.2, "unplaced": 0.0, "certified": True}
    scorecard = pd.DataFrame(
        [
            row | {"method": "kmeans", "k": 4, "score": 0.5},
            row | {"method": "rfm", "k": 6, "score": 0.4},
        ]
    )
    run = SimpleNamespace(read_json=files.get, read_table=lambda name: scorecard)
    return SimpleNamespace(run=run, brief=BRIEF)


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("natural", "groups of the market itself"),
        ("reproducible", "continuum"),
        ("undecided", "undecided"),
    ],
)
def test_the_kind_of_the_segments_is_said(kind, word):
    text = standing(book(kind, "natural")).text
    assert word in text
    assert "On offer" not in text


def test_without_groups_rules_are_offered():
    text = bare(standing(book("", "constructive")).text)
    assert "a cut of our own" in text
    assert "On offer: RFM rules (6 segments, score 0.40)" in text


def test_rules_are_not_called_groups_though_the_market_has_some():
    text = standing(book("", "natural", method="rfm")).text
    assert "a stated rule" in text
    assert "groups of the market" not in text


def test_the_verdict_on_the_number_kept_goes_before_the_one_on_the_whole():
    text = standing(book("", "natural", at_k="constructive")).text
    assert "a cut of our own" in text
