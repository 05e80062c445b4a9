"""The accounts that get a plan of their own: the most valuable of the top tier, with what to do."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.strategy.market import SegmentedMarket
from seglib.strategy.measures import yearly_value
from seglib.strategy.plan import SegmentPlan
from seglib.strategy.playbook_model import Playbook

COLUMNS = [
    "account_id", "segment_name", "rank", "roles_known", "roles_missing", "open_opportunities",
    "next_step", "cell",
]  # fmt: skip
"""Columns of the list."""


def key_accounts(
    market: SegmentedMarket, plans: Sequence[SegmentPlan], playbook: Playbook, cells: pd.Series
) -> pd.DataFrame:
    """List the accounts to plan one by one, the most valuable of each segment first.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    plans
        Playbook of each segment; those with an account-based plan are listed.
    playbook
        Says how many accounts of a segment get a plan.
    cells
        Test cell of each account.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`. ``rank`` is by revenue a year within the segment; the revenue itself, like
        all that is known of persons, stays behind. Empty where no segment is in such a tier.
    """
    based = [plan.segment for plan in plans if plan.account_plan]
    value = yearly_value(market)
    if not based or value is None:
        return pd.DataFrame(columns=COLUMNS)
    customers = market.customers.assign(value=value, cell=cells)
    own = customers[customers["segment"].isin(based)]
    ordered = own.sort_values(["segment", "value", "account_id"], ascending=[True, False, True])
    top = ordered.groupby("segment").head(playbook.settings.planned_accounts)
    contacts = market.fact("contacts", "role")
    known = _known_roles(contacts, top["account_id"])
    roles = [_roles(known.get(account, set()), playbook) for account in top["account_id"]]
    deals = top.get("open_opportunities", pd.Series(index=top.index, dtype=float))
    table = top.assign(
        segment_name=top["segment"].map(market.names),
        rank=top.groupby("segment").cumcount() + 1,
        roles_known=[", ".join(here) for here, _ in roles],
        roles_missing=[", ".join(lacking) for _, lacking in roles],
        open_opportunities=deals.astype(float),
        next_step=[
            _next_step(lacking, bool(count > 0), contacts is not None)
            for (_, lacking), count in zip(roles, deals, strict=True)
        ],
    )
    return table[COLUMNS].reset_index(drop=True)


def _known_roles(contacts: pd.DataFrame | None, accounts: pd.Series) -> dict[str, set[str]]:
    if contacts is None:
        return {}
    own = contacts[contacts["account_id"].isin(accounts) & contacts["role"].notna()]
    return {str(account): set(roles) for account, roles in own.groupby("account_id")["role"]}


def _roles(known: set[str], playbook: Playbook) -> tuple[list[str], list[str]]:
    """Buying roles that are known at an account, and those that are not."""
    return [r for r in playbook.roles if r in known], [r for r in playbook.roles if r not in known]


def _next_step(lacking: Sequence[str], dealt: bool, known: bool) -> str:
    if known and "decision maker" in lacking:
        return "find the decision maker"
    return "agree a plan of steps for the open deal" if dealt else "write the account's own case"
