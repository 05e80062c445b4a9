"""Make one account of several records of a company, where the study asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from seglib.collection.findings import Finding
from seglib.schema import contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from seglib.collection.collect import Tables

_CERTAIN = 90.0


def merge_duplicates(
    tables: Tables, pairs: pd.DataFrame, *, threshold: float = _CERTAIN
) -> tuple[Tables, list[Finding]]:
    """Merge the records of one company: the kept record takes the rows and fills its gaps.

    Parameters
    ----------
    tables
        The cleaned tables.
    pairs
        As :func:`~seglib.collection.duplicates.find_duplicates` found them.
    threshold
        Least score of a pair that is merged.

    Returns
    -------
    tuple of Tables and list of Finding
        Every table that names accounts, with the kept identifiers, and what was merged. Of the
        records of a company the one that is a customer is kept, then the one that is longest in
        the systems, then the first identifier.
    """
    certain = pairs[pairs["score"] >= threshold]
    if certain.empty:
        return tables, []
    accounts = tables.tables["accounts"]
    members = _members(certain)
    records = accounts.filter(accounts.account_id.isin(list(members))).to_pandas()
    groups = _ordered(records.assign(group_=records["account_id"].map(members)))
    kept = groups.groupby("group_")["account_id"].first()
    renamed = groups.set_index("account_id")["group_"].map(kept)
    renamed = renamed[renamed != renamed.index]
    changed = {
        name: tables.source.keep(name, _rename(name, table, renamed))
        for name, table in tables.tables.items()
        if name != "accounts"
    }
    changed["accounts"] = tables.source.keep("accounts", _merged(accounts, groups, renamed))
    words = f"{len(renamed):,} records were merged into {renamed.nunique():,} accounts."
    found = Finding("warn", "duplicate-merged", "accounts", "account_id", len(renamed), words)
    return replace(tables, tables={n: changed[n] for n in tables.tables}), [found]


def _members(pairs: pd.DataFrame) -> dict[str, int]:
    """Number the groups of accounts that are linked by pairs."""
    from scipy.sparse import coo_array  # loads slowly; needed only where companies are merged
    from scipy.sparse.csgraph import connected_components

    codes, names = pd.factorize(pairs[["account_id", "other_id"]].to_numpy().ravel(), sort=True)
    left, right = codes[::2], codes[1::2]
    graph = coo_array((np.ones(len(left)), (left, right)), shape=(len(names), len(names)))
    _, group = connected_components(graph, directed=False)
    return dict(zip(names.tolist(), group.tolist(), strict=True))


def _ordered(records: pd.DataFrame) -> pd.DataFrame:
    """Put the record that is kept first in its group."""
    status = records.get("status", pd.Series(None, index=records.index, dtype="str"))
    created = records.get("created_date", pd.Series(None, index=records.index, dtype="str"))
    order = records.assign(first_=status != "customer", created_=pd.to_datetime(created))
    order = order.sort_values(["group_", "first_", "created_", "account_id"])
    return order.drop(columns=["first_", "created_"])


def _rename(name: str, table: ir.Table, renamed: pd.Series) -> ir.Table:
    """Replace the identifiers of merged records in every column that links to accounts."""
    columns = [
        c
        for c, spec in contract()[name].columns.items()
        if spec.link == "accounts" and c in table.columns
    ]
    for column in columns:
        ids = ibis.memtable(pd.DataFrame({"from_": renamed.index, "to_": renamed.to_numpy()}))
        joined = table.left_join(ids, table[column] == ids.from_)
        table = joined.mutate(**{column: ibis.coalesce(joined.to_, joined[column])})
        table = table.drop("from_", "to_")
    return table


def _merged(accounts: ir.Table, groups: pd.DataFrame, renamed: pd.Series) -> ir.Table:
    """The accounts with one row a group: its first record, gaps filled from the others."""
    filled = groups.groupby("group_", as_index=False).first().drop(columns="group_")
    one = ibis.memtable(filled[list(accounts.columns)]).cast(accounts.schema())
    others = accounts.filter(~accounts.account_id.isin(groups["account_id"].tolist()))
    return _rename("accounts", others.union(one), renamed)
