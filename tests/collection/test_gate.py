"""Each kind of trouble is found, has a code, a place and a count, and stands in quality.json."""

import json

import pytest

from seglib.collection import collect
from seglib.collection.findings import ACTIONS
from seglib.objectives import data_support, make_brief
from seglib.run import Run

SECTORS = ("Food", "Steel", "Paper")
HEADER = "account_id,name,industry,region,ownership,employees,annual_revenue,country\n"
ACCOUNTS = HEADER + "".join(
    f"{i},Firm {i},{SECTORS[i % 3]},{SECTORS[i % 3].upper()},private,{i},{1000 * i},DE\n"
    for i in range(1, 61)
)
ORDERS = "order_id,account_id,order_date,amount,currency,status\n" + "".join(
    f"o{i},{i % 60 + 1},2025-{i % 12 + 1:02}-15,{10 + i % 7},EUR,completed\n" for i in range(240)
)


def gate(write_study, accounts=ACCOUNTS, orders=ORDERS, **fields):
    fields = {"bases": ["behavioural", "firmographic"], **fields}
    study = write_study({"accounts.csv": accounts, "orders.csv": orders}, **fields)
    return collect(study, make_brief(study, data_support(study)))


def codes(found):
    return {(f.code, f.table, f.column): f.count for f in found.findings}


def test_words_for_unknown_are_a_level_and_not_missing(write_study):
    text = ACCOUNTS.replace("1,Firm 1,Steel", "1,Firm 1,N/A").replace(
        "2,Firm 2,Paper", "2,Firm 2,None"
    )
    text = text.replace("3,Firm 3,Food", "3,Firm 3,")
    found = gate(write_study, text)
    industry = found.accounts.frame.set_index("account_id")["industry"]
    assert (industry["1"], industry["2"]) == ("unknown", "unknown")
    assert industry.isna().sum() == 1
    assert codes(found)["unknown-level", "accounts", "industry"] == 2


def test_redundant_pairs_of_each_kind(write_study):
    found = gate(write_study)
    kinds = {
        frozenset((r["variable"], r["other"])): r["kind"]
        for r in found.report.redundant.to_dict("records")
    }
    assert kinds[frozenset(("employees", "annual_revenue"))] == "exact multiple"
    assert kinds[frozenset(("industry", "region"))] == "one-to-one"
    assert ("redundant", "accounts", "annual_revenue") in codes(found)


def test_almost_the_same_category_is_associated(write_study):
    text = ACCOUNTS.replace("9,Firm 9,Food,FOOD", "9,Firm 9,Food,STEEL")
    text = text.replace("8,Firm 8,Paper,PAPER", "8,Firm 8,Paper,FOOD")
    kinds = gate(write_study, text).report.redundant.set_index(["variable", "other"])["kind"]
    assert kinds["industry", "region"] == "associated"


def test_outliers_constants_and_stale_tables(write_study):
    text = ACCOUNTS.replace(",60,60000,DE", ",9999999,60000,DE")
    found = gate(write_study, text, as_of="2026-06-30")
    assert codes(found)["outlier", "accounts", "employees"] == 1
    assert codes(found)["stale", "orders", "order_date"] == 197
    assert ("constant", "accounts", "country") in codes(found)
    assert ("sample-size", "accounts", "") in codes(found)


def test_every_column_has_a_status_with_reasons(write_study):
    found = gate(write_study, ACCOUNTS.replace(",60,60000,DE", ",-5,60000,DE"))
    columns = found.report.columns.set_index(["table", "column"])
    assert columns.loc[("accounts", "employees"), "status"] == "warn"
    assert "impossible" in columns.loc[("accounts", "employees"), "reasons"]
    assert columns.loc[("accounts", "annual_revenue"), "missing"] == 0
    assert columns.loc[("accounts", "employees"), "missing"] == pytest.approx(1 / 60)
    assert set(columns["status"]) <= {"pass", "warn", "stop"}


def test_what_was_done_is_a_table_with_counts(write_study):
    orders = ORDERS.replace("o1,2,2025-02-15,11,EUR,completed", "o1,2,2025-02-15,11,USD,completed")
    orders = orders.replace("o2,3,2025-03-15,12,EUR,completed", "o2,3,2025-03-15,12,EUR,cancelled")
    accounts = ACCOUNTS.replace("7,Firm 7,Steel", "7,Firm 7,Stel") + "60,Again,Food,F,,1,1,DE\n"
    found = gate(write_study, accounts, orders)
    handled = found.report.handled.set_index("code")
    assert handled.loc["currency", "count"] == 1
    assert handled.loc["cancelled", "action"] == "rows left out"
    assert handled.loc["category-misspelt", "action"] == "merged"
    assert handled.loc["key-duplicate", "count"] == 1
    assert set(handled["action"]) <= set(ACTIONS.values())


def test_quality_json_holds_all_of_it(write_study, tmp_path):
    found = gate(write_study)
    found.save(Run(tmp_path / "run"))
    content = json.loads((tmp_path / "run" / "quality.json").read_text(encoding="utf-8"))
    assert content["status"] == "warn"
    assert len(content["columns"]) == len(found.report.columns)
    assert {"findings", "handled", "patterns", "depends", "missing_effect", "redundant",
            "agreement", "disagreements"} <= set(content)  # fmt: skip
    assert "Firm 1" not in json.dumps(content)
