from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seglib.clustering.grouping import groups, rfm_group, rfm_rules, study_rules
from seglib.collection import AccountTable
from seglib.errors import StudyError
from seglib.study import Rule

from .conftest import info


def buyers(recency, orders, revenue):
    frame = pd.DataFrame({"recency_days": recency, "order_count": orders, "revenue": revenue})
    return AccountTable(frame.astype(float), {n: info(n) for n in frame})


def test_every_cell_falls_into_exactly_one_group():
    for r, f, m in product(range(1, 6), repeat=3):
        joint = int(np.floor((f + m) / 2 + 0.5))
        fits = [g for g in groups().rfm if g.r[0] <= r <= g.r[1] and g.v[0] <= joint <= g.v[1]]
        assert len(fits) == 1
        assert groups().rfm[rfm_group(r, f, m) - 1] == fits[0]


values = st.lists(st.integers(0, 30), min_size=12, max_size=60)


@given(values, st.randoms(use_true_random=False))
def test_rfm_places_every_buyer_once_and_ties_together(days, random):
    orders = [random.randint(1, 5) for _ in days]
    accounts = buyers(days, orders, [o * 10 for o in orders])
    rules, _ = rfm_rules(accounts)
    labels = rules.labels(accounts.frame)
    assert (labels > 0).all()
    again = accounts.frame.assign(label=labels)
    assert (again.groupby(["recency_days", "order_count", "revenue"])["label"].nunique() == 1).all()


@given(values)
def test_rfm_does_not_depend_on_the_currency(days):
    accounts = buyers(days, [1] * len(days), [d + 1 for d in days])
    other = buyers(days, [1] * len(days), [(d + 1) * 8 for d in days])
    one, two = (rfm_rules(a)[0].labels(a.frame) for a in (accounts, other))
    assert np.array_equal(one, two)


def test_own_rules_take_the_first_that_holds(planted):
    accounts, _ = planted
    rules = [
        Rule(name="steel", when={"industry": {"in": ["Steel"]}}),
        Rule(name="large", when={"employees": {"min": 50}}),
    ]
    model, _ = study_rules(accounts, rules)
    frame = accounts.frame
    expected = np.where(frame["industry"] == "Steel", 1, np.where(frame["employees"] >= 50, 2, 0))
    assert np.array_equal(model.labels(frame), expected)


def test_own_rules_name_unknown_variables(planted):
    with pytest.raises(StudyError, match="rule 'x': Unknown variable 'employes'"):
        study_rules(planted[0], [Rule(name="x", when={"employes": {"min": 5}})])
