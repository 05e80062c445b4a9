"""Tables with planted segments, and tables without any, in the shapes of business data.

Each planted table comes with the labels of the best possible classifier: the one that knows the
distributions that the rows were drawn from. Nobody can find the segments better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from scipy.spatial.distance import pdist
from scipy.stats import norm
from scipy.stats import t as student
from sklearn.metrics import adjusted_rand_score

Array = np.ndarray

SHARES = (0.5, 0.25, 0.15, 0.10)
INNER = 6  # variables that tell the segments apart
LEVELS = 4  # of a category
OWN_LEVEL = 0.7  # share of a segment's rows on its own level of a category
FAR = 8.0  # standard deviation of what is added to an outlier
ROUNDED = tuple(np.arange(-60, 60) + 0.5)
FIVE = (-3.0, -1.0, 1.0, 3.0)  # four cuts make answers from 1 to 5


@dataclass(frozen=True)
class Sample:
    """A table; its planted segments (None: noise) and those of the best possible classifier."""

    frame: pd.DataFrame
    truth: Array | None = None
    best: Array | None = None

    @property
    def ceiling(self) -> float:
        """Adjusted Rand index of the best possible classifier; missing for noise."""
        if self.truth is None or self.best is None:
            return float("nan")
        return float(adjusted_rand_score(self.truth, self.best))


def planted(
    rng: np.random.Generator,
    *,
    apart: float = 4.0,
    shares: tuple[float, ...] = SHARES,
    widths: tuple[float, ...] | None = None,
    rows: int = 1000,
    irrelevant: int = 2,
    redundant: int = 0,
    categories: int = 0,
    outliers: float = 0.0,
    missing: float = 0.0,
    tails: float = np.inf,
    long: bool = False,
    in_a_row: bool = False,
    cuts: tuple[float, ...] = (),
    raw: bool = False,
) -> Sample:
    """Segments whose nearest two centres lie so many deviations apart.

    Parameters
    ----------
    shares, widths
        Share of the rows and standard deviation of each segment.
    irrelevant, redundant
        Columns without segments, and noisy copies of columns with them.
    categories
        Text columns on which each segment has a most frequent level.
    outliers, missing
        Share of the rows thrown far off, and of the values that are not known.
    tails
        Degrees of freedom of the deviations (t distribution; infinity: normal).
    long
        Mix the columns, so that all segments are long in the same directions.
    in_a_row
        Centres along the first column only.
    cuts, raw
        Give the number of cuts below a value instead of the value; its exponential (spends).
    """
    k, p = len(shares), INNER
    centers = rng.normal(size=(k, p))
    centers *= apart / pdist(centers).min()
    if in_a_row:
        centers = np.outer(np.arange(k), np.eye(p)[0]) * apart
    truth = np.repeat(np.arange(k), (np.array(shares) * rows).astype(int))
    n, width = len(truth), np.array(widths or (1.0,) * k)
    away = rng.normal(size=(n, p)) if np.isinf(tails) else rng.standard_t(tails, size=(n, p))
    inner = centers[truth] + width[truth, None] * away
    noise = rng.normal(size=(n, irrelevant))
    copies = inner[:, :redundant] + 0.2 * rng.normal(size=(n, redundant))
    X = np.column_stack([inner, noise, copies])
    far = rng.random(n) < outliers
    X[far] += rng.normal(scale=FAR, size=(int(far.sum()), X.shape[1]))
    level = _levels(rng, truth, categories)
    gap = rng.random((n, X.shape[1] + categories)) < missing

    density = np.log(shares) + _log_levels(level, gap[:, X.shape[1] :], k)
    for s in range(k):
        seen = partial(_log_density, X[:, :p], gap[:, :p], centers[s], tails=tails, cuts=cuts)
        own = seen(width[s])
        if outliers:
            thrown = seen(float(np.hypot(width[s], FAR)))
            own = np.logaddexp(np.log1p(-outliers) + own, np.log(outliers) + thrown)
        density[:, s] += own
    if long:
        X[:, :p] = X[:, :p] @ np.linalg.qr(rng.normal(size=(p, p)))[0] * np.geomspace(1, 4, p)
        X[:, :p] = X[:, :p] @ np.linalg.qr(rng.normal(size=(p, p)))[0]
    values = np.searchsorted(cuts, X).astype(float) if cuts else np.exp(0.5 * X) if raw else X
    return Sample(_frame(values, level, gap), truth, density.argmax(axis=1))


def items(
    rng: np.random.Generator, *, shares: tuple[float, ...] = SHARES, rows: int = 1000, of: int = 20
) -> Sample:
    """Yes/no items that a segment answers with yes in 85 % or in 15 % of its rows."""
    p = np.where(rng.random((len(shares), of)) < 0.5, 0.15, 0.85)
    truth = np.repeat(np.arange(len(shares)), (np.array(shares) * rows).astype(int))
    X = (rng.random((len(truth), of)) < p[truth]).astype(float)
    density = np.log(shares) + X @ np.log(p).T + (1 - X) @ np.log(1 - p).T
    return Sample(_frame(X), truth, density.argmax(axis=1))


def _log_density(
    X: Array, gap: Array, center: Array, width: float, *, tails: float, cuts: tuple[float, ...]
) -> Array:
    """Log density of what is known of each row (log probability of its answers)."""
    if cuts:
        edges = np.array([-np.inf, *cuts, np.inf])
        place = np.searchsorted(cuts, X)
        low, high = ((edges[place + i] - center) / width for i in (0, 1))
        each = np.log(np.maximum(norm.cdf(high) - norm.cdf(low), 1e-300))
    else:
        z = (X - center) / width
        each = (norm.logpdf(z) if np.isinf(tails) else student.logpdf(z, tails)) - np.log(width)
    return np.where(gap, 0.0, each).sum(axis=1)


def _levels(rng: np.random.Generator, truth: Array, categories: int) -> Array:
    """Level of each row on each category: mostly its segment's own."""
    shape = len(truth), categories
    own = (truth[:, None] + np.arange(categories)) % LEVELS
    return np.where(rng.random(shape) < OWN_LEVEL, own, (own + rng.integers(1, 4, shape)) % LEVELS)


