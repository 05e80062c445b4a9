"""k-prototypes on Gower's distance: mixed data, ordered levels and gaps, with a certificate.

Sources: Huang (1998) for prototypes of mixed data; medians instead of means, so that the distance
and the prototype belong together (each step can only lower the sum of distances).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate, Refit, make_candidate
from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.distance_models import absolute_differences
from seglib.clustering.gower import gower_preprocessing
from seglib.clustering.models import Prototypes
from seglib.clustering.preprocessing import CategoryStep, Preprocessing, block_weights

Matrix = NDArray[np.float64]
Labels = NDArray[np.integer]

_ROUNDS = 100
_RESTARTS = {"quick": 16, "standard": 64, "thorough": 400}  # a certificate asks for at most
_STARTS = 5  # of a fit that is drawn again


@dataclass(frozen=True)
class Encoded:
    """Rows for which the sum of absolute differences is Gower's distance.

    Attributes
    ----------
    x
        Rows × columns; NaN where a value is missing.
    blocks
        Columns of each variable; a block of several, or one that is flagged, is a category.
    nominal
        Which blocks are categories.
    weights
        Of the variables, block by block.
    """

    x: Matrix
    blocks: tuple[slice, ...]
    nominal: tuple[bool, ...]
    weights: tuple[float, ...]

    def rows(self, x: Matrix) -> Encoded:
        """Other rows of the same kind."""
        return Encoded(x, self.blocks, self.nominal, self.weights)

    @property
    def row_weights(self) -> Matrix:
        """One over the weight of what a row has: its distances are means over that."""
        seen = np.zeros(len(self.x))
        for block, weight in zip(self.blocks, self.weights, strict=True):
            seen += weight * ~np.isnan(self.x[:, block.start])
        return np.divide(1.0, seen, out=np.zeros(len(seen)), where=seen > 0)


def encoded(preprocessing: Preprocessing, x: Matrix) -> Encoded:
    """Take the transformed rows of a Gower preprocessing apart into variables."""
    ends = np.cumsum([len(step.outputs) for step in preprocessing.steps])
    starts = [0, *ends[:-1]]
    nominal = tuple(isinstance(step, CategoryStep) for step in preprocessing.steps)
    weights = tuple(
        2.0 * step.weight if isinstance(step, CategoryStep) else step.weight
        for step in preprocessing.steps
    )
    blocks = tuple(slice(int(a), int(b)) for a, b in zip(starts, ends, strict=True))
    return Encoded(x, blocks, nominal, weights)


def fit_prototypes(
    data: Encoded, k: int, *, seed: int, max_restarts: int = 64, min_hits: int = 5
) -> tuple[Matrix, Labels, Certificate]:
    """Find k prototypes that the rows are near to, restarted until the best came back.

    Parameters
    ----------
    data
        The rows.
    k
        Number of prototypes.
    seed
        Of the starts.
    max_restarts, min_hits
        Of the certificate.

    Returns
    -------
    tuple
        Prototypes (k × columns: a median that occurs for a number or an ordered level, the most
        frequent level for a category), the label of each row from 0, and the certificate. The
        objective is the sum of Gower's distances to the own prototype.

    Examples
    --------
    >>> x = np.array([[0.0], [0.1], [0.9], [1.0], [np.nan]])
    >>> data = Encoded(x, (slice(0, 1),), (False,), (1.0,))
    >>> centers, labels, certificate = fit_prototypes(data, 2, seed=0)
    >>> sorted(centers.ravel().tolist()), round(certificate.best_objective, 6)
    ([0.0, 0.9], 0.2)
    """
    rng = np.random.default_rng(seed)
    best: list = [np.inf, None, None]
    weight = data.row_weights

    def restart(count: int) -> tuple[Matrix, Labels]:
        made = [_descend(data, weight, _start(data, weight, k, rng)) for _ in range(count)]
        for objective, centers, labels in made:
            if objective < best[0]:
                best[:] = objective, centers, labels
        return np.array([m[0] for m in made]), np.stack([m[2] for m in made])

    certificate = certify(restart, max_restarts=max_restarts, min_hits=min_hits)
    return best[1], best[2], certificate


def _start(data: Encoded, weight: Matrix, k: int, rng: np.random.Generator) -> Matrix:
    """Draw rows far from those drawn before (k-means++ with distances, Arthur & Vassilvitskii)."""
    whole = _prototypes(data, weight, np.zeros(len(data.x), dtype=np.int64), 1)
    chosen = [int(rng.integers(len(data.x)))]
    centers = [_complete(data.x[chosen[0]], whole[0])]
    nearest = absolute_differences(data.x, centers[0][None])[:, 0] * weight
    for _ in range(1, k):
        total = nearest.sum()
        chance = nearest / total if total > 0 else None
        chosen.append(int(rng.choice(len(data.x), p=chance)))
        centers.append(_complete(data.x[chosen[-1]], whole[0]))
        away = absolute_differences(data.x, centers[-1][None])[:, 0] * weight
        nearest = np.minimum(nearest, away)
    return np.stack(centers)


def _complete(row: Matrix, whole: Matrix) -> Matrix:
    """A row, with the prototype of all rows where it has gaps."""
    return np.where(np.isnan(row), whole, row)


def _descend(data: Encoded, weight: Matrix, centers: Matrix) -> tuple[float, Matrix, Labels]:
    before, k = np.inf, len(centers)
    for _ in range(_ROUNDS):
        distances = absolute_differences(data.x, centers)
        labels = distances.argmin(axis=1)
        own = distances[np.arange(len(labels)), labels] * weight
        if own.sum() >= before - 1e-12:
            break
        before = float(own.sum())
        centers = _prototypes(data, weight, labels, k, centers, own)
    return float(own.sum()), centers, labels


def _prototypes(
    data: Encoded,
    weight: Matrix,
    labels: Labels,
    k: int,
    before: Matrix | None = None,
    away: Matrix | None = None,
) -> Matrix:
    """Prototype of each group; an empty group takes the row that lies farthest from its own."""
    made = np.zeros((k, data.x.shape[1])) if before is None else before.copy()
    for block, nominal in zip(data.blocks, data.nominal, strict=True):
        if nominal:
            _modes(made, data.x, block, weight, labels)
        else:
            _medians(made, data.x, block.start, weight, labels)
    if before is not None and away is not None:
        far = iter(np.argsort(-away, kind="stable"))
        for group in np.flatnonzero(np.bincount(labels, minlength=k) == 0):
            made[group] = _complete(data.x[next(far)], before[group])
    return made


def _medians(made: Matrix, x: Matrix, column: int, weight: Matrix, labels: Labels) -> None:
    """Lower weighted median of a column in each group that has values of it."""
    values = x[:, column]
    order = np.argsort(values, kind="stable")[: int((~np.isnan(values)).sum())]
    if not len(order):
        return
    share = np.zeros((len(order), len(made)))
    share[np.arange(len(order)), labels[order]] = weight[order]
    reached = share.cumsum(axis=0)
    half = reached[-1] / 2.0
    place = (reached >= half - 1e-12 * half).argmax(axis=0)
    made[:, column] = np.where(reached[-1] > 0, values[order][place], made[:, column])


def _modes(made: Matrix, x: Matrix, block: slice, weight: Matrix, labels: Labels) -> None:
    """Most frequent level of a category in each group that has values of it."""
    levels = np.nan_to_num(x[:, block])
    size = float(levels.max()) or 1.0
    members = np.zeros((len(made), len(labels)))
    members[labels, np.arange(len(labels))] = weight
    counts = members @ (levels / size)
    known = counts.sum(axis=1) > 0
    mode = np.eye(counts.shape[1])[counts.argmax(axis=1)] * size
    made[known, block] = mode[known]


def prototypes_candidates(bench: Bench) -> list[Candidate]:
    """k-prototypes on Gower's distance for every k, with a restart certificate."""
    wanted = bench.study.clustering
    columns = [bench.accounts.columns[name] for name in bench.names]
    parts = {n: w**2 for n, w in block_weights(columns, wanted.family_weights).items()}
    frame = bench.accounts.frame
    preprocessing = gower_preprocessing(bench.preprocessing, frame, parts)
    data = encoded(preprocessing, preprocessing.transform(frame))
    made = []
    for k in bench.ks:
        centers, labels, certificate = fit_prototypes(
            data, k, seed=bench.brief.seed, max_restarts=_RESTARTS[wanted.effort]
        )
        rows = tuple(tuple(float(v) for v in center) for center in centers)
        model = Prototypes(preprocessing=preprocessing, centers=rows)
        made.append(
            make_candidate("prototypes", model, bench, labels + 1, certified=certificate.certified,
                           note=certificate.sentence(), refit=_refit(data, k, bench.brief.seed))
        )  # fmt: skip
    return made


def _refit(data: Encoded, k: int, seed: int) -> Refit:
    def fit(half: Matrix, x: Matrix) -> Labels:
        centers, _, _ = fit_prototypes(
            data.rows(half), k, seed=seed, max_restarts=_STARTS, min_hits=_STARTS
        )
        return absolute_differences(x, centers).argmin(axis=1)

    return Refit(data.x, fit)
