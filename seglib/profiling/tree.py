"""Turn a fitted decision tree into rules that are data: regions of columns, one set a leaf."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.intervals import Floats
from seglib.profiling.encode import Feature
from seglib.profiling.regions import Region

Regions = dict[str, Region]


@dataclass(frozen=True)
class Leaf:
    """One rule: accounts that lie in all its regions belong to its segment."""

    segment: int
    regions: tuple[Region, ...]

    def holds(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Say for each account whether the rule holds.

        Examples
        --------
        >>> leaf = Leaf(2, (Region("employees", above=50.0, missing=False),))
        >>> leaf.holds(pd.DataFrame({"employees": [10.0, 90.0]})).tolist()
        [False, True]
        """
        inside = np.ones(len(frame), dtype=np.bool_)
        for region in self.regions:
            inside &= region.holds(frame)
        return inside


def leaves_of(tree: Any, features: Sequence[Feature], inputs: Floats) -> tuple[Leaf, ...]:
    """Read the leaves of a fitted scikit-learn tree, left to right.

    Parameters
    ----------
    tree
        A fitted ``DecisionTreeClassifier`` whose classes are segment numbers.
    features
        What each column of the inputs stands for.
    inputs
        The accounts × features it was fitted on; thresholds are rounded within the gap that these
        accounts leave open.

    Notes
    -----
    Neighbouring leaves of the same segment are put together.
    """
    return tuple(_walk(tree, features, inputs, 0, {}))


def _walk(
    tree: Any, features: Sequence[Feature], inputs: Floats, node: int, regions: Regions
) -> list[Leaf]:
    inner = tree.tree_
    winner = int(tree.classes_[int(np.argmax(inner.value[node]))])
    here = Leaf(winner, tuple(regions.values()))
    if inner.children_left[node] < 0:
        return [here]
    feature = features[inner.feature[node]]
    column = inputs[:, inner.feature[node]]
    exact = float(inner.threshold[node])
    threshold = rounded(exact, column)
    absent_left = bool(inner.missing_go_to_left[node])
    goes_left = np.where(np.isnan(column), absent_left, column <= exact)
    leaves: list[Leaf] = []
    for left in (True, False):
        child = inner.children_left[node] if left else inner.children_right[node]
        start = regions.get(feature.column, Region(feature.column, boolean=feature.boolean))
        region = _cut(start, feature, threshold, left, absent_left)
        below = inputs[goes_left == left]
        leaves += _walk(tree, features, below, child, {**regions, feature.column: region})
    return (
        [Leaf(leaves[0].segment, here.regions)] if len({x.segment for x in leaves}) == 1 else leaves
    )


def _cut(
    region: Region, feature: Feature, threshold: float, left: bool, absent_left: bool
) -> Region:
    if feature.kind == "level":
        return region.drop(feature.level) if left else region.take(feature.level)
    if feature.kind == "missing":
        return region.known(present=left)
    return region.cut(threshold, left=left, missing=absent_left == left)


def rounded(threshold: float, values: Floats) -> float:
    """Round a threshold to the fewest digits that part the values in the same way.

    Examples
    --------
    >>> rounded(249.731, np.array([10.0, 231.2, 268.3]))
    250.0
    >>> rounded(77.5, np.array([77.0, 78.0]))
    77.0
    """
    known = values[~np.isnan(values)]
    low, high = known[known <= threshold], known[known > threshold]
    if not np.isfinite(threshold) or len(low) == 0 or len(high) == 0:
        return threshold
    size = math.floor(math.log10(abs(threshold))) if threshold else 0
    for digits in range(16):
        places = digits - size
        down = math.floor(threshold * 10.0**places) / 10.0**places
        for candidate in (round(threshold, places), round(down, max(places, 0))):
            if low.max() <= candidate < high.min():
                return candidate
    return threshold
