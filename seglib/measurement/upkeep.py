"""Upkeep: which segments to split, merge or retire, by figures of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seglib.intervals import Floats, wilson
from seglib.measurement.feedback import SURE
from seglib.measurement.rules import RefreshRules, SegmentAdvice, SegmentRule, refresh_rules

_LEAST_TO_SPLIT, _HALVINGS, _TWINS, _MOST_ROWS = 40, 10, 19, 500

COLUMNS = [
    "segment", "name", "accounts", "share", "low", "high", "unsure", "toward", "two_parts",
    "by_chance", "advice", "reason",
]  # fmt: skip
"""Columns of the upkeep table."""


def upkeep(
    assignments: pd.DataFrame,
    accounts: pd.DataFrame,
    variables: Sequence[str],
    names: Mapping[int, str],
    *,
    min_share: float,
    seed: int = 7,
    rules: RefreshRules | None = None,
) -> pd.DataFrame:
    """Judge each segment by its size, its border and whether it is of one piece.

    Parameters
    ----------
    assignments
        ``account_id``, ``segment``, ``confidence``, ``second_segment``.
    accounts
        The account table.
    variables
        Segmentation variables; numbers among them are compared by rank.
    names
        Segment number → name.
    min_share
        Smallest share of the accounts that the study allows; a segment of less than twice as many
        is not split.
    seed
        Of the halvings.
    rules
        ``refresh.yaml`` when not given.

    Returns
    -------
    DataFrame
        One row a segment: ``accounts``, ``share`` with ``low`` and ``high`` (Wilson), ``unsure``
        (largest share of its accounts that are unsure and nearest to one and the same other
        segment, ``toward``), ``two_parts`` (prediction strength of two parts of it),
        ``by_chance`` (the largest of 19 data sets without groups; looked at where the threshold is
        reached), ``advice`` (``keep``, ``split``, ``merge``, ``retire``) and its ``reason``.

    Notes
    -----
    Prediction strength (Tibshirani & Walther 2005): the segment's accounts are halved at random ten
    times; two parts are fitted in each half, and each half is judged by the other's parts. A
    segment is split from .8 on, if no twin of it without groups (same values and correlations,
    :func:`~seglib.clustering.null_twin`) reaches as much.

    Examples
    --------
    >>> placed = pd.DataFrame({"account_id": list("abcd"), "segment": [1, 1, 2, 2],
    ...                        "confidence": [0.9, 0.9, 0.5, 0.6], "second_segment": [2, 2, 1, 1]})
    >>> upkeep(placed, placed[["account_id"]], [], {1: "One", 2: "Two"},
    ...        min_share=0.05)[["segment", "advice"]].values.tolist()
    [[1, 'keep'], [2, 'merge']]
    """
    limits = (rules or refresh_rules()).segments
    placed = assignments[assignments["segment"] > 0]
    parts = _parts(placed, accounts, variables, min_share, seed, limits["split"].threshold)
    rows = []
    for segment, own in placed.groupby("segment"):
        number = int(str(segment))
        low, high = (float(bound) for bound in wilson(len(own), len(assignments)))
        unsure, toward = _unsure(own)
        strength, by_chance = parts.get(number, (np.nan, np.nan))
        advice, reason = _advice(
            limits,
            {
                "retire": min_share / high if high > 0 else np.inf,
                "merge": unsure,
                "split": np.nan if strength <= by_chance else strength,
            },
        )
        rows.append(
            (number, names.get(number, f"Segment {number}"), len(own), len(own) / len(assignments),
             low, high, unsure, names.get(toward, "–"), strength, by_chance, advice, reason)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _advice(
    rules: Mapping[SegmentAdvice, SegmentRule], figures: Mapping[SegmentAdvice, float]
) -> tuple[str, str]:
    """The first rule that fires, in the order of the file, and its figure in words."""
    for name, rule in rules.items():
        if figures[name] >= rule.threshold:
            words = f"{rule.figure} is {figures[name]:.2f} (rule: from {rule.threshold:.2f})"
            return name, words
    return "keep", "no rule fired"


def _unsure(own: pd.DataFrame) -> tuple[float, int]:
    """The other segment that most unsure accounts are nearest to, and their share."""
    if not {"confidence", "second_segment"} <= set(own):
        return 0.0, 0
    unsure = own[(own["confidence"] < SURE) & (own["second_segment"] > 0)]
    if unsure.empty:
        return 0.0, 0
    counts = unsure["second_segment"].value_counts().sort_index()
    return float(counts.max() / len(own)), int(counts.index[int(counts.argmax())])


def _parts(
    placed: pd.DataFrame,
    accounts: pd.DataFrame,
    variables: Sequence[str],
    min_share: float,
    seed: int,
    threshold: float,
) -> dict[int, tuple[float, float]]:
    """Prediction strength of two parts of each segment that is large enough, seen and by chance."""
    numbers = [v for v in variables if v in accounts and pd.api.types.is_numeric_dtype(accounts[v])]
    if not numbers:
        return {}
    joined = placed[["account_id", "segment"]].merge(
        accounts[["account_id", *numbers]], on="account_id"
    )
    found = {}
    for segment, own in joined.groupby("segment"):
        if len(own) < max(2 * min_share * len(joined), _LEAST_TO_SPLIT):
            continue
        ranks = own[numbers].rank(pct=True).fillna(0.5).to_numpy(dtype=float)
        some = np.random.default_rng(seed).permutation(len(ranks))[:_MOST_ROWS]
        found[int(str(segment))] = _strength(ranks[np.sort(some)], seed, threshold)
    return found


def _strength(ranks: Floats, seed: int, threshold: float) -> tuple[float, float]:
    """Prediction strength of two parts, and the largest that data without groups give."""
    from seglib.clustering.nulls import null_twin
    from seglib.clustering.prediction import prediction_strength

    def strength(rows: Floats) -> float:
        return float(prediction_strength(rows, [2], _HALVINGS, seed)["mean"].iloc[0])

    seen = strength(ranks)
    if seen < threshold:
        return seen, np.nan
    rng = np.random.default_rng(seed)
    twins = (null_twin(ranks, "copula", random_state=rng) for _ in range(_TWINS))
    return seen, max(strength(np.asarray(twin)) for twin in twins)
