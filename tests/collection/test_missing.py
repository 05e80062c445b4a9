"""Gaps planted at random and for a reason; outliers, redundancy and treatments of gaps."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.collection.account_table import AccountTable
from seglib.collection.missing import missing_depends, missing_patterns
from seglib.collection.missing_effect import STRATEGIES, effect_findings, missing_effect
from seglib.collection.outliers import count_outliers
from seglib.collection.quality import imputed_findings, variable_findings, variable_quality
from seglib.schema import ColumnInfo


def table(role="base", **columns):
    frame = pd.DataFrame(columns)
    frame.insert(0, "account_id", [f"{i:05}" for i in range(len(frame))])
    frame["status"] = "customer"
    kinds = {n: "category" if frame[n].dtype == "str" else "number" for n in columns}
    infos = {
        name: ColumnInfo(name=name, role=role, kind=kind, label=name.title(), definition=name)
        for name, kind in kinds.items()
    }
    fixed = ColumnInfo(name="account_id", role="id", kind="id", label="Account", definition="id")
    return AccountTable(frame, {"account_id": fixed, **infos})


def random(seed=0, n=600):
    return np.random.default_rng(seed), n


def test_patterns_are_counted():
    gap = np.nan
    found = missing_patterns(table(a=[1, gap, gap, 2, 3.0], b=[1, gap, gap, gap, 5.0]))
    assert found[["missing", "accounts"]].to_numpy().tolist() == [
        ["nothing", 2], ["A, B", 2], ["B", 1],
    ]  # fmt: skip
    assert found["share"].sum() == pytest.approx(1)


def test_gaps_for_a_reason_are_told_from_gaps_at_random():
    rng, n = random(1)
    size, sector = rng.normal(size=n), rng.choice(["a", "b", "c"], n)
    values = rng.normal(size=(3, n))
    by_size = np.where(rng.random(n) < 1 / (1 + np.exp(-3 * (size - 1))), np.nan, values[0])
    by_sector = np.where((sector == "a") & (rng.random(n) < 0.6), np.nan, values[1])
    at_random = np.where(rng.random(n) < 0.2, np.nan, values[2])
    found = missing_depends(
        table(size=size, sector=sector, big=by_size, sectoral=by_sector, chance=at_random)
    ).set_index("variable")
    assert found["depends_on"].to_dict() == {"big": "size", "sectoral": "sector"}
    assert "'Size' is high" in found.loc["big", "words"]
    assert found.loc["sectoral", "measure"] == "V"


@pytest.mark.parametrize("seed", range(5))
def test_chance_is_not_called_a_reason(seed):
    rng, n = random(seed)
    columns = {f"x{i}": np.where(rng.random(n) < 0.2, np.nan, rng.normal(size=n)) for i in range(8)}
    assert missing_depends(table(**columns)).empty


def test_treatments_agree_where_segments_are_clear():
    rng, n = random()
    segment = np.arange(n) % 3
    columns = {f"x{i}": 8 * (segment == i) + rng.normal(size=n) for i in range(3)}
    columns["x0"] = np.where(rng.random(n) < 0.05, np.nan, columns["x0"])
    found = missing_effect(table(**columns), k=3, seed=1)
    assert found["ari"].min() > 0.9
    assert found["accounts"].tolist() == [n, *[int((~np.isnan(columns["x0"])).sum())] * 2, n]


def test_treatment_matters_where_gaps_hide_the_segments():
    """Four segments on two axes, each axis missing for half: the median is a fifth place."""
    rng, n = random()
    segment = np.arange(n) % 4
    axes = [np.where(segment // 2 == axis, 4.0, -4.0) for axis in range(2)]
    columns = {
        f"x{i}": axes[i % 2] * (1 if i < 2 else -1) + 2 * rng.normal(size=n) for i in range(4)
    }
    columns = {k: np.where(rng.random(n) < 0.3, np.nan, v) for k, v in columns.items()}
    found = missing_effect(table(**columns), k=4, seed=1)
    assert found["ari"].min() < 0.9


def test_nothing_missing_nothing_to_compare():
    rng, n = random()
    assert missing_effect(table(x=rng.normal(size=n), y=rng.normal(size=n)), k=2, seed=1).empty


@given(st.lists(st.floats(1, 100), min_size=5, max_size=40), st.floats(0.001, 1000))
def test_outliers_do_not_depend_on_the_unit(values, factor):
    series = pd.Series(values).round(6)
    rescaled = (series * 1024.0 if factor > 1 else series / 1024.0).rename("x")
    assert count_outliers(rescaled) == count_outliers(series)


def test_a_skewed_amount_is_not_a_list_of_outliers():
    rng, _ = random()
    amounts = pd.Series(rng.lognormal(8, 1, 2000))
    assert count_outliers(amounts) == 0
    assert count_outliers(pd.concat([amounts, pd.Series([1e12, 1e13])])) == 2


def test_a_scale_that_would_make_the_segments_alone_is_named():
    rng, n = random()
    accounts = table(turnover=1e6 * rng.lognormal(size=n), visits=rng.poisson(5, n).astype(float))
    found = variable_findings(variable_quality(accounts), accounts)
    assert [f.column for f in found if f.code == "one-dominates"] == ["turnover"]


@pytest.mark.parametrize(
    ("missing", "words"),
    [("median", "median imputed"), ("complete", "complete cases"), ("full-information", "full i")],
)
def test_the_effect_of_the_named_strategy_is_a_finding(missing, words):
    rng, n = random()
    columns = {f"x{i}": 8 * (np.arange(n) % 3 == i) + rng.normal(size=n) for i in range(3)}
    columns["x0"] = np.where(rng.random(n) < 0.05, np.nan, columns["x0"])
    (found,) = effect_findings(missing_effect(table(**columns), k=3, seed=1), missing)
    assert (found.level, found.code) == ("pass", "missing-effect")
    assert found.count == int(np.isnan(columns["x0"]).sum())
    assert f"'clustering.missing: {missing}', {words}" in found.message
    assert effect_findings(missing_effect(table(x=columns["x1"]), k=3, seed=1), missing) == []


def test_what_is_done_with_gaps_is_counted_by_strategy():
    accounts = table(x=[1.0, np.nan, 2.0, np.nan])
    codes = {m: imputed_findings(accounts, m)[0] for m in STRATEGIES}
    assert {m: f.code for m, f in codes.items()} == {
        "complete": "not-fitted", "median": "imputed", "full-information": "full-information",
    }  # fmt: skip
    assert codes["complete"].message.startswith("2 customers without a value form no segments")
