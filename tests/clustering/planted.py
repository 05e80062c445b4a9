"""Data with planted segments, and data without any."""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import pdist

SHARES = (0.5, 0.25, 0.15, 0.10)


def standardised(X):
    return (X - X.mean(axis=0)) / X.std(axis=0)


def segments(seed, *, apart=4.0, rows=1000, shares=SHARES, irrelevant=2):
    """Normal segments whose nearest two lie so many deviations apart; data, truth, best labels."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(len(shares), 6))
    centers *= apart / pdist(centers).min()
    truth = np.repeat(np.arange(len(shares)), (np.array(shares) * rows).astype(int))
    inner = centers[truth] + rng.normal(size=(len(truth), 6))
    distance = np.square(inner[:, None] - centers).sum(axis=2)
    best = (np.log(shares) - distance / 2).argmax(axis=1)
    X = np.column_stack([inner, rng.normal(size=(len(truth), irrelevant))])
    return standardised(X), truth, best


def one_cloud(seed, rows=300):
    """Ten normal variables, all correlated .6."""
    rng = np.random.default_rng(seed)
    common = np.sqrt(0.6) * rng.normal(size=(rows, 1))
    return standardised(common + np.sqrt(0.4) * rng.normal(size=(rows, 10)))


def noise(kind, seed, rows=300):
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(rows, 6))
    made = {
        "independent": lambda: normal,
        "one cloud": lambda: one_cloud(seed, rows),
        "log-normal": lambda: np.exp(normal),
        "heavy-tailed": lambda: rng.standard_t(3, size=(rows, 6)),
        "ratings": lambda: np.clip(np.round(3 + 1.1 * normal), 1, 5),
        "yes/no": lambda: (normal > rng.normal(size=6) / 2).astype(float),
        "rows twice": lambda: np.repeat(normal[: rows // 2], 2, axis=0),
    }
    return standardised(made[kind]())
