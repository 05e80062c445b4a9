"""The assignment and the play of each segment as one SQL query, for the user's own database."""

from __future__ import annotations

from collections.abc import Sequence

from seglib.strategy.plan import SegmentPlan, play

_HEAD = """\
-- Segment and play of each account, computed where the account table is (PostgreSQL, DuckDB).
-- It reads a table "accounts" with account_id and the variables of the segmentation, as in
-- accounts.parquet; for accounts of which only descriptors are known, use rules.sql.
-- target_rank: 1 is addressed first; empty: not chosen.
"""


def plays_sql(assignment: str, plans: Sequence[SegmentPlan], targets: Sequence[int]) -> str:
    """Write a query that gives each account its segment and play.

    Parameters
    ----------
    assignment
        Query of ``account_id`` and ``segment``, as
        :meth:`~seglib.clustering.segmentation.Segmentation.sql` prints it.
    plans
        Playbook of each segment.
    targets
        Numbers of the chosen segments, best first.

    Examples
    --------
    >>> plans = [SegmentPlan(segment=1, name="O'Neill", target=True, tier="Core")]
    >>> query = plays_sql("SELECT account_id, segment FROM accounts;", plans, [1])
    >>> print(query.partition("\\n\\n")[2])
    WITH assigned AS (
    SELECT account_id, segment FROM accounts
    ), plays (segment, segment_name, tier, play, target_rank) AS (
      VALUES
      (1, 'O''Neill', 'Core', 'Core', 1)
    )
    SELECT assigned.account_id, assigned.segment, plays.segment_name, plays.tier,
      plays.play, plays.target_rank
    FROM assigned LEFT JOIN plays ON plays.segment = assigned.segment
    ORDER BY plays.target_rank NULLS LAST, assigned.segment, assigned.account_id;
    <BLANKLINE>
    """
    rank = {segment: str(place) for place, segment in enumerate(targets, start=1)}
    rows = [
        f"  ({plan.segment}, {_text(plan.name)}, {_text(plan.tier)}, {_text(play(plan))}, "
        f"{rank.get(plan.segment, 'CAST(NULL AS INTEGER)')})"
        for plan in plans
    ]
    return "\n".join(
        [
            _HEAD,
            "WITH assigned AS (",
            assignment.strip().removesuffix(";"),
            "), plays (segment, segment_name, tier, play, target_rank) AS (",
            "  VALUES",
            ",\n".join(rows),
            ")",
            "SELECT assigned.account_id, assigned.segment, plays.segment_name, plays.tier,",
            "  plays.play, plays.target_rank",
            "FROM assigned LEFT JOIN plays ON plays.segment = assigned.segment",
            "ORDER BY plays.target_rank NULLS LAST, assigned.segment, assigned.account_id;",
            "",
        ]
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
