"""What stands in two places stays in step."""

import json
import re
import tomllib
from pathlib import Path

import pytest
import yaml

from seglib.collection.features import DERIVED, RECIPES
from seglib.schema import contract
from seglib.variables import variables

ROOT = Path(__file__).parent.parent
CONDA = {
    "duckdb": "python-duckdb",
    "ibis-framework[duckdb]": "ibis-duckdb",
    "psycopg[binary]": "psycopg",
}


def named(requirement):
    name, ranges = re.fullmatch(r"([\w.-]+(?:\[\w+\])?)(.*)", requirement).groups()
    return CONDA.get(name, name) + ranges


def test_conda_and_pip_want_the_same():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(r for extra in extras for r in extra)]
    conda = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    listed = {d for d in conda["dependencies"] if isinstance(d, str)} - {"pip"}
    python = f"python{project['requires-python']}"
    assert listed == {named(r) for r in wanted} | {python}


def test_locks_carry_versions_and_hashes_and_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        pins = re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)
        assert len(pins) > 50
        assert text.count("--hash=sha256:") >= len(pins)
        assert "://" not in text
        assert "--index" not in text


def test_every_variable_has_words_and_a_recipe():
    assert set(variables()) == {*RECIPES, *DERIVED}


def test_variables_need_what_the_contract_has():
    for name, variable in variables().items():
        for table, columns in variable.needs.items():
            assert set(columns) <= set(contract()[table].columns), name
        assert set(variable.contains) <= set(variables()), name


def test_links_and_keys_of_the_contract_exist():
    for table in contract().values():
        assert set(table.key) <= set(table.columns)
        assert table.time is None or table.time in table.columns
        for column in table.columns.values():
            assert column.link is None or column.link in contract()
            assert column.known_from is None or column.known_from in table.columns


def test_no_file_names_a_machine():
    pattern = re.compile(r"[\s\"'=](/home|/root|/Users)/\w")
    files = [*ROOT.glob("*.*"), *(ROOT / "seglib").rglob("*"), *(ROOT / "notebooks").glob("*")]
    texts = [f for f in files if f.suffix in {".py", ".yaml", ".yml", ".md", ".toml", ".ipynb"}]
    assert len(texts) > 50
    for name in ("redact.py", "folders.py"):  # their examples take such a path out
        texts.remove(ROOT / "seglib" / "reporting" / name)
    assert [f for f in texts if pattern.search(f.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "place", sorted((ROOT / "notebooks").glob("0*.ipynb")), ids=lambda p: p.stem
)
def test_every_cell_that_shows_something_says_to_whom(place):
    """Without a tag an output stands in no report."""
    cells = json.loads(place.read_text(encoding="utf-8"))["cells"]
    shown = [c for c in cells if c["cell_type"] == "code" and c["outputs"]]
    untold = ["".join(c["source"]) for c in shown if not c["metadata"].get("tags")]
    assert [source for source in untold if "open_step(" not in source] == []
