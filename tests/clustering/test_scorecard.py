"""The scorecard: planted truth, noise, intervals, and one direction of better a column."""

import numpy as np
import pandas as pd
import pytest

from seglib.clustering.answers import defensible_answers, range_sentence
from seglib.clustering.bench import prepare
from seglib.clustering.candidates import Candidate, make_candidates
from seglib.clustering.models import Condition, Rules, RuleSegment
from seglib.clustering.replicate import excess_replicability
from seglib.clustering.scorecard import CRITERIA, defensible, evaluate_candidates
from seglib.collection import AccountTable
from seglib.quotes import bare

MEASURED = ("measurable", "substantial", "accessible", "differentiable", "score")


def candidate(labels, *, variable="spend", method="rules"):
    """A candidate with these labels, whatever its model."""
    rule = RuleSegment(segment=1, conditions=(Condition(variable=variable, low=0.0),))
    return Candidate(method, len(set(labels) - {0}), labels, Rules(rules=(rule,)))


def blocks(*shares, n=300):
    return np.repeat(np.arange(1, len(shares) + 1), [round(s * n) for s in shares])


def with_column(accounts, **columns):
    return AccountTable(accounts.frame.assign(**columns), accounts.columns)


@pytest.fixture(scope="module")
def measured(request):
    """Cards are made once for the tests that only look."""
    return {}


@pytest.fixture
def card(measured, planted, brief, study):
    if not measured:
        bench = prepare(planted[0], brief, study)
        made = make_candidates(bench, ("kmeans", "mixture", "ward", "tree"))
        gains = excess_replicability(made, bench.X, splits=4, seed=7)
        card = evaluate_candidates(made, bench.accounts, brief, replicability=gains)
        measured.update(card=card, gains=gains)
    return measured["card"].copy()


def test_every_measured_criterion_has_an_interval_that_holds_it(card):
    for name in MEASURED:
        known = card[card[name].notna() & card[f"{name}_low"].notna()]
        assert len(known) > 2, name
        assert (known[f"{name}_low"] <= known[name] + 1e-12).all(), name
        # accessible is clipped at 0 where its interval lies below.
        high = known[f"{name}_high"].clip(lower=0)
        assert (high >= known[name] - 1e-12).all(), name


def test_the_planted_number_of_segments_scores_highest(card):
    best = card[card["method"] == "kmeans"].sort_values("score").iloc[-1]
    assert best["k"] == 3
    assert best["replicability_low"] > 0.9


def test_noise_scores_nothing_on_what_must_differ(planted, brief, study):
    rng = np.random.default_rng(0)
    noise = with_column(
        planted[0], spend=rng.normal(size=300), visits=rng.normal(size=300),
        revenue_12m=rng.normal(size=300),
    )  # fmt: skip
    bench = prepare(noise, brief, study)
    made = make_candidates(bench, ("kmeans", "ward"))
    gains = excess_replicability(made, bench.X, splits=4, seed=7)
    card = evaluate_candidates(made, noise, brief, replicability=gains)
    assert (card["explained"] < 0.05).all()
    assert (card["explained_low"] < 0).all()
    assert (card.loc[card["method"] == "kmeans", "replicability_low"] <= 0.1).all()


@pytest.mark.parametrize(
    ("criterion", "better", "worse"),
    [
        ("substantial", blocks(0.5, 0.5), blocks(0.98, 0.02)),
        ("actionable", blocks(0.5, 0.5), blocks(*[0.1] * 10)),
    ],
)
def test_more_is_better_in_sizes_and_in_number(planted, brief, criterion, better, worse):
    made = [candidate(better), candidate(worse)]
    card = evaluate_candidates(made, planted[0], brief)
    assert card[criterion][0] > card[criterion][1]
    assert card["score"][0] > card["score"][1] or criterion == "actionable"


