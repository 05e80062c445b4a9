"""What the segments stand on, said where something is decided about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seglib.clustering.instead import instead_of_groups
from seglib.exhibits import Note
from seglib.kinds import kind_of_kept, was_found

if TYPE_CHECKING:
    from seglib.workbook import Book

_KINDS = {
    "natural": "These segments are groups of the market itself: an offer made for one meets "
    "accounts that really differ from the others.",
    "reproducible": "These segments are a cut through a continuum that comes back from other "
    "samples: accounts near a border could as well be served like those beyond it.",
    "undecided": "Whether these segments are groups of the market is undecided: do not build on "
    "them what could not be undone.",
    "constructive": "These segments are a cut of our own, not groups of the market: they are worth "
    "what serving them differently brings, which only the tests below can tell.",
}
_RULED = (
    "These segments follow a stated rule: whoever knows an account's figures knows its segment. "
    "They were not looked for in the data, so only the tests below can tell what they are worth."
)


def standing(book: Book) -> Note:
    """Say what kind of segments is decided on, and what would do as well where there are no groups.

    Parameters
    ----------
    book
        The open step; reads ``decision.json``, ``verdict.json`` and ``candidates.parquet``.
    """
    verdict, decision = (book.run.read_json(f"{name}.json") for name in ("verdict", "decision"))
    if not was_found(decision):
        return Note(_RULED)
    scorecard = book.run.read_table("candidates.parquet")
    offers = instead_of_groups(str(verdict["verdict"]), scorecard, book.brief)
    return Note(" ".join([_KINDS[kind_of_kept(verdict, decision)], *offers]))
