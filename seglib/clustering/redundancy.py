"""Redundant variables leave the inputs: pairs that would count one thing twice."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from seglib.collection.redundancy import redundant_pairs

__all__ = ["redundant_pairs", "without_redundant"]


def without_redundant(names: Sequence[str], pairs: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Drop the second variable of each redundant pair.

    Returns
    -------
    tuple of list and list
        What is kept, and what is left out.
    """
    kept = list(names)
    for row in pairs.itertuples():
        if row.variable in kept and row.other in kept:
            kept.remove(str(row.other))
    return kept, [name for name in names if name not in kept]
