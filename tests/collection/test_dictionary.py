"""The data dictionary cannot lie: it is generated, complete, and its sources are those read."""

from pathlib import Path

import ibis
import pandas as pd
import pytest

from seglib.collection.dictionary import data_dictionary, dictionary_text
from seglib.collection.features import DERIVED, RECIPES, derived
from seglib.collection.value import lifetime
from seglib.collection.views import VIEWS
from seglib.schema import FAMILIES, contract
from seglib.variables import variables

ROOT = Path(__file__).parents[2]
AS_OF = pd.Timestamp("2026-01-31")
TYPES = {"text": "string", "number": "float64", "integer": "float64", "date": "date",
         "boolean": "boolean"}  # fmt: skip


class Unbound:
    """The contract's tables as expressions without data; only some columns, if asked."""

    as_of = AS_OF

    def __init__(self, needs=None):
        self.tables = {}
        for name, table in contract().items():
            wanted = {*table.required, *(needs or {}).get(name, ())} if needs else table.columns
            columns = {c: TYPES[s.type] for c, s in table.columns.items() if c in wanted}
            self.tables[name] = ibis.table(columns, name=name)


def expression(name, tables):
    recipe = RECIPES[name]
    if recipe.view == "accounts":
        rows = tables.tables["accounts"]
        return rows.select(rows.account_id, value=recipe.value(rows, AS_OF))
    rows = VIEWS[recipe.view][1](tables)
    return rows.group_by("account_id").aggregate(value=recipe.value(rows, AS_OF))


@pytest.mark.parametrize("name", list(RECIPES))
def test_every_variable_is_made_of_the_source_that_its_words_name(name):
    """With no column but the required ones and those under 'needs' it can be computed."""
    needs = {t: set(columns) for t, columns in variables()[name].needs.items()}
    expression(name, Unbound(needs))


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "pyspark"])
def test_every_variable_is_computed_by_every_engine(dialect):
    if dialect == "pyspark":
        pytest.importorskip("pyspark")
        from ibis.backends.pyspark import Backend

        Backend.register_options()
    tables = Unbound()
    for name in RECIPES:
        assert ibis.to_sql(expression(name, tables), dialect=dialect)


def test_windows_are_those_of_the_views():
    rows = data_dictionary().set_index("variable")
    for name, recipe in RECIPES.items():
        if recipe.view.endswith("_12m"):
            assert rows.loc[name, "window"] == "last 12 months", name


def test_stated_rules_are_the_rules():
    words = variables()["purchasing_behaviour"].definition
    for number in (derived.HABITUAL_ORDERS, derived.HABITUAL_IRREGULARITY,
                   derived.COMPLEX_DECIDERS, derived.COMPARED_WITH):  # fmt: skip
        assert f"{number:g} " in words.replace(",", " ")
    horizon = f"next {lifetime.HORIZON} months, discounted at {lifetime.DISCOUNT:.0%}"
    assert horizon.replace("%", " %") in variables()["clv"].definition


def test_the_dictionary_is_complete_and_on_file():
    rows = data_dictionary()
    assert set(rows["variable"]) == {*RECIPES, *DERIVED}
    assert (rows["definition"] != "").all()
    assert (rows["source"] != "").all()
    assert set(rows["family"]) == {f.replace("_", " ") for f in FAMILIES} - {"psychographic"}
    numbers = rows[rows["kind"].isin(["number", "count"])]
    assert (numbers["unit"] != "").all()
    assert (ROOT / "data" / "DICTIONARY.md").read_text(encoding="utf-8") == dictionary_text()
