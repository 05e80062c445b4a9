"""Are planted segments found, and is noise left alone?

Prediction (before the first run): every planted condition with segments four deviations apart is
recovered in at least nine seeds of ten, no noise is called natural, k-means with the silhouette
always announces segments, and a Gaussian mixture with BIC announces them on ratings, heavy tails
and raw spends.

Result (2026-11-24, 4 seeds, before ties in BIC went to fewer components): seven conditions with
segments 4 apart are recovered in 27 of 28 runs (one of 400 rows is wrong), where k-means has 4 and
the mixture 9. Two outliers in a hundred make the verdict abstain, too cautious. Segments 2.5 apart
are announced with a wrong number or below the ceiling in 4 of 4: the prediction did not cover
them. Counted as joined since then (3 of 4; one abstains; k-means and the mixture join in 4 of 4):
three or two groups with gaps are announced, halves agree on them at .82 to .96, and between the
two nearest segments there is no gap.

Recovered: announced, k right and ARI within .05 of the best possible classifier's (the planted
normal densities). Joined: fewer groups announced, none of the planted ones cut (its rows stay
together as well as with the best classifier, within .05): true, for seglib announces groups with
gaps between them, and too coarse. Abstained: no groups announced. Wrong: anything else announced.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import skew
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits

from seglib.clustering import assess
from seglib.clustering.gaps import kept_whole
from seglib.clustering.gaussian import gaussian_mixtures

KS = range(2, 8)
OUTCOMES = ("recovered", "joined", "abstained", "wrong")
SHARES = (0.5, 0.25, 0.15, 0.10)
Array = np.ndarray


@dataclass(frozen=True)
class Sample:
    """A table; its planted segments (None: noise) and those of the best possible classifier."""

    X: Array
    truth: Array | None = None
    best: Array | None = None


def planted(
    rng: np.random.Generator,
    *,
    apart: float = 4.0,
    shares: tuple[float, ...] = SHARES,
    rows: int = 1000,
    irrelevant: int = 2,
    raw: bool = False,
    redundant: int = 0,
    outliers: float = 0.0,
    ties: bool = False,
) -> Sample:
    """Normal segments whose nearest two lie so many deviations apart, on the log scale."""
    k, p = len(shares), 6
    centers = rng.normal(size=(k, p))
    centers *= apart / pdist(centers).min()
    truth = np.repeat(np.arange(k), (np.array(shares) * rows).astype(int))
    inner = centers[truth] + rng.normal(size=(len(truth), p))
    density = [
        np.log(s) - 0.5 * np.square(inner - c).sum(axis=1)
        for s, c in zip(shares, centers, strict=True)
    ]
    noise = rng.normal(size=(len(truth), irrelevant))
    copies = inner[:, :redundant] + 0.2 * rng.normal(size=(len(truth), redundant))
    X = np.column_stack([inner, noise, copies])
    far = rng.random(len(X)) < outliers
    X[far] += rng.normal(scale=8.0, size=(int(far.sum()), X.shape[1]))
    if raw:
        X = np.exp(0.5 * X)
    return Sample(np.round(X) if ties else X, truth, np.argmax(density, axis=0))


def one_cloud(rng: np.random.Generator) -> Sample:
    """Ten normal variables, all correlated .6."""
    return Sample(
        np.sqrt(0.6) * rng.normal(size=(500, 1)) + np.sqrt(0.4) * rng.normal(size=(500, 10))
    )


CONDITIONS: dict[str, Callable[[np.random.Generator], Sample]] = {
    "4 apart": planted,
    "4 apart, raw spends": lambda rng: planted(rng, raw=True),
    "4 apart, equal sizes": lambda rng: planted(rng, shares=(0.25,) * 4),
    "4 apart, redundant": lambda rng: planted(rng, redundant=3),
    "4 apart, rounded": lambda rng: planted(rng, ties=True),
    "4 apart, 2 % outliers": lambda rng: planted(rng, outliers=0.02),
    "4 apart, 6 irrelevant": lambda rng: planted(rng, irrelevant=6),
    "4 apart, 400 rows": lambda rng: planted(rng, rows=400),
    "2.5 apart": lambda rng: planted(rng, apart=2.5),
    "noise, independent": lambda rng: Sample(rng.normal(size=(500, 8))),
    "noise, one long cloud": one_cloud,
    "noise, raw spends": lambda rng: Sample(np.exp(rng.normal(size=(500, 8)))),
    "noise, heavy tails": lambda rng: Sample(rng.standard_t(3, size=(500, 8))),
    "noise, ratings 1–5": lambda rng: Sample(np.clip(np.round(rng.normal(3, 1.1, (500, 8))), 1, 5)),
    "noise, yes/no": lambda rng: Sample((rng.random((500, 12)) < rng.random(12)).astype(float)),
    "noise, rows twice": lambda rng: Sample(np.repeat(rng.normal(size=(250, 8)), 2, axis=0)),
}


def standardised(X: Array) -> Array:
    """Bring columns to one scale."""
    return (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1.0)


def prepared(X: Array) -> Array:
    """As step 03 prepares a table: a logarithm where a column is skewed and not negative."""
    taken = [np.log1p(c / np.quantile(c[c > 0], 0.01)) if skewed(c) else c for c in X.T]
    return standardised(np.column_stack(taken))


def skewed(column: Array) -> bool:
    """Whether step 03 would take the logarithm."""
    many = len(np.unique(column)) > 20
    return bool(many and column.min() >= 0 and skew(column) > 1)


def seglib_labels(X: Array, seed: int) -> Array | None:
    """Verdict, and the mixture's segments where it is natural."""
    data = prepared(X)
    verdict = assess(data, KS, effort="quick", random_state=seed)
    if verdict.overall != "natural" or verdict.structure is None:
        return None
    k = verdict.structure.groups
    return gaussian_mixtures(data, [k, k + 1], seed=seed)[k].labels


