"""Step 01: what the segmentation is for — outcome, KPIs, variables, constraints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seglib.objectives.brief import Brief
from seglib.objectives.catalogue import Objective, choose_objective, objectives
from seglib.objectives.make_brief import make_brief
from seglib.objectives.support import Support, data_support
from seglib.objectives.tables import (
    brief_table,
    catalogue_table,
    hypothesis_table,
    weights_table,
)

if TYPE_CHECKING:
    from seglib.workbook import Book

__all__ = [
    "Brief",
    "Objective",
    "Support",
    "brief_table",
    "catalogue_table",
    "choose_objective",
    "data_support",
    "hypothesis_table",
    "make",
    "make_brief",
    "objectives",
    "weights_table",
]


def make(book: Book) -> None:
    """Make the artifacts of step 01, as its notebook does."""
    book.run.write_json("brief.json", make_brief(book.study, data_support(book.study)))
