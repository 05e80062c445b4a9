"""Events, choices, identifiers."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.demo.clock import NEVER, business_day, clock
from seglib.demo.draws import choose, identifiers, monthly_events, stack
from seglib.demo.misspelling import misspellings, name_variant, typo
from seglib.demo.naming import ascii_slug, company_names
from seglib.demo.recipe import knowledge

MONTHS = clock(date(2026, 9, 30), 36)


def one_account(rate: float, shape: int, seed: int) -> np.ndarray:
    start, stop = np.array([MONTHS.first]), np.array([MONTHS.last])
    rng = np.random.default_rng(seed)
    return monthly_events(rng, np.array([[rate]]), MONTHS, start, stop, shape=np.array([shape]))[1]


@pytest.mark.parametrize("shape", [1, 4])
def test_events_come_at_the_given_rate(shape: int) -> None:
    counts = [len(one_account(5.0, shape, seed)) for seed in range(60)]
    assert np.mean(counts) == pytest.approx(5.0 * 36, rel=0.03)


def test_more_even_events_have_more_even_intervals() -> None:
    def variation(shape: int) -> float:
        gaps = np.diff(one_account(3.0, shape, 1))
        return float(np.std(gaps) / np.mean(gaps))

    assert variation(1) == pytest.approx(1.0, abs=0.25)
    assert variation(4) < 0.7


@given(
    start=st.integers(MONTHS.first - 200, MONTHS.last + 200),
    length=st.integers(0, 500),
    seed=st.integers(0, 50),
)
def test_events_stay_in_the_active_time(start: int, length: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = np.array([start]), np.array([start + length])
    _, day = monthly_events(rng, np.array([[4.0]]), MONTHS, low, high)
    assert ((day >= start) & (day <= start + length)).all()
    assert ((day >= MONTHS.first) & (day <= MONTHS.last)).all()


def test_nothing_happens_to_an_account_that_never_starts() -> None:
    rng = np.random.default_rng(1)
    never = np.array([NEVER])
    account, day = monthly_events(rng, np.array([[9.0]]), MONTHS, never, never)
    assert len(account) == len(day) == 0


def test_choices_follow_the_shares_of_their_row() -> None:
    shares = np.array([[0.2, 0.3, 0.5], [0.7, 0.3, 0.0]])
    row = np.repeat([0, 1], 20_000)
    level = choose(np.random.default_rng(1), shares, row)
    found = pd.crosstab(row, level, normalize="index").to_numpy()
    np.testing.assert_allclose(found, shares, atol=0.02)


def test_identifiers_are_unique_and_of_one_width() -> None:
    result = identifiers("O", 123_456)
    assert result[0] == "O000001"
    assert result[-1] == "O123456"
    assert pd.Series(result).is_unique


def test_no_arrays_stack_to_an_empty_one() -> None:
    assert stack([]).size == 0


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_business_day_is_a_weekday_at_most_two_days_before(day: date) -> None:
    number = np.array([np.datetime64(day, "D").astype(np.int64)])
    moved = pd.Timestamp(business_day(number).astype("datetime64[D]")[0])
    assert moved.day_of_week < 5
    assert 0 <= (pd.Timestamp(day) - moved).days <= 2


@given(
    word=st.text("abcdefgh ", min_size=2, max_size=12),
    place=st.floats(0, 1, exclude_max=True),
    way=st.integers(0, 2),
)
def test_a_typo_changes_the_word(word: str, place: float, way: int) -> None:
    assert typo(word, place, way) != word


@pytest.mark.parametrize(
    "levels", [list(knowledge().recipe.industries), list(knowledge().places.countries)]
)
def test_a_misspelt_category_is_no_other_category(levels: list[str]) -> None:
    wrong = [word for level in levels for word in misspellings(level)]
    assert len(wrong) >= 4 * len(levels)
    assert not set(wrong) & set(levels)


@pytest.mark.parametrize("way", range(6))
def test_a_second_record_has_another_name(way: int) -> None:
    forms = {form for place in knowledge().places.countries.values() for form in place.forms}
    for form in forms:
        assert name_variant("Norwick Labs", form, 0.4, way) != f"Norwick Labs {form}"


def test_names_stay_distinct_when_there_are_more_than_parts() -> None:
    places = knowledge().places.model_copy(
        update={"name_starts": ["Al"], "name_middles": ["a"], "name_ends": ["by"]}
    )
    names = company_names(places, np.random.default_rng(1), 100)
    assert len(set(names)) == 100


def test_addresses_are_plain_ascii() -> None:
    people = knowledge().people
    slugs = ascii_slug([*people.first_names, *people.last_names])
    assert all(slug.isascii() and slug.replace("-", "").isalpha() for slug in slugs)
