"""Sources of one attribute: known disagreements in, agreement, margins and resolution out."""

import numpy as np
import pandas as pd
import pytest

from seglib.clustering.confidence import confidence
from seglib.clustering.models import Condition, Rules, RuleSegment
from seglib.collection import collect
from seglib.collection.account_table import AccountTable
from seglib.demo import generate_market, write_market
from seglib.errors import StudyError
from seglib.objectives import data_support, make_brief
from seglib.schema import ColumnInfo
from seglib.study import Study

ORDERS = "order_id,account_id,order_date,amount\n" + "".join(
    f"o{i},{i},2025-12-01,{10 + i}\n" for i in range(1, 41)
)


def accounts_csv(second, first=lambda i: 100 * i):
    rows = "".join(f"{i},{first(i)},{second(i)},Food,food \n" for i in range(1, 41))
    header = "account_id,employees,employees_second_source,industry,industry_second_source\n"
    return header + rows


def built(write_study, accounts, **fields):
    files = {"accounts.csv": accounts, "orders.csv": ORDERS}
    study = write_study(files, bases=["behavioural"], **fields)
    return collect(study, make_brief(study, data_support(study)))


def test_sources_that_agree_have_no_margin(write_study):
    found = built(write_study, accounts_csv(lambda i: 100 * i))
    row = found.report.agreement.set_index("attribute").loc["employees"]
    assert (row["both"], row["agree"], row["conflicts"], row["margin"]) == (40, 1, 0, 0)
    assert found.report.disagreements.empty
    assert found.report.agreement.set_index("attribute").loc["industry", "agree"] == 1


def test_the_first_source_is_believed_and_the_second_fills(write_study):
    def second(i):
        return 900 if i == 2 else 100 * i

    def first(i):
        return "" if i == 1 else 100 * i

    found = built(write_study, accounts_csv(second, first))
    values = found.accounts.frame.set_index("account_id")["employees"]
    assert (values["1"], values["2"]) == (100, 200)
    swapped = {"employees": {"sources": ["employees_second_source", "employees"]}}
    other = built(write_study, accounts_csv(second, first), corroborate=swapped)
    assert other.accounts.frame.set_index("account_id").loc["2", "employees"] == 900
    filled = {f.code: f.count for f in found.findings if f.column == "employees"}
    assert (filled["corroborated"], filled["sources-conflict"]) == (1, 1)
    worst = found.report.disagreements.iloc[0]
    assert (worst["account_id"], worst["value"], worst["other_value"]) == ("2", "200", "900")


def test_planted_disagreement_is_measured(tmp_path):
    """Honest sources differ by a log standard deviation of .05; the dirt's conflicts are gross."""
    market = generate_market(2000, seed=4, months=12)
    write_market(market, tmp_path)
    study = Study.load(tmp_path / "study.yaml")
    found = collect(study, make_brief(study, data_support(study)))
    rows = found.report.agreement.set_index("attribute")
    dirt = market.truth["dirt"].set_index(["kind", "column"])["count"]
    for name, slack in (("employees", 0.15), ("industry", 0.15)):
        planted = dirt["conflicting source", f"{name}_second_source"]
        measured = rows.loc[name, "conflicts"] * rows.loc[name, "both"]
        assert measured == pytest.approx(planted, rel=slack)
    assert rows.loc["employees", "margin"] == pytest.approx(0.05 / np.sqrt(2), rel=0.25)
    assert found.accounts.columns["employees"].margin == rows.loc["employees", "margin"]


def test_declared_margins_travel_with_the_column(write_study):
    declared = {"revenue": 0.2, "employees": 0.3}
    found = built(write_study, accounts_csv(lambda i: 100 * i), margins=declared)
    assert {n: found.accounts.columns[n].margin for n in declared} == declared


def test_unknown_names_are_refused_all_at_once(write_study):
    wrong = {"employees": {"sources": ["employees", "emplyees"]}, "sise": {"sources": ["a", "b"]}}
    with pytest.raises(StudyError) as error:
        built(write_study, accounts_csv(lambda i: i), corroborate=wrong)
    assert len(error.value.problems) == 4
    with pytest.raises(StudyError, match="Did you mean 'employees'"):
        built(write_study, accounts_csv(lambda i: i), margins={"employes": 0.1})


def test_the_margin_of_a_category_moves_the_confidence():
    levels = ["a", "b"] * 50
    frame = pd.DataFrame({"account_id": [str(i) for i in range(100)], "industry": levels})
    first = Condition(variable="industry", levels=("a",))
    rules = Rules(rules=(RuleSegment(segment=1, conditions=(first,)),), otherwise=2)
    info = ColumnInfo(
        name="industry", role="base", kind="category", label="Industry", definition="Industry"
    )
    mean = {}
    for margin in (None, 0.2):
        table = AccountTable(frame, {"industry": info.model_copy(update={"margin": margin})})
        mean[margin] = confidence(rules, table, seed=1)["confidence"].mean()
    assert mean[None] == 1
    assert mean[0.2] == pytest.approx(1 - 0.2 / 2, abs=0.01)
