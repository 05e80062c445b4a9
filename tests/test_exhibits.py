import base64
import re
from xml.etree.ElementTree import fromstring

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.charts.style import new_figure
from seglib.exhibits import Chart, Note, Table
from seglib.reporting.sanitize import sanitize


@given(st.text(max_size=60))
def test_nothing_from_data_reaches_html_unescaped(text):
    hostile = f"<script>{text}</script>"
    table = Table(pd.DataFrame({"a": [hostile], "b": [hostile]}), hostile, note=hostile)
    for html in (table._repr_html_(), Note(hostile)._repr_html_()):
        assert "<script" not in html


def test_a_table_heads_its_rows_and_says_what_it_leaves_out():
    frame = pd.DataFrame({"who": list("abc"), "x": [1.0, None, 3.0], "n": [1000, 2, 3]})
    html = Table(
        frame, "Who", formats={"x": "{:.1f}"}, labels={"n": "count"}, limit=2
    )._repr_html_()
    assert html.count('scope="col"') == 3
    assert html.count('scope="row"') == 2
    assert '<td class="number">1,000</td>' in html
    assert ">–</td>" in html
    assert "1 more row is not shown" in html
    assert "Count</th>" in html


def test_a_table_without_rows_is_a_line_and_a_column_without_values_is_left_out():
    assert Table(pd.DataFrame({"a": []}), "Beliefs")._repr_html_() == (
        '<p class="missing">Beliefs: none.</p>'
    )
    html = Table(pd.DataFrame({"a": ["x"], "b": [None], "c": [""], "d": [1]}), "T")._repr_html_()
    assert html.count('scope="col"') == 2
    assert '<th scope="row" style="text-align:left">x</th><td class="number">1</td>' in html


def test_charts_have_the_same_bytes_and_words():
    def chart():
        figure, (ax,) = new_figure("A claim that is rather long, so that it must be wrapped " * 2)
        ax.bar(["a", "b"], [1, 2])
        return Chart(figure, "claim", alt='b is twice "a"', caption="Source: none")

    first, second = chart(), chart()
    assert first.svg() == second.svg()
    assert "<text" in first.svg()
    html = first._repr_html_()
    assert first.svg() == second.svg()
    assert "A claim that is rather long" in first.svg()
    assert f"<strong>{first.claim}</strong>" in html
    assert "A claim that" not in _picture(html)
    assert 'alt="b is twice &#34;a&#34;"' in html
    assert "<figcaption>Source: none</figcaption>" in html


def _picture(html):
    return base64.b64decode(re.search('base64,([^"]+)"', html)[1]).decode()


def test_a_page_gives_its_charts_their_ground_and_a_file_is_white():
    chart = _chart("5 %")
    shown = _pictures(chart._repr_html_())
    assert "fill:#fff" not in shown
    assert 'style="background:#fff"' in chart._repr_html_()  # JupyterLab in the dark
    assert "background" not in sanitize(chart._repr_html_())
    box = re.search(r'viewBox="0 (-\d+) ([\d.]+) ([\d.]+)"', chart.svg())
    assert f'<path d="M0 {box[1]}h{box[2]}v{box[3]}H0z" style="fill:#fff"/>' in chart.svg()


def test_titles_of_panels_that_run_into_each_other_forbid_the_narrow_picture():
    def shown(title):
        figure, panels = new_figure("Claim", columns=2)
        for ax in panels:
            ax.set_title(title, loc="left", fontsize=9)
            ax.set(xticks=[0, 1], yticks=[0, 1])
        return Chart(figure, "panels", alt="x", caption="y")._repr_html_()

    assert 'class="plot"' in shown("Short")
    assert 'class="plot broad"' in shown("A title of many more letters than fit")


def test_the_title_of_a_file_stays_inside_it():
    figure, _ = new_figure("Words of some length " * 6)
    picture = Chart(figure, "long", alt="x", caption="y").svg()
    width = float(re.search(r'width="([\d.]+)pt"', picture)[1])
    lines = re.findall(r'font-weight:700[^>]*x="7"[^>]*>([^<]+)</text>', picture)
    assert len(lines) > 1
    # DejaVu Sans Bold takes two thirds of its size a letter on average
    assert all(7 + len(line) * 12 * 0.65 <= width for line in lines)


