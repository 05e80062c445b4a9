"""Tables that nobody should segment: a sentence, or a counted, stated handling."""

import numpy as np
import pandas as pd
import pytest

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.certified import CertifiedKMeans
from seglib.clustering.confidence import confidence
from seglib.clustering.importance import variable_importance
from seglib.clustering.lloyd import fit_many
from seglib.clustering.preprocessing import fit_preprocessing
from seglib.clustering.scorecard import evaluate_candidates
from seglib.clustering.stability import global_stability
from seglib.collection import AccountTable
from seglib.errors import DataError, SeglibError

METHODS = ("kmeans", "mixture", "ward", "tree", "rfm", "rules")


def changed(accounts, **columns):
    return AccountTable(accounts.frame.assign(**columns), accounts.columns)


def worked(accounts, brief, study):
    """Every method, the scorecard and the placements, to the end."""
    bench = prepare(accounts, brief, study)
    made = make_candidates(bench, METHODS)
    card = evaluate_candidates(made, bench.accounts, brief)
    assert card["score"].dropna().between(0, 1).all()
    for candidate in made:
        assert set(candidate.labels) <= set(range(candidate.k + 1))
        placed = confidence(candidate.model, bench.accounts, seed=1, draws=5)
        assert placed["confidence"].between(0, 1).all()
        variable_importance(bench, candidate, n_pairs=2)
    return bench, made


def test_all_rows_equal(planted, brief, study):
    flat = changed(planted[0], spend=1.0, visits=2.0)
    with pytest.raises(DataError, match="no segmentation variable differs between the accounts"):
        prepare(flat, brief, study)


def test_two_accounts(planted, brief, study):
    accounts = planted[0]
    two = AccountTable(accounts.frame.head(2), accounts.columns)
    with pytest.raises(DataError, match="only 2 customers differ"):
        prepare(two, brief, study)


def test_k_above_the_number_of_different_rows_is_not_tried(planted, brief, study):
    n = len(planted[0].frame)
    spend, visits = np.resize([1.0, 5.0, 9.0], n), np.resize([1.0, 5.0, 9.0, 4.0], n) ** 0
    bench, made = worked(changed(planted[0], spend=spend, visits=visits), brief, study)
    assert bench.ks == [2]
    assert {c.k for c in made if c.method in ("kmeans", "ward")} == {2}
    with pytest.raises(ValueError, match="different rows"):
        CertifiedKMeans(4, random_state=0).fit(bench.X)
    with pytest.raises(SeglibError, match="there are 3"):
        global_stability(bench.X, [4], n_pairs=2)


def test_one_variable(planted, brief, study):
    alone = brief.model_copy(update={"variables": ("spend",)})
    accounts = planted[0]
    columns = {n: c for n, c in accounts.columns.items() if n != "visits"}
    table = AccountTable(accounts.frame.drop(columns="visits"), columns)
    bench, made = worked(table, alone, study)
    assert bench.X.shape[1] == 1
    assert {"kmeans", "mixture", "ward"} <= {c.method for c in made}


def test_infinite_values_are_missing_ones(planted, brief, study):
    accounts = planted[0]
    spend = accounts.frame["spend"].copy()
    spend.iloc[:3] = [np.inf, -np.inf, np.nan]
    fitted = fit_preprocessing(changed(accounts, spend=spend), ["spend"])
    gone = fit_preprocessing(changed(accounts, spend=spend.mask(np.isinf(spend))), ["spend"])
    assert fitted == gone
    assert np.isfinite(fitted.transform(accounts.frame.assign(spend=spend))).all()
    with pytest.raises(DataError, match="Missing or infinite values in: a"):
        global_stability(pd.DataFrame({"a": [1.0, np.inf, 3.0]}), [2], n_pairs=2)


def test_scales_far_apart_weigh_the_same(planted, brief, study):
    accounts = planted[0]
    wild = changed(
        accounts,
        spend=accounts.frame["spend"] * 1e12,
        visits=accounts.frame["visits"] * 1e-12,
    )
    X, Y = prepare(accounts, brief, study).X, prepare(wild, brief, study).X
    np.testing.assert_allclose(X, Y, rtol=1e-6, atol=1e-9)


def test_a_hundred_thousand_duplicate_rows():
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [0.0, 5.0]], [60_000, 30_000, 10_000], axis=0)
    fit = CertifiedKMeans(3, random_state=0).fit(X)
    assert sorted(np.bincount(fit.labels_)) == [10_000, 30_000, 60_000]
    assert fit.inertia_ == pytest.approx(0.0, abs=1e-9)
    found = global_stability(X, [2], n_pairs=3, random_state=0)
    assert found.rows_used < found.rows
    assert "a random subsample of the 100,000" in found.sentence()


def test_a_weight_of_zero_is_a_row_that_is_not_there():
    rng = np.random.default_rng(0)
    X = np.concatenate([rng.normal(c, 0.3, (30, 2)) for c in (0, 5)])
    far = np.concatenate([X, [[1e3, 1e3]]])
    weighted = CertifiedKMeans(2, random_state=0).fit(far, sample_weight=[1.0] * 60 + [0.0])
    without = CertifiedKMeans(2, random_state=0).fit(X)
    np.testing.assert_allclose(weighted.cluster_centers_, without.cluster_centers_)
    with pytest.raises(ValueError, match="weight"):
        CertifiedKMeans(2, random_state=0).fit(X, sample_weight=np.zeros(60))


def test_a_segment_that_a_bootstrap_sample_empties():
    """One row alone is a segment; the samples that miss it still have two segments."""
    X = np.concatenate([np.random.default_rng(0).normal(size=(40, 2)), [[50.0, 50.0]]])
    weights = np.ones((2, 41))
    weights[0, 40] = 0.0
    fits = fit_many(X, 2, weights=weights, n_starts=3, random_state=0)
    assert np.isfinite(fits.best()).all()
    found = global_stability(X, [2, 3], n_pairs=8, random_state=0)
    assert found.ari.notna().all().all()


def test_an_unseen_category_is_none_of_the_known(planted):
    fitted = fit_preprocessing(planted[0], ["industry"])
    new = fitted.transform(pd.DataFrame({"industry": ["Space", None]}))
    assert (new == 0).all()


def test_a_search_that_does_not_settle_has_no_certificate():
    X = np.random.default_rng(0).normal(size=(120, 8))
    fit = CertifiedKMeans(7, random_state=0, min_hits=50, max_restarts=8).fit(X)
    assert not fit.certificate_.certified
    assert len(set(fit.labels_)) == 7
    found = global_stability(X, [7], n_pairs=2, random_state=0, min_hits=50, max_restarts=8)
    assert found.summary()["median"].isna().all()
    assert "withheld for k = 7" in found.sentence()
