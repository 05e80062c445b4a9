"""The data dictionary: every variable with definition, unit, window and source, from one place."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from seglib.schema import ColumnInfo, contract
from seglib.variables import variables

_WINDOW = re.compile(r"(last|next) (\d+) months")


def data_dictionary(columns: Mapping[str, ColumnInfo] | None = None) -> pd.DataFrame:
    """List variables in words.

    Parameters
    ----------
    columns
        Columns of an account table; when not given, every variable that the workbook can build.

    Returns
    -------
    pandas.DataFrame
        ``variable``, ``family``, ``label``, ``role``, ``kind``, ``unit``, ``window``, ``source``,
        ``margin`` and ``definition``. A variable of the workbook without a fixed role is a base
        or a descriptor as the study says; its role is then ``base or descriptor``.

    Examples
    --------
    >>> rows = data_dictionary().set_index("variable")
    >>> rows.loc["tickets_per_year", "window"], rows.loc["revenue", "source"]
    ('last 12 months', 'orders.amount')
    """
    if columns is None:
        columns = {n: v.info(v.role or "descriptor") for n, v in variables().items()}
        free = {n for n, v in variables().items() if v.role is None}
    else:
        free = set()
    rows = [
        {
            "variable": name,
            "family": (info.family or "").replace("_", " "),
            "label": info.label,
            "role": "base or descriptor" if name in free else info.role,
            "kind": info.kind,
            "unit": info.unit,
            "window": window(info.definition),
            "source": info.source,
            "margin": info.margin,
            "definition": info.definition,
        }
        for name, info in columns.items()
    ]
    return pd.DataFrame(rows)


def window(definition: str) -> str:
    """Read the window of a variable from its definition.

    Examples
    --------
    >>> window("Support tickets in the last 12 months"), window("Industry as recorded")
    ('last 12 months', 'up to the as-of date')
    """
    found = _WINDOW.search(definition)
    return found[0] if found else "up to the as-of date"


def dictionary_text() -> str:
    """Write all variables and tables as Markdown; ``data/DICTIONARY.md`` is this text."""
    table = data_dictionary().drop(columns="margin").fillna("")
    lines = [
        "# Data dictionary",
        "",
        "Every variable that the workbook can build. Generated from `seglib/variables.yaml` by",
        "`seglib.collection.dictionary.dictionary_text`; a test keeps the two in step. The shares",
        "of a mix (products, topics, channels, kinds, markets) and the survey items are named by",
        "the data and come on top; a run lists them in notebook 02.",
    ]
    for family, rows in table.groupby("family", sort=False):
        lines += [
            "",
            f"## {family}",
            "",
            "| variable | role | unit | window | source | definition |",
        ]
        lines += ["|---|---|---|---|---|---|"]
        lines += [
            f"| `{r['variable']}` | {r['role']} | {r['unit'] or '–'} | {r['window']} "
            f"| {r['source']} | {r['definition']} |"
            for r in rows.to_dict("records")
        ]
    return "\n".join([*lines, *_tables()]) + "\n"


def _tables() -> list[str]:
    """Write every table of the contract: what a row is, and each column."""
    lines = [
        "",
        "# Tables that are read",
        "",
        "The data contract, from `seglib/schema.yaml`. Bold columns are required where the table",
        "is given; personal ones never leave the collection step.",
    ]
    for name, table in contract().items():
        lines += ["", f"## {name}", "", table.meaning, "", "| column | type | meaning |"]
        lines += ["|---|---|---|"]
        for column, about in table.columns.items():
            shown = f"**`{column}`**" if about.required else f"`{column}`"
            levels = f" ({', '.join(about.levels)})" if about.levels else ""
            personal = ", personal" if about.personal else ""
            lines.append(f"| {shown} | {about.type}{personal} | {about.meaning}{levels} |")
    return lines
