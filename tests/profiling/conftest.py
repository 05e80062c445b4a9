"""A small made-up market whose differences between segments are known."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.schema import ColumnInfo

# segment: accounts, employees, orders per year, price need, share in its industry
SEGMENTS = {
    1: (120, 800.0, 14.0, 3.5, "Health care", 0.8),
    2: (90, 40.0, 2.0, 6.0, "Retail", 0.7),
    3: (60, 150.0, 2.0, 3.5, "Energy", 0.6),
    4: (30, 150.0, 6.0, 4.5, "Retail", 0.3),
}
INDUSTRIES = ("Energy", "Food", "Health care", "Retail")
COLUMNS = {
    "industry": ("descriptor", "category", "Industry", "", "firmographic", True),
    "employees": ("descriptor", "number", "Employees", "people", "firmographic", True),
    "country": ("descriptor", "category", "Country", "", "geographic", True),
    "competing_technology": ("descriptor", "flag", "Uses a competing technology", "",
                             "technographic", True),
    "contact_count": ("descriptor", "count", "Known contacts", "people", "buying_group", True),
    "orders_per_year": ("base", "number", "Orders per year", "orders per year", "behavioural",
                        False),
    "need_price": ("base", "number", "Need: price", "points", "needs", False),
    "online_share": ("base", "share", "Share of lines ordered online", "", "behavioural", False),
    "revenue": ("outcome", "number", "Revenue", "EUR", "value", False),
    "retained": ("outcome", "flag", "Retained", "", "value", False),
}  # fmt: skip
AS_OF = pd.Timestamp("2026-09-30")


class Market(NamedTuple):
    """Accounts, their segments and the facts about them."""

    accounts: AccountTable
    assignments: pd.DataFrame
    facts: dict[str, pd.DataFrame]


def info(name: str, role: str, kind: str, label: str, unit: str, family: str, observable: bool):
    return ColumnInfo(
        name=name, role=role, kind=kind, label=label, definition=label, unit=unit, family=family,
        observable=observable,
    )  # fmt: skip


def _accounts(rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for segment, (n, employees, orders, price, industry, share) in SEGMENTS.items():
        rate = orders * rng.lognormal(0, 0.3, n)
        parts.append(pd.DataFrame({
            "segment": segment,
            "industry": np.where(rng.random(n) < share, industry, rng.choice(INDUSTRIES, n)),
            "employees": (employees * rng.lognormal(0, 0.5, n)).round() + 1,
            "country": rng.choice(["Norway", "Spain", "Italy"], n),
            "competing_technology": (rng.random(n) < 0.3).astype(float),
            "contact_count": rng.poisson(3, n),
            "orders_per_year": rate,
            "need_price": np.clip(rng.normal(price, 0.8, n), 1, 7),
            "online_share": rng.beta(2, 2, n),
            "revenue": rate * 900 * rng.lognormal(0, 0.4, n),
            "retained": (rng.random(n) < 0.6 + 0.05 * segment).astype(float),
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _orders(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Three years of monthly orders; segment 1 buys 2.5 times as much in May."""
    months = pd.date_range("2023-10-01", "2026-09-01", freq="MS")
    monthly = frame["orders_per_year"].to_numpy()[:, None] / 12
    peak = np.where(
        (frame["segment"].to_numpy()[:, None] == 1) & (months.month.to_numpy() == 5), 2.5, 1.0
    )
    counts = rng.poisson(monthly * peak * months.days_in_month.to_numpy() / 30.4)
    account, month = np.nonzero(counts)
    orders = counts[account, month]
    return pd.DataFrame({
        "account_id": frame["account_id"].to_numpy()[account], "month": months[month],
        "orders": orders, "lines": orders * 2, "amount": orders * 900.0, "cost": np.nan,
    })  # fmt: skip


