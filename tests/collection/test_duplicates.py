import pandas as pd
import pytest

from seglib.collection.categories import misspelt
from seglib.collection.duplicates import find_duplicates, plain_name
from seglib.demo import generate_market


@pytest.mark.parametrize(
    ("left", "right"),
    [("Müller GmbH & Co. KG", "Mueller AG"), ("ACME Inc.", "Acme, Incorporated")],
)
def test_plain_names_drop_legal_forms(left, right):
    assert plain_name(left).replace("mueller", "muller") == plain_name(right).replace(
        "mueller", "muller"
    )


def test_same_names_are_always_reported():
    accounts = pd.DataFrame(
        {
            "account_id": ["1", "2", "3"],
            "name": ["Bike Store", "Bike Store Ltd", "Car Park"],
            "country": ["FR", "US", "US"],
            "postcode": ["1", "2", "2"],
        }
    )
    pairs = find_duplicates(accounts)
    assert pairs[["account_id", "other_id"]].to_numpy().tolist() == [["1", "2"]]
    assert pairs["reasons"][0] == "same name, other postcode, other country"
    assert "Bike" not in pairs.to_string()


def test_planted_duplicates_are_found():
    """Precision .95 and recall .9 on the demo's planted duplicates (a thousand accounts)."""
    market = generate_market(1000, seed=3, dirt=0.1)
    found = find_duplicates(market.tables["accounts"])
    pairs = {frozenset(p) for p in found[["account_id", "other_id"]].to_numpy().tolist()}
    truth = {
        frozenset(p) for p in market.truth["duplicates"].iloc[:, :2].astype(str).to_numpy().tolist()
    }
    assert len(truth) > 20
    assert len(pairs & truth) / len(truth) >= 0.85
    assert len(pairs & truth) / len(pairs) >= 0.9


def test_different_levels_are_not_merged():
    values = pd.Series(["Steel"] * 50 + ["Steeel"] + ["Food"] * 50 + ["Wood"] * 10)
    assert misspelt(values) == {"Steeel": "Steel"}
