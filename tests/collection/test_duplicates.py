import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.collection import collect
from seglib.collection.categories import misspelt
from seglib.collection.duplicates import find_duplicates
from seglib.collection.names import plain_name
from seglib.demo import generate_market
from seglib.objectives import data_support, make_brief


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


@pytest.mark.parametrize("dirt", [0.02, 0.05, 0.1])
@pytest.mark.parametrize("seed", [3, 7])
def test_planted_duplicates_are_found(dirt, seed):
    """Precision .95 and recall .9 on the demo's planted duplicates (a thousand accounts)."""
    market = generate_market(1000, seed=seed, dirt=dirt, months=12)
    found = find_duplicates(market.tables["accounts"])
    certain = found[found["score"] >= 90]
    pairs = {frozenset(p) for p in certain[["account_id", "other_id"]].to_numpy().tolist()}
    truth = {
        frozenset(p) for p in market.truth["duplicates"].iloc[:, :2].astype(str).to_numpy().tolist()
    }
    assert len(truth) >= 10
    assert len(pairs & truth) / len(truth) >= 0.9
    assert len(pairs & truth) / len(pairs) >= 0.95


def test_a_rare_postcode_says_more_than_a_capital():
    """The same two names: one postcode that nobody else has, or a city that everybody has."""
    others = pd.DataFrame(
        {
            "account_id": [f"x{i:03}" for i in range(200)],
            "name": [f"{'abcdefghij'[i % 10] * 4}{'klmnopqrst'[i // 10 % 10] * 4} {i}"
                     for i in range(200)],
            "city": "Paris", "postcode": [f"{i:05}" for i in range(200)],
        }
    )  # fmt: skip
    pair = pd.DataFrame({"account_id": ["1", "2"], "name": ["Norwick Labs", "Norwick Labbs"]})
    rare = pair.assign(city=None, postcode="99999")
    common = pair.assign(city="Paris", postcode=None)
    score = {
        name: find_duplicates(pd.concat([others, rows]), threshold=0)
        .set_index(["account_id", "other_id"])
        .loc[("1", "2"), "score"]
        for name, rows in {"rare": rare, "common": common}.items()
    }
    assert score["rare"] > 90 > score["common"]


@given(st.permutations(range(12)))
def test_the_order_of_the_rows_does_not_matter(order):
    names = ["Norwick Labs", "Norwick Lab", "NORWICK LABS AG", "Zenith", "Zenit GmbH", "Zenith Ltd"]
    accounts = pd.DataFrame({"account_id": [f"{i:02}" for i in range(12)], "name": names * 2})
    expected = find_duplicates(accounts)
    pd.testing.assert_frame_equal(find_duplicates(accounts.iloc[list(order)]), expected)


@given(st.text(max_size=30))
def test_any_name_can_be_reduced(name):
    plain = plain_name(name)
    assert plain == plain.strip()
    assert plain_name(plain.upper()) is not None


def test_nothing_is_found_where_nothing_is():
    assert find_duplicates(pd.DataFrame({"account_id": [], "name": []})).empty
    one = pd.DataFrame({"account_id": ["1"], "name": ["Acme"]})
    assert find_duplicates(one).empty


MERGED = {
    "accounts.csv": (
        "account_id,name,status,created_date,postcode,industry,parent_id\n"
        "1,Norwick Labs,prospect,2010-01-01,70173,Chemicals,\n"
        "2,Norwick Labs GmbH,customer,2015-01-01,70173,,\n"
        "3,Zenith Foods,customer,2015-01-01,11111,Food,1\n"
    ),
    "orders.csv": (
        "order_id,account_id,order_date,amount\n"
        "a,1,2025-12-01,10\nb,2,2025-12-05,20\nc,3,2026-01-05,30\n"
    ),
}


@pytest.mark.parametrize(("how", "ids"), [("report", ["1", "2", "3"]), ("merge", ["2", "3"])])
def test_nothing_is_merged_unasked(write_study, how, ids):
    study = write_study(MERGED, deduplicate=how, bases=["behavioural"])
    found = collect(study, make_brief(study, data_support(study)))
    assert found.accounts.frame["account_id"].tolist() == ids
    assert found.accounts.frame["revenue"].sum() == 60
    assert len(found.duplicates) == 1
    codes = {f.code: f.count for f in found.findings}
    assert codes.get("duplicate-merged", 0) == (how == "merge")


def test_the_kept_record_takes_rows_and_fills_its_gaps(write_study):
    study = write_study(MERGED, deduplicate="merge", bases=["behavioural"])
    rows = collect(study, make_brief(study, data_support(study))).accounts.frame
    kept = rows.set_index("account_id").loc["2"]
    assert (kept["status"], kept["industry"], kept["revenue"]) == ("customer", "Chemicals", 30)


def test_different_levels_are_not_merged():
    values = pd.Series(["Steel"] * 50 + ["Steeel"] + ["Food"] * 50 + ["Wood"] * 10)
    assert misspelt(values) == {"Steeel": "Steel"}
