"""Account tables with planted segments, and a brief for them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.collection import AccountTable
from seglib.objectives import Brief
from seglib.schema import ColumnInfo
from seglib.study import Study


def info(name, role="base", kind="number", family="behavioural", observable=False):
    return ColumnInfo(
        name=name, role=role, kind=kind, label=name.replace("_", " ").title(), family=family,
        definition=name, observable=observable,
    )  # fmt: skip


@pytest.fixture
def planted():
    """300 customers in three segments on two logarithmic spends; industry tells a little."""
    rng = np.random.default_rng(3)
    truth = np.repeat([0, 1, 2], [150, 100, 50])
    centers = np.array([[2.0, 2.0], [5.0, 2.0], [3.5, 6.0]])
    logs = centers[truth] + rng.normal(0, 0.4, (300, 2))
    frame = pd.DataFrame(
        {
            "account_id": [f"a{i:03d}" for i in range(300)],
            "status": "customer",
            "spend": np.exp(logs[:, 0]),
            "visits": np.exp(logs[:, 1]),
            "industry": rng.choice(["Food", "Steel", "Paper"], 300),
            "employees": np.exp(rng.normal(4, 1, 300)),
            "revenue_12m": np.exp(truth + rng.normal(0, 0.3, 300)) * 1000,
        }
    )
    columns = {
        "account_id": info("account_id", "id", "id", None),
        "status": info("status", "descriptor", "category", None),
        "spend": info("spend"),
        "visits": info("visits"),
        "industry": info("industry", "descriptor", "category", "firmographic", True),
        "employees": info("employees", "descriptor", "number", "firmographic", True),
        "revenue_12m": info("revenue_12m", "outcome", "number", "value"),
    }
    return AccountTable(frame, columns), truth


@pytest.fixture
def brief():
    return Brief(
        study="small", objective="own", title="t", question="q", outcome="revenue_12m",
        higher_is_better=True, kpis=(), bases=("behavioural",), variables=("spend", "visits"),
        descriptors=("industry", "employees"),
        weights={"measurable": 1, "substantial": 1, "accessible": 1, "differentiable": 2,
                 "actionable": 1},
        attractiveness={}, competitiveness={}, capacity=5, min_share=0.05, hypotheses=(),
        currency="EUR", as_of="2026-01-31", seed=7,
    )  # fmt: skip


@pytest.fixture
def study():
    return Study(name="small", clustering={"k_min": 2, "k_max": 4})
