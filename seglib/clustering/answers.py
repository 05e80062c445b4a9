"""The range of defensible answers, with the price of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.candidate import Candidate
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.scorecard import CRITERIA, defensible
from seglib.kinds import SEARCH
from seglib.objectives import Brief
from seglib.quotes import quote

_SLIGHT = 0.005  # points of the score; a smaller loss or gain is not worth a word


def defensible_answers(scorecard: pd.DataFrame, brief: Brief) -> pd.DataFrame:
    """List what may be kept without blushing, and what each answer costs against the best.

    Parameters
    ----------
    scorecard
        As :func:`~seglib.clustering.evaluate_candidates` measures it.
    brief
        Weights, capacity, smallest share.

    Returns
    -------
    pandas.DataFrame
        One row per defensible candidate, best first: ``answer`` (k and method), ``method``, ``k``,
        ``score`` with ``score_low`` and ``score_high``, ``price`` (points of the score, of 1, below
        the best), ``loses`` and ``gains`` (the criterion on which it is furthest behind and ahead
        of the best, with the points of the score that this makes; empty where there is none).
    """
    fit = scorecard[defensible(scorecard, brief)]
    order = fit.sort_values("score", ascending=False, kind="stable")
    rows = order.to_dict("records")
    total = sum(w for c, w in brief.weights.items() if scorecard[c].notna().any())
    weights = {c: w / total for c, w in brief.weights.items()} if total else {}
    made = [_answer(row, rows[0], weights) for row in rows]
    columns = ["answer", "method", "k", "score", "score_low", "score_high", "price", "loses",
               "gains"]  # fmt: skip
    return pd.DataFrame(made, columns=columns)


def _answer(
    row: Mapping[Any, Any], best: Mapping[Any, Any], weights: Mapping[str, float]
) -> dict[str, object]:
    points = {c: weights.get(c, 0.0) * (_known(row[c]) - _known(best[c])) for c in CRITERIA}
    worst, most = min(points, key=points.__getitem__), max(points, key=points.__getitem__)
    said = {name: row[name] for name in ("method", "k", "score", "score_low", "score_high")}
    return said | {
        "answer": f"{row['k']} segments by {METHOD_LABELS[str(row['method'])]}",
        "price": best["score"] - row["score"],
        "loses": f"{worst} {points[worst]:.2f}" if points[worst] <= -_SLIGHT else "",
        "gains": f"{most} +{points[most]:.2f}" if points[most] >= _SLIGHT else "",
    }


def _known(value: float) -> float:
    return 0.0 if pd.isna(value) else float(value)


def range_sentence(answers: pd.DataFrame) -> str:
    """Say the range of defensible answers.

    Parameters
    ----------
    answers
        From :func:`defensible_answers`.

    Examples
    --------
    >>> from seglib.quotes import bare
    >>> bare(range_sentence(pd.DataFrame({"k": [3, 5], "score": [0.8, 0.7],
    ...     "score_high": [0.82, 0.81], "price": [0.0, 0.1]})))
    '2 answers are defensible, with 3 to 5 segments; the dearest costs 0.10 points of the score \
(of 1). The interval of 1 of the others reaches the best score.'
    """
    if answers.empty:
        return "No answer is defensible."
    if len(answers) == 1:
        method = METHOD_LABELS[str(answers["method"].iloc[0])]
        only = quote("only_k", answers["k"].iloc[0])
        return f"One answer is defensible: {only} segments by {method}."
    low, high = quote("k_low", answers["k"].min()), quote("k_high", answers["k"].max())
    count = low if answers["k"].nunique() == 1 else f"{low} to {high}"
    reach = int((answers["score_high"].iloc[1:] >= answers["score"].iloc[0]).sum())
    return (
        f"{quote('answers', len(answers))} answers are defensible, with {count} segments; the "
        f"dearest costs {quote('dearest', answers['price'].max(), '.2f')} points of the score "
        f"(of 1). The interval of {quote('reach_best', reach) if reach else 'none'} of the others "
        "reaches the best score."
    )


def agreement_matrix(candidates: Sequence[Candidate], k: int) -> pd.DataFrame:
    """How far the candidates with k segments, and those that cannot choose k, agree.

    Parameters
    ----------
    candidates
        All candidates.
    k
        Number of segments.

    Returns
    -------
    pandas.DataFrame
        Candidate × candidate: adjusted Rand index; 1 for the same segments, about 0 for two that
        have nothing to do with each other. Rules, trees and baselines stand there with the
        segments they have.
    """
    shown = [c for c in candidates if c.k == k or c.method not in SEARCH]
    names = [f"{METHOD_LABELS[c.method]}, {c.k}" for c in shown]
    values = [[float(adjusted_rand(a.labels, b.labels)[0]) for b in shown] for a in shown]
    return pd.DataFrame(values, index=pd.Index(names, name="candidate"), columns=names)
