"""A real company: the totals and the traps of AdventureWorks, and the thin wholesale file."""

from pathlib import Path

import pytest

from seglib.clustering.redundancy import redundant_pairs
from seglib.collection import collect
from seglib.objectives import data_support, make_brief
from seglib.study import Study

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.real


def collected_from(name, real_data):
    path = ROOT / "data" / name / "study.yaml"
    study = Study.load(path, {"source": str(real_data / name)})
    return collect(study, make_brief(study, data_support(study)))


@pytest.fixture
def adventureworks(real_data):
    return collected_from("adventureworks", real_data)


def test_totals(adventureworks):
    frame = adventureworks.accounts.frame
    assert len(frame) == 701
    assert frame["revenue"].sum() == pytest.approx(80_450_596.98, abs=0.01)
    assert frame["order_count"].sum() == 3796


def test_accounts_that_never_bought_stay_what_they_are(adventureworks):
    never = adventureworks.accounts.frame.query("order_count == 0")
    assert len(never) == 66
    assert set(never["status"]) == {"prospect"}
    assert never["recency_days"].isna().all()
    assert (never["revenue"] == 0).all()


def test_lifetime_value_tells_accounts_apart(adventureworks):
    """They order like clockwork, once a quarter, which takes BG/NBD to its limit."""
    frame = adventureworks.accounts.frame.query("order_count > 0")
    assert frame["clv"].gt(0).all()
    assert frame[["clv", "revenue_12m"]].corr(method="spearman").iloc[0, 1] > 0.6


def test_redundant_pairs_are_shown(adventureworks):
    pairs = redundant_pairs(adventureworks.accounts).set_index(["variable", "other"])
    words = pairs["words"].to_dict()
    assert words["annual_revenue", "annual_revenue_reported"].endswith(
        "is always 0.1 × 'Own yearly revenue'"
    )
    assert pairs.loc[("employees", "annual_revenue"), "strength"] == pytest.approx(0.97, abs=0.005)
    assert words["industry", "order_frequency"].endswith("are one-to-one")


def test_duplicate_names_are_reported_by_identifier(adventureworks):
    same = adventureworks.duplicates[
        adventureworks.duplicates["reasons"].str.startswith("same name")
    ]
    assert len(same) == 2


def test_the_thin_file_needs_nothing_else(real_data):
    found = collected_from("wholesale", real_data)
    assert len(found.accounts.frame) == 440
    assert found.facts == {}
    assert found.accounts.frame["channel"].value_counts().to_dict() == {
        "Horeca": 298,
        "Retail": 142,
    }
    assert found.as_of == ""


@pytest.fixture
def northwind(real_data):
    return collected_from("northwind", real_data)


def test_northwind_totals_and_the_two_that_never_ordered(northwind):
    frame = northwind.accounts.frame
    assert len(frame) == 91
    assert frame["revenue"].sum() == pytest.approx(1_265_793.04, abs=0.005)
    assert frame["order_count"].sum() == 830
    assert (frame["order_count"] == 0).sum() == 2


def test_northwind_titles_give_buying_roles(northwind):
    roles = northwind.facts["contacts"].groupby("role")["contacts"].sum()
    assert roles.sum() == 91
    assert roles["decision maker"] >= 17
    assert len(roles) >= 3


def test_online_retail_is_cleaned_by_declared_rules(real_data):
    found = collected_from("online_retail", real_data)
    counted = [f.count for f in found.findings if f.code == "left-out"]
    assert counted[0] == 9288
    assert sum(counted[1:4]) == 3 + 1336 + 1179
    revenue = found.accounts.frame["revenue"].sort_values(ascending=False)
    assert len(revenue) == 4338
    assert revenue.sum() == pytest.approx(8_911_407.904, abs=0.001)
    best = revenue.head(round(len(revenue) / 5)).sum() / revenue.sum()
    assert best == pytest.approx(0.746, abs=0.0005)
    assert {"buys_goods", "buys_carriage"} <= set(found.accounts.columns)


def test_online_retail_as_it_is(real_data):
    """The totals of the raw file, through the same source and the same rules."""
    from seglib.source import connect

    study = Study.load(
        ROOT / "data" / "online_retail" / "study.yaml",
        {"source": str(real_data / "online_retail")},
    )
    source = connect(study)
    raw = source.table("online_retail")
    sums = raw.aggregate(
        lines=raw.count(),
        total=(raw.Quantity.cast("float64") * raw.UnitPrice.cast("float64")).sum(),
        nobody=(raw.CustomerID.isnull()).mean(),
        negative=(raw.UnitPrice.cast("float64") < 0).sum(),
        free=(raw.UnitPrice.cast("float64") == 0).sum(),
    ).to_pandas()
    repeated = raw.count().to_pandas() - raw.distinct().count().to_pandas()
    source.close()
    assert sums["lines"][0] == 541_909
    assert sums["total"][0] == pytest.approx(9_747_747.934, abs=0.001)
    assert sums["nobody"][0] == pytest.approx(0.249, abs=0.0005)
    assert (sums["negative"][0], sums["free"][0], repeated) == (2, 2515, 5268)
