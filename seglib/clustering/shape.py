"""Shape of segments: how far rows lie from a border, and which segments are neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seglib.clustering.center_models import Centroids
from seglib.quotes import quote

if TYPE_CHECKING:
    from seglib.clustering.bench import Bench
    from seglib.clustering.candidate import Candidate

Floats = NDArray[np.float64]

BORDER = 0.9
"""Shadow value beyond which an account lies near a border."""

FARTHER = 2.5  # times the median distance, to which the outer hull of a segment reaches


def _distances(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Euclidean distances, rows × centres, by differences (no cancellation near a centre)."""
    rows, points = np.asarray(X, dtype=float), np.asarray(centers, dtype=float)
    return np.stack([np.sqrt(((rows - point) ** 2).sum(axis=1)) for point in points], axis=1)


def shadow(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Shadow value of each row: 2 d₁ / (d₁ + d₂), closest and second-closest centroid.

    Parameters
    ----------
    X
        Rows × variables.
    centers
        Segments × variables, two segments at least.

    Returns
    -------
    numpy.ndarray
        0 on the centroid, 1 halfway to the next one (Leisch 2010); 1 where both distances are 0.

    Examples
    --------
    >>> shadow([[0.0], [4.0], [5.0]], [[0.0], [10.0]])
    array([0. , 0.8, 1. ])
    """
    nearest = np.sort(_distances(X, centers), axis=1)[:, :2]
    total = nearest.sum(axis=1)
    return np.divide(2 * nearest[:, 0], total, out=np.ones(len(total)), where=total > 0)


def shadow_of(X: ArrayLike, labels: ArrayLike) -> Floats:
    """Shadow value of each row beside the means of the segments, which are numbered from 1.

    Returns
    -------
    numpy.ndarray
        NaN where there are fewer than two segments.

    Examples
    --------
    >>> shadow_of([[0.0], [2.0], [9.0], [11.0]], [1, 1, 2, 2]).round(2).tolist()
    [0.18, 0.22, 0.22, 0.18]
    """
    rows, segment = np.asarray(X, dtype=float), np.asarray(labels)
    present = [s for s in np.unique(segment) if s > 0]
    if len(present) < 2:
        return np.full(len(rows), np.nan)
    return shadow(rows, np.stack([rows[segment == s].mean(axis=0) for s in present]))


def similarity(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Similarity of segments: the shadow that one casts on another, by the rows between them.

    Parameters
    ----------
    X, centers
        As for :func:`shadow`.

    Returns
    -------
    numpy.ndarray
        Segments × segments, diagonal 1, not symmetric: [i, j] = Σ shadow(x) / |i| over the rows of
        segment i whose second-closest centroid is j (Leisch 2010). An empty segment has zeros.

    Examples
    --------
    >>> similarity([[0.0], [4.0], [10.0]], [[0.0], [10.0]]).round(2)
    array([[1. , 0.4],
           [0. , 1. ]])
    """
    distances = _distances(X, centers)
    order = np.argsort(distances, axis=1, kind="stable")
    first, second = order[:, 0], order[:, 1]
    k = distances.shape[1]
    cast = np.zeros((k, k))
    np.add.at(cast, (first, second), shadow(X, centers))
    sizes = np.maximum(np.bincount(first, minlength=k), 1)
    cast /= sizes[:, None]
    np.fill_diagonal(cast, 1.0)
    return cast


def gorge(X: ArrayLike, centers: ArrayLike, gamma: float = 1.0, sqrt: bool = False) -> Floats:
    """Similarity of each row to each segment, for the gorge plot.

    Parameters
    ----------
    X, centers
        As for :func:`shadow`.
    gamma
        Exponent of the distance.
    sqrt
        Take the square root, as flexclust's shipped code plots it; the book's formula does not.

    Returns
    -------
    numpy.ndarray
        Rows × segments: exp(−d^γ) / Σ exp(−d^γ); each row adds up to 1 (without ``sqrt``).

    Examples
    --------
    >>> gorge([[0.0], [5.0]], [[0.0], [10.0]]).round(3)
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    power = -(_distances(X, centers) ** gamma)
    weight = np.exp(power - power.max(axis=1, keepdims=True))
    share = weight / weight.sum(axis=1, keepdims=True)
    return np.sqrt(share) if sqrt else share


@dataclass(frozen=True)
class Shape:
    """A segmentation as points around centres, which every figure of its shape is drawn from.

    Attributes
    ----------
    X
        Rows × variables, in the space the segments were formed in.
    labels
        Segment of each row, from 1; 0 for a row without one.
    segments
        Numbers of the segments that have rows.
    centers
        Segment × variable.
    from_means
        Whether the centres are the means of the rows, for a method that has no centroids.
    """

    X: Floats
    labels: NDArray[np.int64]
    segments: tuple[int, ...]
    centers: Floats
    from_means: bool

    @cached_property
    def distances(self) -> Floats:
        """Distance of each row to each centre."""
        return _distances(self.X, self.centers)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows of each segment."""
        return np.array([(self.labels == s).sum() for s in self.segments])

    @property
    def unplaced(self) -> int:
        """Rows without a segment."""
        return int((self.labels == 0).sum())

    def own(self, place: int) -> Floats:
        """Distances of the rows of one segment to its centre."""
        return self.distances[self.labels == self.segments[place], place]

    @property
    def nearest_own(self) -> float:
        """Share of the rows with a segment whose nearest centre is that of their own segment."""
        placed = self.labels > 0
        nearest = np.asarray(self.segments)[self.distances[placed].argmin(axis=1)]
        return float((nearest == self.labels[placed]).mean())

    @property
    def basis(self) -> str:
        """What the distances are taken to, in a sentence."""
        if not self.from_means:
            return "Distances are those to the centroids."
        return (
            "The method has no centroids: distances are those to the means of the segments, to "
            f"which {quote('nearest_own', self.nearest_own, '.0%')} of the accounts are nearest in "
            "their own."
        )


def shape_of(bench: Bench, kept: Candidate) -> Shape:
    """Take the shape of a candidate from the matrix that segments are formed in.

    Parameters
    ----------
    bench
        Holds the matrix.
    kept
        The candidate; centroids are its own, of any other model the means of its segments.
    """
    segments = tuple(int(s) for s in np.unique(kept.labels) if s > 0)
    model = kept.model
    if isinstance(model, Centroids):
        own = np.asarray(model.centers)[[s - 1 for s in segments]]
        return Shape(bench.X, kept.labels, segments, own, from_means=False)
    return shape_from_means(bench.X, kept.labels)


def shape_from_means(X: ArrayLike, labels: ArrayLike) -> Shape:
    """Take the shape of any partition, with the means of its segments as centres.

    Parameters
    ----------
    X
        Rows × variables.
    labels
        Segment of each row, from 1; 0 for none.

    Examples
    --------
    >>> shape_from_means([[0.0], [2.0], [8.0], [10.0]], [1, 1, 2, 2]).centers.ravel()
    array([1., 9.])
    """
    rows, own = np.asarray(X, dtype=float), np.asarray(labels, dtype=np.int64)
    segments = tuple(int(s) for s in np.unique(own) if s > 0)
    centers = [rows[own == s].mean(axis=0) for s in segments]
    points = np.stack(centers) if centers else np.empty((0, rows.shape[1]))
    return Shape(rows, own, segments, points, from_means=True)


def plane_of(X: ArrayLike) -> tuple[Floats, Floats, float]:
    """Find the plane of the two leading principal components, which knows of no segment.

    Returns
    -------
    tuple
        The mean of the rows, the axes (2 × variable, each with its largest load positive), and the
        share of the variance that the plane shows.

    Examples
    --------
    >>> mean, axes, share = plane_of([[0.0, 0.0], [4.0, 0.0], [2.0, 1.0], [2.0, -1.0]])
    >>> mean, axes.round(9) + 0.0, share
    (array([2., 0.]), array([[1., 0.],
           [0., 1.]]), 1.0)
    """
    rows = np.asarray(X, dtype=float)
    mean = rows.mean(axis=0)
    _, size, axes = np.linalg.svd(rows - mean, full_matrices=False)
    plane = np.zeros((2, rows.shape[1]))
    plane[: len(axes[:2])] = axes[:2]
    leading = np.abs(plane).argmax(axis=1)
    plane *= np.where(plane[[0, 1], leading] < 0, -1.0, 1.0)[:, None]
    total = float(np.square(size).sum())
    return mean, plane, float(np.square(size[:2]).sum() / total) if total > 0 else 1.0
