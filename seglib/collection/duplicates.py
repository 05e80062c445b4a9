"""Company records that are probably one company; reported, never merged unasked."""

from __future__ import annotations

import re
import unicodedata
from itertools import combinations
from typing import TYPE_CHECKING

import pandas as pd
from rapidfuzz import fuzz

from seglib.collection.findings import Finding

if TYPE_CHECKING:
    from seglib.collection.collect import Tables

_LEGAL = {
    "ab", "ag", "aps", "as", "asa", "bv", "co", "company", "corp", "corporation", "gmbh", "group",
    "holding", "inc", "incorporated", "kg", "kgaa", "limited", "llc", "llp", "ltd", "nv", "oy",
    "oyj", "plc", "pty", "sa", "sarl", "sas", "se", "sl", "spa", "srl",
}  # fmt: skip
_CERTAIN = 90.0
_LARGEST_BLOCK = 200


def plain_name(name: str) -> str:
    """Reduce a company name to what tells companies apart: no accents, punctuation, legal form.

    Examples
    --------
    >>> plain_name("Müller & Söhne G.m.b.H.")
    'muller sohne'
    """
    text = unicodedata.normalize("NFKD", name.lower())
    text = "".join(c for c in text if not unicodedata.combining(c)).replace(".", "")
    words = re.sub(r"[^\w]+", " ", text).split()
    kept = [word for word in words if word not in _LEGAL]
    return " ".join(kept or words)


def find_duplicates(accounts: pd.DataFrame) -> pd.DataFrame:
    """Find pairs of accounts that are probably one company.

    Parameters
    ----------
    accounts
        ``account_id`` and ``name``; ``domain``, ``postcode`` and ``country`` help where present.

    Returns
    -------
    pandas.DataFrame
        ``account_id``, ``other_id``, ``score`` (0–100) and ``reasons``; no name is in it. A pair
        is compared only inside a block (first letters of the name, its last word, or the same
        domain), and blocks above 200 accounts are left out.
    """
    rows = accounts.dropna(subset=["name"]).copy()
    rows["plain"] = rows["name"].astype("str").map(plain_name)
    records = rows.sort_values("account_id").to_dict("records")
    pairs: dict[tuple[str, str], tuple[float, str]] = {}
    for block in _blocks(records):
        for left, right in combinations(block, 2):
            score, reasons = _score(left, right)
            if score >= _CERTAIN:
                pairs[left["account_id"], right["account_id"]] = (score, reasons)
    found = [(a, b, score, reasons) for (a, b), (score, reasons) in sorted(pairs.items())]
    return pd.DataFrame(found, columns=["account_id", "other_id", "score", "reasons"])


def _blocks(records: list[dict]) -> list[list[dict]]:
    blocks: dict[tuple[str, str], list[dict]] = {}
    for record in records:
        words = record["plain"].split()
        if words:
            blocks.setdefault(("start", record["plain"][:4]), []).append(record)
            blocks.setdefault(("end", words[-1]), []).append(record)
        if _known(record.get("domain")):
            blocks.setdefault(("domain", record["domain"].lower()), []).append(record)
    return [block for block in blocks.values() if 2 <= len(block) <= _LARGEST_BLOCK]


def _score(left: dict, right: dict) -> tuple[float, str]:
    """Score the names, then let domain, postcode and country raise or lower it."""
    score = fuzz.token_sort_ratio(left["plain"], right["plain"])
    reasons = ["same name" if score == 100 else f"names {score:.0f} % alike"]
    for field, same, other in (("domain", 8, -4), ("postcode", 5, -3), ("country", 0, -10)):
        a, b = left.get(field), right.get(field)
        if _known(a) and _known(b):
            equal = str(a).lower() == str(b).lower()
            score += same if equal else other
            reasons.append(f"{'same' if equal else 'other'} {field}")
    same_name = left["plain"] == right["plain"]  # always worth a look, wherever the two are
    return float(min(max(score, _CERTAIN) if same_name else score, 100.0)), ", ".join(reasons)


def _known(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


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
    used = [
        c for c in ("account_id", "name", "domain", "postcode", "country") if c in accounts.columns
    ]
    pairs = find_duplicates(accounts.select(*used).to_pandas())
    if pairs.empty:
        words = "no two accounts look like one company."
        return pairs, [Finding("pass", "duplicate-company", "accounts", "name", 0, words)]
    same = int(pairs["reasons"].str.startswith("same name").sum())
    words = (
        f"{len(pairs):,} pairs of accounts look like one company ({same:,} share the name); "
        "none was merged."
    )
    return pairs, [Finding("warn", "duplicate-company", "accounts", "name", len(pairs), words)]
