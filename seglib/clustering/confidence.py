"""Margin of error of the assignment: how often a segment is kept when the values move."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.models import AnyModel, predict
from seglib.collection import AccountTable

_DRAWS = 200
_MARGIN = 0.1  # relative; for a single-source value without a declared margin
_CHUNK = 400_000  # rows scored at once


def confidence(
    model: AnyModel,
    accounts: AccountTable,
    *,
    seed: int,
    draws: int = _DRAWS,
    margin: float = _MARGIN,
) -> pd.DataFrame:
    """Re-score each account with its values redrawn inside their margins of error.

    Parameters
    ----------
    model
        The chosen model.
    accounts
        The accounts to be scored; a column's own ``margin`` replaces the default.
    seed
        Of the redraws.
    draws
        Redraws per account.
    margin
        Relative standard error of a number that comes from one source. A category stays unless
        its column has a margin: the chance that the level is wrong, and another account's is drawn.

    Returns
    -------
    pandas.DataFrame
        ``segment``, ``confidence`` (share of draws in the assigned segment) and
        ``second_segment`` (the runner-up; 0 where every draw agrees).
    """
    frame = accounts.frame
    labels = predict(model, frame)
    k = max(int(labels.max(initial=0)), model.n_segments)
    votes = np.zeros((len(frame), k + 1), dtype=np.int32)
    rng = np.random.default_rng([seed, draws])
    at_once = max(1, _CHUNK // max(len(frame), 1))
    for start in range(0, draws, at_once):
        count = min(at_once, draws - start)
        drawn = _redrawn(accounts, model.variables, count, margin, rng)
        found = predict(model, drawn).reshape(count, len(frame))
        for row in found:
            votes[np.arange(len(frame)), row] += 1
    own = votes[np.arange(len(frame)), labels] / draws
    votes[np.arange(len(frame)), labels] = -1
    votes[:, 0] = np.minimum(votes[:, 0], 0)
    second = votes.argmax(axis=1)
    second[votes.max(axis=1) <= 0] = 0
    return pd.DataFrame({"segment": labels, "confidence": own, "second_segment": second})


def _redrawn(
    accounts: AccountTable, names: list[str], count: int, margin: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Stack copies of the inputs in which each number is multiplied by 1 + N(0, margin)."""
    columns: dict[str, pd.Series | NDArray[np.float64]] = {}
    for name in names:
        info, values = accounts.columns[name], accounts.frame[name]
        if info.kind == "category":
            columns[name] = _other_levels(values, count, info.margin or 0.0, rng)
            continue
        noise = rng.standard_normal((count, len(values)))
        size = info.margin if info.margin is not None else margin
        columns[name] = (values.to_numpy(dtype=float) * (1 + size * noise)).ravel()
    return pd.DataFrame(columns)


def _other_levels(
    values: pd.Series, count: int, margin: float, rng: np.random.Generator
) -> pd.Series:
    """Stack copies of a category in which some levels are replaced by another account's."""
    stacked = pd.concat([values] * count, ignore_index=True)
    if not margin:
        return stacked
    known = values.dropna().to_numpy(dtype="object")
    wrong = np.flatnonzero((rng.random(len(stacked)) < margin) & stacked.notna().to_numpy())
    drawn = stacked.to_numpy(dtype="object", copy=True)
    drawn[wrong] = known[rng.integers(0, len(known), len(wrong))] if len(known) else None
    return pd.Series(drawn).astype(values.dtype)
