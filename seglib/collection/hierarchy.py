"""Roll accounts up to the parent that owns them: every table then speaks of the parent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.findings import Finding
from seglib.errors import DataError, StudyError
from seglib.source import Source

if TYPE_CHECKING:
    import ibis.expr.types as ir

_RANK = {"customer": 2, "former": 1, "prospect": 0}
_SHOWN = 5


def roll_up(
    tables: Mapping[str, ir.Table], source: Source
) -> tuple[dict[str, ir.Table], list[Finding]]:
    """Replace every account by the topmost account above it.

    Parameters
    ----------
    tables
        Cleaned contract tables; ``accounts`` has ``parent_id``.
    source
        Where they live.

    Returns
    -------
    tuple of dict and list of Finding
        The tables at the grain of parents, and the counts before and after. An account whose
        parent is not on file stays on its own. A parent is a customer when one of its accounts is.

    Raises
    ------
    StudyError
        When no hierarchy is given.
    DataError
        When the hierarchy goes round in a circle; every circle is named.
    """
    if "accounts" not in tables or "parent_id" not in tables["accounts"].columns:
        raise StudyError("'grain: parent' needs 'parent_id' in 'accounts'.")
    accounts = tables["accounts"]
    pairs = accounts.select("account_id", "parent_id").to_pandas()
    on_file = set(pairs["account_id"])
    named = pairs.dropna(subset=["parent_id"]).set_index("account_id")["parent_id"]
    above = {str(a): str(p) for a, p in named.items() if p in on_file and p != a}
    orphans = sum(parent not in on_file for parent in named)
    depth = _depth(above)
    roots = source.keep("roots", _roots(accounts, depth, source))
    rolled = {name: _rolled(table, roots) for name, table in tables.items() if name != "accounts"}
    rolled["accounts"] = source.keep("parents", _parents(accounts, roots))
    before, after = len(pairs), len(pairs) - len(above)
    words = f"{before:,} accounts were rolled up to {after:,} parents ({depth} levels above)."
    findings = [Finding("pass", "rolled-up", "accounts", "parent_id", len(above), words)]
    if orphans:
        words = f"{orphans:,} accounts name a parent that is not on file; they stay on their own."
        findings.append(Finding("warn", "parent-orphan", "accounts", "parent_id", orphans, words))
    return rolled, findings


def _depth(above: Mapping[str, str]) -> int:
    """Count the levels of the hierarchy, and refuse circles."""
    depths: dict[str, int] = {}
    circles: list[list[str]] = []
    for start in above:
        path, place = [], start
        while place in above and place not in depths and place not in path:
            path.append(place)
            place = above[place]
        if place in path:
            circles.append(path[path.index(place) :])
        base = depths.get(place, 0)
        for steps, account in enumerate(reversed(path), start=1):
            depths[account] = base + steps
    if circles:
        shown = [" → ".join([*circle, circle[0]]) for circle in circles[:_SHOWN]]
        more = f" and {len(circles) - _SHOWN:,} more" if len(circles) > _SHOWN else ""
        words = f"the hierarchy goes round in a circle: {'; '.join(shown)}{more}."
        raise DataError(words, where="'accounts.parent_id'")
    return max(depths.values(), default=0)


def _roots(accounts: ir.Table, depth: int, source: Source) -> ir.Table:
    """Follow parents in the engine: each join doubles how far up an account looks."""
    own = accounts.select(child_="account_id", named_="parent_id")
    there = accounts.view().select(there_="account_id")
    joined = own.left_join(there, [("named_", "there_")]).select("child_", "there_")
    step = joined.select(child_="child_", root_=ibis.coalesce(joined.there_, joined.child_))
    reach = 1
    while reach < depth:
        step = source.keep(f"roots_{reach}", step)
        up = step.view().select(via_="child_", higher_="root_")
        step = step.join(up, [("root_", "via_")]).select(child_="child_", root_="higher_")
        reach *= 2
    return step


def _rolled(table: ir.Table, roots: ir.Table) -> ir.Table:
    if "account_id" not in table.columns:
        return table
    joined = table.join(roots, table.account_id == roots.child_)
    values: dict[str, Any] = {c: joined[c] for c in table.columns}
    return joined.select(**{**values, "account_id": joined.root_})


def _parents(accounts: ir.Table, roots: ir.Table) -> ir.Table:
    """Keep the parents' own records; the best status of their accounts is theirs."""
    top = roots.select(top_="root_").distinct()
    kept = accounts.semi_join(top, accounts.account_id == top.top_)
    if "status" not in accounts.columns:
        return kept
    members = accounts.join(roots, accounts.account_id == roots.child_).select("root_", "status")
    rank = ibis.cases(*((members.status == name, rank) for name, rank in _RANK.items()))
    ranks = members.group_by(top_="root_").aggregate(rank_=rank.max())
    told = kept.left_join(ranks, kept.account_id == ranks.top_).select(*kept.columns, "rank_")
    level = ibis.cases(*((told.rank_ == rank, name) for name, rank in _RANK.items()))
    return told.select(**{c: level if c == "status" else told[c] for c in accounts.columns})
