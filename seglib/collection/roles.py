"""Job title to buying role, by the words in ``roles.yaml``."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import ibis
from pydantic import BaseModel, ConfigDict

from seglib.knowledge import check, parse_yaml


class BuyingRole(BaseModel):
    """A buying role and the words in a job title that tell it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    role: str
    words: tuple[str, ...]

    @property
    def pattern(self) -> str:
        """Regular expression that finds one of the words at the start of a word."""
        return r"(^|[^a-zäöüéè])(" + "|".join(re.escape(word) for word in self.words) + ")"


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