def test_a_slim_picture_keeps_every_letter_and_the_space_before_a_label():
    figure, (ax,) = new_figure(r"Profit in \$ & 3.14159265 %")
    ax.text(0.123456789, 0.5, " 82 <of> 'us'")
    chart = Chart(figure, "slim", alt="x", caption="y")
    assert chart.claim == "Profit in $ & 3.14159265 %"
    picture = chart.svg()
    assert "Profit in $ &amp; 3.14159265\N{NO-BREAK SPACE}%</text>" in picture
    assert ">\N{NO-BREAK SPACE}82 &lt;of&gt; 'us'</text>" in picture
    assert len(picture) < 9_000
    assert "metadata" not in picture
    marks = set(re.findall(' id="([^"]+)"', picture))
    assert marks == set(re.findall(r'(?:url\(|href=")#([^")]+)', picture))


def test_numbers_stand_on_the_right_and_words_on_the_left():
    frame = pd.DataFrame(
        {"a": ["x"], "yes": [True], "share": ["43 %"], "days": [12], "period": ["2026 Q3"]}
    )
    html = Table(frame, "T")._repr_html_()
    aligned = re.findall(r'<td( [a-z]+="[^"]+")', html)
    left = ' style="text-align:left"'
    assert aligned == [left, ' class="number"', ' class="number"', left]


def test_p_values_are_read_not_deciphered():
    frame = pd.DataFrame({"what": ["a", "b"], "p_holm": [5.4e-113, 0.04]})
    html = Table(frame, "T")._repr_html_()
    assert ">&lt; 0.001</td>" in html
    assert ">0.040</td>" in html
    assert "e-113" not in html


def test_a_long_table_is_marked_as_one():
    assert 'class="table long"' in Table(pd.DataFrame({"a": range(17)}), "T")._repr_html_()
    assert 'class="table"' in Table(pd.DataFrame({"a": range(16)}), "T")._repr_html_()


def _chart(label):
    figure, (ax,) = new_figure("Claim", height=2.0)
    ax.barh(["one", "two"], [1, 2])
    ax.text(0.5, 0, label)
    ax.text(1.5, 0, label)
    return Chart(figure, "phone", alt="x", caption="y")


def test_a_chart_has_a_narrow_picture_for_a_phone_where_its_texts_have_room():
    html = _chart("5 %")._repr_html_()
    assert '<source media="(max-width: 40rem)" srcset="data:image/svg+xml;base64,' in html
    assert 'class="plot"' in html
    widths = [float(w) for w in re.findall(r'<svg[^>]* width="([\d.]+)pt"', _pictures(html))]
    assert widths[0] < 4.6 * 72 < 6.5 * 72 < widths[1]
    crowded = _chart("a label of many letters")._repr_html_()
    assert "<source" not in crowded
    assert 'class="plot broad"' in crowded


def _pictures(html):
    return "".join(base64.b64decode(p).decode() for p in re.findall('base64,([^"]+)"', html))


def test_a_figure_is_as_before_once_it_was_shown():
    chart = _chart("5 %")
    before = chart.figure.get_size_inches().tolist()
    chart._repr_html_()
    assert chart.figure.get_size_inches().tolist() == before
    assert all(text.get_visible() for text in chart.figure.texts)
    assert ">Claim</text>" in chart.svg()


@pytest.mark.filterwarnings("ignore:Glyph")  # matplotlib has none for a control character
def test_a_control_character_in_a_name_leaves_a_picture_well_formed():
    figure, (axes,) = new_figure("Red")
    axes.text(0, 0, "\x1b[31mred\x07 & <b>")
    svg = Chart(figure, "red", alt="x", caption="y").svg()
    assert "[31mred & <b>" in "".join(fromstring(svg).itertext())
