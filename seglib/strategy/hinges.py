"""On which weight the choice hangs: the range in which each weight leaves the choice as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.strategy.market import each
from seglib.strategy.targeting import AXES, Targeting

COLUMNS = ["axis", "criterion", "label", "weight", "low", "high", "below", "above"]
"""Columns of the table of ranges."""


def weight_ranges(choice: Targeting) -> pd.DataFrame:
    """Say for each weight from where to where it could move without changing the choice.

    Parameters
    ----------
    choice
        From :func:`~seglib.strategy.targeting.targeting`.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, one row a criterion: ``weight`` on its axis, ``low`` and ``high`` (0 and
        1: it never changes the choice), and in ``below`` and ``above`` who would take whose place
        there. Empty where there was nothing to choose.

    Notes
    -----
    The other weights of the axis keep their proportions. Every segment's overall score is then
    linear in the weight, so the choice changes first where the lines of a chosen and of another
    allowed segment cross.

    Examples
    --------
    >>> from seglib.strategy.targeting import targeting
    >>> from seglib.strategy.market import segmented_market
    >>> ids, scores = list("abcd"), {"satisfaction": [7.0, 6, 2, 1], "win_rate": 0.5}
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": ids, **scores}), cards=[], facts={},
    ...     assignments=pd.DataFrame({"account_id": ids, "segment": [1, 1, 2, 2]}),
    ...     as_of="2026-09-30")
    >>> choice = targeting(market, attractiveness={"size": 1}, competitiveness={"satisfaction": 1},
    ...                    targets=1, min_share=0.05, seed=7)
    >>> weight_ranges(choice)[["criterion", "weight", "low", "high"]].values.tolist()
    [['size', 1.0, 0.0, 1.0], ['satisfaction', 1.0, 0.0, 1.0]]
    """
    rows = choice.matrix
    chosen = rows["target"].to_numpy(dtype=bool)
    rivals = ~chosen & (rows["knocked_out"] == "").to_numpy(dtype=bool)
    if not chosen.any() or not rivals.any():
        return pd.DataFrame(columns=COLUMNS)
    names = rows["name"].to_numpy(dtype=object)
    used = [axis for axis in AXES if rows[axis].notna().any()]
    found = []
    for key in each(choice.scores.drop_duplicates(["axis", "criterion"])):
        own = choice.scores[
            (choice.scores["axis"] == key.axis) & (choice.scores["criterion"] == key.criterion)
        ]
        score = own.set_index("segment")["score"].reindex(rows["segment"]).to_numpy(dtype=float)
        away = (score - rows[key.axis].to_numpy(dtype=float)) / len(used)
        slope = away / (1 - key.weight) if key.weight < 1 else np.zeros(len(rows))
        overall = rows["overall"].to_numpy(dtype=float)
        held = _range(overall, slope, float(key.weight), chosen, rivals, names)
        found.append((key.axis, key.criterion, key.label, key.weight, *held))
    return pd.DataFrame(found, columns=COLUMNS)


def _range(
    overall: NDArray[np.float64],
    slope: NDArray[np.float64],
    weight: float,
    chosen: NDArray[np.bool_],
    rivals: NDArray[np.bool_],
    names: NDArray[np.object_],
) -> tuple[float, float, str, str]:
    """The nearest crossings below and above a weight, and who changes places there."""
    low, high, below, above = 0.0, 1.0, "", ""
    for i in np.flatnonzero(chosen):
        for j in np.flatnonzero(rivals):
            faster = slope[j] - slope[i]
            if abs(faster) < 1e-12:
                continue
            crossing = weight + (overall[i] - overall[j]) / faster
            words = f"{names[j]} instead of {names[i]}"
            if faster > 0 and crossing < high:
                high, above = float(max(crossing, weight)), words
            if faster < 0 and crossing > low:
                low, below = float(min(crossing, weight)), words
    return low, high, below, above
