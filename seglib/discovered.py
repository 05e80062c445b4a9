"""Variables that the data themselves bring: survey items, and shares of a product or topic mix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from seglib.personal import is_personal
from seglib.variables import MIX_LEVELS, Variable, mix_variable, mixes, survey_variable

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Discovered(NamedTuple):
    """A variable that stands for one level of one column."""

    variable: Variable
    table: str
    column: str
    level: str


def discover(tables: Mapping[str, ir.Table]) -> list[Discovered]:
    """Find the survey items and the commonest levels of each mix.

    Parameters
    ----------
    tables
        Contract tables by name, mapped or cleaned.

    Returns
    -------
    list of Discovered
        In the order of their names; a level that gives the name of another is left out.
    """
    found = [
        Discovered(variable, "surveys", "item", item)
        for item in _levels(tables, "surveys", "item")
        if (variable := survey_variable(item)) is not None
    ]
    for table, column in mixes():
        for level in _levels(tables, table, column, most=MIX_LEVELS):
            found.append(Discovered(mix_variable(table, column, level), table, column, level))
    return list({d.variable.name: d for d in found if not is_personal(d.level)}.values())


def _levels(
    tables: Mapping[str, ir.Table], table: str, column: str, most: int | None = None
) -> list[str]:
    if table not in tables or column not in tables[table].columns:
        return []
    text = tables[table][column].cast("string")
    counted = tables[table].select(level=text).group_by("level").aggregate(rows=lambda t: t.count())
    frame = counted.to_pandas().dropna()
    frame["level"] = frame["level"].astype("str").str.strip()  # few levels here, many rows there
    frame = frame[frame["level"] != ""].groupby("level", as_index=False)["rows"].sum()
    frame = frame.sort_values(["rows", "level"], ascending=[False, True])
    return sorted(frame["level"].head(most) if most else frame["level"])
