"""The typing tool: prospects are placed as well as it says, or not at all."""

import numpy as np
import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.profiling import type_prospects, typing_note, typing_variables
from seglib.profiling.typing_tool import SURE

NAMES = {1: "One", 2: "Two", 3: "Three", 4: "Four"}


@pytest.fixture(scope="module")
def found(market):
    return type_prospects(market.accounts, market.assignments, seed=1)


def test_only_what_means_the_same_for_prospects_is_used(market):
    assert typing_variables(market.accounts) == [
        "industry", "employees", "country", "competing_technology", "need_price"
    ]  # fmt: skip


def test_prospects_are_placed_once_with_their_confidence(market, found):
    others = set(market.accounts.frame["account_id"]) - set(market.assignments["account_id"])
    placed = found.placements
    assert found.others == len(others)
    assert set(placed["account_id"]) <= others
    assert placed["account_id"].is_unique
    assert placed["confidence"].between(SURE, 1, inclusive="left").all()
    assert 0 < len(placed) < found.others
    assert found.held_out_right > SURE
    assert found.accuracy > 2 * found.baseline


def test_its_word_holds_for_customers_whose_segment_was_hidden(market):
    hidden = market.assignments.iloc[::4]
    taught = market.assignments.drop(hidden.index)
    placed = type_prospects(market.accounts, taught, seed=1).placements
    truth = hidden.set_index("account_id")["segment"]
    own = placed[placed["account_id"].isin(truth.index)]
    right = (truth.loc[own["account_id"]].to_numpy() == own["segment"]).mean()
    assert len(own) > 20
    assert right > own["confidence"].mean() - 0.12


def test_noise_places_nobody_and_says_so(market):
    shuffled = np.random.default_rng(1).permutation(market.assignments["segment"])
    found = type_prospects(market.accounts, market.assignments.assign(segment=shuffled), seed=1)
    assert found.placements.empty
    assert found.placements.dtypes.astype(str).to_dict() == {
        "account_id": "str", "segment": "int64", "confidence": "float64"
    }  # fmt: skip
    assert repr(typing_note(found, NAMES)).startswith("None of the 100 accounts without a segment")


def test_a_majority_is_no_knowledge():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(
        {"account_id": [f"A{n:03}" for n in range(300)], "employees": rng.normal(size=300)}
    )
    info = {"employees": _info("employees")}
    given = pd.DataFrame(
        {"account_id": frame["account_id"][:250], "segment": np.where(np.arange(250) < 220, 1, 2)}
    )
    assert type_prospects(AccountTable(frame, info), given, seed=1).placements.empty


def _info(name):
    from seglib.schema import ColumnInfo

    return ColumnInfo(
        name=name, role="descriptor", kind="number", label=name, definition=name, unit="",
        family="firmographic", observable=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: m.assignments.assign(segment=1), "Fewer than two segments"),
        (lambda m: m.assignments.head(0), "Fewer than two segments"),
        (
            lambda m: pd.DataFrame({"account_id": m.accounts.frame["account_id"], "segment": 1}),
            "no account without a segment",
        ),
    ],
)
def test_it_says_why_nothing_can_be_learned(market, change, words):
    found = type_prospects(market.accounts, change(market), seed=1)
    assert words in typing_note(found, NAMES).text
    assert found.placements.empty


def test_the_same_seed_places_the_same(market, found):
    again = type_prospects(market.accounts, market.assignments, seed=1)
    pd.testing.assert_frame_equal(found.placements, again.placements)
