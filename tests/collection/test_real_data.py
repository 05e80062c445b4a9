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
