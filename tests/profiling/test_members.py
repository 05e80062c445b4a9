import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.errors import DataError
from seglib.profiling.members import facts_of, members, numbers, segment_counts

ACCOUNTS = AccountTable(
    pd.DataFrame({"account_id": ["a", "b", "c"], "segment": ["x", "y", "z"]}), {}
)
GIVEN = pd.DataFrame({"account_id": ["c", "a"], "segment": [2, 0]})


def test_the_order_is_that_of_the_account_table():
    placed = members(ACCOUNTS, GIVEN)
    assert placed.frame["account_id"].tolist() == ["a", "c"]
    assert placed.segment.tolist() == [0, 2]
    assert numbers(placed.segment) == [2]


def test_all_that_is_wrong_is_said_at_once():
    wrong = pd.DataFrame({"account_id": ["a", "a", "q"], "segment": [1, 1, None]})
    with pytest.raises(DataError) as caught:
        members(ACCOUNTS, wrong)
    assert caught.value.problems == (
        "1 account(s) stand twice in the assignments.",
        "1 assigned account(s) are not in the account table.",
        "1 assigned account(s) have no segment number.",
    )


def test_facts_keep_only_accounts_with_a_segment():
    facts = {"links": pd.DataFrame({"account_id": ["a", "c", "q"], "share": [1.0, 2.0, 3.0]})}
    assert facts_of(facts, "links", GIVEN)["share"].tolist() == [2.0]
    assert facts_of(facts, "links", GIVEN, ("customer_industry",)) is None
    assert facts_of(facts, "links", GIVEN.assign(segment=0)) is None
    assert segment_counts(GIVEN).to_dict() == {2: 1}
