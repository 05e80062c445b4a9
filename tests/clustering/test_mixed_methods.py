"""k-prototypes, latent classes, HDBSCAN and the consensus: planted truth, noise, gaps, scoring."""

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy.special import logsumexp
from sklearn.datasets import make_moons
from sklearn.metrics import adjusted_rand_score
from stepmix.stepmix import StepMix

from seglib.clustering.answers import agreement_matrix
from seglib.clustering.bench import prepare
from seglib.clustering.candidates import certificate_table, make_candidates
from seglib.clustering.consensus import consensus
from seglib.clustering.density import density_labels, exemplars, place
from seglib.clustering.distance_models import absolute_differences
from seglib.clustering.latent import Columns, fit_latent_class
from seglib.clustering.prototypes import Encoded, fit_prototypes
from seglib.clustering.replicate import excess_replicability
from seglib.clustering.segmentation import Segmentation
from seglib.collection import AccountTable
from seglib.errors import StudyError
from seglib.study import Study

from .conftest import info

METHODS = ("kmeans", "mixture", "ward", "prototypes", "latent-class", "hdbscan", "consensus")
TIERS = ("S", "M", "L")
NAMES = ("spend", "tickets", "trial", "channel", "tier")


@pytest.fixture(scope="module")
def mixed():
    """400 customers of three kinds, told by numbers, a yes or no, a category and ordered tiers;
    one value in ten is missing."""
    rng = np.random.default_rng(8)
    truth = rng.choice(3, 400, p=[0.5, 0.3, 0.2])
    spend = np.exp(np.array([3.0, 6.0, 4.5])[truth] + rng.normal(0, 0.5, 400))
    tickets = np.array([2.0, 4.0, 9.0])[truth] + rng.normal(0, 0.8, 400)
    trial = (rng.random(400) < np.array([0.1, 0.9, 0.5])[truth]).astype(float)
    channel = np.array(["web", "field", "partner"])[
        np.where(rng.random(400) < 0.85, truth, rng.integers(0, 3, 400))
    ]
    tier = np.array(TIERS)[np.clip(truth + rng.integers(-1, 2, 400) // 2, 0, 2)]
    frame = pd.DataFrame({"spend": spend, "tickets": tickets, "trial": trial, "channel": channel,
                          "tier": tier})  # fmt: skip
    frame = frame.mask(rng.random(frame.shape) < 0.1)
    frame.insert(0, "account_id", [f"a{i:03d}" for i in range(400)])
    frame["status"] = "customer"
    frame["revenue_12m"] = np.exp(truth + rng.normal(0, 0.3, 400))
    columns = {
        "account_id": info("account_id", "id", "id", None),
        "status": info("status", "descriptor", "category", None),
        "spend": info("spend"),
        "tickets": info("tickets"),
        "trial": info("trial", kind="flag"),
        "channel": info("channel", kind="category"),
        "tier": info("tier", kind="category"),
        "revenue_12m": info("revenue_12m", "outcome", "number", "value"),
    }
    return AccountTable(frame, columns), truth


@pytest.fixture
def bench(mixed, brief):
    brief = brief.model_copy(update={"variables": NAMES, "descriptors": ()})
    clustering = {"k_min": 3, "k_max": 3, "ordered": {"tier": list(TIERS)}, "winsorise": 0.01,
                  "effort": "standard"}  # fmt: skip
    return prepare(mixed[0], brief, Study(name="small", clustering=clustering))


@pytest.fixture
def candidates(bench):
    return make_candidates(bench, METHODS)


def of(candidates, method):
    return next(c for c in candidates if c.method == method)


@pytest.mark.parametrize("method", ["prototypes", "latent-class", "consensus"])
def test_planted_segments_are_found(mixed, candidates, method):
    found = of(candidates, method)
    assert found.k == 3
    assert adjusted_rand_score(mixed[1], found.labels) > 0.85
    assert found.agreement > 0.97
    if found.certified is not None:
        assert found.certified


def test_every_method_scores_alike_in_duckdb(mixed, candidates):
    frame = mixed[0].frame.copy()
    frame.loc[3, "channel"], frame.loc[4, "tier"] = "carrier pigeon", "XXL"
    frame.loc[5, ["spend", "tickets", "trial", "channel", "tier"]] = None
    con = ibis.duckdb.connect()
    con.create_table("accounts", frame)
    for candidate in candidates:
        segmentation = Segmentation(method=candidate.method, model=candidate.model, assignment="")
        again = Segmentation.model_validate_json(segmentation.model_dump_json())
        assert again == segmentation
        expected = segmentation.predict(frame)
        placed = con.raw_sql(segmentation.sql("duckdb")).df().set_index("account_id")["segment"]
        np.testing.assert_array_equal(placed.loc[frame["account_id"]], expected)
    con.disconnect()


def test_certificates_stand_in_the_table(candidates):
    table = certificate_table(candidates)
    assert {"k-means, 3", "k-prototypes, 3", "latent classes, 3"} <= set(table["candidate"])


def test_all_search_methods_are_measured_on_other_halves(bench, candidates):
    gains = excess_replicability(candidates, bench.X, splits=2, seed=1)
    measured = {c.method: g.value for c, g in zip(candidates, gains, strict=True)}
    for method in ("prototypes", "latent-class", "consensus"):
        assert measured[method] > 0.4, method


# ---- k-prototypes


def test_prototypes_are_medians_and_most_frequent_levels():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.random(61), np.eye(2)[rng.integers(0, 2, 61)] / 2])
    x[7] = [np.nan, np.nan, np.nan]
    data = Encoded(x, (slice(0, 1), slice(1, 3)), (False, True), (1.0, 1.0))
    centers, labels, certificate = fit_prototypes(data, 1, seed=0)
    assert centers[0, 0] == np.nanmedian(np.delete(x[:, 0], 7)[:60]) or centers[0, 0] in x[:, 0]
    share = np.nanmean(x[:, 1] > 0)
    assert centers[0, 1:].tolist() == ([0.5, 0.0] if share >= 0.5 else [0.0, 0.5])
    own = absolute_differences(x, centers)[:, 0] / np.where(np.isnan(x[:, 0]), 1.0, 2.0)
    assert certificate.best_objective == pytest.approx(own.sum())
    assert (labels == 0).all()


