import numpy as np
import pandas as pd
import pytest

from seglib.clustering.bench import prepare
from seglib.clustering.preprocessing import CategoryStep, NumberStep, fit_preprocessing
from seglib.collection import AccountTable
from seglib.errors import DataError, StudyError


def test_skewed_numbers_are_logged_and_standardised(planted):
    accounts, _ = planted
    fitted = fit_preprocessing(accounts, ["spend", "visits"])
    X = fitted.transform(accounts.frame)
    assert all(step.unit is not None for step in fitted.steps)
    assert np.allclose(X.mean(axis=0), 0, atol=1e-12)
    assert np.allclose(X.std(axis=0), 1)
    assert abs(pd.Series(X[:, 0]).skew()) < 1 < fitted.steps[0].skewness


def test_a_change_of_unit_changes_nothing(planted):
    accounts, _ = planted
    other = AccountTable(
        accounts.frame.assign(spend=accounts.frame["spend"] * 1000), accounts.columns
    )
    X = fit_preprocessing(accounts, ["spend"]).transform(accounts.frame)
    Y = fit_preprocessing(other, ["spend"]).transform(other.frame)
    assert np.allclose(X, Y)


def test_families_weigh_the_same_whatever_their_size(planted):
    accounts, _ = planted
    fitted = fit_preprocessing(accounts, ["spend", "visits", "industry"])
    variance = fitted.transform(accounts.frame).var(axis=0)
    assert np.isclose(variance[:2].sum(), variance[2:].sum())
    assert np.isclose(variance.sum(), 3)


def test_missing_becomes_the_median_and_new_levels_nothing():
    number = NumberStep(variable="x", fill=4.0)
    category = CategoryStep(variable="c", levels=("a", "b"))
    assert number.values(pd.DataFrame({"x": [1.0, np.nan]})).ravel().tolist() == [1.0, 4.0]
    assert category.values(pd.DataFrame({"c": ["b", "new", None]})).tolist() == [
        [0.0, 1.0],
        [0.0, 0.0],
        [0.0, 0.0],
    ]


def test_missing_variable_and_nothing_to_tell_apart_are_said(planted):
    accounts, _ = planted
    fitted = fit_preprocessing(accounts, ["spend"])
    with pytest.raises(DataError, match=r"Unknown variable 'spend'\. Did you mean 'spent'"):
        fitted.transform(pd.DataFrame({"spent": [1.0]}))
    flat = AccountTable(accounts.frame.assign(spend=1.0), accounts.columns)
    with pytest.raises(DataError, match="no segmentation variable differs"):
        fit_preprocessing(flat, ["spend"])


def test_a_family_of_ten_outvotes_a_family_of_two_only_where_the_study_says_so(planted):
    rng = np.random.default_rng(0)
    accounts, _ = planted
    info = accounts.columns["spend"]
    names = {f"b{i}": "behavioural" for i in range(10)} | {"n0": "needs", "n1": "needs"}
    frame = pd.DataFrame({name: rng.normal(size=300) for name in names})
    columns = {n: info.model_copy(update={"name": n, "family": f}) for n, f in names.items()}
    fitted = fit_preprocessing(AccountTable(frame, columns), list(names))
    variance = fitted.transform(frame).var(axis=0)
    assert variance[:10].sum() == pytest.approx(variance[10:].sum())
    weights = {"behavioural": 3.0}
    asked = fit_preprocessing(AccountTable(frame, columns), list(names), family_weights=weights)
    variance = asked.transform(frame).var(axis=0)
    assert variance[:10].sum() == pytest.approx(3 * variance[10:].sum())
    assert variance.sum() == pytest.approx(12)


def test_the_study_weighs_families(planted, brief, study):
    weighed = study.override(**{"clustering.family_weights": {"firmographic": 4.0}})
    wide = brief.model_copy(update={"variables": ("spend", "visits", "employees")})
    accounts = planted[0]
    columns = accounts.columns | {
        "employees": accounts.columns["employees"].model_copy(update={"role": "base"})
    }
    variance = prepare(AccountTable(accounts.frame, columns), wide, weighed).X.var(axis=0)
    assert variance[2] == pytest.approx(4 * variance[:2].sum())
    with pytest.raises(StudyError, match="family_weights"):
        study.override(**{"clustering.family_weights": {"colour": 1.0}})
