import numpy as np
import pandas as pd
import pytest

from seglib.clustering.preprocessing import CategoryStep, NumberStep, fit_preprocessing
from seglib.collection import AccountTable
from seglib.errors import DataError


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
