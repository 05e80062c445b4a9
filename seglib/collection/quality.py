"""The quality of the account table: missing, constant, dominated and extreme variables."""

from __future__ import annotations

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.findings import Finding
from seglib.collection.outliers import count_outliers
from seglib.study import Missing

_MOSTLY_MISSING = 0.5
_SOME_MISSING = 0.05
_DOMINATED = 0.95
_DOMINATES = 0.9
_TREATED: dict[Missing, tuple[str, str]] = {
    "median": ("imputed", "without a value count as typical (the median) in step 03."),
    "complete": (
        "not-fitted",
        "without a value form no segments in step 03; they are placed afterwards, as typical.",
    ),
    "full-information": (
        "full-information",
        "without a value are taken by what is known of them in step 03's mixtures; methods "
        "without a likelihood count them as typical (the median).",
    ),
}
"""Study's ``clustering.missing`` to the finding's code and words."""


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
                "extreme": count_outliers(values) if info.kind in ("number", "count") else 0,
            }
        )
    return pd.DataFrame(rows)


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
    return [*findings, *_one_dominates(accounts), *_sample_size(accounts, customers)]


def redundant_findings(pairs: pd.DataFrame, accounts: AccountTable) -> list[Finding]:
    """Say which pairs of segmentation variables count one thing twice.

    Parameters
    ----------
    pairs
        As :func:`~seglib.collection.redundancy.redundant_pairs` found them.
    accounts
        The account table.
    """
    bases = set(accounts.names(role="base"))
    return [
        Finding("warn", "redundant", "accounts", str(row["other"]), 1, f"{row['words']}.")
        for row in pairs.to_dict("records")
        if {row["variable"], row["other"]} <= bases
    ]


def missing_findings(depends: pd.DataFrame, accounts: AccountTable) -> list[Finding]:
    """Say of which segmentation variables the gaps are no chance.

    Parameters
    ----------
    depends
        As :func:`~seglib.collection.missing.missing_depends` found it.
    accounts
        The account table.
    """
    gaps = accounts.customers.frame.isna().sum()
    return [
        Finding(
            "warn", "missing-depends", "accounts", str(row["variable"]),
            int(gaps[row["variable"]]), f"{row['words']}.",
        )
        for row in depends.to_dict("records")
        if accounts.columns[str(row["variable"])].role == "base"
    ]  # fmt: skip


def imputed_findings(accounts: AccountTable, missing: Missing) -> list[Finding]:
    """Count the gaps of segmentation variables, and say what step 03 does with them.

    Parameters
    ----------
    accounts
        The account table.
    missing
        The study's ``clustering.missing``.
    """
    frame = accounts.customers.frame
    gaps = {n: int(frame[n].isna().sum()) for n in accounts.names(role="base")}
    code, words = _TREATED[missing]
    return [
        Finding("pass", code, "accounts", name, count, f"{count:,} customers {words}")
        for name, count in gaps.items()
        if count and accounts.columns[name].kind != "category"
    ]


def _one_dominates(accounts: AccountTable) -> list[Finding]:
    """Say when one variable's scale would make the segments alone."""
    numbers = [n for n in accounts.names(role="base") if accounts.columns[n].kind != "category"]
    spread = accounts.customers.frame[numbers].var().dropna().sort_values(ascending=False)
    if len(spread) < 2 or spread.iloc[0] < _DOMINATES * spread.sum():
        return []
    name, share = str(spread.index[0]), spread.iloc[0] / spread.sum()
    words = f"has {share:.0%} of the variance of all inputs: unscaled it would make the segments "
    words += "alone; step 03 scales them."
    return [Finding("pass", "one-dominates", "accounts", name, 1, words)]


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
