"""Upkeep: which segments to split, merge or retire, by figures of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from seglib.intervals import wilson
from seglib.measurement.rules import RefreshRules, refresh_rules

SURE = 0.8
"""Confidence under which an account is unsure."""

_LEAST_TO_SPLIT, _HALVINGS, _MOST_ROWS = 40, 10, 2000

COLUMNS = ["segment", "name", "accounts", "share", "low", "high", "unsure", "toward", "two_parts",
           "advice", "reason"]  # fmt: skip
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
        (largest share of its accounts that are unsure and nearest to one and the same other segment,
        ``toward``), ``two_parts`` (prediction strength of two parts of it), ``advice`` (``keep``,
        ``split``, ``merge``, ``retire``) and its ``reason``.

    Notes
    -----
    Prediction strength (Tibshirani & Walther 2005): the segment's accounts are halved at random ten
    times; two parts are fitted in each half, and each half is judged by the other's parts. From .8
    on the parts are commonly taken for real.

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
    parts = _parts(placed, accounts, variables, min_share, seed)
    rows = []
    for segment, own in placed.groupby("segment"):
        number = int(str(segment))
        low, high = (float(bound) for bound in wilson(len(own), len(assignments)))
        unsure, toward = _unsure(own)
        figures = {
            "retire": min_share / high if high > 0 else np.inf,
            "merge": unsure,
            "split": parts.get(number, np.nan),
        }
        fired = [name for name, rule in limits.items() if figures[name] >= rule.threshold]
        advice = fired[0] if fired else "keep"
        reason = (
            f"{limits[advice].figure} is {figures[advice]:.2f} (rule: from "
            f"{limits[advice].threshold:.2f})"
            if fired
            else "no rule fired"
        )
        rows.append(
            (number, names.get(number, f"Segment {number}"), len(own), len(own) / len(assignments),
             low, high, unsure, names.get(toward, "–"), figures["split"], advice, reason)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def _unsure(own: pd.DataFrame) -> tuple[float, int]:
    """The other segment that most unsure accounts are nearest to, and their share."""
    if not {"confidence", "second_segment"} <= set(own):
        return 0.0, 0
    unsure = own[(own["confidence"] < SURE) & (own["second_segment"] > 0)]
    if unsure.empty:
        return 0.0, 0
    counts = unsure["second_segment"].value_counts().sort_index()
    return float(counts.max() / len(own)), int(counts.idxmax())


def _parts(
    placed: pd.DataFrame,
    accounts: pd.DataFrame,
    variables: Sequence[str],
    min_share: float,
    seed: int,
) -> dict[int, float]:
    """Prediction strength of two parts of each segment that is large enough for two."""
    from seglib.clustering.stability import prediction_strength  # brings scikit-learn

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
        judged = prediction_strength(ranks, [2], _HALVINGS, seed, max_rows=_MOST_ROWS)
        found[int(str(segment))] = float(judged["mean"].iloc[0])
    return found
