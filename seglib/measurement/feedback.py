"""Sales feedback: what sales thinks beside the model, honoured where the study says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.exhibits import Note, missing
from seglib.intervals import wilson
from seglib.measurement.lineage import names_before
from seglib.quotes import quote

if TYPE_CHECKING:
    from seglib.workbook import Book

SURE = 0.8
"""Confidence from which on the model is sure of an account."""

_COLUMNS = ["account_id", "word", "opinion", "segment", "confidence", "agrees"]


@dataclass(frozen=True)
class Feedback:
    """What sales thinks of the segments, beside the model.

    Attributes
    ----------
    accounts
        One row an account with an opinion: ``word`` that sales used, ``opinion`` (the segment that
        it stands for; 0: a group that the model does not have), ``segment`` and ``confidence`` of
        the model, ``agrees``.
    words
        One row a word: ``word``, ``reading`` (``number``, ``name``, ``own word``), ``segment`` that
        it stands for, its ``name``, ``accounts``, ``agreed`` with ``share``, ``low``, ``high``.
    counts
        ``rows``, ``comments``, ``roles`` (text → rows), ``honoured`` (accounts whose segment is
        sales' own).
    notes
        What could not be compared.
    """

    accounts: pd.DataFrame
    words: pd.DataFrame
    counts: Mapping[str, int]
    roles: Mapping[str, int]
    notes: tuple[Note, ...]

    @property
    def agreement(self) -> tuple[float, float, float]:
        """Share of the accounts on which sales and the model agree, with its 95 % interval."""
        n, agreed = len(self.accounts), int(self.accounts["agrees"].sum())
        low, high = wilson(agreed, n)
        return (agreed / n if n else np.nan), float(low), float(high)

    @property
    def kappa(self) -> float:
        """Cohen's kappa: agreement beyond what chance would give, 1 at the most."""
        both = self.accounts
        if both.empty:
            return float("nan")
        ours, theirs = (both[c].value_counts(normalize=True) for c in ("segment", "opinion"))
        chance = float((ours * theirs).fillna(0.0).sum())
        return float((both["agrees"].mean() - chance) / (1 - chance)) if chance < 1 else 1.0

    def differences(self) -> pd.DataFrame:
        """Count the accounts that sales would move: one row a pair of segments, most first."""
        moved = self.accounts[~self.accounts["agrees"]]
        pairs = moved.groupby(["segment", "opinion"]).size().rename("accounts").reset_index()
        return pairs.sort_values(
            ["accounts", "segment", "opinion"], ascending=[False, True, True], ignore_index=True
        )


def read_words(words: pd.Series, names: Mapping[int, str]) -> pd.Series:
    """Read sales' words as segments: by number or by name; 0 where it is neither.

    Parameters
    ----------
    words
        As written.
    names
        Segment number → name.

    Examples
    --------
    >>> names = {1: "Large labs", 2: "Others"}
    >>> read_words(pd.Series(["2", " large LABS ", "VIPs"]), names).tolist()
    [2, 1, 0]
    """
    known = {str(number): number for number in names if number > 0}
    known |= {name.casefold(): number for number, name in names.items() if number > 0}
    return words.str.strip().str.casefold().map(known).fillna(0).astype("int64")


def compare_feedback(
    opinions: pd.DataFrame | None,
    placed: pd.DataFrame,
    names: Mapping[int, str],
    *,
    honoured: int = 0,
) -> Feedback:
    """Compare sales' opinions with the model's segments.

    Parameters
    ----------
    opinions
        Facts of feedback: ``account_id``, ``segment`` (as written), ``by_role``, ``given_date``,
        ``commented``; None without the table.
    placed
        The model's ``account_id``, ``segment``, ``confidence``.
    names
        Segment number → name.
    honoured
        Accounts whose segment is sales' own, to be reported.

    Returns
    -------
    Feedback

    Notes
    -----
    A word that is no number and no name is sales' own. Own words are matched one to one to the
    segments that nobody names and with which they share most accounts (Hungarian method on the
    Jaccard index); this makes the agreement as large as it can be, so kappa, which takes chance
    off, stands beside it.

    Examples
    --------
    >>> opinions = pd.DataFrame({"account_id": ["a", "b"], "segment": ["1", "1"],
    ...                          "commented": [True, False]})
    >>> placed = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 2],
    ...                        "confidence": [0.9, 0.6]})
    >>> compare_feedback(opinions, placed, {1: "One", 2: "Two"}).agreement[0]
    0.5
    """
    if opinions is None or opinions.empty:
        empty = pd.DataFrame(columns=_COLUMNS).astype({"agrees": bool})
        note = missing("What sales thinks of the segments", ["feedback"])
        return Feedback(empty, pd.DataFrame(), {}, {}, (note,))
    latest, notes = _latest(opinions)
    both = latest.rename(columns={"segment": "word"}).merge(
        placed[["account_id", "segment", "confidence"]], on="account_id"
    )
    both = both[both["segment"] > 0].reset_index(drop=True)
    notes += _unplaced(len(latest) - len(both), len(latest))
    read = read_words(both["word"], names)
    meant = {word: number for word, number in zip(both["word"], read, strict=True) if number}
    own = _own_words(both[read == 0], set(meant.values()))
    both = both.assign(opinion=both["word"].map({**own, **meant}).fillna(0).astype("int64"))
    both = both.assign(agrees=both["opinion"] == both["segment"])[_COLUMNS]
    counts = {
        "rows": len(opinions),
        "comments": int(opinions["commented"].sum()),
        "honoured": honoured,
    }
    given = opinions["by_role"].value_counts() if "by_role" in opinions else pd.Series(dtype=int)
    roles = {str(role): int(count) for role, count in given.items()}
    return Feedback(both, _words(both, meant, names), counts, roles, tuple(notes))


def _latest(opinions: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """One opinion an account, the latest; two different ones of one day are left out."""
    said = opinions[opinions["segment"].notna()].copy()
    days = said["given_date"] if "given_date" in said else pd.Series(pd.NaT, index=said.index)
    said["given_date"] = pd.to_datetime(days).fillna(pd.Timestamp.min.ceil("D"))
    newest = said[said["given_date"] == said.groupby("account_id")["given_date"].transform("max")]
    several = newest.groupby("account_id")["segment"].transform("nunique") > 1
    torn = int(newest.loc[several, "account_id"].nunique())
    notes = []
    if torn:
        count = quote("torn", torn, ",")
        text = f"On {count} accounts sales gave two opinions on one day; they are left out."
        notes.append(Note(text, kind="warning"))
    kept = newest[~several].drop_duplicates("account_id")
    return kept[["account_id", "segment"]].reset_index(drop=True), notes


def _unplaced(lost: int, total: int) -> list[Note]:
    if not lost:
        return []
    some, every = quote("lost", lost, ","), quote("opinions", total, ",")
    text = f"{some} of {every} accounts with an opinion have no segment; they are left out."
    return [Note(text, kind="warning")]


def _own_words(both: pd.DataFrame, taken: set[int]) -> dict[str, int]:
    """The segment that each of sales' own words stands for, one to one; none that is named."""
    table = pd.crosstab(both["word"], both["segment"])
    table = table.drop(columns=[s for s in table.columns if s in taken])
    if table.empty:
        return {}
    counts = table.to_numpy(dtype=float)
    either = counts.sum(axis=1)[:, None] + counts.sum(axis=0)[None, :] - counts
    rows, columns = linear_sum_assignment(counts / either, maximize=True)
    return {
        str(table.index[i]): int(table.columns[j])
        for i, j in zip(rows, columns, strict=True)
        if counts[i, j] > 0
    }


def _words(both: pd.DataFrame, meant: Mapping[str, int], names: Mapping[int, str]) -> pd.DataFrame:
    groups = both.groupby("word", sort=True)
    table = groups.agg(
        segment=("opinion", "first"), accounts=("agrees", "size"), agreed=("agrees", "sum")
    ).reset_index()
    low, high = wilson(table["agreed"], table["accounts"])
    reading = [
        "own word" if word not in meant else "number" if word.strip().isdigit() else "name"
        for word in table["word"]
    ]
    return table.assign(
        reading=reading,
        name=[names.get(int(s), "none of them") if s else "none of them" for s in table["segment"]],
        share=table["agreed"] / table["accounts"],
        low=low,
        high=high,
    )


def honoured(book: Book, placed: pd.DataFrame) -> pd.DataFrame:
    """Put accounts where sales would put them, where it says so by number or by a known name.

    Parameters
    ----------
    book
        The open step; it reads ``facts/feedback.parquet``.
    placed
        The model's assignments.

    Returns
    -------
    DataFrame
        The same rows. An account that sales moved has sales' segment, the model's as
        ``second_segment``, and neither confidence nor shadow, which are the model's words.

    Notes
    -----
    Names are known before step 04 where the study gives them (``segment_names``) or where the
    previous run had them; sales' own words are compared and not honoured.
    """
    if not book.run.has("facts/feedback.parquet"):
        return placed
    latest, _ = _latest(book.run.read_table("facts/feedback.parquet"))
    numbers = {int(s): str(s) for s in placed["segment"].unique() if s > 0}
    known = {int(k): name for k, name in names_before(book, placed).items() if k.isdigit()}
    return move(placed, latest, {**numbers, **{k: n for k, n in known.items() if k in numbers}})


def move(placed: pd.DataFrame, latest: pd.DataFrame, names: Mapping[int, str]) -> pd.DataFrame:
    """Move the accounts on which sales has an opinion that can be read.

    Parameters
    ----------
    placed
        The model's assignments.
    latest
        ``account_id`` and ``segment`` (as written) of the opinions that count.
    names
        Segment number → name.

    Examples
    --------
    >>> placed = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 2], "confidence": 0.9,
    ...                        "second_segment": [2, 1], "shadow": 0.1})
    >>> latest = pd.DataFrame({"account_id": ["a"], "segment": ["2"]})
    >>> move(placed, latest, {1: "One", 2: "Two"})["segment"].tolist()
    [2, 2]
    """
    wanted = latest.set_index("account_id")["segment"]
    opinion = read_words(wanted, names).reindex(placed["account_id"]).fillna(0).to_numpy(int)
    moved = (opinion > 0) & (placed["segment"].to_numpy() > 0) & (opinion != placed["segment"])
    return placed.assign(
        segment=placed["segment"].mask(moved, opinion),
        second_segment=placed["second_segment"].mask(moved, placed["segment"]),
        confidence=placed["confidence"].mask(moved),
        shadow=placed["shadow"].mask(moved),
    )
