"""Accounts rolled up to the parents that own them."""

from __future__ import annotations

import pytest

from seglib.collection import collect, collected
from seglib.errors import DataError, StudyError
from seglib.objectives import data_support, make_brief

ACCOUNTS = (
    "account_id,parent_id,status,employees\n"
    "top,,prospect,900\nmid,top,prospect,90\nlow,mid,customer,9\nlone,,customer,5\n"
    "stray,nobody,former,3\n"
)
ORDERS = (
    "order_id,account_id,order_date,amount\n"
    "a,low,2025-12-01,10\nb,mid,2025-12-02,20\nc,lone,2025-12-03,40\nd,top,2025-12-04,1\n"
)


def test_orders_and_status_go_to_the_topmost_parent(write_study):
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": ORDERS}, grain="parent")
    found = collect(study, make_brief(study, data_support(study)))
    rows = found.accounts.frame.set_index("account_id")
    assert rows["revenue"].to_dict() == {"lone": 40.0, "stray": 0.0, "top": 31.0}
    assert rows["status"].to_dict() == {"lone": "customer", "stray": "former", "top": "customer"}
    assert rows.loc["top", "employees"] == 900
    said = {f.code: f.message for f in found.findings}
    assert said["rolled-up"] == "5 accounts were rolled up to 3 parents (2 levels above)."
    assert said["parent-orphan"].startswith("1 accounts name a parent that is not on file")


def test_at_the_grain_of_accounts_nothing_moves(write_study):
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": ORDERS})
    with collected(study) as tables:
        assert tables.tables["accounts"].count().to_pandas() == 5


def test_circles_are_named(write_study):
    accounts = ACCOUNTS.replace("top,,", "top,low,")
    study = write_study({"accounts.csv": accounts, "orders.csv": ORDERS}, grain="parent")
    with (
        pytest.raises(DataError, match="circle: top → low → mid → top") as error,
        collected(study),
    ):
        pass
    assert error.value.exit_code == 3


def test_without_a_hierarchy_there_is_no_parent(write_study):
    accounts = ACCOUNTS.replace("parent_id", "name")
    study = write_study({"accounts.csv": accounts, "orders.csv": ORDERS}, grain="parent")
    with pytest.raises(StudyError, match="needs 'parent_id'"), collected(study):
        pass
