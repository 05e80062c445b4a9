"""The typing tool: place prospects by all that is known of them, or say that it cannot be said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.charts.style import listed
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note
from seglib.intervals import Floats, Z
from seglib.profiling.encode import features_of, matrix
from seglib.profiling.intervals import generator
from seglib.profiling.members import NO_SEGMENT, members, segment_counts
from seglib.profiling.rules import MIN_ACCOUNTS, reach_variables
from seglib.quotes import percent, quote
from seglib.schema import ColumnInfo

SURE = 0.7
"""Chance of being right from which an account is placed; under it the tool cannot say."""

_FOLDS = 5
_TREES = 100
LEARNED = 2000
"""Customers that are learned from at most."""

DOUBTFUL = 5
"""Accounts placed no better than by chance that are added to the surest ones, against luck."""

_ASKED = ("needs", "psychographic")
_EMPTY = {"account_id": "str", "segment": "int64", "confidence": "float64"}


@dataclass(frozen=True)
class Typing:
    """Accounts without a segment, placed as far as it can be said.

    Attributes
    ----------
    placements
        ``account_id``, ``segment`` and ``confidence``: the share of customers held out, typed
        with an equal score on equally little knowledge, that were placed right.
    others
        Accounts that were to be placed.
    accuracy
        Balanced accuracy of the tool on held-out customers when it must place everyone; NaN where
        it could not be learned.
    baseline
        The same for placing everyone in one segment.
    held_out_share, held_out_right
        Share of the held-out customers that would be placed, and share of these placed right.
    reason
        Why nothing could be learned, its figures quoted; else empty.
    """

    placements: pd.DataFrame
    others: int
    accuracy: float = float("nan")
    baseline: float = float("nan")
    held_out_share: float = 0.0
    held_out_right: float = float("nan")
    reason: str = ""


def typing_variables(accounts: AccountTable) -> list[str]:
    """Name the variables that mean the same for a prospect as for a customer.

    Those of :func:`~seglib.profiling.rules.reach_variables`, answers to surveys (needs, values),
    observable shares, such as what somebody reads, and when (``usual_hour``). Counts of orders,
    contacts and engagements grow with the relation and would call every prospect a small customer.
    """
    reach = set(reach_variables(accounts))
    return [
        name
        for name, info in accounts.columns.items()
        if name in accounts.frame
        and info.role in ("base", "descriptor")
        and (name in reach or info.family in _ASKED or (info.observable and _observed(info)))
    ]


def _observed(info: ColumnInfo) -> bool:
    """Whether a variable is seen alike of whoever deals with us: a share, or an hour of the day."""
    return info.kind == "share" or info.name == "usual_hour"


def type_prospects(accounts: AccountTable, assignments: pd.DataFrame, *, seed: int) -> Typing:
    """Place the accounts that have no segment: prospects and former customers.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment`` of the customers; accounts of no segment (0) teach nothing.
    seed
        Of the forest, the folds and the gaps.

    Returns
    -------
    Typing

    Notes
    -----
    A random forest on :func:`typing_variables`, every segment weighing the same. Prospects answer
    fewer surveys than customers, so each customer is learned twice: as known, and with the gaps of
    a prospect drawn at random; in five-fold cross-validation the customers held out are typed with
    such gaps only. On them, isotonic regression turns the forest's highest vote into the chance of
    being right, for each segment voted for, five doubtful accounts added; who stays under
    :data:`SURE` is not placed, and nobody is where the tool is not shown to beat chance.
    """
    known = accounts.frame["account_id"].isin(assignments["account_id"])
    others = accounts.frame[~known].reset_index(drop=True)
    placed = members(accounts, assignments)
    counts = segment_counts(assignments)
    large = counts.index[counts >= MIN_ACCOUNTS]
    kept = np.flatnonzero(np.isin(placed.segment, large) & (placed.segment != NO_SEGMENT))
    rng = generator(seed, "typing")
    if len(kept) > LEARNED:
        kept = np.sort(rng.choice(kept, LEARNED, replace=False))
    frame, segment = placed.frame.iloc[kept].reset_index(drop=True), placed.segment[kept]
    names = [n for n in typing_variables(accounts) if others[n].notna().any()]
    categories = [n for n in names if accounts.columns[n].kind == "category"]
    features = features_of(frame, names, categories) if len(frame) else []
    reason = _cannot(others, large, bool(features))
    if reason:
        return Typing(_none(), len(others), reason=reason)
    gaps = others[names].isna().to_numpy()[rng.integers(len(others), size=len(frame))]
    whole, masked = matrix(frame, features), matrix(_with_gaps(frame, names, gaps), features)
    votes = _held_out_votes(whole, masked, segment, seed)
    test, chances = _tested(votes, segment)
    model = _forest(seed).fit(np.vstack([whole, masked]), np.tile(segment, 2))
    given = model.predict_proba(matrix(others, features))
    placements = _placements(given, model.classes_, others, chances)
    return replace(test, placements=placements, others=len(others))


def _tested(votes: Floats, segment: NDArray[np.int64]) -> tuple[Typing, dict[int, Any]]:
    """Count what the votes on held-out customers are worth, and the chances that follow."""
    labels = np.unique(segment)
    best = votes.argmax(axis=1)
    right = labels[best] == segment
    parts = [right[segment == s] for s in labels]
    accuracy, baseline = float(np.mean([part.mean() for part in parts])), 1 / len(labels)
    error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts))) / len(parts)
    chances = {
        int(label): _chance(votes[best == k, k], right[best == k], baseline)
        for k, label in enumerate(labels)
        if accuracy - Z * error > baseline and (best == k).sum() >= MIN_ACCOUNTS
    }
    sure = _confidence(votes, labels, chances) >= SURE
    found = Typing(
        _none(),
        0,
        accuracy=accuracy,
        baseline=baseline,
        held_out_share=float(sure.mean()),
        held_out_right=float(right[sure].mean()) if sure.any() else float("nan"),
    )
    return found, chances


def _cannot(others: pd.DataFrame, large: pd.Index, features: bool) -> str:
    if others.empty:
        return "There is no account without a segment to place."
    if len(large) < 2:
        return (
            f"Fewer than two segments have {quote('typing_least', MIN_ACCOUNTS)} accounts to learn "
            "from: no prospect is placed."
        )
    if not features:
        return "Nothing that is known of prospects varies between customers: no prospect is placed."
    return ""


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=list(_EMPTY)).astype(_EMPTY)


def _with_gaps(frame: pd.DataFrame, names: list[str], gaps: NDArray[np.bool_]) -> pd.DataFrame:
    hidden = {name: frame[name].mask(gaps[:, column]) for column, name in enumerate(names)}
    return frame.assign(**hidden)


def _forest(seed: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        _TREES, min_samples_leaf=3, class_weight="balanced", random_state=seed, n_jobs=1
    )


def _held_out_votes(whole: Floats, masked: Floats, segment: NDArray[np.int64], seed: int) -> Floats:
    """Vote on each customer by a forest that has not seen it: accounts × segments."""
    from sklearn.model_selection import StratifiedKFold

    votes = np.zeros((len(segment), len(np.unique(segment))))
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for learned, tested in folds.split(whole, segment):
        inputs = np.vstack([whole[learned], masked[learned]])
        model = _forest(seed).fit(inputs, np.tile(segment[learned], 2))
        votes[tested] = model.predict_proba(masked[tested])
    return votes


def _chance(vote: Floats, right: NDArray[np.bool_], baseline: float) -> Any:
    """Chance of being right at a vote; doubtful accounts at the top keep a lucky few from it."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    weight = np.append(np.ones(len(vote)), DOUBTFUL)
    return model.fit(np.append(vote, vote.max()), np.append(right, baseline), weight)


