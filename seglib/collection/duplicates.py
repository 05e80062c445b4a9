"""Company records that are probably one company; reported, never merged unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from seglib.collection.blocking import candidate_pairs
from seglib.collection.findings import Finding
from seglib.collection.names import plain_name

if TYPE_CHECKING:
    from seglib.collection.collect import Tables

Floats = NDArray[np.float64]

_CERTAIN = 90.0
_TRUE_PAIRS = 0.02  # expected pairs a record; 1 in 50 is usual in CRM systems
_NAME_BITS = ((100.0, 12.0), (95.0, 9.0), (90.0, 6.0), (85.0, 2.0), (80.0, -3.0))
_OTHER_NAME = -20.0


class _Field(NamedTuple):
    """Chance that two records of one company agree in a field, and whether it is a number."""

    agree: float
    number: bool = False


_FIELDS = {
    "domain": _Field(0.6),
    "postcode": _Field(0.7),
    "city": _Field(0.9),
    "country": _Field(0.97),
    "founded_year": _Field(0.95, number=True),
    "employees": _Field(0.7, number=True),
    "industry": _Field(0.85),
}
USED = ("account_id", "name", *_FIELDS)
"""Columns of the accounts that are looked at, where they are there."""


def find_duplicates(accounts: pd.DataFrame, *, threshold: float = _CERTAIN) -> pd.DataFrame:
    """Find pairs of accounts that are probably one company.

    Parameters
    ----------
    accounts
        ``account_id`` and ``name``; domain, postcode, city, country, founding year, employees and
        industry help where present.
    threshold
        Least score, 0 to 100; two records with one name are reported below it too.

    Returns
    -------
    pandas.DataFrame
        ``account_id``, ``other_id``, ``score`` (chance in percent that they are one company) and
        ``reasons``; no name is in it. Best first.

    Notes
    -----
    Fellegi & Sunter (1969): each field adds log2 of how much more likely its agreement (or
    disagreement) is between two records of one company than between two companies. How likely
    chance agreement is comes from the data's own frequencies, so that a shared rare postcode says
    more than a shared capital; how likely true agreement is, is set. Larger files need more
    evidence: the prior is one pair in 50 records.

    Examples
    --------
    >>> accounts = pd.DataFrame({"account_id": ["1", "2", "3"], "postcode": ["70173"] * 3,
    ...                          "name": ["Norwick Labs GmbH", "NORWICK LABS", "Zenith AG"]})
    >>> find_duplicates(accounts)[["account_id", "other_id", "reasons"]].to_numpy().tolist()
    [['1', '2', 'same name, same postcode']]
    """
    records = _records(accounts)
    if len(records) < 2:
        return pd.DataFrame(columns=["account_id", "other_id", "score", "reasons"])
    left, right, _ = candidate_pairs(records)
    alike = _alike(records["plain"], left, right)
    near = alike >= _NAME_BITS[-1][0]
    left, right, alike = left[near], right[near], alike[near]
    bits = _name_bits(alike) + np.log2(_TRUE_PAIRS * 2 / len(records))
    same = {name: _same(records[name], left, right) for name in _FIELDS if name in records}
    for name, agreement in same.items():
        bits += _field_bits(records[name], agreement, _FIELDS[name])
    score = 100 / (1 + np.exp2(-bits))
    kept = (score >= threshold) | (alike == 100)
    found = pd.DataFrame(
        {
            "account_id": records["account_id"].to_numpy()[left[kept]],
            "other_id": records["account_id"].to_numpy()[right[kept]],
            "score": score[kept].round(1),
            "reasons": _reasons(alike[kept], {n: s[kept] for n, s in same.items()}),
        }
    )
    order = ["score", "account_id", "other_id"]
    return found.sort_values(order, ascending=[False, True, True], ignore_index=True)


def _records(accounts: pd.DataFrame) -> pd.DataFrame:
    """Plain names and fields in lower case, in the order of the identifiers."""
    rows = accounts.dropna(subset=["name"]).sort_values("account_id", ignore_index=True)
    rows = rows.assign(plain=rows["name"].astype("str").map(plain_name))
    for name, field in _FIELDS.items():
        if name in rows and not field.number:
            text = rows[name].astype("str").str.strip().str.casefold()
            rows[name] = text.where(rows[name].notna() & (text != ""), None)
    return rows[rows["plain"] != ""].reset_index(drop=True)


def _alike(names: pd.Series, left: NDArray[np.int64], right: NDArray[np.int64]) -> Floats:
    """Similarity of two names, the words in any order, 0 to 100."""
    words = names.map(lambda name: " ".join(sorted(name.split()))).to_numpy(dtype="object")
    joined = names.str.replace(" ", "", regex=False).to_numpy(dtype="object")
    scores = [
        process.cpdist(text[left], text[right], scorer=fuzz.ratio, dtype=np.float64)
        for text in (words, joined)
    ]
    return np.maximum(*scores)


def _name_bits(alike: Floats) -> Floats:
    bits = np.full(len(alike), _OTHER_NAME)
    for least, value in reversed(_NAME_BITS):
        bits[alike >= least] = value
    return bits


def _same(values: pd.Series, left: NDArray[np.int64], right: NDArray[np.int64]) -> Floats:
    """1 where both are known and agree, 0 where they differ, NaN where one is missing."""
    codes, _ = pd.factorize(values)
    known = (codes[left] >= 0) & (codes[right] >= 0)
    return np.where(known, codes[left] == codes[right], np.nan)


def _field_bits(values: pd.Series, agreement: Floats, field: _Field) -> Floats:
    counts = values.value_counts()
    pairs = max(counts.sum() * (counts.sum() - 1), 1)
    chance = float(np.clip((counts * (counts - 1)).sum() / pairs, 1e-6, 0.9))
    bits = np.where(
        agreement == 1,
        np.log2(field.agree / chance),
        np.log2((1 - field.agree) / (1 - chance)),
    )
    return np.where(np.isnan(agreement), 0.0, bits)


def _reasons(alike: Floats, same: dict[str, Floats]) -> list[str]:
    said = [["same name" if a == 100 else f"names {a:.0f} % alike"] for a in alike]
    for name, agreement in same.items():
        words = name.replace("_", " ")
        for row, value in zip(said, agreement, strict=True):
            if value == value:
                row.append(f"{'same' if value else 'other'} {words}")
    return [", ".join(row) for row in said]


def duplicate_findings(tables: Tables) -> tuple[pd.DataFrame, list[Finding]]:
    """Look for duplicate companies in a study's accounts.

    Returns
    -------
    tuple of pandas.DataFrame and list of Finding
        The pairs (identifiers only), and a line for the quality table.
    """
    accounts = tables.tables["accounts"]
    if "name" not in accounts.columns:
        return find_duplicates(pd.DataFrame({"account_id": [], "name": []})), []
    used = [column for column in USED if column in accounts.columns]
    pairs = find_duplicates(accounts.select(*used).to_pandas())
    if pairs.empty:
        words = "no two accounts look like one company."
        return pairs, [Finding("pass", "duplicate-company", "accounts", "name", 0, words)]
    same = int(pairs["reasons"].str.startswith("same name").sum())
    words = (
        f"{len(pairs):,} pairs of accounts look like one company ({same:,} share the name); "
        "'deduplicate' in the study says whether they are merged."
    )
    return pairs, [Finding("warn", "duplicate-company", "accounts", "name", len(pairs), words)]
