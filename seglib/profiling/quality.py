"""How well a small decision tree tells the segments apart on accounts it has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglib.intervals import Floats, Z

MARGIN = 0.25
"""Share of the way from the baseline to perfect placing that rules must go before segments count as
reached by them."""


@dataclass(frozen=True)
class Quality:
    """How well accounts that the rules have not seen are placed (repeated cross-validation).

    Attributes
    ----------
    balanced_accuracy, low, high
        Mean over the segments of the share of accounts placed right, with its 95 % interval.
    baseline
        The same for placing everyone in the largest segment: 1 / segments.
    accuracy, majority
        Share of all accounts placed right, and share of the largest segment.
    accounts
        Accounts used.
    """

    balanced_accuracy: float
    low: float
    high: float
    baseline: float
    accuracy: float
    majority: float
    accounts: int

    @property
    def beats_chance(self) -> bool:
        """Whether the rules are shown to be better than placing everyone in one segment."""
        return self.low > self.baseline

    @property
    def reaches(self) -> bool:
        """Whether the rules are good enough to reach the segments by them."""
        needed = self.baseline + MARGIN * (1 - self.baseline)
        return self.beats_chance and self.balanced_accuracy >= needed


def new_tree(segment: NDArray[np.int64], seed: int) -> Any:
    """Make the tree that rules are read from, to be fitted (see ``surrogate_rules``)."""
    from sklearn.tree import DecisionTreeClassifier

    return DecisionTreeClassifier(
        max_depth=3 if len(np.unique(segment)) <= 4 else 4,
        min_samples_leaf=max(5, round(0.02 * len(segment))),
        class_weight="balanced",
        random_state=seed,
    )


def cross_validated(inputs: Floats, segment: NDArray[np.int64], seed: int) -> Quality:
    """Measure a tree in five-fold cross-validation, done twice.

    Parameters
    ----------
    inputs
        Accounts × features; missing values allowed.
    segment
        Segment of each account, at least five accounts each.
    seed
        Of the folds.

    Notes
    -----
    The interval is normal, from the accounts' own hits within their segments; it leaves out that
    the trees of the folds differ.

    Examples
    --------
    >>> segment = np.repeat([1, 2], 30)
    >>> cross_validated(segment[:, None].astype(float), segment, 1).balanced_accuracy
    1.0
    """
    from sklearn.model_selection import RepeatedStratifiedKFold

    repeats = 2
    right = np.zeros(len(segment))
    folds = RepeatedStratifiedKFold(n_splits=5, n_repeats=repeats, random_state=seed)
    for learned, tested in folds.split(inputs, segment):
        tree = new_tree(segment[learned], seed).fit(inputs[learned], segment[learned])
        right[tested] += tree.predict(inputs[tested]) == segment[tested]
    right /= repeats
    parts = [right[segment == s] for s in np.unique(segment)]
    balanced = float(np.mean([part.mean() for part in parts]))
    error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)) / len(parts))
    return Quality(
        balanced_accuracy=balanced,
        low=max(balanced - Z * error, 0.0),
        high=min(balanced + Z * error, 1.0),
        baseline=1 / len(parts),
        accuracy=float(right.mean()),
        majority=max(len(part) for part in parts) / len(segment),
        accounts=len(segment),
    )
