"""The quality of the account table: missing, constant, dominated and extreme variables."""

from __future__ import annotations

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.findings import Finding

_MOSTLY_MISSING = 0.5
_SOME_MISSING = 0.05
_DOMINATED = 0.95
_FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far-out fence


def variable_quality(accounts: AccountTable) -> pd.DataFrame:
    """One row per variable: role, unit, share missing, distinct values, share of the commonest.

    Parameters
    ----------
    accounts
        The account table; shares are over the customers, for it is they who form segments.
    """
    frame = accounts.customers.frame
    rows = []
    for name, info in accounts.columns.items():
        if info.role == "id":
            continue
        values = frame[name]
        shares = values.value_counts(normalize=True)
        rows.append(
            {
                "variable": name,
                "label": info.label,
                "role": info.role,
                "unit": info.unit,
                "missing": float(values.isna().mean()) if len(values) else 1.0,
                "distinct": int(values.nunique()),
                "commonest": float(shares.iloc[0]) if len(shares) else 0.0,
                "extreme": _extreme(values) if info.kind in ("number", "count") else 0,
            }
        )
    return pd.DataFrame(rows)


def _extreme(values: pd.Series) -> int:
    known = values.dropna()
    if known.empty:
        return 0
    low, high = known.quantile(0.25), known.quantile(0.75)
    far = _FENCE * (high - low)
    return int(((known < low - far) | (known > high + far)).sum()) if far > 0 else 0


def variable_findings(quality: pd.DataFrame, accounts: AccountTable) -> list[Finding]:
    """Turn the variable table into findings; what concerns a base is said more loudly."""
    findings = []
    customers = len(accounts.customers.frame)
    for row in quality.to_dict("records"):
        name, distinct, missing = str(row["variable"]), int(row["distinct"]), float(row["missing"])
        place = ("accounts", name)
        if distinct <= 1:
            words = "has one value only; it can neither form nor describe segments."
            findings.append(Finding("warn", "constant", *place, distinct, words))
        elif missing > (_SOME_MISSING if row["role"] == "base" else _MOSTLY_MISSING):
            words = f"is missing for {missing:.0%} of the customers."
            count = round(missing * customers)
            findings.append(Finding("warn", "missing", *place, count, words))
        elif row["commonest"] > _DOMINATED:
            words = f"has one value in {row['commonest']:.0%} of the customers."
            findings.append(Finding("warn", "dominated", *place, distinct, words))
    return findings + _sample_size(accounts, customers)


def _sample_size(accounts: AccountTable, customers: int) -> list[Finding]:
    """Warn below 100 accounts a segmentation variable (Dolnicar, Grün & Leisch 2016: 100 × p)."""
    bases = len(accounts.names(role="base"))
    if customers < 2:
        words = f"segments need at least two customers, and the data hold {customers}."
        return [Finding("stop", "sample-size", "accounts", "", customers, words)]
    if bases and customers < 100 * bases:
        words = (
            f"{customers:,} customers over {bases} segmentation variables; "
            f"{100 * bases:,} are advised, so small segments are uncertain."
        )
        return [Finding("warn", "sample-size", "accounts", "", customers, words)]
    return []
