"""Secrets and folders are found however they stand escaped, in text, JSON and Parquet files."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, new_output

from seglib.reporting import run_study
from seglib.reporting.hidden import hide_in
from seglib.reporting.published import clean_notebook
from seglib.reporting.redact import Redactor, for_run
from seglib.run import Run
from seglib.study import Study

SECRET = "pä\"s&w\\o/r d'7"
FOLDER = "/home/ann smith/projekt"
ESCAPES = {
    "plain": str,
    "json": lambda text: json.dumps(text)[1:-1],
    "json-unicode": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "json-twice": lambda text: json.dumps(json.dumps(text))[3:-3],
    "every-letter": lambda text: "".join(f"\\u{ord(letter):04X}" for letter in text),
    "html": html.escape,
    "html-bare": lambda text: html.escape(text, quote=False),
    "html-twice": lambda text: html.escape(html.escape(text)),
    "html-numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "address": lambda text: quote(text, safe=""),
    "address-plus": quote_plus,
    "address-twice": lambda text: quote(quote(text, safe=""), safe=""),
    "address-in-html-in-json": lambda text: json.dumps(html.escape(quote(text)))[1:-1],
    "csv": lambda text: text.replace('"', '""'),
    "sql": lambda text: text.replace("'", "''"),
    "python": lambda text: repr(text)[1:-1],
}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_secret_is_found_in_every_escape(escape):
    assert Redactor({}, [SECRET])(f"a {escape(SECRET)} b") == "a *** b"


@pytest.mark.parametrize(
    "escape",
    # A usual escape leaves letters and digits as they are.
    [ESCAPES[name] for name in sorted({*ESCAPES} - {"every-letter", "html-numbers"})],
)
def test_a_folder_is_found_in_every_escape(escape):
    assert Redactor({FOLDER: "."})(f"a={escape(FOLDER)}") == "a=."


@pytest.mark.parametrize("before", ["\\n", "%3D", "&quot;", "file://"])
def test_a_folder_is_found_behind_an_escape(before):
    assert FOLDER not in Redactor({FOLDER: "."})(before + FOLDER)


@given(st.text(min_size=6, max_size=20).filter(str.strip), st.data())
def test_any_secret_is_found_in_any_two_escapes(secret, data):
    secret = secret.encode("utf-8", "replace").decode()
    outer = ["json", "json-unicode", "html", "html-bare"]
    first = ESCAPES[data.draw(st.sampled_from([*outer, "address"]))]
    second = ESCAPES[data.draw(st.sampled_from(outer))]
    assert Redactor({}, [secret]).hide(second(first(secret))) == "***"


def test_other_text_stays():
    text = 'pä"s&w and /home/annsmith/projekt and ../home/ann smith/projekt \\u00e9 %20 &amp;'
    assert Redactor({FOLDER: "."}, [SECRET])(text) == text


@pytest.mark.parametrize("suffix", [".json", ".ipynb"])
def test_json_stays_json(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text(json.dumps({SECRET: ["line\nnabcdef", {"x": f"{FOLDER}/a.csv"}], "n": 1.0}))
    hide_in(path, Redactor({FOLDER: "."}, [SECRET, "nabcdef"]))
    assert json.loads(path.read_text()) == {"***": ["line\n***", {"x": "./a.csv"}], "n": 1.0}


@pytest.mark.parametrize("suffix", [".json", ".csv", ".parquet", ".png"])
def test_a_file_without_secrets_keeps_its_bytes(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    if suffix == ".parquet":
        Run(tmp_path).write_table("kpis.parquet", pd.DataFrame({"a": ["x", None]}))
        (tmp_path / "kpis.parquet").rename(path)
    else:
        path.write_bytes(b'{"a":\n1}' if suffix == ".json" else b"\xff\xfe, text")
    before = path.read_bytes()
    hide_in(path, Redactor({FOLDER: "."}, [SECRET]))
    assert path.read_bytes() == before


def test_text_that_is_no_utf8_is_searched_too(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff hunter22 \xfe")
    hide_in(path, Redactor({}, ["hunter22"]))
    assert path.read_bytes() == b"\xff *** \xfe"


def test_parquet_files_are_searched(tmp_path):
    texts = pa.array([f"see {FOLDER}/x", None, "fine"])
    table = pa.table(
        {
            "text": texts,
            "category": texts.dictionary_encode(),
            "list": [["a", SECRET], None, []],
            "record": [{"k": quote(SECRET, safe="")}, {"k": None}, {"k": "fine"}],
            SECRET: [1, 2, 3],
        },
        metadata={"seglib.columns": json.dumps({"text": {"source": SECRET}}), "plain": SECRET},
    )
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    hide_in(path, Redactor({FOLDER: "."}, [SECRET]))
    clean = pq.read_table(path)
    assert clean["text"].to_pylist() == ["see ./x", None, "fine"]
    assert clean["category"].to_pylist() == ["see ./x", None, "fine"]
    assert clean["list"].to_pylist() == [["a", "***"], None, []]
    assert clean["record"].to_pylist() == [{"k": "***"}, {"k": None}, {"k": "fine"}]
    assert clean.column_names == ["text", "category", "list", "record", "***"]
    assert json.loads(clean.schema.metadata[b"seglib.columns"]) == {"text": {"source": "***"}}
    assert clean.schema.metadata[b"plain"] == b"***"
    assert [field.type for field in clean.schema] == [field.type for field in table.schema]
    assert SECRET.encode() not in path.read_bytes()


PLANT = """
import html, json, os, pathlib, urllib.parse
import pandas as pd, pyarrow as pa, pyarrow.parquet as pq
from IPython.display import HTML, JSON, display
secret, place = os.environ["CRM_API_TOKEN"], pathlib.Path(run_dir)
forms = [secret, json.dumps(secret), html.escape(secret), urllib.parse.quote(secret, safe="")]
print(*forms, study)
display(HTML(f"<p>{html.escape(secret)}</p>"), JSON({"a": [secret, study]}))
(place / "quality.json").write_text(json.dumps({"forms": forms, "path": study}))
(place / "rules.sql").write_text(" ".join(forms).replace("'", "''"))
table = pa.table({"note": [*forms, study]}, metadata={"seglib.columns": json.dumps(forms)})
pq.write_table(table, place / "quality.parquet")
"""


def test_nothing_planted_in_escapes_is_published(study, make_notebooks, tmp_path, monkeypatch):
    monkeypatch.setenv("CRM_API_TOKEN", SECRET)
    run = run_study(
        study, out=tmp_path / "runs", until="01", notebooks=make_notebooks(step01=PLANT)
    )
    forms = [escape(SECRET) for name, escape in ESCAPES.items() if name != "every-letter"]
    planted = [text.encode() for text in (*forms, str(tmp_path), quote(str(tmp_path), safe=""))]
    for path in run.artifacts().values():
        content = path.read_bytes()
        for text in planted:
            assert text not in content, f"{text!r} stands in {path.name}"
    assert "***" in (run.folder / "01_objectives.ipynb").read_text()
    quality = json.loads((run.folder / "quality.json").read_text())
    assert quality["forms"] == ["***", '"***"', "***", "***"]
    assert set(run.read_table("quality.parquet")["note"][:4]) == {"***", '"***"'}


def test_the_secrets_of_a_study_are_read_from_its_texts_not_from_its_yaml(tmp_path):
    path = tmp_path / "study.yaml"
    long = "postgres://ann:" + "p%C3%A4ss%22word" * 9 + "@host/db"
    path.write_text(f"name: tiny\nsource: '{long}'\n")
    redact = for_run(Study.load(path), tmp_path, tmp_path)
    assert "word" not in redact(Study.load(path).to_yaml())


@pytest.mark.parametrize("suffix", [".svg", ".html", ".txt", ".csv", ".md"])
def test_no_terminal_is_told_anything_by_a_file_that_people_read(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("<text>\x1b[31mred\x1b[0m\x1b]0;title\x07\tone\r\n\x9b</text>", newline="")
    hide_in(path, Redactor({}))
    assert path.read_bytes() == b"<text>[31mred[0m]0;title\tone\r\n</text>"


def test_a_text_in_utf_16_keeps_its_zeros(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b", encoding="utf-16")
    hide_in(path, Redactor({}))
    assert path.read_text(encoding="utf-16") == "a,b"


def test_no_output_of_a_notebook_tells_a_terminal_anything():
    outputs = [
        new_output("stream", name="stdout", text="\x1b[31mred\x1b[0m\n"),
        new_output("stream", name="stdout", text="a\x1b]0;title\x07b"),
        new_output("display_data", data={"text/html": "<b>\x1b]0;x\x07</b>", "text/plain": "\x1b"}),
    ]
    notebook = new_notebook(cells=[new_code_cell("f()", outputs=outputs)])
    assert "\\u00" not in clean_notebook(notebook, Redactor({}))
    assert notebook.cells[0].outputs[0].text == "red\na]0;titleb"
