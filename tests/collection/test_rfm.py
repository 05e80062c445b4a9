import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.collection import rfm
from seglib.collection.rfm import rfm_breaks
from seglib.errors import DataError

orders = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 400), st.integers(1, 900)), min_size=1, max_size=60
)


def frame(rows):
    day = pd.Timestamp("2026-01-31")
    return pd.DataFrame(
        {
            "account_id": [f"a{account}" for account, _, _ in rows],
            "order_date": [day - pd.Timedelta(days=age) for _, age, _ in rows],
            "amount": [float(amount) for _, _, amount in rows],
        }
    )


@given(orders)
def test_every_account_is_in_exactly_one_cell_and_ties_stay_together(rows):
    table = rfm(frame(rows), as_of="2026-01-31")
    assert sorted(table["account_id"]) == sorted({f"a{a}" for a, _, _ in rows})
    scores = table[["recency_score", "frequency_score", "monetary_score"]]
    assert scores.isin(range(1, 6)).all(axis=None)
    for raw, score in (("recency_days", "recency_score"), ("orders", "frequency_score"),
                       ("revenue", "monetary_score")):  # fmt: skip
        assert (table.groupby(raw)[score].nunique() == 1).all()
        order = table.sort_values(raw)[score].to_numpy()
        step = -1 if raw == "recency_days" else 1
        assert (np.diff(order) * step >= 0).all()


@given(orders, st.sampled_from([0.001, 100.0, 1024.0]))
def test_a_change_of_unit_changes_nothing(rows, factor):
    one = rfm(frame(rows), as_of="2026-01-31")
    two = rfm(frame(rows).assign(amount=lambda f: f["amount"] * factor), as_of="2026-01-31")
    assert one["cell"].tolist() == two["cell"].tolist()


def test_future_orders_and_missing_columns_are_refused():
    with pytest.raises(DataError, match="1 orders lie after 2026-01-01"):
        rfm(frame([(1, 0, 5), (1, 300, 5)]), as_of="2026-01-01")
    with pytest.raises(DataError, match="no column 'amount'"):
        rfm(frame([(1, 0, 5)]).drop(columns="amount"), as_of="2026-01-31")


@pytest.mark.real
def test_the_style_of_the_r_package_is_reproduced(real_data):
    raw = pd.read_csv(real_data / "rfm" / "rfm_data_orders.csv")
    raw = raw.rename(columns={"customer_id": "account_id", "revenue": "amount"})
    table = rfm(raw, as_of="2006-12-31", style="rfm-package").set_index("account_id")
    breaks = {c: rfm_breaks(table[c]).tolist() for c in ("recency_days", "orders", "revenue")}
    assert breaks == {
        "recency_days": pytest.approx([115, 181, 297.4, 482]),
        "orders": pytest.approx([4, 5, 6, 8]),
        "revenue": pytest.approx([255.8, 382, 506.4, 666]),
    }
    columns = ["recency_days", "orders", "revenue", "cell"]
    assert table.loc["Abbey O'Reilly", columns].tolist() == [205, 6, 472, "343"]
    assert table.loc["Add Senger", columns].tolist() == [140, 3, 340, "412"]
    assert (table["orders"].sum(), table["revenue"].sum()) == (4906, 464158)
