"""Print the rules as SQL."""

from __future__ import annotations

from collections.abc import Mapping

from seglib.profiling.regions import identifier
from seglib.profiling.rules import SurrogateRules
from seglib.quotes import bare

NO_BETTER = (
    "DO NOT PLACE ACCOUNTS BY THESE RULES: on held-out accounts they are no better than chance."
)


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
        Only comments where there are no rules; a warning first where they do not beat chance.

    Examples
    --------
    >>> import pandas as pd
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
    head = [
        "-- Segment of an account from descriptors alone.",
        f"-- {one_line(bare(rules.sentence(names)))}",
    ]
    if rules.quality is not None and not rules.beats_chance:
        head.insert(0, f"-- {NO_BETTER}")
    if not rules.leaves:
        return "\n".join([*head, ""])
    cases = []
    for leaf in rules.leaves:
        tests = " AND ".join(text for region in leaf.regions if (text := region.sql()))
        name = one_line(names.get(leaf.segment, f"Segment {leaf.segment}"))
        cases += [f"    -- {name}", f"    WHEN {tests or '1 = 1'} THEN {leaf.segment}"]
    body = ["SELECT", '  "account_id",', "  CASE", *cases, '  END AS "segment"']
    return "\n".join([*head, *body, f"FROM {identifier(table)};", ""])


def one_line(text: str) -> str:
    """Keep a comment a comment: no line break may end it.

    Examples
    --------
    >>> one_line("two\\nlines")
    'two lines'
    """
    return " ".join(text.split())
