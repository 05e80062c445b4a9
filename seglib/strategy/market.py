"""SegmentedMarket: accounts and facts with their segments, as the later steps read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.collection.market import served
from seglib.schema import ColumnInfo

if TYPE_CHECKING:
    from seglib.workbook import Book

UNPLACED = -1
"""Segment of an account that was neither assigned nor placed."""

SERVED = "in_served_market"
"""Column that says whether an account lies within the limits of the study's ``market``."""


def each(frame: pd.DataFrame) -> Iterator[Any]:
    """Go through the rows of a frame by column name (``row.name``)."""
    return frame.itertuples(index=False)


@dataclass(frozen=True)
class SegmentedMarket:
    """What is known of the market, with the segment of each account.

    Attributes
    ----------
    segments
        One row a segment that has accounts, by number: ``segment``, ``name``, ``traits`` (list of
        str). Segment 0 (no segment) is not among them.
    accounts
        One row an account that has a segment: ``account_id``, ``status``, ``segment``,
        ``confidence``, ``second_segment``, ``assigned`` (True: segments were formed from it or it
        was scored; False: placed by the typing tool), and the variables of the account table.
    facts
        Tables of facts; those with an ``account_id`` carry ``segment``
        (:data:`UNPLACED` where the account has none).
    columns
        What is known of the account variables.
    as_of
        Day as of which everything is told.
    currency
        Currency of the money columns.
    """

    segments: pd.DataFrame
    accounts: pd.DataFrame
    facts: Mapping[str, pd.DataFrame]
    columns: Mapping[str, ColumnInfo]
    as_of: pd.Timestamp
    currency: str = ""

    @classmethod
    def of(cls, book: Book) -> SegmentedMarket:
        """Read the market that the earlier steps left in a run."""
        has_placements = book.run.has("placements.parquet")
        accounts, limits = book.accounts.frame, book.study.market
        if limits != type(limits)():
            accounts = accounts.assign(**{SERVED: served(book.accounts, limits)})
        return segmented_market(
            accounts=accounts,
            columns=book.accounts.columns,
            assignments=book.assignments,
            placements=book.run.read_table("placements.parquet") if has_placements else None,
            cards=book.run.read_json("segments.json"),
            facts=book.facts,
            as_of=book.as_of,
            currency=book.brief.currency,
        )

    @property
    def day(self) -> str:
        """The as-of day in words; data without dates have none."""
        return "" if pd.isna(self.as_of) else str(self.as_of.date())

    @property
    def customers(self) -> pd.DataFrame:
        """The accounts that segments were formed from or that the model scored."""
        return self.accounts[self.accounts["assigned"]]

    @property
    def prospects(self) -> pd.DataFrame:
        """The accounts that the typing tool placed."""
        return self.accounts[~self.accounts["assigned"]]

    @property
    def numbers(self) -> list[int]:
        """Numbers of the segments, in order."""
        return self.segments["segment"].astype(int).tolist()

    @property
    def names(self) -> dict[int, str]:
        """Segment number → name; 0 and :data:`UNPLACED` have names too."""
        named = dict(zip(self.numbers, self.segments["name"].astype(str), strict=True))
        return {**named, 0: "No segment", UNPLACED: "Not placed"}

    def fact(self, name: str, *columns: str) -> pd.DataFrame | None:
        """Return a table of facts that has rows and these columns, or None.

        Parameters
        ----------
        name
            Of the table.
        columns
            That must be there and hold at least one value.
        """
        frame = self.facts.get(name)
        if frame is None or frame.empty:
            return None
        known = all(c in frame.columns and frame[c].notna().any() for c in columns)
        return frame if known else None

    def touches(self) -> pd.DataFrame | None:
        """Return who was in which campaign, with the campaign's channel, start and spend.

        Returns
        -------
        DataFrame or None
            The touches with ``channel``, ``start_date`` and ``spent``: the campaign's spend
            divided among its treated accounts, else the touch's own cost; missing for accounts
            held out and where neither is known. None without touches.
        """
        touches = self.fact("touches", "held_out", "converted")
        if touches is None:
            return None
        campaigns = self.facts.get("campaigns", pd.DataFrame({"campaign_id": []}, dtype="str"))
        about = campaigns.reindex(columns=["campaign_id", "channel", "start_date", "spend"])
        flags = {name: touches[name].astype(bool) for name in ("held_out", "converted")}
        joined = touches.assign(**flags).merge(about, on="campaign_id", how="left")
        treated = ~joined["held_out"]
        count = treated.groupby(joined["campaign_id"]).transform("sum")
        own = joined["cost"] if "cost" in joined else pd.Series(np.nan, index=joined.index)
        spent = (joined["spend"].astype(float) / count.where(count > 0)).fillna(own)
        return joined.drop(columns="spend").assign(spent=spent.where(treated))

    def variable(self, name: str) -> bool:
        """Say whether the account table has this variable with at least one value."""
        return name in self.accounts.columns and bool(self.accounts[name].notna().any())


