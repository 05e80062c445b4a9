"""What the study's ``clustering.missing`` does: who forms segments, and what a gap counts as."""

import ibis
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from stepmix.stepmix import StepMix

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.segmentation import Segmentation
from seglib.collection import AccountTable
from seglib.errors import DataError, StudyError
from seglib.full_information import observed_mixture
from seglib.quotes import bare


@pytest.fixture
def gapped(planted):
    """The planted accounts, the first spend missing for a fifth of them."""
    accounts, truth = planted
    frame = accounts.frame.copy()
    frame.loc[::5, "spend"] = np.nan
    return AccountTable(frame, accounts.columns), truth


def bench_for(accounts, brief, study, missing):
    return prepare(accounts, brief, study.override(**{"clustering.missing": missing}))


def mixtures(bench):
    return [c for c in make_candidates(bench, ("mixture",)) if c.method == "mixture"]


def test_the_log_likelihood_is_stepmix_s():
    rng = np.random.default_rng(0)
    truth = np.arange(400) % 3
    x = rng.normal(size=(400, 6)) + 4 * rng.normal(size=(3, 6))[truth]
    x[rng.random(x.shape) < 0.2] = np.nan
    own = observed_mixture(x, truth, 3, floor=1e-6)
    other = StepMix(3, measurement="gaussian_diag_nan", n_init=5, random_state=1, max_iter=2000,
                    progress_bar=0, verbose=0).fit(x)  # fmt: skip
    assert own.log_likelihood / 400 == pytest.approx(other.score(x), abs=1e-4)
    assert adjusted_rand_score(own.labels, other.predict(x)) > 0.99
    assert own.bic(400) == pytest.approx(other.bic(x), rel=1e-4)


def test_complete_cases_form_the_segments_and_the_others_are_placed(gapped, brief, study):
    bench = bench_for(gapped[0], brief, study, "complete")
    assert len(bench.accounts.frame) == 240
    assert len(bench.customers.frame) == 300
    assert bench.accounts.frame["spend"].notna().all()
    assert "Missing values (complete): 60 customers have gaps; they form no segments" in bare(
        bench.sentence
    )
    kmeans = make_candidates(bench, ("kmeans",))[0]
    assert set(kmeans.model.scores(bench.customers.frame).argmax(axis=1)) == {0, 1}


def test_too_few_complete_cases_name_the_variables_to_blame(gapped, brief, study):
    frame = gapped[0].frame.assign(visits=np.where(np.arange(300) % 50 == 1, 1.0, np.nan))
    with pytest.raises(DataError, match=r"only 6 of 300 .* \('visits' lacks 294, 'spend' lacks 60"):
        bench_for(AccountTable(frame, gapped[0].columns), brief, study, "complete")


def test_the_median_is_what_it_was(gapped, brief, study):
    default, named = (
        prepare(gapped[0], brief, study),
        bench_for(gapped[0], brief, study, "median"),
    )
    assert np.array_equal(default.X, named.X)
    assert "Missing values (median): 60 customers have gaps, which count as" in bare(
        default.sentence
    )


def test_full_information_scores_alike_in_memory_and_in_an_engine(gapped, brief, study):
    accounts, _ = gapped
    frame = accounts.frame.copy()
    frame.loc[::7, "industry"] = None
    accounts = AccountTable(frame, accounts.columns)
    brief = brief.model_copy(update={"variables": ("spend", "visits", "industry")})
    bench = bench_for(accounts, brief, study, "full-information")
    frame.loc[2, ["spend", "visits", "industry"]] = None
    con = ibis.duckdb.connect()
    table = con.create_table("accounts", frame)
    for candidate in mixtures(bench):
        assert candidate.model.observed
        model = Segmentation(method="mixture", model=candidate.model, assignment="")
        expected = model.predict(frame)
        placed = model.assign(table).order_by("account_id").to_pandas()["segment"].to_numpy()
        by_sql = con.raw_sql(model.sql("duckdb")).df().sort_values("account_id")["segment"]
        assert np.array_equal(placed, expected)
        assert np.array_equal(by_sql.to_numpy(), expected)
    con.disconnect()


def test_full_information_finds_segments_that_the_median_hides(brief, study, planted):
    """Four segments on two axes; each of four variables is missing for four in ten."""
    rng = np.random.default_rng(5)
    truth = np.arange(600) % 4
    axes = np.where(np.stack([truth // 2, truth % 2]) == 1, 4.0, -4.0)
    values = {f"x{i}": axes[i % 2] + rng.normal(size=600) for i in range(4)}
    gaps = {n: np.where(rng.random(600) < 0.4, np.nan, v) for n, v in values.items()}
    frame = pd.DataFrame({"account_id": np.arange(600).astype(str), "status": "customer", **gaps})
    like = planted[0].columns
    columns = {n: like[n] for n in ("account_id", "status")}
    columns |= {n: like["spend"].model_copy(update={"name": n}) for n in values}
    brief = brief.model_copy(update={"variables": tuple(values), "outcome": None})
    aris = {}
    for missing in ("median", "full-information"):
        bench = bench_for(AccountTable(frame, columns), brief, study, missing)
        four = next(c for c in mixtures(bench) if c.k == 4)
        told = frame[["x0", "x2"]].notna().any(axis=1) & frame[["x1", "x3"]].notna().any(axis=1)
        aris[missing] = adjusted_rand_score(truth[told], four.labels[told])
        if missing == "full-information":
            assert four.certified
            assert four.note.startswith("Certified: ")
            assert all(c.certified is None for c in mixtures(bench) if c.k == 1)
    assert aris["full-information"] > 0.95
    assert aris["median"] < 0.6


def test_a_strategy_that_is_none_is_refused_by_name(study):
    with pytest.raises(
        StudyError, match=r"'clustering\.missing' is 'medain'.*Did you mean 'median'"
    ):
        study.override(**{"clustering.missing": "medain"})
    with pytest.raises(StudyError, match="Allowed: median, complete, full-information"):
        study.override(**{"clustering.missing": "fiml"})
