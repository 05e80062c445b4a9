"""Figures in sentences: they read as before, and keep their names."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.charts.style import new_figure
from seglib.exhibits import Chart, Note, Table
from seglib.quotes import bare, cited, marked_up, quote, quotes_in, renamed
from seglib.run import Run
from seglib.study import Study
from seglib.workbook import Book

words = st.text(st.characters(codec="utf-8", exclude_characters="\ue000\ue001\ue002"), max_size=30)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(words, numbers, words)
def test_a_sentence_reads_as_if_nothing_were_marked(before, value, after):
    text = before + quote("size", value, ".3g") + after
    assert bare(text) == f"{before}{value:.3g}{after}"
    assert [(q.name, q.value) for q in quotes_in(text)] == [("size", value)]


@given(st.text(max_size=40))
def test_marks_in_the_data_reach_nobody(text):
    """A private character in a name neither breaks a sentence nor passes for a figure's end."""
    said = str(marked_up(f"{text}{quote('artifact.json:size', 3)}"))
    assert not any(mark in said for mark in "\ue000\ue001\ue002")


def test_an_unknown_value_is_written_and_not_kept():
    assert quote("size", math.nan, ".1f") == "nan"


def test_a_figure_without_a_place_is_no_data_and_words_say_theirs():
    text = f"a & {quote('size', 0.5, '.0%')} {cited('decision.json:why', 'since 1 < 2')}"
    html = str(marked_up(text))
    assert html == 'a &amp; 50 % <span data-from="decision.json:why">since 1 &lt; 2</span>'
    placed = renamed(text, lambda figure: f"stated/03.json:notes.{figure.name}")
    assert '<data value="0.5" data-from="stated/03.json:notes.size">50 %</data>' in marked_up(
        placed
    )
    assert cited("decision.json:why", "") == ""


@pytest.fixture
def book(tmp_path):
    study = Study.model_validate({"name": "small", "source": str(tmp_path)})
    return Book("05", study, Run(tmp_path))


def kept(book):
    return json.loads((book.run.folder / "stated/05.json").read_text())


def test_what_is_shown_leaves_its_figures(book):
    figure, _ = new_figure(f"{quote('share', 0.3, '.0%')} of $ are left")
    chart = book.show(Chart(figure, "left", alt=f"{quote('share', 0.3, '.0%')}", caption="None."))
    table = book.show(Table(book_table(), f"Of {quote('all', 7)}", note=f"n = {quote('n', 4)}."))
    book.show(Note(f"{quote('first', 1)} and {quote('kpis.parquet:|count', 2)}"))
    assert kept(book) == {
        "left": {"share": 0.3},
        "table-of-7": {"all": 7.0, "n": 4.0},
        "notes": {"first": 1.0},
    }
    assert '<data value="0.3" data-from="stated/05.json:left.share">30 %</data>' in (
        chart._repr_html_()
    )
    assert chart.claim == "30 % of $ are left"
    assert 'alt="30\xa0%"' in chart._repr_html_()
    assert ">30\xa0% of $ are left</text>" in chart.svg()
    assert 'data-from="stated/05.json:table-of-7.n">4</data>' in table._repr_html_()
    assert repr(table).startswith("Of 7\n")


def book_table():
    import pandas as pd

    return pd.DataFrame({"segment": [1]})


def test_a_second_figure_of_a_name_is_numbered_and_a_cell_run_again_is_not(book):
    figure, _ = new_figure(f"{quote('share', 1)}, {quote('share', 2)} and {quote('share', 1)}")
    for _ in range(2):
        book.show(Chart(figure, "left", alt="", caption=""))
    assert kept(book) == {"left": {"share": 1.0, "share_2": 2.0}}
    for value in (1, 1, 3):
        note = book.show(Note(quote("gap", value)))
    assert kept(book)["notes"] == {"gap": 1.0, "gap_2": 3.0}
    assert "notes.gap_2" in note._repr_html_()
