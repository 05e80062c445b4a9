"""The words of every account variable: family, unit, definition, what it needs.

They are knowledge and stand in ``variables.yaml``; how each is computed stands under the same
name in :mod:`seglib.collection.features`. The brief (step 01) declares variables from this list
before any data is built.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from seglib.knowledge import load_knowledge
from seglib.schema import ColumnInfo, Family, Kind, Role
from seglib.study import ExtraVariable, Study


class Variable(BaseModel):
    """One account variable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    family: Family
    kind: Kind
    label: str
    definition: str
    role: Role | None = None
    unit: str = ""
    observable: bool = False
    needs: dict[str, tuple[str, ...]] = {}
    or_needs: dict[str, tuple[str, ...]] = {}
    contains: tuple[str, ...] = ()

    def can_build(self, columns: Mapping[str, Collection[str]]) -> bool:
        """Say whether the tables have what the variable needs.

        Parameters
        ----------
        columns
            Contract table to its columns.
        """
        ways = [self.needs, *([self.or_needs] if self.or_needs else [])]
        return any(
            all(set(needed) <= set(columns.get(table, ())) for table, needed in way.items())
            for way in ways
        )

    def info(self, role: Role, currency: str = "") -> ColumnInfo:
        """Describe the variable as a column of the account table, with a role."""
        return ColumnInfo(
            name=self.name,
            role=role,
            kind=self.kind,
            label=self.label,
            definition=self.definition,
            family=self.family,
            unit=self.unit.replace("money", currency) if currency else self.unit,
            source=", ".join(
                f"{table}.{c}"
                for way in (self.needs, self.or_needs)
                for table, cs in way.items()
                for c in cs
            ),
            observable=self.observable,
        )


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    variables: dict[str, dict[str, object]]


@cache
def variables() -> dict[str, Variable]:
    """Return the variables of the workbook by name, in the order of the file.

    Examples
    --------
    >>> variables()["recency_days"].unit
    'days'
    """
    path = Path(__file__).with_name("variables.yaml")
    raw = load_knowledge(path, _Catalogue, under="variables").variables
    return {name: Variable.model_validate({"name": name, **body}) for name, body in raw.items()}


def study_variables(study: Study) -> dict[str, Variable]:
    """Return the workbook's variables and the study's own, by name.

    Parameters
    ----------
    study
        Its ``variables`` are columns of ``accounts`` beyond the contract.
    """
    own = {name: _own_variable(name, extra) for name, extra in study.variables.items()}
    return {**variables(), **own}


def _own_variable(name: str, extra: ExtraVariable) -> Variable:
    return Variable(
        name=name,
        family=extra.family,
        kind=extra.kind,
        label=extra.label,
        definition=extra.meaning or f"{extra.label}, as recorded",
        role=extra.role,
        unit=extra.unit,
        observable=extra.observable or extra.role == "descriptor",
        needs={"accounts": (name,)},
    )


class _Mix(NamedTuple):
    prefix: str
    label: str
    rows: str
    family: Family = "behavioural"
    role: Role | None = None


_MIXES: dict[tuple[str, str], _Mix] = {
    ("orders", "product_category"): _Mix("buys", "Bought", "order lines"),
    ("engagements", "topic"): _Mix("reads", "Read", "engagements"),
    ("orders", "channel"): _Mix("orders_by", "Ordered by", "order lines", role="descriptor"),
    ("engagements", "kind"): _Mix("engages_by", "Engages by", "engagements", role="descriptor"),
    ("links", "customer_industry"): _Mix(
        "sells_to", "Sells to", "sales", family="market_chain", role="descriptor"
    ),
}
MIX_LEVELS = 10
"""A mix has a share for each of the commonest levels, at most this many."""


def mix_variable(table: str, column: str, level: str) -> Variable:
    """Describe the share of an account's rows that have a level, such as a product category.

    Parameters
    ----------
    table, column, level
        Such as ``orders``, ``product_category``, ``Consumables``.

    Examples
    --------
    >>> mix_variable("orders", "product_category", "Spare parts").name
    'buys_spare_parts'
    """
    mix = _MIXES[table, column]
    share = f"{mix.rows.capitalize()} whose {column} is '{level}' / all of the account's {mix.rows}"
    return Variable(
        name=f"{mix.prefix}_{identifier(level)}",
        family=mix.family,
        role=mix.role,
        kind="share",
        label=f"{mix.label}: {level}",
        definition=share,
        unit="share",
        observable=table != "orders",
        needs={table: (column, "share") if table == "links" else (column,)},
    )


def mixes() -> tuple[tuple[str, str], ...]:
    """Table and column of each mix that becomes variables."""
    return tuple(_MIXES)


def identifier(text: str) -> str:
    """Make the name of a variable of a text.

    Examples
    --------
    >>> identifier("Spare parts & service")
    'spare_parts_service'
    """
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") or "other"


def survey_variable(item: str) -> Variable | None:
    """Describe a survey item as a variable; its family stands before the colon.

    Parameters
    ----------
    item
        Such as ``need:price`` or ``value:innovation``; other prefixes form no variable.

    Examples
    --------
    >>> survey_variable("need:delivery speed").name
    'need_delivery_speed'
    """
    prefix, _, rest = item.partition(":")
    families: dict[str, Family] = {"need": "needs", "value": "psychographic"}
    if prefix not in families or not rest.strip():
        return None
    words = rest.strip()
    return Variable(
        name=f"{prefix}_{identifier(words)}",
        family=families[prefix],
        kind="number",
        label=f"{'Need' if prefix == 'need' else 'Value'}: {words}",
        definition=f"Mean answer to the survey item '{item}'",
        unit="points",
        needs={"surveys": ("item", "score")},
    )
