import numpy as np
import pytest

from seglib.collection.account_table import AccountTable
from seglib.errors import StudyError
from seglib.profiling import descriptor_tests
from seglib.quotes import bare


@pytest.fixture(scope="module")
def tests(market):
    return descriptor_tests(market.accounts, market.assignments, seed=1).set_index("variable")


def test_the_planted_descriptors_are_found_and_no_other(tests):
    shown = tests.index[tests["p_holm"] < 0.05]
    assert set(shown) == {"employees", "industry"}
    others = tests.loc[["country", "contact_count", "competing_technology"]]
    assert (others["low"] == 0).all()
    assert (tests.loc[shown, "low"] > 0).all()


def test_holm_counts_all_tests_of_the_page(tests):
    strongest = tests["p"].min()
    assert tests["p_holm"].min() == pytest.approx(strongest * len(tests))


def test_every_descriptor_has_a_sentence(tests):
    said = tests["sentence"].map(bare)
    assert said["industry"].startswith("The segments differ strongly in industry (V = 0.60")
    assert said["competing_technology"].startswith(
        "No difference in 'Uses a competing technology' is shown (V ="
    )


def test_what_cannot_be_tested_is_said_and_stands_last(market):
    frame = market.accounts.frame.assign(country="Norway", employees=np.nan)
    tests = descriptor_tests(AccountTable(frame, market.accounts.columns), market.assignments,
                             seed=1)  # fmt: skip
    assert tests["sentence"].tolist()[-2:] == [
        "Country cannot be tested: it is the same for every account.",
        "Employees cannot be tested: no account has a value.",
    ]
    assert tests["missing_share"].tolist()[-1] == 1


def test_one_segment_leaves_nothing_to_test(market):
    tests = descriptor_tests(market.accounts, market.assignments.assign(segment=1), seed=1)
    assert tests["p"].isna().all()
    assert "there is only one segment" in tests["sentence"].iloc[0]


def test_an_unknown_descriptor_is_refused(market):
    with pytest.raises(StudyError, match="Did you mean 'industry'"):
        descriptor_tests(market.accounts, market.assignments, ["industri"], seed=1)
