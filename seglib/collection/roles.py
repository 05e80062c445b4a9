"""Job title to buying role, by the words in ``roles.yaml``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
from pydantic import BaseModel, ConfigDict

from seglib.knowledge import check, parse_yaml


class BuyingRole(BaseModel):
    """A buying role and the words in a job title that tell it.

    Attributes
    ----------
    role
        Name of the role.
    words
        Matched from the start of a word; after ``*`` also inside one.
    part_of
        The wider role that it is a kind of; empty where it is one itself.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    words: tuple[str, ...]
    part_of: str = ""

    @property
    def pattern(self) -> str:
        """Regular expression that finds one of the words."""
        at_start = "|".join(re.escape(w) for w in self.words if not w.startswith("*"))
        inside = [re.escape(w[1:]) for w in self.words if w.startswith("*")]
        return "|".join([rf"(^|[^a-zäöüéèß])({at_start})", *inside])


class _Roles(BaseModel):
    roles: tuple[BuyingRole, ...]


@cache
def buying_roles() -> tuple[BuyingRole, ...]:
    """Return the buying roles in the order in which they are tried."""
    path = Path(__file__).with_name("roles.yaml")
    content = parse_yaml(path.read_text(encoding="utf-8"))
    return check(_Roles, {"roles": content}, where=path.name).roles


def role_of(title: Any) -> Any:
    """Tell the buying role from a column of job titles; what no word tells is ``unknown``.

    Parameters
    ----------
    title
        Ibis text column.
    """
    text = title.lower()
    branches = [(text.re_search(role.pattern), role.role) for role in buying_roles()]
    return ibis.cases(*branches, else_="unknown")


def role_accuracy(titles: pd.Series, roles: pd.Series) -> pd.DataFrame:
    """Measure how often the dictionary tells the role that a person gave to a title.

    Parameters
    ----------
    titles
        Job titles; missing ones are left out.
    roles
        The right role of each: user, influencer, buyer, decision maker or gatekeeper.

    Returns
    -------
    pandas.DataFrame
        For each role and for ``all``: ``titles``, ``told`` (share told at all) and ``accuracy``
        (share told right). A finer role (``part_of``) counts as its wider one.

    Examples
    --------
    >>> titles, roles = pd.Series(["Buyer", "Wizard"]), pd.Series(["buyer", "user"])
    >>> role_accuracy(titles, roles).set_index("role")["accuracy"].to_dict()
    {'all': 0.5, 'buyer': 1.0, 'user': 0.0}
    """
    rows = pd.DataFrame({"title": titles.astype("str"), "right": roles}).dropna()
    names = rows["title"].drop_duplicates().tolist()
    table = ibis.memtable({"title": names})
    told = ibis.duckdb.connect().to_pandas(table.mutate(told=role_of(table.title)))
    wider = {role.role: role.part_of or role.role for role in buying_roles()}
    found = rows["title"].map(told.set_index("title")["told"].map(wider))
    judged = pd.DataFrame(
        {"role": rows["right"], "told": found.notna(), "accuracy": found == rows["right"]}
    )
    both = pd.concat([judged, judged.assign(role="all")])
    means = both.groupby("role").agg(
        titles=("told", "size"), told=("told", "mean"), accuracy=("accuracy", "mean")
    )
    return means.astype({"told": "float64", "accuracy": "float64"}).reset_index()
