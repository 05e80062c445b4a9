"""Step 02: connect, map, check, corroborate, and build one row per account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seglib.collection.account_table import AccountTable
from seglib.collection.build import build_accounts
from seglib.collection.collect import Tables, collected, read_tables
from seglib.collection.collection import Collection, collect
from seglib.collection.findings import Finding, findings_table
from seglib.collection.market import market_funnel
from seglib.collection.rfm import rfm

if TYPE_CHECKING:
    from seglib.workbook import Book

__all__ = [
    "AccountTable",
    "Collection",
    "Finding",
    "Tables",
    "build_accounts",
    "collect",
    "collected",
    "findings_table",
    "make",
    "market_funnel",
    "read_tables",
    "rfm",
]


def make(book: Book) -> None:
    """Make the artifacts of step 02, as its notebook does."""
    collect(book.study, book.brief).save(book.run)
