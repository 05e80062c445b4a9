"""Criteria and their weights."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.criteria import catalogue, resolve, weights_of
from seglib.errors import StudyError
from seglib.objectives.catalogue import objectives
from seglib.strategy.measures import MEASURES


def test_every_criterion_has_a_measure_and_mean_names_its_variable():
    for name, criterion in catalogue().criteria.items():
        assert criterion.measure in MEASURES, name
        assert (criterion.measure == "mean") == (criterion.variable is not None), name


def test_no_alias_means_two_criteria():
    names = list(catalogue().criteria)
    aliases = [a for c in catalogue().criteria.values() for a in c.aliases]
    assert len(set(aliases) | set(names)) == len(aliases) + len(names)


def test_every_criterion_of_the_objectives_is_known():
    for objective in objectives().values():
        for stated in (objective.attractiveness, objective.competitiveness):
            assert all(resolve(name) for name in stated), stated


@given(
    st.dictionaries(st.sampled_from(["size", "growth", "margin"]), st.floats(0.01, 1e6), min_size=1)
)
def test_weights_add_up_to_one_whatever_they_add_up_to(stated):
    found = weights_of("attractiveness", stated)
    assert sum(found.values()) == pytest.approx(1)
    assert set(found) == set(stated)


def test_without_weights_the_axis_has_its_own_criteria():
    found = weights_of("competitiveness", {})
    assert all(catalogue().criteria[name].axis == "competitiveness" for name in found)
    assert len(set(found.values())) == 1


def test_all_problems_are_said_at_once():
    with pytest.raises(StudyError) as caught:
        weights_of("attractiveness", {"grwth": 1, "size": -1, "margin": float("nan")})
    text = str(caught.value)
    assert "Did you mean 'growth'?" in text
    assert "'size' must be a number of 0 or more" in text
    assert "'margin' must be a number of 0 or more" in text


def test_one_criterion_under_two_names_is_refused():
    with pytest.raises(StudyError, match="weighted twice"):
        weights_of("attractiveness", {"growth": 1, "revenue_growth": 1})


def test_a_studys_weights_change_the_objectives_criterion_by_criterion():
    stated = {"revenue": 2, "size": 1, "growth": 1}
    found = weights_of("attractiveness", stated, {"turnover": 1, "growth": 0, "margin": 2})
    assert found == pytest.approx({"revenue": 0.25, "size": 0.25, "margin": 0.5})
    assert weights_of("attractiveness", stated, {}) == weights_of("attractiveness", stated)
    assert weights_of("attractiveness", found) == pytest.approx(found)


def test_problems_of_both_are_said_at_once():
    with pytest.raises(StudyError) as caught:
        weights_of("attractiveness", {"grwth": 1}, {"siz": 1, "margin": -1})
    assert len(caught.value.problems) == 3


def test_all_zero_is_refused():
    with pytest.raises(StudyError, match="all 0"):
        weights_of("attractiveness", {"growth": 0})
