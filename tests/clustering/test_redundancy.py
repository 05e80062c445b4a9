import numpy as np
import pandas as pd

from seglib.clustering.redundancy import redundant_pairs, without_redundant
from seglib.collection import AccountTable

from .conftest import info


def table(**columns):
    kinds = {n: "category" if isinstance(v[0], str) else "number" for n, v in columns.items()}
    return AccountTable(pd.DataFrame(columns), {n: info(n, kind=kind) for n, kind in kinds.items()})


def test_each_kind_of_redundancy_is_found_and_named():
    x = np.arange(1.0, 41.0)
    rng = np.random.default_rng(0)
    accounts = table(
        sales=list(x), tenth=list(x / 10), squared=list(x**2), noise=list(rng.normal(size=40)),
        country=["DE", "FR"] * 20, land=["Germany", "France"] * 20,
        city=["Bonn", "Lyon", "Kiel", "Nice"] * 10,
    )  # fmt: skip
    pairs = redundant_pairs(accounts).set_index(["variable", "other"])["kind"].to_dict()
    assert pairs == {
        ("sales", "tenth"): "exact multiple",
        ("sales", "squared"): "same order",
        ("tenth", "squared"): "same order",
        ("country", "land"): "one-to-one",
        ("country", "city"): "determines",
        ("land", "city"): "determines",
    }


def test_one_of_each_pair_is_kept():
    pairs = pd.DataFrame({"variable": ["a", "b"], "other": ["b", "c"]})
    assert without_redundant(["a", "b", "c", "d"], pairs) == (["a", "c", "d"], ["b"])


def test_independent_variables_are_left_alone():
    rng = np.random.default_rng(1)
    accounts = table(**{n: list(rng.normal(size=200)) for n in "abcde"})
    assert redundant_pairs(accounts).empty
