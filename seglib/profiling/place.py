"""Place accounts that have no segment by the rules, and print the rules as SQL."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.profiling.regions import identifier
from seglib.profiling.rules import SurrogateRules

_EMPTY = {"account_id": "str", "segment": "int64", "confidence": "float64"}


def place_prospects(
    rules: SurrogateRules, accounts: AccountTable, assignments: pd.DataFrame
) -> pd.DataFrame:
    """Place the accounts that were not assigned: prospects and former customers.

    Parameters
    ----------
    rules
        From :func:`~seglib.profiling.rules.surrogate_rules`.
    accounts
        One row per account.
    assignments
        ``account_id``: these are left out.

    Returns
    -------
    DataFrame
        ``account_id``, ``segment`` and ``confidence``: the share of held-out accounts of the rule
        that belong to the segment, one account of each segment added so that a thin rule is not
        over-trusted. Empty when the rules do not beat the baseline by
        :data:`~seglib.profiling.quality.MARGIN`.
    """
    others = accounts.frame[~accounts.frame["account_id"].isin(assignments["account_id"])]
    if rules.quality is None or not rules.reaches or others.empty:
        return pd.DataFrame(columns=list(_EMPTY)).astype(_EMPTY)
    segments = round(1 / rules.quality.baseline)
    confidence = (rules.table["hits"] + 1) / (rules.table["held_out"] + segments)
    parts = []
    for leaf, sure in zip(rules.leaves, confidence, strict=True):
        ids = others.loc[leaf.holds(others), "account_id"]
        parts.append(pd.DataFrame({"account_id": ids, "segment": leaf.segment, "confidence": sure}))
    placed = pd.concat(parts).sort_values("account_id").reset_index(drop=True)
    return placed.astype(_EMPTY)


def rules_sql(rules: SurrogateRules, names: Mapping[int, str], *, table: str = "accounts") -> str:
    """Print the rules as one standard SQL query.

    Parameters
    ----------
    rules
        From :func:`~seglib.profiling.rules.surrogate_rules`.
    names
        Names of the segments, for the comments.
    table
        Name of the account table.

    Returns
    -------
    str
        ``SELECT account_id, CASE … END AS segment``; identifiers are quoted, strings escaped.
        Only comments where there are no rules.

    Examples
    --------
    >>> from seglib.profiling.regions import Region
    >>> from seglib.profiling.tree import Leaf
    >>> leaves = (Leaf(1, (Region("industry", only=("Oil & gas",), missing=False),)),
    ...           Leaf(2, (Region("industry", never=("Oil & gas",)),)))
    >>> found = SurrogateRules(leaves, pd.DataFrame(), None, "As an example.", ("industry",))
    >>> print(rules_sql(found, {1: "Drillers", 2: "Others"}))
    -- Segment of an account from descriptors alone.
    -- As an example.
    SELECT
      "account_id",
      CASE
        -- Drillers
        WHEN "industry" = 'Oil & gas' THEN 1
        -- Others
        WHEN ("industry" NOT IN ('Oil & gas') OR "industry" IS NULL) THEN 2
      END AS "segment"
    FROM "accounts";
    <BLANKLINE>
    """
    head = ["-- Segment of an account from descriptors alone.", f"-- {_one_line(rules.sentence)}"]
    if not rules.leaves:
        return "\n".join([*head, ""])
    cases = []
    for leaf in rules.leaves:
        tests = " AND ".join(text for region in leaf.regions if (text := region.sql()))
        name = _one_line(names.get(leaf.segment, f"Segment {leaf.segment}"))
        cases += [f"    -- {name}", f"    WHEN {tests or '1 = 1'} THEN {leaf.segment}"]
    body = ["SELECT", '  "account_id",', "  CASE", *cases, '  END AS "segment"']
    return "\n".join([*head, *body, f"FROM {identifier(table)};", ""])


def _one_line(text: str) -> str:
    """Keep a comment a comment: no line break may end it."""
    return " ".join(text.split())
