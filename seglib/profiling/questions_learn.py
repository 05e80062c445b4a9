"""Learn which questions help most, and when the answers decide; all on customers held out."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.intervals import Floats, Z
from seglib.profiling.rules import MIN_ACCOUNTS
from seglib.profiling.scorecard import Ints, answer_points, leading, points_of
from seglib.profiling.typing_tool import DOUBTFUL, SURE

MOST = 8
"""Questions that anybody will answer."""

_FOLDS = 5


def question_order(codes: Ints, segment: Ints, sizes: list[int], k: int, seed: int) -> list[int]:
    """Take the questions one by one, each time the one that lowers the held-out log loss most.

    Parameters
    ----------
    codes
        Questions × accounts: number of the answer, −1 where there is none.
    segment
        Number of each account's segment, from 0.
    sizes
        Answers of each question.
    k
        Segments.
    seed
        Of the folds.

    Returns
    -------
    list of int
        Places of the questions, the first asked first.
    """
    from sklearn.model_selection import StratifiedKFold

    folds = np.empty(len(segment), dtype=np.int64)
    split = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed)
    for number, (_, tested) in enumerate(split.split(segment, segment)):
        folds[tested] = number
    points = np.array([
        _fold_points(codes[v], segment, folds, size, k) for v, size in enumerate(sizes)
    ])  # fmt: skip
    weight = (1 / np.bincount(segment, minlength=k))[segment]
    total, taken = np.zeros((len(segment), k)), list[int]()
    while len(taken) < min(MOST, len(sizes)):
        losses = [
            np.inf if v in taken else _log_loss(total + points[v], segment, weight)
            for v in range(len(sizes))
        ]
        taken.append(int(np.argmin(losses)))
        total = total + points[taken[-1]]
    return taken


def _fold_points(codes: Ints, segment: Ints, folds: Ints, size: int, k: int) -> Ints:
    """Points of each account by those of the other folds: accounts × segments."""
    known = codes >= 0
    cells = (folds[known] * size + codes[known]) * k + segment[known]
    counts = np.bincount(cells, minlength=_FOLDS * size * k).reshape(_FOLDS, size, k)
    table = points_of(counts.sum(axis=0) - counts)
    return np.where(known[:, None], table[folds, np.maximum(codes, 0)], 0)


def _log_loss(scores: Floats, segment: Ints, weight: Floats) -> float:
    logs = scores / 10
    top = logs.max(axis=1)
    chance = np.log(np.exp(logs - top[:, None]).sum(axis=1)) + top
    loss: float = ((chance - logs[np.arange(len(segment)), segment]) * weight).sum()
    return loss


def held_out_scores(codes: Ints, segment: Ints, sizes: list[int], k: int, seed: int) -> list[Ints]:
    """Score each customer by questions chosen without it: one table per number of questions."""
    from sklearn.model_selection import StratifiedKFold

    found = [np.zeros((len(segment), k), dtype=np.int64) for _ in range(min(MOST, len(sizes)))]
    split = StratifiedKFold(_FOLDS, shuffle=True, random_state=seed + 1)
    for learned, tested in split.split(segment, segment):
        total = np.zeros((len(tested), k), dtype=np.int64)
        order = question_order(codes[:, learned], segment[learned], sizes, k, seed)
        for number, v in enumerate(order):
            points = answer_points(codes[v, learned], segment[learned], sizes[v], k)
            total = total + np.vstack([points, np.zeros((1, k), dtype=np.int64)])[codes[v, tested]]
            found[number][tested] = total
    return found


def accuracy_curve(scores: list[Ints], segment: Ints) -> pd.DataFrame:
    rows = []
    for number, table in enumerate(scores, start=1):
        right = table.argmax(axis=1) == segment
        parts = [right[segment == s] for s in np.unique(segment)]
        accuracy = float(np.mean([part.mean() for part in parts]))
        error = float(np.sqrt(sum(part.var(ddof=1) / len(part) for part in parts)) / len(parts))
        rows.append((number, accuracy, max(accuracy - Z * error, 0), min(accuracy + Z * error, 1)))
    return pd.DataFrame(rows, columns=["questions", "accuracy", "low", "high"])


def fewest_questions(curve: pd.DataFrame) -> int:
    """Smallest number of questions within one standard error of the most accurate one."""
    best = curve.iloc[int(curve["accuracy"].to_numpy().argmax())]
    error = (best["high"] - best["accuracy"]) / Z
    enough = curve[curve["accuracy"] >= best["accuracy"] - error - 1e-12]
    return int(enough["questions"].iloc[0])


def decisive_leads(scores: Ints, segment: Ints) -> tuple[int, ...]:
    """For each segment the smallest lead from which enough are right; 0 where there is none."""
    from sklearn.isotonic import IsotonicRegression

    best, lead = leading(scores)
    found = []
    for place in range(scores.shape[1]):
        own = best == place
        if own.sum() < MIN_ACCOUNTS:
            found.append(0)
            continue
        right = np.append((best == segment)[own], 1 / scores.shape[1])
        weight = np.append(np.ones(int(own.sum())), DOUBTFUL)
        leads = np.append(lead[own], lead[own].max())
        model = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
        model.fit(leads, right, sample_weight=weight)
        steps = np.arange(1, int(lead[own].max()) + 1)
        sure = steps[model.predict(steps) >= SURE] if len(steps) else steps
        found.append(int(sure[0]) if len(sure) else 0)
    return tuple(found)