def kmeans_silhouette(X: Array, seed: int) -> Array | None:
    """The k of the highest silhouette; it has no way to say that there is none."""
    data = standardised(X)
    fits = [KMeans(k, n_init=10, random_state=seed).fit_predict(data) for k in KS]
    return max(fits, key=lambda labels: silhouette_score(data, labels))


def mixture_bic(X: Array, seed: int) -> Array | None:
    """The k and covariance structure of the smallest BIC; k = 1 is among them."""
    data = standardised(X)
    fits = [
        GaussianMixture(k, covariance_type=c, random_state=seed, reg_covar=1e-4).fit(data)
        for k in (1, *KS)
        for c in ("full", "tied", "diag", "spherical")
    ]
    best = min(fits, key=lambda fit: fit.bic(data))
    return best.predict(data) if best.n_components > 1 else None


METHODS = {
    "seglib": seglib_labels,
    "k-means, silhouette": kmeans_silhouette,
    "mixture, BIC": mixture_bic,
}


def outcome(sample: Sample, labels: Array | None) -> str:
    """Recovered, joined, abstained or wrong."""
    if labels is None:
        return "abstained"
    if sample.truth is None or sample.best is None:
        return "wrong"
    ceiling = adjusted_rand_score(sample.truth, sample.best)
    near = adjusted_rand_score(sample.truth, labels) >= ceiling - 0.05
    found, planted_ = len(np.unique(labels)), len(np.unique(sample.truth))
    if near and found == planted_:
        return "recovered"
    together = kept_whole(sample.truth, sample.best + 1) - 0.05
    joined = 1 < found < planted_ and kept_whole(sample.truth, labels + 1) >= together
    return "joined" if joined else "wrong"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="one seed, four conditions")
    parser.add_argument("--only", default="", help="conditions whose name holds this")
    options = parser.parse_args()
    seeds, names = options.seeds, [n for n in CONDITIONS if options.only in n]
    if options.quick:
        seeds, names = 1, names[:2] + names[9:11]
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    print(" " * 24 + "".join(f"{m:>22}" for m in METHODS))
    for name in names:
        counts = {
            method: {"recovered": 0, "joined": 0, "abstained": 0, "wrong": 0} for method in METHODS
        }
        for seed in range(seeds):
            sample = CONDITIONS[name](np.random.default_rng(seed))
            with threadpool_limits(1):
                for method, labels_of in METHODS.items():
                    counts[method][outcome(sample, labels_of(sample.X, seed))] += 1
        cells = {m: " ".join(f"{v:>2}" for v in c.values()) for m, c in counts.items()}
        print(f"{name:<24}" + "".join(f"{cells[m]:>22}" for m in METHODS), flush=True)
    print(
        f"\nrecovered, joined, abstained, wrong of {seeds}; {time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