def _contacts(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Buyers at 80 % of the accounts of segment 2, at 30 % elsewhere; users at half of all."""
    buyers = rng.random(len(frame)) < np.where(frame["segment"] == 2, 0.8, 0.3)
    users = rng.random(len(frame)) < 0.5
    parts = [
        pd.DataFrame({"account_id": frame.loc[has, "account_id"], "role": role,
                      "seniority": level, "contacts": 1})
        for has, role, level in ((buyers, "buyer", "manager"), (users, "user", "staff"))
    ]  # fmt: skip
    unknown = pd.DataFrame({"account_id": frame["account_id"].head(20), "role": "unknown",
                            "seniority": None, "contacts": 1})  # fmt: skip
    return pd.concat([*parts, unknown], ignore_index=True)


def _engagements(contacts: pd.DataFrame, frame: pd.DataFrame, rng: np.random.Generator):
    """People of segment 2 read about prices, others about anything."""
    topics = np.array(["delivery", "prices", "service"])
    segment = contacts.merge(frame[["account_id", "segment"]], on="account_id")["segment"]
    rows = []
    for (_, person), own in zip(contacts.iterrows(), segment, strict=True):
        chances = [0.15, 0.7, 0.15] if own == 2 else [1 / 3] * 3
        for topic, events in zip(topics, rng.multinomial(6, chances), strict=True):
            if events:
                rows.append((person["account_id"], person["role"], "web visit", topic, 9.0, events))
    names = ["account_id", "role", "kind", "topic", "hour", "events"]
    return pd.DataFrame(rows, columns=names)


def _opportunities(frame: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Segment 2 loses deals by price."""
    rows = frame.loc[frame.index.repeat(2), ["account_id", "segment"]].reset_index(drop=True)
    n = len(rows)
    created = pd.Timestamp("2025-01-01") + pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    outcome = rng.choice(["won", "lost"], n)
    price = rng.random(n) < np.where(rows["segment"] == 2, 0.8, 0.3)
    reason = np.where(price, "price too high", "no budget")
    return pd.DataFrame({
        "opportunity_id": [f"o{i}" for i in range(n)], "account_id": rows["account_id"],
        "created_date": created, "closed_date": created + pd.Timedelta(days=40),
        "outcome": outcome, "lost_reason": np.where(outcome == "lost", reason, None),
        "deciders": rng.integers(1, 5, n).astype(float),
        "competitors": rng.poisson(np.where(outcome == "lost", 3.0, 1.0)).astype(float),
    })  # fmt: skip


def _others(frame: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    ids = frame["account_id"]
    surveys = pd.DataFrame({"account_id": ids, "item": "need:price", "score": frame["need_price"],
                            "answers": 1})  # fmt: skip
    other = surveys.assign(item="satisfaction:overall", score=rng.normal(5, 1, len(ids)))
    fits = rng.choice(["compatible", "competing", "to migrate"], (len(ids), 2))
    technologies = pd.concat(
        [
            pd.DataFrame({"account_id": ids, "technology": f"T{i}", "fit": fits[:, i]})
            for i in (0, 1)
        ]
    )
    links = pd.DataFrame({
        "account_id": ids, "share": rng.beta(4, 2, len(ids)),
        "customer_industry": np.where(frame["segment"] == 3, "Households", "Hospitals"),
    })  # fmt: skip
    return {"surveys": pd.concat([surveys, other]), "technologies": technologies, "links": links}


@pytest.fixture(scope="session")
def market() -> Market:
    """Four planted segments (see SEGMENTS), ten accounts without one, and 100 prospects."""
    rng = np.random.default_rng(20261123)
    frame = _accounts(rng)
    noise = frame.sample(10, random_state=1).assign(segment=0)
    prospects = frame.sample(100, random_state=2, replace=True).assign(segment=-1)
    frame = pd.concat([frame, noise, prospects], ignore_index=True)
    frame.insert(0, "account_id", [f"a{i:04}" for i in range(len(frame))])
    frame["status"] = np.where(frame["segment"] < 0, "prospect", "customer")
    customers = frame[frame["segment"] >= 0].reset_index(drop=True)
    assignments = customers[["account_id", "segment"]].assign(confidence=0.9)
    contacts = _contacts(customers, rng)
    facts = {
        "orders": _orders(customers, rng), "contacts": contacts,
        "engagements": _engagements(contacts, customers, rng),
        "opportunities": _opportunities(customers, rng), **_others(customers, rng),
    }  # fmt: skip
    columns = {name: info(name, *rest) for name, rest in COLUMNS.items()}
    return Market(AccountTable(frame.drop(columns="segment"), columns), assignments, facts)
