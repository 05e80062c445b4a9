"""k-means that says how sure it is to have found the best partition."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    ClusterMixin,
    TransformerMixin,
)
from sklearn.metrics.pairwise import euclidean_distances
from sklearn.utils.validation import check_is_fitted, check_random_state, validate_data

from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.lloyd import assign, fit_many
from seglib.clustering.starts import Init
from seglib.errors import StudyError

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]

_INITS: dict[str, Init] = {"k-means++": "k-means++", "random": "random"}
SWAPS = 10  # random swaps of one restart


class BadParameter(StudyError, ValueError):
    """A parameter does not fit the data; a ValueError for scikit-learn's sake."""


class CertifiedKMeans(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator
):
    """k-means, restarted until the best partition was found several times independently.

    One restart is a k-means++ start, Lloyd's algorithm, the exchange of single rows until none
    gains, and ten random swaps of a centre; with 10,000 rows and more all this on a coreset drawn
    for the restart, and then the descent on all rows. Segments are numbered by the sum of their
    centre's values, so that the numbers do not depend on the start.

    Parameters
    ----------
    n_clusters
        Number of segments k.
    min_hits
        Times the best objective must be reached for a certificate.
    max_restarts
        Restarts after which the search ends without one.
    init
        `"k-means++"` or `"random"`.
    tol
        Relative difference of objective below which two runs may be the same optimum.
    random_state
        Seed, or a numpy RandomState.

    Attributes
    ----------
    cluster_centers_
        Segment × variable.
    labels_
        Segment of each row.
    inertia_
        Weighted sum of squared distances to the own centre.
    certificate_
        A `Certificate`.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> model = CertifiedKMeans(2, random_state=0).fit(X)
    >>> model.labels_, model.certificate_.certified
    (array([0, 0, 1, 1], dtype=int32), True)
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        min_hits: int = 5,
        max_restarts: int = 1000,
        init: str = "k-means++",
        tol: float = 1e-6,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.min_hits = min_hits
        self.max_restarts = max_restarts
        self.init = init
        self.tol = tol
        self.random_state = random_state

    def fit(
        self, X: npt.ArrayLike, y: Any = None, sample_weight: npt.ArrayLike | None = None
    ) -> CertifiedKMeans:
        """Find the partition.

        Raises
        ------
        ValueError
            Where a parameter is out of range, or there are fewer different rows than segments.
        """
        rows: FloatArray = validate_data(self, X, dtype=np.float64)
        weights = _checked_weights(sample_weight, len(rows))
        init = self._checked_init(rows, weights)
        seed = check_random_state(self.random_state).randint(np.iinfo(np.int32).max)
        rng = np.random.default_rng(seed)
        best: list[Any] = [np.inf, None]

        def restart(count: int) -> tuple[FloatArray, IntArray]:
            swaps = SWAPS if self.n_clusters > 1 else 0
            fits = fit_many(
                rows,
                self.n_clusters,
                weights=weights,
                n_starts=count,
                n_swaps=swaps,
                init=init,
                random_state=rng,
            )
            lowest = int(fits.objective[0].argmin())
            if fits.objective[0, lowest] < best[0]:
                best[:] = fits.objective[0, lowest], fits.centers[0, lowest]
            return fits.objective[0], assign(rows, fits.centers[0])

        self.certificate_: Certificate = certify(
            restart, min_hits=self.min_hits, max_restarts=self.max_restarts, tol=self.tol
        )
        centers = best[1]
        self.cluster_centers_: FloatArray = centers[np.argsort(centers.sum(axis=1), kind="stable")]
        self.labels_: IntArray = self._nearest(rows)
        own = np.square(rows - self.cluster_centers_[self.labels_]).sum(axis=1)
        self.inertia_ = float(own @ (np.ones(len(rows)) if weights is None else weights))
        self._n_features_out = self.n_clusters
        return self

    def predict(self, X: npt.ArrayLike) -> IntArray:
        """Nearest segment of each row."""
        check_is_fitted(self)
        return self._nearest(validate_data(self, X, dtype=np.float64, reset=False))

    def transform(self, X: npt.ArrayLike) -> FloatArray:
        """Distance of each row to each centre."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return euclidean_distances(X, self.cluster_centers_)

    def _nearest(self, X: FloatArray) -> IntArray:
        return assign(X, self.cluster_centers_[None])[0].astype(np.int32)

    def _checked_init(self, X: FloatArray, weights: FloatArray | None) -> Init:
        """Check all parameters at once; return the kind of start."""
        problems = [
            f"'{name}' must be at least 1, got {getattr(self, name)!r}."
            for name in ("n_clusters", "min_hits", "max_restarts")
            if not isinstance(getattr(self, name), (int, np.integer)) or getattr(self, name) < 1
        ]
        init = _INITS.get(self.init)
        if init is None:
            problems.append(f"'init' must be 'k-means++' or 'random', got {self.init!r}.")
        if not problems:
            rows = X if weights is None else X[weights > 0]
            different = _different_rows(rows, self.n_clusters)
            if different < self.n_clusters:
                problems.append(
                    f"{self.n_clusters} segments need as many different rows: "
                    f"n_samples = {len(X)}, of which {different} differ and have weight."
                )
        if problems or init is None:
            raise BadParameter(problems)
        return init


def _checked_weights(sample_weight: npt.ArrayLike | None, rows: int) -> FloatArray | None:
    if sample_weight is None:
        return None
    weights = np.asarray(sample_weight, dtype=float)
    if weights.shape != (rows,) or not np.isfinite(weights).all() or (weights < 0).any():
        raise BadParameter(
            "'sample_weight' must hold one finite number for each row, none negative: "
            f"got shape {weights.shape} for {rows} rows."
        )
    if not weights.any():
        raise BadParameter("'sample_weight' is zero for every row: there is nothing to fit.")
    return weights


def _different_rows(X: FloatArray, enough: int) -> int:
    """Count the different rows, or stop at the first rows that already have enough of them."""
    head = len(np.unique(X[: 100 * enough], axis=0))
    return head if head >= enough else len(np.unique(X, axis=0))
