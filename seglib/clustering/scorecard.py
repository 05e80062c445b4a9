"""The scorecard: Kotler's five criteria of a useful segmentation, each measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import skew
from sklearn import config_context
from sklearn.model_selection import StratifiedKFold
from sklearn.tree import DecisionTreeClassifier
from threadpoolctl import threadpool_limits

from seglib.clustering.candidate import Candidate
from seglib.clustering.preprocessing import fit_preprocessing
from seglib.clustering.replicate import Excess
from seglib.clustering.tree import tree_inputs
from seglib.collection import AccountTable
from seglib.intervals import wilson
from seglib.objectives import Brief
from seglib.variables import variables

_REPEATS = 3
_FOLDS = 5
_ENDS = ("_low", "_high")
_BASELINES = ("industry", "size")
CRITERIA = ("measurable", "substantial", "accessible", "differentiable", "actionable")


def evaluate_candidates(
    candidates: Sequence[Candidate],
    accounts: AccountTable,
    brief: Brief,
    *,
    replicability: Sequence[Excess] | None = None,
) -> pd.DataFrame:
    """Measure every candidate on the same five criteria.

    Parameters
    ----------
    candidates
        As :func:`~seglib.clustering.candidates.make_candidates` made them.
    accounts
        The accounts that segments are formed from.
    brief
        Outcome, weights, capacity, smallest share.
    replicability
        Excess replicability of each candidate, as
        :func:`~seglib.clustering.replicate.excess_replicability` measures it.

    Returns
    -------
    pandas.DataFrame
        One row per candidate. Every criterion lies between 0 and 1, and more is better:

        - ``measurable``: share of the inputs that are observed (normal interval over accounts);
        - ``substantial``: smallest segment / ``min_share``, at most 1 (Wilson interval);
        - ``accessible``: cross-validated balanced accuracy of the segment from observable
          descriptors by a small tree, above the majority baseline 1/k, with a 95 % interval over
          folds and repeats;
        - ``differentiable``: mean of two parts: the share of the outcome's spread that the segments
          explain in held-out folds (R², with interval), and the excess replicability. Where the
          inputs contain the outcome (``by_construction``) the first part proves nothing and is left
          out; a candidate with neither part gets 0;
        - ``actionable``: 1 up to ``capacity`` segments, then capacity / k: counted, no interval.

        Each criterion that is measured has its 95 % interval in ``<criterion>_low`` and
        ``<criterion>_high``. That of ``differentiable`` and of ``score`` is put together from the
        ends of their parts, as if all erred the same way: too wide rather than too narrow.

        ``score`` is their mean with the brief's weights; a criterion that could be measured for no
        candidate is left out for all, and one that could not be measured for this one counts 0.
    """
    reach, outcome = _reach(accounts, brief), _outcome(accounts, brief)
    unknown = Excess(np.nan, np.nan, np.nan)
    gains = replicability if replicability is not None else [unknown] * len(candidates)
    checked = config_context(assume_finite=True, skip_parameter_validation=True)
    with threadpool_limits(1), checked:  # hundreds of small trees: checks take half their time
        rows = [
            _row(candidate, accounts, brief, reach, outcome, gain)
            for candidate, gain in zip(candidates, gains, strict=True)
        ]
    card = pd.DataFrame(rows).astype({"certified": "boolean"})
    weights = brief.weights
    return card.assign(
        score=_weighted(card, weights),
        score_low=_weighted(card, weights, "_low"),
        score_high=_weighted(card, weights, "_high"),
    )


def _row(
    candidate: Candidate,
    accounts: AccountTable,
    brief: Brief,
    reach: NDArray[np.float64] | None,
    outcome: NDArray[np.float64] | None,
    gain: Excess,
) -> dict[str, object]:
    row: dict[str, Any] = {"method": candidate.method, "k": candidate.k}
    row |= _sizes(candidate, accounts, brief)
    row |= _observed(candidate, accounts)
    row |= _substantial(row["smallest"], len(candidate.labels), brief.min_share)
    row |= _accessible(candidate, reach, brief.seed)
    row |= _explained(candidate, outcome, brief.seed)
    row["by_construction"] = _contains(candidate, brief)
    row |= {"replicability" + end: v for end, v in zip(("", *_ENDS), gain, strict=True)}
    for end in ("", *_ENDS):
        row["differentiable" + end] = _differentiable(row, end)
    row["actionable"] = min(1.0, brief.capacity / candidate.k) if candidate.k > 1 else 0.0
    row["certified"] = candidate.certified
    row["agreement"] = candidate.agreement
    row["note"] = candidate.note
    return row


def _sizes(candidate: Candidate, accounts: AccountTable, brief: Brief) -> dict[str, float]:
    counts = np.bincount(candidate.labels, minlength=candidate.k + 1)[1:]
    share = float(counts.min() / len(candidate.labels)) if candidate.k else 0.0
    unplaced = float((candidate.labels == 0).mean())
    return {"smallest": int(counts.min()), "smallest_share": share, "unplaced": unplaced}


def _observed(candidate: Candidate, accounts: AccountTable) -> dict[str, float]:
    used = candidate.model.variables
    shares = accounts.frame[used].notna().to_numpy().mean(axis=1) if used else np.ones(1)
    mean = float(shares.mean())
    margin = 1.96 * float(shares.std()) / np.sqrt(len(shares))
    ends = {"measurable_low": max(mean - margin, 0.0), "measurable_high": min(mean + margin, 1.0)}
    return {"measurable": mean} | ends


def _substantial(smallest: int, n: int, min_share: float) -> dict[str, float]:
    low, high = (float(end) for end in wilson(smallest, n))
    shares = {"substantial": smallest / n, "substantial_low": low, "substantial_high": high}
    return {name: min(1.0, share / max(min_share, 1e-9)) for name, share in shares.items()}


def _differentiable(row: Mapping[str, Any], end: str) -> float:
    """Mean of the known parts; ``end`` says which end of their intervals, if any."""
    parts = ["replicability"] if row["by_construction"] else ["explained", "replicability"]
    known = [part for part in parts if not np.isnan(row[part])]
    values = [row[part] if np.isnan(row[part + end]) else row[part + end] for part in known]
    return float(np.mean([max(v, 0.0) for v in values])) if values else 0.0


def _reach(accounts: AccountTable, brief: Brief) -> NDArray[np.float64] | None:
    """Observable descriptors as a matrix: what a prospect shows too."""
    names = [
        n
        for n in tree_inputs(accounts, brief)
        if accounts.columns[n].observable and n not in brief.variables
    ]
    if not names:
        return None
    return fit_preprocessing(accounts, names, standardise=False).transform(accounts.frame)


def _accessible(
    candidate: Candidate, reach: NDArray[np.float64] | None, seed: int
) -> dict[str, float]:
    nothing = {"accessible": np.nan, "accessible_low": np.nan, "accessible_high": np.nan}
    labels = candidate.labels
    counts = np.bincount(labels)
    if reach is None or candidate.k < 2 or counts[counts > 0].min() < _FOLDS:
        return nothing
    accuracy = []
    for repeat in range(_REPEATS):
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed + repeat)
        for inside, outside in folds.split(reach, labels):
            tree = DecisionTreeClassifier(
                max_depth=4, min_samples_leaf=5, class_weight="balanced", random_state=seed
            ).fit(reach[inside], labels[inside])
            accuracy.append(_mean_recall(labels[outside], tree.predict(reach[outside])))
    baseline = 1 / candidate.k
    above = (np.array(accuracy) - baseline) / (1 - baseline)
    low, high = _interval(above)
    return {
        "accessible": float(np.clip(above.mean(), 0, 1)),
        "accessible_low": low,
        "accessible_high": high,
    }


def _mean_recall(labels: NDArray[np.integer], guess: NDArray[np.integer]) -> float:
    """Balanced accuracy: mean over the segments of the share of their rows that is guessed."""
    size = np.bincount(labels)
    right = np.bincount(labels, weights=labels == guess)
    return float((right[size > 0] / size[size > 0]).mean())


def _outcome(accounts: AccountTable, brief: Brief) -> NDArray[np.float64] | None:
    if brief.outcome is None or brief.outcome not in accounts.frame:
        return None
    values = accounts.frame[brief.outcome].to_numpy(dtype=np.float64)
    known = values[~np.isnan(values)]
    if len(np.unique(known)) < 2:
        return None
    skewed = known.min() >= 0 and float(skew(known, bias=False)) > 1
    return np.log1p(values, dtype=np.float64) if skewed else values


def _explained(
    candidate: Candidate, outcome: NDArray[np.float64] | None, seed: int
) -> dict[str, float]:
    """R² in held-out folds of predicting the outcome by the mean of the segment."""
    nothing = {"explained": np.nan, "explained_low": np.nan, "explained_high": np.nan}
    if outcome is None or candidate.k < 2:
        return nothing | {"explained": 0.0} if outcome is not None else nothing
    known = ~np.isnan(outcome)
    y, labels = outcome[known], candidate.labels[known]
    if len(y) < 4 * _FOLDS:
        return nothing
    gains = []
    for repeat in range(_REPEATS):
        fold = np.random.default_rng([seed, repeat]).permutation(len(y)) % _FOLDS
        for held in range(_FOLDS):
            inside, outside = fold != held, fold == held
            overall = float(y[inside].mean())
            means = pd.Series(y[inside]).groupby(labels[inside]).mean()
            guess = pd.Series(labels[outside]).map(means).fillna(overall).to_numpy()
            total = float(((y[outside] - overall) ** 2).sum())
            error = float(((y[outside] - guess) ** 2).sum())
            gains.append(1 - error / total if total > 0 else 0.0)
    low, high = _interval(np.array(gains))
    return {
        "explained": float(np.clip(np.mean(gains), 0, 1)),
        "explained_low": low,
        "explained_high": high,
    }


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """95 % interval of a cross-validated mean, widened for the overlap of the training folds
    (Nadeau & Bengio 2003: the variance is multiplied by 1/n + test/train)."""
    n = len(values)
    spread = float(values.std(ddof=1)) * np.sqrt(1 / n + 1 / (_FOLDS - 1))
    mean = float(values.mean())
    return mean - 1.96 * spread, mean + 1.96 * spread


def _contains(candidate: Candidate, brief: Brief) -> bool:
    words = variables()
    parts = {n for n, v in words.items() if brief.outcome in v.contains} | {brief.outcome}
    return bool(parts & set(candidate.model.variables))


def _weighted(card: pd.DataFrame, weights: Mapping[str, float], end: str = "") -> pd.Series:
    """Weighted mean of the criteria, or of the low or high ends of their intervals."""
    known = {c: w for c, w in weights.items() if card[c].notna().any()}
    total = sum(known.values())
    if not total:
        return pd.Series(np.nan, index=card.index)
    score = pd.Series(0.0, card.index)
    for criterion, weight in known.items():
        values = card[criterion + end] if criterion + end in card else card[criterion]
        score += values.fillna(card[criterion]).fillna(0.0).clip(0, 1) * weight
    return score / total


def defensible(scorecard: pd.DataFrame, brief: Brief) -> pd.Series:
    """Say which candidates are defensible answers.

    A candidate is defensible when it has from ``min_segments`` to ``capacity`` segments, none
    smaller than ``min_share``, places nearly all accounts (95 %), its certificate does not fail,
    and it is not a one-variable baseline.
    """
    return (
        (scorecard["k"] >= brief.min_segments)
        & (scorecard["k"] <= brief.capacity)
        & (scorecard["smallest_share"] >= brief.min_share)
        & (scorecard["unplaced"] <= 0.05)
        & scorecard["certified"].fillna(True).astype(bool)
        & ~scorecard["method"].isin(_BASELINES)
    )
