"""What must not leave the collection step: personal values in the wrong place, free text."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.collection.findings import Finding
from seglib.personal import holds_personal, looks_personal
from seglib.schema import contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from seglib.collection.gate import Context

_FEWEST = 3
_SHORTEST_NAME = 4  # letters; a shorter name is too often another word
_MOST_WORDINGS = 40
OTHER_WORDS = "other words"
"""Level that stands for free text in a wording of its own."""


def hide_personal_values(
    name: str, table: ir.Table, context: object
) -> tuple[ir.Table, list[Finding]]:
    """Make e-mail addresses and telephone numbers missing where none belongs.

    Parameters
    ----------
    name
        Contract table.
    table
        Its rows; keys, links and columns declared ``personal`` are left alone.
    context
        Not used: every rule of the gate takes it.

    Returns
    -------
    tuple of ibis.Table and list of Finding
        The table without such values, and their count for each column.

    """
    findings, hidden = [], {}
    for column in level_columns(name, table):
        count = count_levels(table, column, looks_personal)
        if count:
            words = f"{count:,} e-mail addresses or telephone numbers do not belong here; they "
            words += "count as missing."
            findings.append(Finding("warn", "personal-value", name, column, count, words))
            nothing = ibis.null("string")
            hidden[column] = ibis.ifelse(looks_personal(table[column]), nothing, table[column])
    return (table.mutate(**hidden) if hidden else table), findings


def level_columns(name: str, table: ir.Table) -> list[str]:
    """Name the text columns whose values reach an artifact: no key, no link, not personal.

    Parameters
    ----------
    name
        Contract table.
    table
        Its rows.
    """
    spec = contract()[name]
    kept = {*spec.key, *spec.personal, "order_id", "product_id"}
    return [
        c
        for c in table.columns
        if table[c].type().is_string()
        and c not in kept
        and not (c in spec.columns and (spec.columns[c].link or spec.columns[c].levels))
    ]


def count_levels(table: ir.Table, column: str, test: Callable[[Any], Any]) -> int:
    """Count the rows whose value passes a test, which is tried on each distinct value once.

    Parameters
    ----------
    table, column
        A text column.
    test
        Ibis test of a text column.
    """
    counted = table.group_by(value=table[column]).aggregate(rows=table.count())
    rows = counted.filter(test(counted.value)).rows.sum().to_pandas()
    return 0 if pd.isna(rows) else int(rows)


def hide_free_text(name: str, table: ir.Table, context: object) -> tuple[ir.Table, list[Finding]]:
    """Keep of a free-text column only the wordings that several rows share.

    Parameters
    ----------
    name
        Contract table.
    table
        Its rows.
    context
        Not used: every rule of the gate takes it.

    Returns
    -------
    tuple of ibis.Table and list of Finding
        The wordings of at least three rows, at most 40 of them; the rest becomes "other words".
    """
    findings, hidden = [], {}
    for column, spec in contract()[name].columns.items():
        if not spec.free_text or column not in table.columns:
            continue
        counted = table.group_by(value=table[column]).aggregate(rows=table.count())
        frame = counted.filter(counted.value.notnull()).to_pandas()
        shared = frame[frame["rows"] >= _FEWEST].sort_values(["rows", "value"], ascending=False)
        kept = shared["value"].head(_MOST_WORDINGS).tolist()
        rows = int(frame.loc[~frame["value"].isin(kept), "rows"].sum())
        if rows:
            words = f"{rows:,} texts in a wording of their own stay behind as '{OTHER_WORDS}'."
            findings.append(Finding("warn", "free-text", name, column, rows, words))
            known = table[column].isnull() | table[column].isin(kept)
            hidden[column] = ibis.ifelse(known, table[column], OTHER_WORDS)
    return (table.mutate(**hidden) if hidden else table), findings


def leave_out_named(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Leave out rows whose quoted text names somebody: what is quoted is read by many.

    Parameters
    ----------
    name
        Contract table.
    table
        Its rows.
    context
        Holds the accounts and contacts that passed the gate before.

    Returns
    -------
    tuple of ibis.Table and list of Finding
        The rows without an e-mail address or a telephone number in the text, and without the
        company's name or the name or surname of one of its known contacts; and their count.

    Notes
    -----
    Names of people who are not on file cannot be told from other words: whoever writes the notes
    leaves them out.
    """
    columns = contract()[name].columns
    findings = []
    for column in (c for c in table.columns if c in columns and columns[c].quoted):
        texts = table.select("account_id", text_=table[column]).to_pandas()
        named = _naming(texts, context)
        if named.any():
            count = int(named.sum())
            words = f"{count:,} rows were left out: their text names a person or the company, or "
            words += "holds an e-mail address or a telephone number."
            findings.append(Finding("warn", "personal-text", name, column, count, words))
            table = table.filter(~table[column].isin(sorted(set(texts.loc[named, "text_"]))))
    return table, findings


def _naming(texts: pd.DataFrame, context: Context) -> pd.Series:
    """Say of each text whether it names somebody of its own account; such texts are few."""
    names: dict[str, list[str]] = {}
    for other in ("accounts", "contacts"):
        known = context.tables.get(other)
        if known is not None and {"account_id", "name"} <= set(known.columns):
            own = known.filter(known.account_id.isin(texts["account_id"].unique().tolist()))
            for account, name in own.select("account_id", "name").to_pandas().dropna().to_numpy():
                words = [name, *(name.split()[-1:] if other == "contacts" else [])]
                names.setdefault(account, []).extend(w for w in words if len(w) >= _SHORTEST_NAME)
    return pd.Series(
        [
            holds_personal(text) or any(_is_said(name, text) for name in names.get(account, []))
            for account, text in zip(texts["account_id"], texts["text_"], strict=True)
        ],
        index=texts.index,
        dtype="bool",
    )


def _is_said(name: str, text: str) -> bool:
    """Whether a name stands in a text; a single word only as it is written (Price, not price)."""
    flags = re.IGNORECASE if " " in name else re.NOFLAG
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, flags) is not None
