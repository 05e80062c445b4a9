from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.clustering import CertifiedKMeans, assess, null_twin
from seglib.clustering.agreement import adjusted_rand

from .planted import noise, one_cloud, segments

NAMES = [f"answer {j}" for j in range(10)]


@pytest.mark.parametrize("seed", [2, 3])
def test_four_separated_segments_are_natural_at_four(seed):
    verdict = assess(segments(seed)[0], [3, 4, 5], effort="quick", random_state=seed)
    assert verdict.overall == "natural"
    by_k = verdict.table.set_index("k")["verdict"]
    assert by_k[4] == "natural"
    assert by_k[5] != "natural"
    assert "there are 4 groups with gaps" in verdict.sentence()


@pytest.mark.parametrize("kind", ["log-normal", "heavy-tailed", "ratings", "yes/no", "rows twice"])
def test_noise_is_not_natural(kind):
    verdict = assess(noise(kind, 1), [2, 3, 4], effort="quick", random_state=1)
    assert verdict.overall != "natural"
    assert not verdict.table["verdict"].eq("natural").any()


def test_one_long_cloud_is_named_a_continuum():
    verdict = assess(one_cloud(0), [2, 3], effort="quick", random_state=0, names=NAMES)
    assert verdict.overall == "reproducible"
    assert "one continuum along 'answer" in verdict.sentence()
    assert "without groups" in verdict.sentence()


def test_a_cut_that_correlated_noise_repeats_too_is_said_to_be_one():
    verdict = assess(one_cloud(0), [2, 3], effort="quick", random_state=0, names=NAMES)

    def said(beyond):
        table = verdict.table.assign(verdict="reproducible", above_copula=beyond)
        return replace(verdict, table=table).sentence()

    assert said([True, True]).endswith("gives the same cut in other samples.")
    assert said([False, True]).endswith("; at 2, so does noise that keeps the correlations.")
    assert said([False, False]).endswith(", as it does in noise that keeps the correlations.")


def test_independent_variables_have_no_continuum():
    X = noise("independent", 4)
    verdict = assess(X, [2, 3], effort="quick", random_state=0, names=NAMES[:6])
    assert verdict.continuum == ()
    assert verdict.overall == "constructive"


def test_the_verdict_hangs_neither_on_the_seed_nor_on_the_order_of_rows():
    X = segments(1, rows=400)[0]
    mixed = np.random.default_rng(0).permutation(X)
    found = [assess(data, [3, 4, 5], effort="quick", random_state=s).overall
             for s, data in enumerate([X, X, mixed])]  # fmt: skip
    assert found == ["natural"] * 3


def test_a_cut_through_the_groups_is_not_natural():
    """k-means halves the largest of four unequal groups and joins the two smallest."""
    X, _, best = segments(2)
    verdict = assess(X, [3, 4], effort="quick", random_state=2)
    assert adjusted_rand(verdict.structure.group_of, best) > 0.95
    cut = CertifiedKMeans(4, random_state=0).fit(X).labels_
    assert adjusted_rand(cut, best) < 0.8
    joined = np.minimum(best, 2)
    found = [("kmeans", cut), ("mixture", best), ("ward", joined), ("tree", best)]
    kinds = verdict.kinds([named(method, labels + 1) for method, labels in found])
    expected = {"kmeans, 4": "reproducible", "mixture, 4": "natural", "ward, 3": "natural"}
    assert kinds == expected | {"tree, 4": "constructive"}
    assert verdict.table.set_index("k").loc[4, "kept_whole"] < 0.8
    other = np.random.default_rng(0).permutation(cut)
    lent = verdict.kinds([named("kmeans", cut + 1), named("ward", other + 1)])
    assert lent == {"kmeans, 4": "reproducible", "ward, 4": "constructive"}


def named(method, labels):
    return SimpleNamespace(
        method=method, labels=labels, k=len(set(labels)), name=f"{method}, {len(set(labels))}"
    )


def test_too_few_rows_for_mixtures_are_never_natural():
    verdict = assess(np.random.default_rng(0).normal(size=(12, 2)), [2], effort="quick")
    assert verdict.structure is None
    assert verdict.overall != "natural"


def test_the_record_holds_what_decided():
    record = assess(noise("independent", 0, 80), [2], effort="quick", random_state=0).to_dict()
    assert record["structure_found"] == "no"
    assert [row["k"] for row in record["per_k"]] == [2]
    assert {"question", "answer", "would_change"} == set(record["evidence"][0])


@pytest.mark.real
def test_the_permuted_survey_is_stable_at_two_and_not_natural(real_data):
    X = pd.read_csv(real_data / "vacmot" / "vacmot.csv").to_numpy(dtype=float)
    twin = null_twin(X, "permute", random_state=1)
    verdict = assess(twin, [2], effort="quick", random_state=0)
    assert verdict.overall != "natural"


def test_the_search_alone_has_its_band_too_and_noise_lies_in_it():
    """Fresh searches on the same rows, beside the same on twins of them."""
    within = []
    for seed in range(6):
        table = assess(
            noise("independent", seed, 120), [2, 4], effort="standard", random_state=seed
        ).table
        for how in ("permute", "copula"):
            low, high = table[f"{how}_optimiser_low"], table[f"{how}_optimiser_high"]
            assert (low <= high).all()
            within += table["optimiser"].between(low, high).tolist()
    assert np.mean(within) > 0.85
