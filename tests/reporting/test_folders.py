"""A folder of this machine is taken out glued to a word too, and what looks like one stays."""

from __future__ import annotations

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seglib.reporting.redact import Redactor

FOLDERS = {
    "/tmp": "<temp>",
    "/root": "~",
    "/work": ".",
    "/home/ann": "~",
    "/home/ann/project": ".",
    r"C:\Users\ann": "~",
}
WORDS = st.text("abcXYZ09_-", min_size=1, max_size=12)
SEVERAL_NAMES = st.sampled_from([path for path in FOLDERS if len(path) > len("/work")])
redact = Redactor(FOLDERS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("secret/tmp/x/y", "secret<temp>/x/y"),
        ("tok-9f3a/root/x", "tok-9f3a~/x"),
        ("see:/home/ann/z", "see:~/z"),
        ("(/root/a)", "(~/a)"),
        ("file:///tmp/x, file:/tmp/x", "<temp>/x, file:<temp>/x"),
        ("file://localhost/home/ann/x", "~/x"),
        ("duckdb:///tmp/x.duckdb", "duckdb://<temp>/x.duckdb"),
        ("sqlite:////home/ann/x.db", "sqlite:///~/x.db"),
        ("https://example.org/x?file=/tmp/x", "https://example.org/x?file=<temp>/x"),
        ("%2Fhome%2Fann%2Fproject%2Fx, a%2Fhome%2Fann", ".%2Fx, a~"),
        ("/mnt/home/ann/x", "/mnt~/x"),
        ("read.../home/ann/x", "read...~/x"),
        ("'/tmp' and /tmp.", "'<temp>' and <temp>."),
    ],
)
def test_a_folder_is_taken_out_wherever_it_stands(text, expected):
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/tmp/x",
        "https://example.org/home/ann/x",
        r"https:\/\/example.org\/home\/ann\/x",
        "https%3A%2F%2Fexample.org%2Fhome%2Fann%2Fx",
        "http://tmp/x, postgres://ann@host:5432/home/ann",
        "example.org/tmp/x",
        "and/or, stem/root, 2026/11/28, w/o",
        "source: ../../work/data, ../home/ann, ./tmp/x, ~/tmp/x",
        "seglib/work/x, build/lib/tmp/x, /var/tmp/x",
        "/tmpfile, /home/anna, /home/ann-2",
    ],
)
def test_what_only_looks_like_a_folder_stays(text):
    assert redact(text) == text


@given(WORDS, SEVERAL_NAMES, st.sampled_from(["", " ", "\n", ".", ",", "/x.csv", r"\x.csv"]))
def test_no_word_before_a_folder_of_several_names_keeps_it(word, path, after):
    assert redact(f"{word}{path}{after}") == f"{word}{FOLDERS[path]}{after}"


@given(WORDS, WORDS)
def test_no_word_before_the_folder_for_what_is_temporary_keeps_it(word, name):
    assert redact(f"{word}/tmp/{name}") == f"{word}<temp>/{name}"


@example("https", "0", ["0123456789"] * 40, "/tmp")
@given(st.sampled_from(["https", "ftp", "s3"]), WORDS, st.lists(WORDS), st.sampled_from([*FOLDERS]))
def test_an_address_of_another_host_stays(scheme, host, parts, path):
    if path.startswith("/"):
        text = "/".join([f"{scheme}://{host}.example", *parts]) + f"{path}/x"
        assert redact(text) == text


@given(st.binary(min_size=60, max_size=90), st.binary(min_size=60, max_size=90))
def test_a_picture_stays(first, last):
    text = f"{base64.b64encode(first).decode()}/tmp/{base64.b64encode(last).decode()}"
    assert redact(text.replace("=", "A")) == text.replace("=", "A")


def test_a_drawing_within_a_page_is_searched_too():
    def within(drawn: str) -> str:
        return f'<img src="data:image/svg+xml;base64,{base64.b64encode(drawn.encode()).decode()}">'

    assert redact(within("<text>/home/ann/x</text>")) == within("<text>~/x</text>")
    assert redact(within("<text>x</text>")) == within("<text>x</text>")
