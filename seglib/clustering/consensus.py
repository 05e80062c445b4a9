"""A consensus of several segmentations.

Source: Strehl & Ghosh (2002), the meta-clustering algorithm: segments of all methods that hold the
same accounts are put together, and each account goes where most of its segments went.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate, make_candidate
from seglib.clustering.models import Centroids
from seglib.kinds import SEARCH

Labels = NDArray[np.integer]

VOTERS = SEARCH[:-1]
"""Methods that look for groups by themselves, and so have a vote."""


def consensus(partitions: Sequence[Labels], k: int) -> Labels:
    """Put several partitions of the same rows together.

    Parameters
    ----------
    partitions
        Labels from 1; 0 for a row that a method left out, which has no vote of it.
    k
        Number of segments wanted; fewer are made where the partitions hold no more.

    Returns
    -------
    numpy.ndarray
        Labels from 1; 0 for rows that every method left out.

    Examples
    --------
    >>> votes = [np.array([1, 1, 2, 2]), np.array([2, 2, 1, 1]), np.array([1, 1, 1, 2])]
    >>> consensus(votes, 2).tolist()
    [1, 1, 2, 2]
    """
    members = np.stack([p == s for p in partitions for s in np.unique(p[p > 0])], axis=0).astype(
        float
    )
    shared = members @ members.T
    size = np.diag(shared)
    apart = 1.0 - shared / (size[:, None] + size - shared)
    np.fill_diagonal(apart, 0.0)
    tree = linkage(squareform(apart, checks=False), method="average")
    groups = fcluster(tree, k, criterion="maxclust")
    votes = np.stack([members[groups == g].mean(axis=0) for g in range(1, groups.max() + 1)])
    return np.where(votes.max(axis=0) > 0, votes.argmax(axis=0) + 1, 0)


def consensus_candidates(bench: Bench, candidates: Sequence[Candidate]) -> list[Candidate]:
    """For every k that two methods or more reach: their consensus, placed by nearest centroid."""
    made = []
    for k in bench.ks:
        voters = [c for c in candidates if c.k == k and c.method in VOTERS]
        if len(voters) < 2:
            continue
        labels = consensus([c.labels for c in voters], k)
        found = [s for s in np.unique(labels) if s > 0]
        centers = tuple(tuple(float(v) for v in bench.X[labels == s].mean(axis=0)) for s in found)
        mean = np.mean([float(adjusted_rand(labels, c.labels)[0]) for c in voters])
        names = ", ".join(c.method for c in voters)
        note = f"of {names}; agrees with them at a mean adjusted Rand index of {mean:.2f}"
        model = Centroids(preprocessing=bench.preprocessing, centers=centers)
        dense = np.searchsorted(found, labels) + 1
        made.append(
            make_candidate("consensus", model, bench, np.where(labels > 0, dense, 0), note=note)
        )
    return made