def _log_levels(level: Array, gap: Array, segments: int) -> Array:
    own = (np.arange(segments)[:, None] + np.arange(level.shape[1])) % LEVELS
    hit = np.log(np.where(level[:, None] == own, OWN_LEVEL, (1 - OWN_LEVEL) / (LEVELS - 1)))
    return np.where(gap[:, None], 0.0, hit).sum(axis=2)


def _frame(X: Array, level: Array | None = None, gap: Array | None = None) -> pd.DataFrame:
    frame = pd.DataFrame({f"number {j}": column for j, column in enumerate(X.T)})
    for j, column in enumerate([] if level is None else level.T):
        frame[f"category {j}"] = np.array(list("abcd"), dtype=object)[column]
    return frame if gap is None else frame.mask(gap)


def _noise(draw: Callable[[np.random.Generator], Array], rng: np.random.Generator) -> Sample:
    return Sample(_frame(draw(rng)))


def _cloud(rng: np.random.Generator, columns: int = 10, rows: int = 500) -> Array:
    """Normal variables, all correlated .6."""
    common = rng.normal(size=(rows, 1))
    return np.sqrt(0.6) * common + np.sqrt(0.4) * rng.normal(size=(rows, columns))


def _crescent(rng: np.random.Generator) -> Array:
    """Rows evenly along half a circle, and four columns of noise."""
    angle = rng.uniform(0.0, np.pi, 600)
    arc = 5.0 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(size=(600, 2)) / 2
    return np.column_stack([arc, rng.normal(size=(600, 4))])


def _with_outliers(rng: np.random.Generator) -> Array:
    X = rng.normal(size=(500, 8))
    X[:10] += rng.normal(scale=FAR, size=(10, 8))
    return X


