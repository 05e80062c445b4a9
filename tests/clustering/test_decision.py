import numpy as np
import pytest

from seglib.clustering.bench import prepare
from seglib.clustering.candidates import make_candidates
from seglib.clustering.confidence import confidence
from seglib.clustering.decision import choose
from seglib.clustering.scorecard import CRITERIA, defensible, evaluate_candidates
from seglib.errors import StudyError


@pytest.fixture
def scored(planted, brief, study):
    bench = prepare(planted[0], brief, study)
    candidates = make_candidates(bench, ("kmeans", "mixture", "ward", "tree"))
    return candidates, evaluate_candidates(candidates, bench.accounts, brief)


def test_criteria_lie_between_nothing_and_all(scored):
    values = scored[1][[*CRITERIA, "score"]].to_numpy(dtype=float)
    known = values[~np.isnan(values)]
    assert ((known >= 0) & (known <= 1)).all()


def test_k_1_stands_on_the_scorecard_and_is_not_defensible(scored, brief):
    scorecard = scored[1]
    one = scorecard[(scorecard["method"] == "mixture") & (scorecard["k"] == 1)]
    assert len(one) == 1
    assert not defensible(scorecard, brief)[one.index].any()


def test_planted_segments_explain_the_outcome_and_noise_does_not(scored, planted, brief, study):
    scorecard = scored[1].set_index(["method", "k"])
    assert scorecard.loc[("kmeans", 3), "explained"] > 0.7
    accounts = planted[0]
    shuffled = accounts.frame["revenue_12m"].sample(frac=1, random_state=1).to_numpy()
    noise = accounts.__class__(accounts.frame.assign(revenue_12m=shuffled), accounts.columns)
    bench = prepare(noise, brief, study)
    card = evaluate_candidates(make_candidates(bench, ("kmeans",)), noise, brief)
    assert card["explained"].max() < 0.05


def test_default_finds_the_planted_number(scored, brief):
    kept, decision = choose(*scored, brief)
    assert (kept.k, decision.by) == (3, "default")


def test_what_the_data_show_goes_before_what_scores_best(scored, brief):
    def named(by_k):
        return {c.name: by_k[c.k] for c in scored[0] if c.k in by_k}

    kinds = named({2: "constructive", 3: "constructive", 4: "reproducible"})
    kept, decision = choose(*scored, brief, kinds=kinds)
    assert kept.k == 4
    assert decision.reason.endswith("with reproducible segments")
    assert decision.kind == "reproducible"
    better = scored[1].assign(score=scored[1]["score"].mask(scored[1]["k"] == 4, 0.1))
    price = choose(scored[0], better, brief, kinds=kinds)[1].price
    assert "would gain" in price
    assert price.endswith("its segments are not reproducible, and that goes before the score.")
    assert choose(*scored, brief, kinds=kinds, k=3)[0].k == 3
    assert choose(*scored, brief, kinds=named({2: "reproducible", 3: "natural"}))[0].k == 3


def test_of_natural_segments_the_most_are_kept(scored, brief):
    kinds = {"kmeans, 2": "natural", "kmeans, 3": "natural", "ward, 4": "reproducible"}
    kept, decision = choose(*scored, brief, kinds=kinds)
    assert (kept.name, decision.kind) == ("kmeans, 3", "natural")
    assert decision.reason == "the most segments that are groups of the market itself"


def test_parameter_is_obeyed_and_recorded(scored, brief):
    kept, decision = choose(*scored, brief, k=4, method="ward")
    assert (kept.method, kept.k) == ("ward", 4)
    assert decision.by == "parameter (k = 4, method = ward)"
    assert decision.alternatives


def test_only_what_restarts_can_fail_a_certificate(scored, brief):
    failed = "The restart certificate fails: a better solution may exist."
    assert failed not in choose(*scored, brief, method="tree")[1].warnings
    candidates, scorecard = scored
    at = scorecard.index[(scorecard["method"] == "kmeans") & (scorecard["k"] == 3)]
    doubtful = scorecard.assign(
        certified=scorecard["certified"].mask(scorecard.index.isin(at), False)
    )
    assert failed in choose(candidates, doubtful, brief, method="kmeans", k=3)[1].warnings


def test_impossible_wish_says_what_was_made(scored, brief):
    with pytest.raises(StudyError, match=r"No candidate has k = 9.*kmeans: 2, 3, 4"):
        choose(*scored, brief, k=9)


def test_confidence_is_high_inside_and_low_at_the_border(planted, scored, brief):
    accounts, _ = planted
    kept, _ = choose(*scored, brief)
    result = confidence(kept.model, accounts, seed=1)
    assert np.array_equal(result["segment"], kept.labels)
    assert result["confidence"].median() > 0.99
    assert (result.loc[result["confidence"] == 1, "second_segment"] == 0).all()
    unsure = result[result["confidence"] < 1]
    assert (unsure["second_segment"] != unsure["segment"]).all()
    again = confidence(kept.model, accounts, seed=1)
    assert again.equals(result)
