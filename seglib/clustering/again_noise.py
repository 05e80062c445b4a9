"""What null twins reach by the same steps as the data, and how much work each effort does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from seglib.clustering.bench import Bench
from seglib.clustering.bootstrap import bootstrap_weights, subsample
from seglib.clustering.flows import common_rows
from seglib.clustering.null_band import band
from seglib.clustering.nulls import KINDS, null_twin
from seglib.clustering.prediction import prediction_strength
from seglib.clustering.redraw import Redraw
from seglib.clustering.segment_level import segment_stability, slsa
from seglib.clustering.shape import BORDER, shadow_of
from seglib.clustering.verdict import Verdict
from seglib.study import Effort

_NEAR = ["how", "low", "high"]
MOST_SPLIT = 2000  # rows that prediction strength works on


class Rounds(NamedTuple):
    """How much work an effort does.

    Twins of each kind, pairs of bootstrap samples of a twin, halvings of the data and of a twin;
    and pairs where the method is not k-means, whose samples the verdict has drawn.
    """

    twins: int
    twin_pairs: int
    splits: int
    twin_splits: int
    pairs: int

    def twins_of(self, method: Redraw) -> int:
        """Twins of each kind: half as many where the method is fitted sample by sample."""
        return max(3, self.twins // 2) if method.fits else self.twins


ROUNDS: dict[Effort, Rounds] = {
    "quick": Rounds(3, 3, 10, 2, 5),
    "standard": Rounds(6, 5, 20, 2, 15),
    "thorough": Rounds(20, 20, 50, 5, 50),
}


def noise_within(
    own: Redraw | None, k: int, rounds: Rounds, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What the twins' segments reach by themselves.

    Returns
    -------
    tuple of pandas.DataFrame
        Band of their SLSW: ``how`` (kind of twin), ``rank`` (0: the best), ``low``, ``high``; and
        of the share of rows near a border: ``how``, ``low``, ``high``. Empty where the method
        cannot be fitted again; the second also where its matrix is one of its own.
    """
    names, found, near = ["how", "rank", "low", "high"], [], []
    if own is None:
        return pd.DataFrame(columns=names), pd.DataFrame(columns=_NEAR)
    for how in own.twins:
        ranked, borders = [], []
        for spawned in rng.spawn(rounds.twins_of(own)):
            twin = own.twin(how, spawned)
            weights = bootstrap_weights(len(twin), 2 * rounds.twin_pairs, spawned)
            base = own.partition(twin, k, spawned)
            fitted = own.labels(twin, k, weights, spawned)
            parts = np.arange(int(base.max()) + 1).tolist()
            medians = segment_stability(base, fitted, parts, rows=len(twin)).jaccard.median()
            ranked.append(dict(enumerate(sorted(medians, reverse=True))))
            if own.twins == KINDS:
                borders.append(float((shadow_of(twin, base + 1) > BORDER).mean()))
        low, high = band(pd.DataFrame(ranked))
        found += [(how, r, max(low[r], 0.0), high[r]) for r in low.index]
        if borders:
            low, high = band(pd.DataFrame({0: borders}))
            near.append((how, max(low[0], 0.0), high[0]))
    return pd.DataFrame(found, columns=names), pd.DataFrame(near, columns=_NEAR)


def noise_across(
    series: Redraw | None, ks: Sequence[int], rounds: Rounds, rng: np.random.Generator
) -> pd.DataFrame:
    """Band of the twins' mean SLSA for every k but the first: k, how, low, high.

    Empty where the method cannot be fitted again, or for a single k.
    """
    names, found = ["k", "how", "low", "high"], []
    if series is None or len(ks) < 2:
        return pd.DataFrame(columns=names)
    for how in series.twins:
        twins = []
        for spawned in rng.spawn(rounds.twins_of(series)):
            twin = series.twin(how, spawned)
            made = [series.partition(twin, k, spawned) + 1 for k in ks]
            placed = common_rows(made)
            twins.append(slsa({k: own[placed] for k, own in zip(ks, made, strict=True)}))
        low, high = band(pd.DataFrame([mean_stability(twin) for twin in twins]))
        found += [(k, how, max(low[k], 0.0), high[k]) for k in low.index]
    return pd.DataFrame(found, columns=names)


def mean_stability(table: pd.DataFrame) -> pd.Series:
    """Mean stability across solutions for every k, each segment with the weight of its rows.

    Parameters
    ----------
    table
        As :func:`seglib.clustering.stability.slsa` gives it.

    Examples
    --------
    >>> mean_stability(slsa({2: [0, 0, 1, 1], 3: [0, 1, 1, 2]})).round(3).to_dict()
    {3: 0.5}
    """
    known = table.dropna(subset="stability")
    weighted = (known["stability"] * known["size"]).groupby(known["k"]).sum()
    return weighted / known.groupby("k")["size"].sum()


def strength_and_noise(
    bench: Bench, verdict: Verdict, rounds: Rounds, rng: np.random.Generator
) -> tuple[pd.DataFrame, int]:
    """Prediction strength of k-means for every k with the band of the twins', and the rows used."""
    X = bench.X[subsample(len(bench.X), MOST_SPLIT, rng)]
    different = len(np.unique(X, axis=0))
    ks = [k for k in verdict.stability.certificates if k <= different]
    if len(X) < 4 or not ks:
        return pd.DataFrame(columns=["k", "mean", "sd", "certified"]), len(X)
    seed = int(rng.integers(2**32))
    table = prediction_strength(X, ks, rounds.splits, seed)
    table["certified"] = [verdict.stability.certified(k) for k in ks]
    for how in KINDS:
        twins = [
            prediction_strength(
                null_twin(X, how, bench.preprocessing.blocks, spawned), ks, rounds.twin_splits, seed
            ).set_index("k")["mean"]
            for spawned in rng.spawn(rounds.twins)
        ]
        low, high = band(pd.DataFrame(twins))
        table[f"{how}_low"], table[f"{how}_high"] = low.clip(0).to_numpy(), high.to_numpy()
    return table, len(X)
