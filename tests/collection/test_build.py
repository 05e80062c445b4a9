"""One row per account, by hand-computed values; nothing from the future, nothing personal."""

import numpy as np
import pandas as pd
import pytest

from seglib.charts.collection import market_chart
from seglib.collection import collect
from seglib.objectives import data_support, make_brief
from seglib.run import Run

FILES = {
    "accounts.csv": (
        "account_id,name,status,industry,employees,founded_year,postcode\n"
        "1,Secret One,customer,Food,10,2000,11111\n2,Secret Two,customer,Food,20,2010,22222\n"
        "3,Secret Three,prospect,Steel,30,2020,33333\n"
    ),
    "orders.csv": (
        "order_id,account_id,order_date,amount,cost,product_category,channel\n"
        "a,1,2024-06-01,10,4,Bolts,online shop\na,1,2024-06-01,30,6,Nuts,field\n"
        "b,1,2025-12-01,60,50,Bolts,Online\n"
        "c,2,2025-01-31,5,1,Nuts,field\nd,2,2025-02-01,7,1,Nuts,field\n"
        "e,2,2026-03-01,1000,1,Bolts,field\n"
    ),
    "contacts.csv": (
        "contact_id,account_id,name,email,job_title,seniority\n"
        "p,1,Ann Secret,ann@secret.example,Head of Purchasing,manager\n"
        "q,1,Bob Secret,bob@secret.example,CFO,executive\n"
        "r,2,Cy Secret,cy@secret.example,Wizard,staff\n"
    ),
    "opportunities.csv": (
        "opportunity_id,account_id,created_date,closed_date,stage,outcome,amount,deciders\n"
        "x,1,2025-11-01,2025-11-11,closed,won,100,2\ny,1,2025-12-01,2026-02-02,closed,lost,50,4\n"
    ),
    "surveys.csv": (
        "account_id,answered_date,item,score\n1,2025-12-01,need:price,6\n"
        "1,2026-01-01,need:price,4\n2,2026-01-02,satisfaction:overall,9\n"
    ),
}


@pytest.fixture
def built(write_study):
    study = write_study(FILES)
    return collect(study, make_brief(study, data_support(study)))


def test_values_are_those_of_the_definitions(built):
    row = built.accounts.frame.set_index("account_id").loc["1"]
    expected = {
        "order_count": 2, "revenue": 100, "revenue_12m": 60, "margin": 40, "recency_days": 61,
        "order_value": 50, "lines_per_order": 1.5, "category_breadth": 2, "online_share": 2 / 3,
        "orders_per_year": 2 / (609 / 365.25), "retained": 1, "company_age": 26,
        "contact_count": 2, "roles_covered": 2, "opportunity_count": 2, "open_opportunities": 1,
        "deciders": 3, "cycle_days": 10, "win_rate": 1, "need_price": 5,
        "buys_bolts": 2 / 3, "buys_nuts": 1 / 3,
    }  # fmt: skip
    assert row[list(expected)].astype(float).to_dict() == pytest.approx(expected)


def test_nothing_after_the_as_of_date_is_known(built):
    """The order of March 2026 and the loss of February 2026 had not happened yet."""
    rows = built.accounts.frame.set_index("account_id")
    assert rows.loc["2", "revenue"] == 12
    assert rows.loc["1", "open_opportunities"] == 1
    deals = built.facts["opportunities"].set_index("opportunity_id")
    assert deals.loc["y", "stage"] == "negotiation"
    assert pd.isna(deals.loc["y", "outcome"])
    assert built.facts["orders"]["amount"].sum() == 112


def test_year_limits_are_half_open(built):
    """2025-01-31 is a year before the as-of date: it belongs to the year before."""
    rows = built.accounts.frame.set_index("account_id")
    assert rows.loc["2", "revenue_12m"] == 7
    assert rows.loc["2", "retained"] == 1


def test_absence_is_zero_only_where_it_means_nothing_happened(built):
    row = built.accounts.frame.set_index("account_id").loc["3"]
    assert (row["order_count"], row["revenue"], row["contact_count"]) == (0, 0, 0)
    assert np.isnan([row["recency_days"], row["order_value"], row["need_price"]]).all()


def test_roles_are_told_from_titles(built):
    contacts = built.facts["contacts"]
    assert set(zip(contacts["account_id"], contacts["role"], strict=True)) == {
        ("1", "buyer"), ("1", "financial approver"), ("2", "unknown"),
    }  # fmt: skip


def test_every_column_has_a_role_and_a_definition(built):
    infos = built.accounts.columns
    assert list(infos) == list(built.accounts.frame.columns)
    assert all(info.definition and info.label for info in infos.values())
    assert infos["revenue_12m"].role == "outcome"
    assert infos["order_value"].role == "base"
    assert infos["order_value"].unit == "EUR"
    assert infos["industry"].role == "descriptor"


def test_personal_data_stay_behind(built, tmp_path):
    built.save(Run(tmp_path / "run"))
    text = b"".join(p.read_bytes() for p in (tmp_path / "run").rglob("*") if p.is_file())
    frames = [pd.read_parquet(p) for p in (tmp_path / "run").rglob("*.parquet")]
    everything = text.decode("latin-1") + "".join(f.to_string() for f in frames)
    for personal in ("Secret", "secret.example", "11111", "22222"):
        assert personal not in everything


def test_only_orders_are_enough(write_study):
    study = write_study({"orders.csv": FILES["orders.csv"]})
    found = collect(study, make_brief(study, data_support(study)))
    assert found.accounts.frame["account_id"].tolist() == ["1", "2"]
    assert ("accounts-from-orders", "warn") in {(f.code, f.level) for f in found.findings}


def test_market_funnel_counts_what_can_be_served(write_study):
    study = write_study(FILES, market={"industries": ["Steel"]})
    found = collect(study, make_brief(study, data_support(study)))
    market = found.market.set_index("stage")
    drawn = market_chart(found.market, found.accounts, "2026-09-30")
    assert [label.get_text() for label in drawn.figure.axes[0].get_yticklabels()] == [
        "Customers",
        "Target list",
        "Can be served (SAM)",
        "All on file (TAM)",
    ]
    assert market["accounts"].to_dict() == {"TAM": 3, "SAM": 1, "Target list": 1, "Customers": 2}
    assert market.loc["Target list", "value"] == pytest.approx((60 + 7) / 2)
