"""Contracts that ended before the records begin are not in the data: the older are survivors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.collection import collected
from seglib.collection.value import fit_shifted_beta_geometric
from seglib.collection.value.lifetime import lifetime_value

AS_OF = pd.Timestamp("2026-01-01")
RECORDS = pd.Timestamp("2023-01-01")


def contracts(seed=0, n=6000, alpha=1.0, beta=3.0):
    """Contracts begun over ten years; each ends at a renewal with a chance of its own."""
    rng = np.random.default_rng(seed)
    begun = AS_OF - pd.to_timedelta(rng.integers(1, 3650, n), unit="D")
    lasts = rng.geometric(rng.beta(alpha, beta, n))
    end = begun + pd.to_timedelta(np.round(lasts * 365.25), unit="D")
    frame = pd.DataFrame({"start_date": begun, "end_date": end.where(end <= AS_OF)})
    return frame.assign(account_id=np.arange(n).astype(str), monthly_fee=100.0)


def found_in(write_study, frame):
    table = frame.assign(subscription_id=frame["account_id"])
    files = {
        "accounts.csv": frame[["account_id"]].to_csv(index=False),
        "subscriptions.csv": table.to_csv(index=False, date_format="%Y-%m-%d"),
    }
    with collected(write_study(files, as_of=str(AS_OF.date()))) as tables:
        return {f.code: f for f in lifetime_value(tables).findings}


def recorded(frame):
    return frame[frame["end_date"].isna() | (frame["end_date"] >= RECORDS)]


def test_parameters_are_recovered_from_survivors():
    frame = recorded(contracts())
    ended = frame["end_date"].notna().to_numpy()
    years = (frame["end_date"].fillna(AS_OF) - frame["start_date"]).dt.days / 365.25
    renewals = np.where(ended, np.round(years), np.floor(years))
    before = np.floor((RECORDS - frame["start_date"]).dt.days.clip(lower=0) / 365.25)
    entered = np.minimum(before, renewals - ended)
    naive = fit_shifted_beta_geometric(renewals, ended)
    model = fit_shifted_beta_geometric(renewals, ended, entered=entered)
    assert model.survival(1)[()] == pytest.approx(0.75, abs=0.03)
    assert naive.survival(1)[()] > 0.8


def test_survivors_are_said_and_counted(write_study):
    every = contracts(n=1500)
    kept = recorded(every)
    found = found_in(write_study, kept)
    told = found["clv-survivors"]
    assert told.level == "warn"
    assert "contracts that ended earlier are not in the data" in told.message
    older = (kept["start_date"] < RECORDS - pd.Timedelta(days=366)).sum()
    assert told.count == pytest.approx(older, rel=0.05)
    assert "7" in found["clv-renewal"].message.split("%")[0]


def test_nothing_is_said_where_the_records_are_whole(write_study):
    found = found_in(write_study, contracts(n=1500))
    assert "clv-survivors" not in found
    assert "clv-renewal" in found


def test_contracts_that_end_before_they_begin_are_counted(write_study):
    frame = contracts(n=300)
    wrong = frame.iloc[:4].assign(
        account_id=["x1", "x2", "x3", "x4"], start_date=AS_OF - pd.Timedelta(days=30),
        end_date=AS_OF - pd.Timedelta(days=900),
    )  # fmt: skip
    found = found_in(write_study, pd.concat([frame, wrong]))
    assert (found["clv-reversed"].level, found["clv-reversed"].count) == ("warn", 4)