def test_no_prototype_is_better_placed_elsewhere():
    """The optimum of two prototypes on a line, against every pair of values."""
    rng = np.random.default_rng(5)
    x = np.round(rng.random((24, 1)), 3)
    data = Encoded(x, (slice(0, 1),), (False,), (1.0,))
    _, _, certificate = fit_prototypes(data, 2, seed=0)
    pairs = [np.minimum(np.abs(x - a), np.abs(x - b)).sum() for a in x.ravel() for b in x.ravel()]
    assert certificate.best_objective == pytest.approx(min(pairs))
    assert certificate.certified


def test_empty_groups_are_filled():
    x = np.array([[0.0], [0.0], [0.0], [1.0], [0.5]])
    data = Encoded(x, (slice(0, 1),), (False,), (1.0,))
    _, labels, certificate = fit_prototypes(data, 3, seed=0)
    assert len(set(labels.tolist())) == 3
    assert certificate.best_objective == 0.0


# ---- latent classes


def test_the_log_likelihood_is_stepmix_s_own_on_binary_data_with_gaps():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 2, 300)
    x = (rng.random((300, 6)) < np.where(truth[:, None] == 1, 0.8, 0.2)).astype(float)
    x[rng.random(x.shape) < 0.15] = np.nan
    direct = StepMix(2, measurement="binary_nan", n_init=10, random_state=1, max_iter=1000,
                     abs_tol=1e-10, progress_bar=0, verbose=0).fit(x)  # fmt: skip
    columns = Columns((), tuple(range(6)), ())
    _, labels, certificate = fit_latent_class(x, columns, 2, seed=0)
    assert certificate.certified
    assert -certificate.best_objective == pytest.approx(direct.score(x) * 300, abs=2e-2)
    assert adjusted_rand_score(labels, direct.predict(x)) > 0.99


def test_the_model_as_data_has_stepmix_s_likelihood(bench, candidates):
    found = of(candidates, "latent-class")
    scores = found.model.scores(bench.accounts.frame)
    stated = float(found.note.split("objective (")[1].split(")")[0])
    assert -logsumexp(scores, axis=1).sum() == pytest.approx(stated, rel=1e-5)


def test_a_class_does_not_sit_on_one_value():
    """Half of the values are nought: without a floor the likelihood has no bound."""
    rng = np.random.default_rng(1)
    x = np.column_stack([np.where(rng.random(200) < 0.5, 0.0, rng.normal(0, 1, 200))] * 2)
    model, _, certificate = fit_latent_class(x, Columns((0, 1), (), ()), 2, seed=0)
    assert np.isfinite(certificate.best_objective)
    assert model._mm.models["numbers"].parameters["covariances"].min() >= 0.01