def _categories(rng: np.random.Generator, long: bool = False) -> Sample:
    """Six numbers and two categories of four levels; long: ordered along the numbers' cloud."""
    if not long:
        return Sample(_frame(rng.normal(size=(500, 6)), rng.integers(0, LEVELS, (500, 2))))
    cloud = _cloud(rng, 8)
    level = np.searchsorted((-0.7, 0.0, 0.7), cloud[:, 6:])
    return Sample(_frame(cloud[:, :6], level))


def _rating(x: Array) -> Array:
    return np.clip(np.round(3 + 1.1 * x), 1, 5)


EQUAL = (0.25,) * 4
PLANTED: dict[str, Callable[[np.random.Generator], Sample]] = {
    "6 apart": partial(planted, apart=6.0),
    "4 apart": planted,
    "3 apart": partial(planted, apart=3.0),
    "2.5 apart": partial(planted, apart=2.5),
    "0.7 apart": partial(planted, apart=0.7),
    "equal sizes": partial(planted, shares=EQUAL),
    "70/20/7/3 %": partial(planted, shares=(0.70, 0.20, 0.07, 0.03)),
    "two segments": partial(planted, shares=(0.7, 0.3)),
    "six segments": partial(planted, shares=(0.3, 0.2, 0.15, 0.15, 0.1, 0.1)),
    "unequal widths": partial(planted, widths=(1.0, 0.7, 1.3, 0.5)),
    "long segments": partial(planted, long=True),
    "heavy tails": partial(planted, tails=5.0),
    "raw spends": partial(planted, raw=True),
    "raw spends, 6 apart": partial(planted, raw=True, apart=6.0),
    "raw spends, equal": partial(planted, raw=True, shares=EQUAL),
    "rounded": partial(planted, cuts=ROUNDED),
    "answers 1-5": partial(planted, cuts=FIVE),
    "20 yes/no items": items,
    "redundant columns": partial(planted, redundant=3),
    "6 irrelevant": partial(planted, irrelevant=6),
    "12 irrelevant": partial(planted, irrelevant=12),
    "400 rows": partial(planted, rows=400),
    "200 rows": partial(planted, rows=200),
    "2 % outliers": partial(planted, outliers=0.02),
    "raw, 2 % outliers": partial(planted, outliers=0.02, raw=True),
    "5 % outliers": partial(planted, outliers=0.05),
    "mixed types": partial(planted, categories=2),
    "5 % missing": partial(planted, missing=0.05),
    "mixed, 10 % missing": partial(planted, categories=2, missing=0.10),
    "B2B: all of it": partial(
        planted, raw=True, categories=2, missing=0.05, outliers=0.01, redundant=1
    ),
    "in a row": partial(planted, in_a_row=True),
}
"""Four segments of 50/25/15/10 %, 4 deviations apart on six variables, and two irrelevant ones,
1,000 rows, where the name says nothing else."""

_NOISE: dict[str, Callable[[np.random.Generator], Array]] = {
    "independent": lambda rng: rng.normal(size=(500, 8)),
    "one long cloud": _cloud,
    "raw spends": lambda rng: np.exp(rng.normal(size=(500, 8))),
    "raw spends, one size": lambda rng: np.exp(1.5 * _cloud(rng, 8)),
    "heavy tails": lambda rng: rng.standard_t(3, size=(500, 8)),
    "heavy tails, long": lambda rng: _cloud(rng, 8) / np.sqrt(rng.chisquare(3, (500, 1)) / 3),
    "ratings 1-5": lambda rng: _rating(rng.normal(size=(500, 8))),
    "ratings, long": lambda rng: _rating(_cloud(rng)),
    "yes/no": lambda rng: (rng.random((500, 12)) < rng.random(12)).astype(float),
    "rows twice": lambda rng: np.repeat(rng.normal(size=(250, 8)), 2, axis=0),
    "2 % outliers": _with_outliers,
    "crescent": _crescent,
}
CONDITIONS = (
    PLANTED
    | {f"noise: {name}": partial(_noise, draw) for name, draw in _NOISE.items()}
    | {"noise: mixed types": _categories, "noise: mixed, long": partial(_categories, long=True)}
)
