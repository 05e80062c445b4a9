import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.errors import StudyError
from seglib.profiling import profile, suggest_names
from seglib.profiling.wording import word, words
from seglib.variables import variables


def row(segment, variable="employees", strength=0.8, **changes):
    base = {
        "segment": segment, "variable": variable, "level": "", "kind": "number", "scale": "log",
        "label": variable.capitalize().replace("_", " "), "distinct": True, "effect": 0.4,
        "strength": strength, "n": 50, "mean": 2.0, "overall": 1.0, "zeros": 0.0,
    }  # fmt: skip
    return {**base, **changes}


def names(*rows, **options):
    return suggest_names(pd.DataFrame(list(rows)), **options)


def test_the_planted_segments_get_their_words(market):
    profiles = profile(market.accounts, market.assignments, seed=1)
    assert suggest_names(profiles) == {
        1: "Large frequent buyers in Health care",
        2: "Price-minded occasional buyers in Retail",
        3: "Low-value occasional buyers in Energy",
        4: "Average accounts",
    }


def test_a_variable_on_which_segments_do_not_differ_names_nothing():
    assert names(row(1, effect=0.0), row(2, distinct=False)) == {
        1: "Average accounts (1)",
        2: "Average accounts (2)",
    }
    assert names(row(1, effect=float("nan")), row(2)) == {
        1: "Average accounts",
        2: "Large accounts",
    }


def test_a_level_that_few_accounts_have_names_nothing():
    level = {"variable": "industry", "level": "Energy", "kind": "category", "scale": "share"}
    assert names(row(1, **level | {"mean": 0.6}), row(2, **level | {"mean": 0.4})) == {
        1: "Accounts in Energy",
        2: "Average accounts",
    }


def test_none_at_all_has_its_own_words():
    low = row(1, "orders_per_year", strength=-0.9)
    assert names(low) == {1: "Occasional buyers"}
    assert names({**low, "zeros": 0.95}) == {1: "Accounts without orders"}


def test_equal_names_are_told_apart_by_what_differs_between_the_two():
    found = names(
        row(1), row(1, "tickets_per_year", 0.3), row(1, "stack_size", -0.25),
        row(2), row(2, "tickets_per_year", -0.3), row(2, "stack_size", -0.28),
    )  # fmt: skip
    assert found == {1: "Large accounts, many tickets", 2: "Large accounts, few tickets"}


def test_what_cannot_be_told_apart_is_numbered():
    assert names(row(1), row(2), row(3, strength=-0.8)) == {
        1: "Large accounts (1)",
        2: "Large accounts (2)",
        3: "Small accounts",
    }


def test_the_study_has_the_last_word():
    assert names(row(1), row(2), given={"1": " Key   accounts "}) == {
        1: "Key accounts",
        2: "Large accounts",
    }
    assert names(row(1), row(2), given={"1": "Large accounts"}) == {
        1: "Large accounts",
        2: "Large accounts (2)",
    }


def test_a_name_of_a_segment_that_is_gone_is_not_given_to_another():
    more = row(1, "tickets_per_year", 0.3)
    assert names(row(1), more)[1] == "Large accounts"
    assert names(row(1), more, avoid={"large accounts"}) == {1: "Large accounts, many tickets"}
    assert names(row(1), avoid={"Large accounts"}) == {1: "Large accounts (1)"}
    assert names(row(1), given={"1": "Large accounts"}, avoid={"Large accounts"}) == {
        1: "Large accounts"
    }


def test_wrong_names_in_the_study_are_all_said():
    with pytest.raises(StudyError) as caught:
        names(row(1), row(2), given={"7": "Ghosts", "1": "Same", "2": "Same"})
    assert caught.value.problems == (
        "'segment_names' names segment '7', which does not exist; there are 1, 2.",
        "'segment_names' uses 'Same' twice.",
    )


def test_a_single_segment_and_tiny_ones_have_plain_names():
    assert names(row(1, distinct=False)) == {1: "All accounts"}
    assert names(row(1), segments=[0, 1, 2]) == {1: "Large accounts", 2: "Segment 2"}
    assert names(row(1, distinct=False, n=3), row(2)) == {1: "Segment 1", 2: "Large accounts"}


VARIABLES = ["employees", "orders_per_year", "need_price", "revenue", "odd <b>thing</b>"]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_names_are_unique_and_do_not_depend_on_the_order_of_the_rows(data):
    rows = [
        row(s, v, data.draw(st.floats(-1, 1)), distinct=data.draw(st.booleans()))
        for s in range(1, 5)
        for v in VARIABLES
    ]
    found = names(*rows)
    assert len({name.casefold() for name in found.values()}) == 4
    assert names(*reversed(rows)) == found
    for segment, name in found.items():
        true = [r for r in rows if r["segment"] == segment and r["distinct"]]
        allowed = [word(r["variable"], "number", r["label"], end)[1]
                   for r in true for end in ("high", "low")]  # fmt: skip
        text = name.casefold()
        assert text.startswith("average accounts") or any(a.casefold() in text for a in allowed)


def test_every_variable_of_the_workbook_has_words():
    missing = [name for name in variables() if name not in words().variables]
    assert missing == []
    needs_level = [n for n, v in variables().items() if v.kind == "category"]
    assert all(words().variables[name].level for name in needs_level)


def test_unknown_variables_get_generic_words():
    assert word("shelf_metres", "number", "Shelf length", "high") == (
        "tail",
        "with high shelf length",
    )
    assert word("speciality", "category", "Speciality", "high", "Road\n bikes") == (
        "place",
        "with speciality Road bikes",
    )
    assert word("industry", "number", "Industry", "low") == ("tail", "with low industry")


def test_several_tails_are_joined_as_a_person_would():
    found = names(
        row(1, "shelf_metres", 0.9), row(1, "floor", 0.8),
        row(2, "need_speed", 0.9), row(2, "need_help", 0.8),
        row(3, "tickets_per_year", -0.9), row(3, "shelf_metres", 0.5),
    )  # fmt: skip
    assert found == {
        1: "Accounts with high shelf metres and high floor",
        2: "Accounts who want speed and who want help",
        3: "Accounts with high shelf metres, few tickets",
    }


def test_noise_gives_average_accounts(market):
    frame = market.accounts
    shuffled = market.assignments.assign(
        segment=np.random.default_rng(3).permutation(market.assignments["segment"])
    )
    profiles = profile(frame, shuffled, seed=1)
    assert all(name.startswith("Average accounts") for name in suggest_names(profiles).values())
