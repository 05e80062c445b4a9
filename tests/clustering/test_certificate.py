import numpy as np
import pytest

from seglib.clustering.certificate import Optima, certify

A, B = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 1, 2, 2, 0])


def searching(*runs):
    """A search whose runs end, one after the other, in these objectives and partitions."""
    queue = iter(runs)

    def restart(count):
        taken = [next(queue) for _ in range(count)]
        return np.array([t[0] for t in taken]), np.array([t[1] for t in taken])

    return restart


def test_hits_count_the_best_objective_with_the_same_members():
    runs = [(2.0, A)] * 4 + [(2.0 * (1 + 1e-8), A)] + [(2.0, B)] + [(3.0, B)] * 10
    found = certify(searching(*runs), min_hits=5, max_restarts=16)
    assert (found.hits, found.restarts, found.distinct_optima) == (5, 16, 3)
    assert found.certified
    assert [r.hits for r in found.runners_up] == [1, 10]
    assert found.runners_up[0].ari < 0.99


def test_numbers_of_segments_do_not_matter():
    optima = Optima()
    optima.add(np.array([1.0, 1.0]), np.array([A, (A + 1) % 3]))
    assert optima.hits == [2]


def test_a_search_that_runs_out_is_not_certified_and_says_so():
    runs = [(0.0, A), *((1.0 + i // 2, A) for i in range(19))]
    found = certify(searching(*runs), min_hits=5, max_restarts=20)
    assert not found.certified
    assert not found.given_up
    assert found.sentence().startswith("Not certified: 1 of 20")
    assert found.chance_unseen == 0.1


def test_chances_are_those_of_the_definitions():
    runs = [(1.0, A)] * 12 + [(2.0, B)] * 3 + [(3.0, A)]
    found = certify(searching(*runs), min_hits=5)
    assert found.chance_unseen == pytest.approx(1 / 16)
    assert found.chance_missed == pytest.approx((1 - 12 / 16) ** 16)


def test_a_better_optimum_found_later_takes_over():
    runs = [(2.0, A)] * 4 + [(3.0, B)] * 12 + [(1.0, B)] * 32
    found = certify(searching(*runs), min_hits=5)
    assert (found.best_objective, found.hits, found.restarts) == (1.0, 32, 48)


def test_runs_that_hardly_end_alike_are_given_up():
    made = []

    def scatter(count):
        made.append(count)
        first = sum(made[:-1])
        objectives = np.arange(first, first + count, dtype=float) + 1.0
        return objectives, np.random.default_rng(first).integers(0, 5, size=(count, 60))

    found = certify(scatter, max_restarts=1000)
    assert found.given_up
    assert not found.certified
    assert found.restarts == sum(made) == 112  # 6,216 pairs, none alike
    assert "hardly two restarts end alike" in found.sentence()


def test_a_rare_best_optimum_among_few_others_is_still_waited_for():
    rng = np.random.default_rng(0)
    labels = np.random.default_rng(1).integers(0, 4, size=(8, 60))

    def restart(count):
        which = rng.choice(8, p=[0.02, *[0.14] * 7], size=count)
        return which + 1.0, labels[which]

    found = certify(restart, max_restarts=1000)
    assert found.certified
    assert not found.given_up
    assert found.best_objective == 1.0
