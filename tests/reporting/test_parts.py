"""The small parts: Markdown, sanitising, redaction, plain figures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from seglib.errors import StudyError
from seglib.reporting.failure import from_cell
from seglib.reporting.plan import parse_step
from seglib.reporting.prose import Heading, Prose, parse_markdown
from seglib.reporting.published import clean_notebook
from seglib.reporting.quoted import readable_on
from seglib.reporting.redact import Redactor
from seglib.reporting.sanitize import sanitize
from seglib.reporting.sections import make_section


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a <b onclick=x>b</b>", "<p>a &lt;b onclick=x&gt;b&lt;/b&gt;</p>"),
        ("[a](https://x.org)", "<p>a</p>"),
        ("[a](javascript:alert(1))", "<p>a</p>"),
        ("<https://x.org/a>", "<p>x.org/a</p>"),
        ("[a](03_cluster_analysis.ipynb#k)", '<p><a href="#step-03">a</a></p>'),
        ("![alt](https://x.org/a.png)", "<p><em>alt</em></p>"),
        ("<div>\nraw\n</div>", "<p>&lt;div&gt;\nraw\n&lt;/div&gt;</p>"),
    ],
)
def test_markdown_lets_no_html_and_no_address_through(text, html):
    assert parse_markdown(text) == [Prose(html)]


def test_markdown_is_cut_at_its_headings():
    parts = parse_markdown("# One\n\ntext\n\n## Two `k`\n### Three\nmore")
    assert [p.text if isinstance(p, Heading) else p.html for p in parts] == [
        "One",
        "<p>text</p>",
        "Two k",
        "Three",
        "<p>more</p>",
    ]


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>a<script>x<b>y</b></script>c</p>", "<p>ac</p>"),
        ("<style>p{}</style><p>a</p>", "<p>a</p>"),
        ('<a href="https://x.org">a</a>', "<a>a</a>"),
        ('<a href="#size">a</a>', '<a href="#size">a</a>'),
        ('<img alt="a" src="data:text/html;base64,AA">', ""),
        (
            '<img src="data:image/png;base64,AA" onerror="x">',
            '<img src="data:image/png;base64,AA">',
        ),
        ('<svg onload="x"><text>a</text></svg>', "a"),
        ('<p style="position:fixed;color:#fff">a</p>', '<p style="color:#fff">a</p>'),
        ('<p style="background:url(x)">a</p>', "<p>a</p>"),
        ("<h1>a</h1>", '<p class="heading">a</p>'),
        ("<p>a<div>b", "<p>a<div>b</div></p>"),
        ("a</div>b", "ab"),
        ("1 < 2 &amp; 3", "1 &lt; 2 &amp; 3"),
        ("<td>short</td>", "<td>short</td>"),
        ("<td>two or three words</td>", '<td class="words">two or three words</td>'),
        (f"<td>{'word ' * 9}</td>", f'<td class="sentence">{"word " * 9}</td>'),
    ],
)
def test_sanitize(html, clean):
    assert sanitize(html) == clean


@given(st.text(alphabet="<>/=\"' ascriptonlodimg&;:#-x", max_size=60))
def test_sanitized_html_holds_no_script_and_no_handler(text):
    clean = sanitize(text).lower()
    assert "<script" not in clean
    assert "<iframe" not in clean
    assert sanitize(sanitize(text)) == sanitize(text)


def test_a_taken_anchor_gets_a_number():
    taken = {"size"}
    assert sanitize('<p id="size">a</p>', taken) == '<p id="size-2">a</p>'
    assert taken == {"size", "size-2"}


def test_the_published_notebook_depends_on_its_content_alone():
    def executed(seconds: str, cut: int) -> str:
        text = "one\ntwo\n"
        outputs = [
            new_output("stream", name="stdout", text=text[:cut]),
            new_output("stream", name="stderr", text=seconds),
            new_output("stream", name="stdout", text=text[cut:]),
        ]
        cell = new_code_cell("f()", outputs=outputs, metadata={"papermill": {"duration": seconds}})
        return clean_notebook(new_notebook(cells=[cell], metadata={"papermill": {}}), Redactor({}))

    assert executed("1.5", 3) == executed("2.5", 6)
    assert "papermill" not in executed("1", 2)


@pytest.mark.parametrize("text", ["", "0", "7", "00", "segments", "../01"])
def test_an_unknown_step_is_refused(text):
    with pytest.raises(StudyError, match="Unknown step"):
        parse_step(text)


def test_an_unknown_error_is_cut_to_a_screen():
    assert len(from_cell("ValueError", "x" * 10_000).message) < 700
    assert from_cell("StudyError", "Unknown 'kk'.").exit_code == 2
    assert from_cell("KernelDied", "x").exit_code == 6


@pytest.mark.parametrize(
    "color", ["#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#717581", "#92dadd"]
)
def test_numbers_on_segment_colours_can_be_read(color):
    def light(code: str) -> float:
        parts = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((light(color), light(readable_on(color))), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_a_notebook_with_nothing_for_the_audience_makes_no_section():
    cell = new_code_cell("f()", metadata={"tags": ["learner"]}, outputs=[])
    assert make_section("01", new_notebook(cells=[cell]), "executive", set()) is None