def segmented_market(
    *,
    accounts: pd.DataFrame,
    assignments: pd.DataFrame,
    cards: Sequence[Mapping[str, Any]],
    facts: Mapping[str, pd.DataFrame],
    as_of: pd.Timestamp | str,
    placements: pd.DataFrame | None = None,
    columns: Mapping[str, ColumnInfo] | None = None,
    currency: str = "",
) -> SegmentedMarket:
    """Join the segments to the accounts and to the facts.

    Parameters
    ----------
    accounts, assignments, placements
        The account table; the segment of each customer; of each prospect that has been typed.
    cards
        The content of ``segments.json``: ``segment``, ``name``, ``traits`` of each.
    facts
        Tables of facts by name.
    as_of, columns, currency
        As in :class:`SegmentedMarket`.

    Examples
    --------
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": ["a", "b"], "status": ["customer", "prospect"]}),
    ...     assignments=pd.DataFrame({"account_id": ["a"], "segment": [1], "confidence": [0.9]}),
    ...     cards=[{"segment": 1, "name": "Large labs"}], facts={}, as_of="2026-09-30")
    >>> market.names[1], len(market.customers), len(market.prospects)
    ('Large labs', 1, 0)
    """
    placed = _placed(assignments, placements)
    joined = accounts.merge(placed, on="account_id", how="inner", validate="one_to_one")
    joined = joined.assign(status=joined.get("status", "customer"))
    return SegmentedMarket(
        segments=_segments(joined["segment"], cards),
        accounts=joined.sort_values("account_id", ignore_index=True),
        facts={name: _with_segment(frame, placed) for name, frame in facts.items()},
        columns=columns or {},
        as_of=pd.Timestamp(as_of),
        currency=currency,
    )


def _placed(assignments: pd.DataFrame, placements: pd.DataFrame | None) -> pd.DataFrame:
    """One row an account with its segment; an assignment goes before a placement."""
    parts = [assignments.assign(assigned=True)]
    if placements is not None and len(placements):
        new = placements[~placements["account_id"].isin(assignments["account_id"])]
        parts.append(new[new["segment"].notna()].assign(assigned=False))
    columns = ["account_id", "segment", "confidence", "second_segment", "shadow", "assigned"]
    both = pd.concat([part.reindex(columns=columns) for part in parts if len(part)] or parts)
    both["segment"] = both["segment"].astype("int64")
    both["second_segment"] = both["second_segment"].fillna(0).astype("int64")
    return both.assign(assigned=both["assigned"].astype(bool)).drop_duplicates("account_id")


def _segments(present: pd.Series, cards: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    known = {int(card["segment"]): card for card in cards}
    numbers = sorted({int(s) for s in present if s > 0})
    rows = [
        {
            "segment": number,
            "name": str(known.get(number, {}).get("name") or f"Segment {number}"),
            "traits": [_words(trait) for trait in known.get(number, {}).get("traits") or []],
        }
        for number in numbers
    ]
    return pd.DataFrame(rows, columns=["segment", "name", "traits"])


def _words(trait: Any) -> str:
    """Words of a trait, whether it is a sentence or a record with one."""
    if not isinstance(trait, Mapping):
        return str(trait)
    named = (trait.get(key) for key in ("text", "words", "sentence", "label", "variable"))
    return str(next((words for words in named if words), ""))


def _with_segment(frame: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    if "account_id" not in frame.columns:
        return frame
    segment = placed.set_index("account_id")["segment"]
    return frame.assign(segment=frame["account_id"].map(segment).fillna(UNPLACED).astype("int64"))
