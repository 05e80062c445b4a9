"""Candidates: every method over every number of segments, all with one result type."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from seglib.clustering import ward
from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate, make_candidate
from seglib.clustering.consensus import consensus_candidates
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.density import hdbscan_candidates
from seglib.clustering.floors import variance_floor
from seglib.clustering.gaussian import GaussianFit, gaussian_mixtures
from seglib.clustering.grouping import baseline_rules, rfm_rules, study_rules
from seglib.clustering.latent import latent_candidates
from seglib.clustering.mixture_search import MOST_ROWS, certified_mixture
from seglib.clustering.models import Centroids, Mixture, Rules
from seglib.clustering.modes import several_modes
from seglib.clustering.observed import observed_mixtures
from seglib.clustering.preprocessing import Preprocessing
from seglib.clustering.prototypes import prototypes_candidates
from seglib.clustering.tree import fit_tree

__all__ = ["Candidate", "certificate_table", "make_candidates"]


_MIXTURE_RESTARTS = {"quick": 16, "standard": 64, "thorough": 400}  # a certificate asks for at most


def kmeans_candidates(bench: Bench) -> list[Candidate]:
    """k-means with a restart certificate, for every k."""
    made = []
    for fit in bench.kmeans.values():
        centers = tuple(tuple(float(v) for v in c) for c in fit.cluster_centers_)
        model = Centroids(preprocessing=bench.preprocessing, centers=centers)
        certificate = fit.certificate_
        made.append(
            make_candidate("kmeans", model, bench, fit.labels_ + 1, certified=certificate.certified,
                       note=certificate.sentence())
        )  # fmt: skip
    return made


def mixture_candidates(bench: Bench) -> list[Candidate]:
    """Gaussian mixtures for every k and for k = 1; the covariance structure is chosen by BIC.

    Under ``missing: full-information`` they are fitted to what was observed (see
    :mod:`seglib.clustering.observed`).
    """
    budget = _MIXTURE_RESTARTS[bench.study.clustering.effort]
    if bench.study.clustering.missing == "full-information":
        return [
            make_candidate("mixture", one.model, bench, one.labels, note=one.note, bic=one.bic,
                           certified=one.certified)
            for one in observed_mixtures(
                bench.preprocessing, bench.accounts.frame, bench.ks, seed=bench.brief.seed,
                max_restarts=budget,
            )
        ]  # fmt: skip
    made = []
    floor = variance_floor(bench.X, bench.preprocessing.blocks)
    aside = bench.X[:, several_modes(bench.X)]
    ks, seed = [1, *bench.ks], bench.brief.seed
    fits = gaussian_mixtures(bench.X, ks, seed=seed, floor=floor, aside=aside)
    for k, fit in fits.items():
        note, certified = f"Covariance '{fit.covariance}' by BIC.", None
        if k > 1:
            fit, found = certified_mixture(bench.X, fit, floor, seed=seed, max_restarts=budget)
            certified, note = found.certified, f"{found.sentence()} {note}"
            if len(bench.X) > MOST_ROWS:
                note += f" Restarted on a sample of {MOST_ROWS:,} accounts."
        empty = k - len(np.unique(fit.labels))
        if empty:
            note += f" {empty} of {k} components hold no account."
        model = _mixture_model(fit, bench.preprocessing)
        made.append(
            make_candidate("mixture", model, bench, fit.labels + 1, note=note, bic=fit.bic,
                           certified=certified)
        )  # fmt: skip
    return made


def _mixture_model(fit: GaussianFit, preprocessing: Preprocessing) -> Mixture:
    roots = fit.precisions_cholesky
    return Mixture(
        preprocessing=preprocessing,
        weights=tuple(float(max(w, 1e-300)) for w in fit.weights),
        means=tuple(tuple(float(v) for v in m) for m in fit.means),
        precisions_cholesky=tuple(tuple(tuple(float(v) for v in r) for r in m) for m in roots),
        covariance=fit.covariance,
    )


def ward_candidates(bench: Bench) -> list[Candidate]:
    """Ward's hierarchical clustering for every k; new accounts go to the nearest centroid."""
    made, note = [], "assigned by nearest centroid"
    if len(bench.X) > ward.MOST_ROWS:
        note = f"tree of a sample of {ward.MOST_ROWS:,} accounts, {note}"
    for labels, cut in ward.ward_cuts(bench.X, bench.ks, seed=bench.brief.seed).values():
        centers = tuple(tuple(float(v) for v in center) for center in cut)
        model = Centroids(preprocessing=bench.preprocessing, centers=centers)
        made.append(make_candidate("ward", model, bench, labels + 1, note=note))
    return made


def tree_candidates(bench: Bench) -> list[Candidate]:
    """An honest decision tree on the outcome; none where the data hold no outcome."""
    fitted = fit_tree(bench.accounts, bench.brief, max_leaves=max(bench.ks))
    if fitted is None:
        return []
    model, note = fitted
    return [make_candidate("tree", model, bench, model.labels(bench.accounts.frame), note=note)]


def rfm_candidates(bench: Bench) -> list[Candidate]:
    """Recency, frequency and monetary value by rules."""
    return _ruled("rfm", rfm_rules(bench.accounts), bench)


def rules_candidates(bench: Bench) -> list[Candidate]:
    """The analyst's own grouping, written in the study."""
    return _ruled("rules", study_rules(bench.accounts, bench.study.clustering.rules), bench)


def baseline_candidates(bench: Bench) -> list[Candidate]:
    """One-variable baselines that any segmentation must beat: industry, size band."""
    made: list[Candidate] = []
    for name, rules in baseline_rules(bench.accounts).items():
        made += _ruled(name, rules, bench)
    return made


def _ruled(method: str, found: tuple[Rules, str] | None, bench: Bench) -> list[Candidate]:
    if found is None:
        return []
    rules, note = found
    labels = rules.labels(bench.accounts.frame)
    return [make_candidate(method, rules, bench, labels, note=note)] if labels.any() else []


_METHODS: dict[str, Callable[[Bench], list[Candidate]]] = {
    "kmeans": kmeans_candidates,
    "mixture": mixture_candidates,
    "ward": ward_candidates,
    "latent-class": latent_candidates,
    "prototypes": prototypes_candidates,
    "hdbscan": hdbscan_candidates,
    "tree": tree_candidates,
    "rfm": rfm_candidates,
    "rules": rules_candidates,
}


def make_candidates(bench: Bench, methods: Iterable[str]) -> list[Candidate]:
    """Make the candidates of the methods asked for, and the baselines.

    Parameters
    ----------
    bench
        What every method works on.
    methods
        Keys of the study's ``clustering.methods``.
    """
    asked = list(methods)
    with threadpool_limits(1):  # many small fits: threads cost ten times more than they give
        made = [c for method in asked if method in _METHODS for c in _METHODS[method](bench)]
        if "consensus" in asked:
            made += consensus_candidates(bench, made)
    return made + baseline_candidates(bench)


def certificate_table(candidates: Sequence[Candidate]) -> pd.DataFrame:
    """One row per candidate with a restart certificate."""
    rows = [
        (f"{METHOD_LABELS[c.method]}, {c.k}", bool(c.certified), c.note)
        for c in candidates
        if c.certified is not None
    ]
    return pd.DataFrame(rows, columns=["candidate", "certified", "certificate"])
