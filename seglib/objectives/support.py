"""What the data can support: tables and variables that are there, and what each absence costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from seglib.discovered import discover
from seglib.mapping import map_tables
from seglib.schema import FAMILIES, contract
from seglib.source import connect
from seglib.study import Study
from seglib.variables import Variable, study_variables

_ADDS = {
    "accounts": "firmographics, geography, prospects and the addressable market",
    "contacts": "buying roles, personas and the buying group",
    "opportunities": "conversion, pipeline, sales cycle and the season of deals",
    "orders": "value, RFM, behaviour and the season of ordering",
    "subscriptions": "recurring revenue and contractual retention",
    "usage": "use of the product",
    "engagements": "content, channels and intent",
    "technologies": "technographics and fit with our product",
    "tickets": "support cost and service needs",
    "surveys": "needs, values and satisfaction",
    "links": "the customer's customer (multistage market)",
    "campaigns": "cost per acquisition and channels",
    "touches": "response to campaigns and randomised hold-outs",
    "research": "what interviews say: challenges, triggers, criteria, content, objections",
    "feedback": "what sales thinks of the segments, account by account",
}


@dataclass(frozen=True)
class Support:
    """What a study's data can say.

    Attributes
    ----------
    tables
        One row per contract table: whether it is mapped, rows, and what it adds.
    variables
        The variables that can be built, by name.
    """

    tables: pd.DataFrame
    variables: Mapping[str, Variable]

    @property
    def families(self) -> pd.DataFrame:
        """One row per family of segmentation variables: how many can be built, and which."""
        rows = []
        for family in FAMILIES:
            labels = [v.label for v in self.variables.values() if v.family == family]
            rows.append((family.replace("_", " "), len(labels), ", ".join(labels) or "none"))
        return pd.DataFrame(rows, columns=["family", "variables", "which"])


def data_support(study: Study) -> Support:
    """Look at which tables and columns a study maps; no data are read but counts and item names.

    Raises
    ------
    StudyError
        When the mapping does not fit the source.
    DataError
        When a table cannot be read.
    """
    source = connect(study)
    try:
        with source.explained():
            mapped = map_tables(study, source)
            rows = {name: int(table.count().to_pandas()) for name, table in mapped.items()}
            columns = {name: set(table.columns) for name, table in mapped.items()}
            items = {d.variable.name: d.variable for d in discover(mapped)}
    finally:
        source.close()
    offered = {**study_variables(study), **items}
    there = {name: v for name, v in offered.items() if v.can_build(columns)}
    return Support(_table_support(rows), there)


def _table_support(rows: Mapping[str, int]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, name in rows, rows.get(name, 0), _ADDS[name]) for name in contract()],
        columns=["table", "there", "rows", "adds"],
    )