# ---- HDBSCAN


def test_crescents_are_found_and_noise_stays_noise():
    X, truth = make_moons(400, noise=0.05, random_state=0)
    X = np.vstack([X, [[0.5, 3.0], [-3.0, 0.0], [4.0, -2.0]]])
    labels = density_labels(X, 20)
    assert labels.max() == 2
    assert (labels[-3:] == 0).all()
    assert adjusted_rand_score(truth, labels[:-3]) > 0.95
    made = exemplars(X, labels, seed=0)
    assert (place(X, *made) == labels).mean() > 0.9
    assert (place(np.array([[50.0, 50.0]]), *made) == 0).all()


def test_hdbscan_leaves_far_accounts_out_wherever_it_scores(planted, brief):
    accounts, truth = planted
    study = Study(name="small", clustering={"k_min": 2, "k_max": 4})
    candidates = make_candidates(prepare(accounts, brief, study), ("hdbscan",))
    found = of(candidates, "hdbscan")
    assert found.k == 3
    placed = found.labels > 0
    assert placed.mean() > 0.8
    assert adjusted_rand_score(truth[placed], found.labels[placed]) > 0.95
    far = accounts.frame.head(2).assign(spend=[1e12, 30.0], visits=[1e12, 7.0])
    segmentation = Segmentation(method="hdbscan", model=found.model, assignment="")
    assert segmentation.predict(far)[0] == 0
    con = ibis.duckdb.connect()
    con.create_table("accounts", far)
    assert con.raw_sql(segmentation.sql("duckdb")).df()["segment"].tolist() == (
        segmentation.predict(far).tolist()
    )
    con.disconnect()


def test_a_shapeless_cloud_has_no_dense_groups():
    X = np.random.default_rng(0).standard_normal((500, 4))
    assert density_labels(X, 25).max() < 2


# ---- consensus


def test_a_consensus_outvotes_a_method_that_errs():
    rng = np.random.default_rng(3)
    truth = rng.integers(1, 4, 300)
    spoilt = [np.where(rng.random(300) < 0.15, rng.integers(1, 4, 300), truth) for _ in range(5)]
    found = consensus(spoilt, 3)
    assert adjusted_rand_score(truth, found) > max(adjusted_rand_score(truth, s) for s in spoilt)


def test_rows_that_every_method_leaves_out_stay_out():
    assert consensus([np.array([1, 2, 0]), np.array([1, 2, 0])], 2)[2] == 0


def test_the_agreement_matrix_is_the_adjusted_rand_index(candidates):
    matrix = agreement_matrix(candidates, 3)
    assert (np.diag(matrix) == 1).all()
    assert np.allclose(matrix, matrix.T)
    a, b = of(candidates, "kmeans"), of(candidates, "ward")
    assert matrix.loc["k-means, 3", "Ward's method, 3"] == pytest.approx(
        adjusted_rand_score(a.labels, b.labels)
    )


# ---- preprocessing


def test_ends_are_drawn_in_and_say_so(mixed, brief):
    accounts = mixed[0]
    study = Study(name="small", clustering={"winsorise": 0.05})
    bench = prepare(accounts, brief.model_copy(update={"variables": NAMES}), study)
    low, high = accounts.frame["tickets"].quantile([0.05, 0.95])
    step, flag = bench.preprocessing.steps[1:3]
    assert (step.low, step.high) == pytest.approx((low, high))
    far = accounts.frame.head(2).assign(tickets=[1e6, high])
    values = step.values(far)
    assert values[0] == values[1]
    assert flag.low is None  # a yes or no has no ends
    assert bench.preprocessing.table({})["treatment"][1] == "winsorised, logarithm, standardised"


def test_orders_that_do_not_fit_are_refused_all_at_once(mixed, brief):
    ordered = {"tier": ["S", "M"], "spend": ["a", "b"], "teir": ["a", "b"]}
    study = Study(name="small", clustering={"ordered": ordered})
    with pytest.raises(StudyError) as failure:
        prepare(mixed[0], brief.model_copy(update={"variables": NAMES}), study)
    said = str(failure.value)
    assert "'tier' has levels without a place in the order: 'L'" in said
    assert "'spend' is no category" in said
    assert "did you mean" in said.lower()
