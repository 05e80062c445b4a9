"""New variables by hand-computed values; derived ones and need states by their stated rules."""

import pandas as pd
import pytest

from seglib.collection import collect
from seglib.errors import StudyError
from seglib.objectives import data_support, make_brief
from seglib.study import Study

FILES = {
    "accounts.csv": (
        "account_id,status,parent_id,city,employees,annual_revenue\n"
        "1,customer,2,Bonn,9,900\n2,customer,,Lyon,250,5000\n3,prospect,,,,\n"
    ),
    "orders.csv": (
        "order_id,account_id,order_date,amount,product_id,channel\n"
        "a,1,2024-06-01,50,p,field\nb,1,2025-05-01,30,p,online\nc,1,2025-06-01,40,q,online\n"
        "d,1,2025-11-01,30,q,online\ne,2,2025-12-01,9,p,field\n"
    ),
    "contacts.csv": (
        "contact_id,account_id,job_title,seniority\n"
        "p,1,CEO,executive\nq,1,Lab Technician,staff\nr,2,Buyer,staff\n"
    ),
    "opportunities.csv": (
        "opportunity_id,account_id,created_date,closed_date,stage,outcome,amount,deciders,"
        "competitors\n"
        "x,1,2025-01-01,2025-02-01,closed,won,100,5,1\ny,1,2025-03-01,2025-04-01,closed,won,300,5,0\n"
        "z,2,2025-12-01,,evaluation,,50,1,3\nw,2,2025-11-01,,awareness,,50,1,3\n"
    ),
    "engagements.csv": (
        "account_id,event_date,kind,topic,hour\n"
        "1,2025-03-01,webinar,prices,7\n1,2025-12-20,download,audits,10\n"
        "1,2026-01-20,download,audits,16\n2,2023-01-01,event,audits,9\n"
    ),
    "technologies.csv": (
        "account_id,technology,category,fit\n"
        "1,Cloudy,storage,compatible\n1,Old,erp,to migrate\n1,New,erp,compatible\n2,Old,erp,\n"
    ),
    "tickets.csv": (
        "ticket_id,account_id,opened_date,hours_to_resolve\n"
        "t,1,2025-06-01,3\nu,1,2025-07-01,4\nv,1,2020-07-01,99\n"
    ),
    "usage.csv": ("account_id,month,sessions\n1,2025-03-01,10\n1,2025-10-01,30\n2,2020-01-01,5\n"),
    "links.csv": (
        "account_id,customer_industry,share\n1,Retail,0.5\n1,Hospitals,0.3\n1,Retail,0.1\n"
    ),
}


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    folder = tmp_path_factory.mktemp("features")
    for name, text in FILES.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "study.yaml").write_text(
        "name: small\nas_of: 2026-01-31\nneed_states:\n"
        "  - {name: Large, when: {employees: {min: 100}}}\n",
        encoding="utf-8",
    )
    study = Study.load(folder / "study.yaml")
    return collect(study, make_brief(study, data_support(study))).accounts


def test_values_are_those_of_the_definitions(rows):
    row = rows.frame.set_index("account_id").loc["1"]
    expected = {
        "revenue_per_employee": 100, "subsidiary": 1, "uses_cloud": 1, "technology_breadth": 2,
        "integrations": 2, "legacy_share": 1 / 3, "products_bought": 2, "channel_breadth": 2,
        "season_strength": 2 / 3, "competitors": 0.5, "usage_trend": 0.5, "kind_breadth": 2,
        "recent_engagement_share": 2 / 3, "usual_hour": 11, "office_hours_share": 2 / 3,
        "decider_known": 1, "senior_share": 0.5, "markets_served": 2, "deal_size": 200,
        "support_hours": 7, "expansion": 1.0, "orders_by_online": 0.75,
        "engages_by_download": 2 / 3, "sells_to_retail": 2 / 3, "downstream_concentration": 2 / 3,
        "need_state_large": 0,
    }  # fmt: skip
    assert row[list(expected)].astype(float).to_dict() == pytest.approx(expected)


def test_categories_are_those_of_the_definitions(rows):
    table = rows.frame.set_index("account_id")
    expected = {
        "size_band": ["micro (1-9)", "large (250 and more)", None],
        "city": ["Bonn", "Lyon", None],
        "first_topic": ["prices", "audits", None],
        "first_contact": ["webinar", "event", None],
        "journey_stage": [None, "evaluation", None],
        "buying_quarter": ["Q2", "Q4", None],
        "main_market": ["Retail", None, None],
        "purchasing_behaviour": ["complex", "comparative", None],
    }
    for name, values in expected.items():
        found = [None if pd.isna(v) else v for v in table[name]]
        assert found == values, name


def test_need_states_are_missing_where_nothing_is_known(rows):
    values = rows.frame.set_index("account_id")["need_state_large"]
    assert (values["2"], pd.isna(values["3"])) == (1, True)
    assert rows.columns["need_state_large"].family == "needs"


def test_a_need_state_over_an_unknown_variable_is_refused(write_study):
    study = write_study(FILES, need_states=[{"name": "X", "when": {"employes": {"min": 1}}}])
    with pytest.raises(StudyError, match="Did you mean 'employees'"):
        collect(study, make_brief(study, data_support(study)))


def test_new_variables_describe_unless_they_are_named(write_study):
    """They form no segments by their family alone; a study may name each as a base."""
    brief = make_brief(study := write_study(FILES, bases=["behavioural"]), data_support(study))
    assert "usage_trend" not in brief.variables
    study = write_study(FILES, bases=["behavioural", "usage_trend"])
    assert "usage_trend" in make_brief(study, data_support(study)).variables