def _confidence(votes: Floats, labels: NDArray[np.int64], chances: Mapping[int, Any]) -> Floats:
    best = votes.argmax(axis=1)
    found = np.zeros(len(votes))
    for k, label in enumerate(labels):
        if int(label) in chances and (best == k).any():
            found[best == k] = chances[int(label)].predict(votes[best == k, k])
    return found


def _placements(
    votes: Floats, labels: NDArray[np.int64], others: pd.DataFrame, chances: Mapping[int, Any]
) -> pd.DataFrame:
    found = pd.DataFrame(
        {
            "account_id": others["account_id"],
            "segment": labels[votes.argmax(axis=1)],
            "confidence": _confidence(votes, labels, chances),
        }
    )
    chosen = found[found["confidence"] >= SURE]
    return chosen.sort_values("account_id").reset_index(drop=True).astype(_EMPTY)


def typing_note(found: Typing, names: Mapping[int, str]) -> Note:
    """Say where the prospects were placed, how often that is right, or why none was.

    Examples
    --------
    >>> typing_note(Typing(_none(), 0, reason="There is no account to place."), {})
    There is no account to place.
    """
    if found.reason:
        return Note(found.reason)
    tested = (
        "if it had to place all of them it would be right for "
        f"{quote('typing_accuracy', found.accuracy, percent)} of an average segment, against "
        f"{quote('typing_chance', found.baseline, percent)} by chance"
    )
    others = quote("without_segment", found.others)
    if found.placements.empty:
        return Note(
            f"None of the {others} accounts without a segment is placed. On held-out "
            f"customers of whom as little was known, no kind of answer was right in "
            f"{quote('typing_sure', SURE, percent)} of the cases; {tested}.",
            kind="warning",
        )
    counts = segment_counts(found.placements)
    each = zip(counts.index.tolist(), counts.tolist(), strict=True)
    said = listed([
        f"{quote(f'placements.parquet:[segment={segment}]|count', count)} in '{names[segment]}'"
        for segment, count in each
    ])  # fmt: skip
    placed = quote("placements.parquet:|count", len(found.placements))
    rest = quote("not_placed", found.others - len(found.placements))
    share = quote("typing_placed", found.held_out_share, percent)
    right = quote("typing_right", found.held_out_right, percent)
    return Note(
        f"Of {others} accounts without a segment {placed} are placed: {said}; of {rest} the tool "
        f"cannot say it. On held-out customers of whom as little was known it places {share}, "
        f"{right} of them right; {tested}."
    )
