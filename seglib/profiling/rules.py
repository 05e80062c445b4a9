"""Rules that place an account in a segment by what is known of any company."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from seglib.charts.style import listed
from seglib.collection.account_table import AccountTable
from seglib.intervals import holm, wilson
from seglib.profiling.encode import features_of, matrix
from seglib.profiling.exhibit import segment_label
from seglib.profiling.frames import records
from seglib.profiling.members import NO_SEGMENT, members
from seglib.profiling.quality import MARGIN, Quality, cross_validated, new_tree
from seglib.profiling.tree import Leaf, leaves_of
from seglib.profiling.wording import capital, small
from seglib.quotes import percent, quote

MIN_ACCOUNTS = 15
"""Accounts that a segment must have before rules for it are learned."""

_RELATION = ("behavioural", "journey", "buying_group", "value")
_COLUMNS = [
    "segment", "rule", "text", "held_out", "hits", "precision", "low", "high", "coverage", "base",
]  # fmt: skip


@dataclass(frozen=True)
class SurrogateRules:
    """Rules from descriptors alone.

    Attributes
    ----------
    leaves
        The rules; together they cover every account exactly once.
    table
        One row a rule: its words and how it does on held-out accounts.
    quality
        Of the way the rules are learned; None where there are none.
    summary
        Whether the segments can be reached so, in words that quote their figures.
    columns
        Descriptors that were offered.
    skipped
        Segments too small to learn a rule for.
    """

    leaves: tuple[Leaf, ...]
    table: pd.DataFrame
    quality: Quality | None
    summary: str
    columns: tuple[str, ...]
    skipped: tuple[int, ...] = ()

    @property
    def reaches(self) -> bool:
        """Whether the rules are good enough to reach the segments by them."""
        return self.quality is not None and self.quality.reaches

    @property
    def beats_chance(self) -> bool:
        """Whether the rules say anything at all."""
        return self.quality is not None and self.quality.beats_chance

    def sentence(self, names: Mapping[int, str]) -> str:
        """Say whether the segments can be reached so, and which of them can although all cannot.

        Parameters
        ----------
        names
            Names of the segments.
        """
        found = records(self.standing_out())
        if not found:
            return self.summary + self._left_out(names)
        told = [(segment_label(row["segment"], names), _figures(row)) for row in found]
        figures = told[0][1] if len(told) == 1 else "; ".join(f"'{n}': {f}" for n, f in told)
        summary = self.summary.removesuffix(".")
        return f"{summary}; {self.exceptions(names)} ({figures}).{self._left_out(names)}"

    def _left_out(self, names: Mapping[int, str]) -> str:
        """Say which segments are too small to learn rules of, where there are rules."""
        if not self.skipped or self.quality is None:
            return ""
        small = listed([f"'{segment_label(s, names)}'" for s in self.skipped])
        one = len(self.skipped) == 1
        return (
            f" Left out, as {'it has' if one else 'they have'} fewer than "
            f"{quote('reach_least', MIN_ACCOUNTS)} accounts: {small}."
        )

    def exceptions(self, names: Mapping[int, str]) -> str:
        """Name the segments that the rules find although they do not reach all; empty: none."""
        found = [f"'{segment_label(s, names)}'" for s in self.standing_out()["segment"]]
        return f"only {listed(found)} stand{'s' if len(found) == 1 else ''} out" if found else ""

    def standing_out(self) -> pd.DataFrame:
        """Pick the segments that the rules find although they do not reach all of them.

        Returns
        -------
        DataFrame
            One row a segment, counted on held-out accounts: ``segment``, ``found`` (share of it
            that its rules pick), ``right`` (share of those picked that belong to it) and ``base``
            (its share of all). Empty where the rules reach all, or are no better than chance.

        Notes
        -----
        A segment has to pass the two marks that :class:`~seglib.profiling.quality.Quality` sets for
        all of them: better than chance (Fisher's exact test, Holm over the segments), and
        :data:`~seglib.profiling.quality.MARGIN` of the way to perfect, which for one segment
        against the others means that its rules pick 25 points more of it than of them. Where every
        one passes, the one split was lucky: cross-validation, by which they do not, counts.
        """
        if self.reaches or not self.beats_chance:
            return pd.DataFrame(columns=["segment", "found", "right", "base"])
        counts = self.table.groupby("segment", as_index=False).agg(
            picked=("held_out", "sum"), hits=("hits", "sum"), base=("base", "first")
        )
        n = counts["picked"].sum()  # the rules pick every account once
        size = (counts["base"] * n).round()
        found, right = counts["hits"] / size, counts["hits"] / counts["picked"]
        others = (counts["picked"] - counts["hits"]) / (n - size)
        sure = holm(stats.hypergeom.sf(counts["hits"] - 1, n, size, counts["picked"])) < 0.05
        chosen = sure & (found - others >= MARGIN)
        rows = counts[["segment", "base"]].assign(found=found, right=right)
        return rows[chosen & ~chosen.all()]


def reach_variables(accounts: AccountTable) -> list[str]:
    """Names of the variables that are known of a company before it has to do with us.

    Counts of contacts, deals and engagements, and the hours at which somebody engages, are
    observable for prospects too, but they speak of the relation with us, in which prospects differ
    from customers: they place nobody.
    """
    return [
        name
        for name, info in accounts.columns.items()
        if info.observable
        and info.role in ("base", "descriptor")
        and info.family not in _RELATION
        and not info.source.startswith("engagements.")
        and info.kind not in ("id", "date")
        and name in accounts.frame
    ]


def surrogate_rules(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    descriptors: Sequence[str] | None = None,
    *,
    seed: int,
) -> SurrogateRules:
    """Learn rules that tell an account's segment from descriptors alone.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``; accounts without a segment (0) are left out.
    descriptors
        Names; :func:`reach_variables` when not given.
    seed
        Of the split and the folds.

    Returns
    -------
    SurrogateRules

    Raises
    ------
    StudyError
        For names that the table does not have.

    Notes
    -----
    A decision tree (depth 3, or 4 for more than four segments; every segment weighs the same; at
    least 2 % of the accounts in a leaf) is learned from 70 % of the accounts; the figures of each
    rule are counted on the other 30 %. The accuracy is that of the same recipe in five-fold
    cross-validation, done twice, its interval from the accounts' own hits. Missing values are
    followed as the tree learned them; categories' rare levels count as none of the named ones.
    """
    names = list(descriptors) if descriptors is not None else reach_variables(accounts)
    accounts.require(names)
    placed = members(accounts, assignments)
    counts = pd.Series(placed.segment[placed.segment != NO_SEGMENT]).value_counts().sort_index()
    skipped = tuple(int(s) for s in counts.index[counts < MIN_ACCOUNTS])
    kept = np.isin(placed.segment, counts.index[counts >= MIN_ACCOUNTS])
    frame, segment = placed.frame[kept].reset_index(drop=True), placed.segment[kept]
    categories = [n for n in names if accounts.columns[n].kind == "category"]
    features = features_of(frame, names, categories) if len(frame) else []
    if not features or len(counts) - len(skipped) < 2:
        return _no_rules(names, bool(features), skipped)
    inputs = matrix(frame, features)
    quality = cross_validated(inputs, segment, seed)
    learned, held_out = _split(segment, seed)
    tree = new_tree(segment[learned], seed).fit(inputs[learned], segment[learned])
    leaves = leaves_of(tree, features, inputs[learned])
    table = _table(accounts, leaves, frame.iloc[held_out], segment[held_out])
    return SurrogateRules(
        leaves, table, quality, _summary(accounts, leaves, quality), tuple(names), skipped
    )


def _no_rules(names: list[str], features: bool, skipped: tuple[int, ...]) -> SurrogateRules:
    why = (
        f"fewer than two segments have {quote('reach_least', MIN_ACCOUNTS)} accounts"
        if features
        else "no descriptor that is known of prospects varies between accounts"
    )
    summary = f"No rules can be learned: {why}."
    return SurrogateRules((), pd.DataFrame(columns=_COLUMNS), None, summary, tuple(names), skipped)


def _split(segment: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(segment))
    learned, held_out = train_test_split(rows, test_size=0.3, random_state=seed, stratify=segment)
    return np.sort(learned), np.sort(held_out)


def _table(
    accounts: AccountTable,
    leaves: Sequence[Leaf],
    frame: pd.DataFrame,
    segment: NDArray[np.int64],
) -> pd.DataFrame:
    rows = []
    for leaf in leaves:
        inside = leaf.holds(frame)
        rows.append({
            "segment": leaf.segment, "text": rule_text(leaf, accounts),
            "held_out": int(inside.sum()), "hits": int((segment[inside] == leaf.segment).sum()),
            "of": int((segment == leaf.segment).sum()),
        })  # fmt: skip
    found = pd.DataFrame(rows)
    found.insert(1, "rule", np.arange(1, len(found) + 1))
    found["precision"] = found["hits"] / found["held_out"].where(found["held_out"] > 0)
    found["low"], found["high"] = wilson(found["hits"], found["held_out"])
    found["coverage"] = found["hits"] / found["of"]
    found["base"] = found.pop("of") / len(segment)
    return found[_COLUMNS]


def rule_text(leaf: Leaf, accounts: AccountTable) -> str:
    """Say a rule in words."""
    said = [
        region.words(
            accounts.label(region.column),
            accounts.unit(region.column),
            flag=accounts.columns[region.column].kind == "flag",
        )
        for region in leaf.regions
    ]
    return capital("; ".join(text for text in said if text)) or "All accounts"


def _summary(accounts: AccountTable, leaves: Sequence[Leaf], quality: Quality) -> str:
    figures = (
        f"{quote('reach_accuracy', quality.balanced_accuracy, percent)} of an average segment's "
        "held-out accounts are placed right (balanced accuracy; 95 % interval "
        f"{quote('reach_low', quality.low, percent)} to "
        f"{quote('reach_high', quality.high, percent)}), against "
        f"{quote('reach_chance', quality.baseline, percent)} for placing everyone in the largest "
        "segment"
    )
    if not quality.reaches:
        return f"These segments cannot be reached by firmographics: {figures}."
    used = dict.fromkeys(region.column for leaf in leaves for region in leaf.regions)
    by = listed([small(accounts.label(name)) for name in used])
    return f"The segments can be reached by {by}: {figures}."


def _figures(row: Mapping[str, Any]) -> str:
    """Write what the rules of one segment find."""
    found, right, base = (
        quote(f"reach_{key}_{row['segment']}", row[key], percent)
        for key in ("found", "right", "base")
    )
    return (
        f"the rules find {found} of it; {right} of those picked belong to it, against {base} of all"
    )


def rule_cards(rules: SurrogateRules, names: Mapping[int, str]) -> pd.DataFrame:
    """Put the rules of each segment on one card.

    Parameters
    ----------
    rules
        From :func:`surrogate_rules`.
    names
        Names of the segments.

    Returns
    -------
    DataFrame
        One row a segment: ``segment``, ``name``, ``rules`` (in words, joined by 'or'),
        ``coverage`` (share of the segment's held-out accounts that its rules find) and
        ``precision`` (share of the accounts found that belong to it) with its Wilson interval
        ``low`` to ``high``, and ``base`` (the segment's share of all). A segment without a rule
        says why.
    """
    rows = []
    for segment, name in sorted(names.items()):
        own = rules.table[rules.table["segment"] == segment]
        hits, found = own["hits"].sum(), own["held_out"].sum()
        low, high = wilson(hits, found) if len(own) else (np.nan, np.nan)
        reason = "too few accounts for a rule" if segment in rules.skipped else "no rule finds it"
        rows.append({
            "segment": segment, "name": name,
            "rules": " — or — ".join(own["text"]) if len(own) else reason,
            "coverage": own["coverage"].sum() if len(own) else np.nan,
            "precision": hits / found if found else np.nan,
            "low": float(low), "high": float(high), "base": own["base"].max(),
        })  # fmt: skip
    return pd.DataFrame(rows)
