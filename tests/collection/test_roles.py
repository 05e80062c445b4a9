"""Job titles to buying roles: accuracy on the demo's labelled titles, and on others."""

import pandas as pd
import pytest

from seglib.collection.roles import buying_roles, role_accuracy
from seglib.demo import generate_market

WIDER = {"decider": "decision maker"}

# Not in the demo; written by the same hand as the dictionary, so no independent sample.
OTHERS = {
    "user": ["Laboratory Analyst", "Maintenance Planner", "Laborantin", "Technicien de mesure",
             "Night Shift Operator", "Senior Research Scientist", "Servicetechniker"],
    "influencer": ["Process Development Engineer", "Leiter Forschung", "Innovation Manager",
                   "Solution Architect", "Marketing Manager", "Ingénieur d'application"],
    "buyer": ["Strategic Sourcing Manager", "Leiter Einkauf", "Procurement Officer",
              "Responsable des achats", "Indirect Purchasing Lead"],
    "decision maker": ["Chief Executive Officer", "CFO", "Geschäftsführer", "VP Manufacturing",
                       "Directrice générale", "Head of Operations", "Founder"],
    "gatekeeper": ["Office Manager", "Qualitätsbeauftragter", "Head of Compliance",
                   "Personal Assistant to the CEO", "IT-Sicherheitsbeauftragter"],
}  # fmt: skip


@pytest.fixture(scope="module")
def accuracy():
    market = generate_market(800, months=12)
    labelled = market.tables["contacts"].merge(market.truth["roles"], on="contact_id")
    labelled = labelled.dropna(subset=["job_title"])
    roles = labelled["role"].astype("str").replace(WIDER)
    return role_accuracy(labelled["job_title"], roles).set_index("role")


def test_accuracy_on_the_labelled_titles(accuracy):
    assert accuracy.loc["all", "accuracy"] >= 0.95
    assert accuracy["accuracy"].min() >= 0.9


def test_accuracy_on_titles_that_the_dictionary_was_not_written_for():
    titles = pd.Series([t for listed in OTHERS.values() for t in listed])
    roles = pd.Series([role for role, listed in OTHERS.items() for _ in listed])
    assert role_accuracy(titles, roles).set_index("role").loc["all", "accuracy"] >= 0.85


def test_wider_roles_exist():
    names = {role.role for role in buying_roles()}
    assert {role.part_of for role in buying_roles()} - {""} <= names
