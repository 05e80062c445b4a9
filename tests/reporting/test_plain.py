"""The executive reads names and sentences: no statistics, no table that the cards repeat."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_notebook

from seglib.exhibits import Note
from seglib.reporting.plain import without_statistics
from seglib.reporting.sections import make_section

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("strongly in size (ε² = 0.61, 95 % interval 0.56 to 0.66; adjusted p &lt; 0.001).",
         "strongly in size."),
        ("in May (1,116 events in 3 years; adjusted p &lt; 0.001).",
         "in May (1,116 events in 3 years)."),
        ("No season is shown (372 events in 1 year; adjusted p = 0.063).",
         "No season is shown (372 events in 1 year)."),
        ("apart from all others (p = 0.012, Holm).", "apart from all others."),
        ("52 of 80 (65 %, 95 % from 54 % to 75 %; kappa 0.55): 51 of 79",
         "52 of 80 (65 %, 95 % from 54 % to 75 %): 51 of 79"),
        ("is not sure (two halves agree at an adjusted Rand index of 0.41); cutting it",
         "is not sure; cutting it"),
        ("placed right (balanced accuracy; 95 % interval 36 % to 43 %), against",
         "placed right (95 % interval 36 % to 43 %), against"),
        ("names no previous run (measurement: previous_run): nothing to compare.",
         "names no previous run: nothing to compare."),
        ("goes with the stage (r = -1.00; p = 5.4e-113).", "goes with the stage."),
        ('size (ε² = <data value="0.61" data-from="a:b">0.61</data>, 95 % from 0.5); adjusted '
         'kept (65 %; kappa <data value="0.55" data-from="a:b">0.55</data>): 51',
         "size; adjusted kept (65 %): 51"),
        ("A map (p. 5) of group (k = 4), 12 % (95 % interval 3 % to 4 %).",
         "A map (p. 5) of group (k = 4), 12 % (95 % interval 3 % to 4 %)."),
    ],
)  # fmt: skip
def test_statistics_go_and_the_words_stay(said, read):
    assert without_statistics(said) == read


@pytest.mark.parametrize(("audience", "there"), [("executive", False), ("analyst", True)])
def test_only_the_executive_is_spared(sample, audience, there):
    note = Note("Buys most in May (900 events in 3 years; adjusted p < 0.001).")
    cells = [sample.shown(note, "executive", source="note")]
    section = make_section("04", new_notebook(cells=cells), audience, set())
    html = section.blocks[0].html
    assert ("adjusted p" in html) is there
    assert "Buys most in May (900 events in 3 years" in html


def test_no_long_table_and_no_repeated_card_is_for_the_executive():
    shown = "".join(
        cell.source
        for path in sorted(NOTEBOOKS.glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if "executive" in cell.metadata.get("tags", [])
    )
    assert "kpis_in_brief" in shown
    for table in ("latest_table", "card_table", "quality", "depends", "redundant"):
        assert not re.search(rf"\b{table}\b", shown)


def test_no_notebook_writes_the_power_of_ten_of_a_p_value():
    for path in NOTEBOOKS.glob("*.ipynb"):
        sources = ["".join(c["source"]) for c in json.loads(path.read_text("utf-8"))["cells"]]
        assert not re.search(r"\{:\.\d+e\}", "".join(sources))
