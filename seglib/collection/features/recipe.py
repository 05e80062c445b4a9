"""Recipe: how one variable is computed from one view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


@dataclass(frozen=True)
class Recipe:
    """How one variable is computed.

    Attributes
    ----------
    view
        Name in :data:`seglib.collection.views.VIEWS`; ``accounts`` for a column of the account
        itself.
    value
        Function of the view and the as-of date: an aggregate over the rows of one account (for
        ``accounts``: a value of the row).
    absent
        What an account without a row in the view gets; None leaves it missing.
    """

    view: str
    value: Callable[[ir.Table, pd.Timestamp], Any]
    absent: float | None = None


def as_recorded(column: str) -> Recipe:
    """Take a column of the account table as it stands."""
    return Recipe("accounts", lambda t, as_of: t[column])