def test_more_is_better_in_what_is_observed_reached_and_told_apart(planted, brief):
    accounts, truth = planted
    industry = np.array(["Food", "Steel", "Paper"])[truth]
    holes = accounts.frame["visits"].where(np.arange(300) % 2 == 0)
    table = with_column(accounts, industry=industry, visits=holes)
    random = np.random.default_rng(1).permutation(truth) + 1
    made = [candidate(truth + 1), candidate(random), candidate(truth + 1, variable="visits")]
    card = evaluate_candidates(made, table, brief)
    assert card["measurable"].tolist() == [1.0, 1.0, 0.5]
    assert card["measurable_low"][2] < 0.5 < card["measurable_high"][2]
    assert card["accessible"][0] == pytest.approx(1.0)
    assert card["accessible"][1] < 0.1
    assert card["explained"][0] > 0.7 > 0.05 > card["explained"][1]
    assert card["score"][0] > max(card["score"][1:])


def test_the_interval_of_the_smallest_share_is_wilsons(planted, brief):
    card = evaluate_candidates([candidate(blocks(0.9, 0.1))], planted[0], brief.model_copy(
        update={"min_share": 0.2}))  # fmt: skip
    # Wilson 95 % of 30 in 300: .0709 to .1391 (Newcombe 1998, the score interval by hand).
    ends = card[["substantial_low", "substantial", "substantial_high"]].to_numpy()[0]
    np.testing.assert_allclose(ends * 0.2, [0.0709, 0.1, 0.1391], atol=1e-3)


def test_capacity_and_min_share_decide_what_is_defensible(planted, brief):
    made = [candidate(blocks(*[1 / k] * k)) for k in (2, 5, 6)] + [candidate(blocks(0.96, 0.04))]
    card = evaluate_candidates(made, planted[0], brief)
    assert defensible(card, brief).tolist() == [True, True, False, False]
    assert card["actionable"].round(3).tolist() == [1.0, 1.0, 0.833, 1.0]
    wider = brief.model_copy(update={"capacity": 6, "min_share": 0.04})
    assert defensible(evaluate_candidates(made, planted[0], wider), wider).all()
    more = brief.model_copy(update={"min_segments": 3})
    assert defensible(card, more).tolist() == [False, True, False, False]


def test_an_outcome_among_the_inputs_proves_nothing(planted, brief):
    made = [candidate(planted[1] + 1, variable="revenue_12m"), candidate(planted[1] + 1)]
    card = evaluate_candidates(made, planted[0], brief)
    assert card["by_construction"].tolist() == [True, False]
    assert card["differentiable"][0] == 0 < card["differentiable"][1]


def test_an_account_table_of_almost_nothing_is_measured_all_the_same(planted, brief):
    accounts = planted[0]
    few = AccountTable(accounts.frame.head(4), accounts.columns)
    card = evaluate_candidates([candidate(np.array([1, 1, 2, 2]))], few, brief)
    assert card["accessible"].isna().all()
    assert card["score"].between(0, 1).all()


def test_each_defensible_answer_has_its_price(card, brief):
    answers = defensible_answers(card, brief)
    assert len(answers) == defensible(card, brief).sum() > 2
    assert answers["price"].iloc[0] == 0
    assert answers["price"].is_monotonic_increasing
    assert answers["loses"].iloc[0] == answers["gains"].iloc[0] == ""
    dear = answers[answers["price"] > 0.05]
    assert len(dear)
    assert dear["loses"].str.match(rf"({'|'.join(CRITERIA)}) -0\.\d\d").all()
    sentence = bare(range_sentence(answers))
    assert sentence.startswith(f"{len(answers)} answers are defensible, with 2 to 4 segments; ")


def test_no_answer_and_a_single_answer_are_said(card, brief):
    nobody = brief.model_copy(update={"min_share": 0.6})
    answers = defensible_answers(card, nobody)
    assert answers.empty
    assert range_sentence(answers) == "No answer is defensible."
    one = card[(card["method"] == "kmeans") & (card["k"] == 3)]
    alone = bare(range_sentence(defensible_answers(one, brief)))
    assert alone == "One answer is defensible: 3 segments by k-means."


def test_the_card_is_the_same_again(planted, brief):
    made = [candidate(planted[1] + 1)]
    pd.testing.assert_frame_equal(
        evaluate_candidates(made, planted[0], brief), evaluate_candidates(made, planted[0], brief)
    )
