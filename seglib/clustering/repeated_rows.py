"""Accounts that are exact copies of another in the segmentation variables: counted, and what the
stability is without them. A copy comes back with its twin in every sample, whatever the groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from seglib.clustering.bench import Bench
from seglib.clustering.null_band import band, null_stability
from seglib.clustering.nulls import null_twin
from seglib.clustering.stability import global_stability
from seglib.clustering.verdict import EFFORTS, Verdict
from seglib.quotes import quote

_SEED = 10  # beside the study's, so that no other step draws the same


@dataclass(frozen=True)
class RepeatedRows:
    """Exact copies among the accounts that segments are formed from.

    Attributes
    ----------
    rows, copies
        Accounts, and those of them that repeat an account before them.
    expected
        Copies among as many accounts whose columns were permuted: what chance gives variables of
        few values.
    k
        Number of segments of the table.
    table
        Stability of k-means ``with`` the copies and with ``one of each``: accounts, median,
        quartiles, upper end of the permuted twins' band; empty where there is no copy.
    """

    rows: int
    copies: int
    expected: int
    k: int
    table: pd.DataFrame

    @property
    def sentence(self) -> str:
        """How many copies there are, and whether they change the stability."""
        if not self.copies:
            return "No account repeats another one exactly in the segmentation variables."
        text = (
            f"{quote('copies', self.copies, ',')} of {quote('accounts', self.rows, ',')} accounts "
            "repeat another one exactly in the segmentation variables "
            f"({quote('copies_by_chance', self.expected, ',')} by chance where the variables have "
            "nothing to do with each other)"
        )
        if self.table.empty:
            return f"{text}."
        if self.table["stability"].isna().any():
            return f"{text}; the stability without them is not certified."
        all_rows, one = self.table["stability"]
        return (
            f"{text}; stability at k = {self.k} is {quote('with_copies', all_rows, '.2f')} with "
            f"them, {quote('without_copies', one, '.2f')} without."
        )


def repeated_rows(bench: Bench, verdict: Verdict, k: int) -> RepeatedRows:
    """Count exact copies, and measure the stability with and without them.

    Parameters
    ----------
    bench
        Holds the matrix.
    verdict
        Holds the stability with all accounts, and says how much work is done.
    k
        Number of segments; another one of the verdict's where it has not tried it.
    """
    X, blocks = bench.X, bench.preprocessing.blocks
    rng = np.random.default_rng([bench.brief.seed, _SEED])
    distinct = np.unique(X, axis=0)
    copies = len(X) - len(distinct)
    known = verdict.table.set_index("k")
    k = k if k in known.index else int(known.index[0])
    if not copies or len(distinct) <= k:
        return RepeatedRows(len(X), copies, 0, k, pd.DataFrame())
    expected = len(X) - len(np.unique(null_twin(X, "permute", blocks, rng), axis=0))
    with threadpool_limits(1):
        without = _without(distinct[rng.permutation(len(distinct))], k, verdict, bench, rng)
    whole = known.loc[k, ["stability", "lower_quartile", "upper_quartile", "permute_high"]]
    table = pd.DataFrame([[*whole], without], columns=[*whole.index]).astype(float)
    table.insert(0, "counted", ["all accounts", "one of each"])
    table.insert(1, "accounts", [len(X), len(distinct)])
    return RepeatedRows(len(X), copies, expected, k, table)


def _without(
    rows: NDArray[np.float64], k: int, verdict: Verdict, bench: Bench, rng: np.random.Generator
) -> list[float]:
    work, blocks = EFFORTS[verdict.effort], bench.preprocessing.blocks
    found = global_stability(rows, [k], work.pairs, rng, optimiser_pairs=0).summary().iloc[0]
    twins = null_stability(
        rows, [k], "permute", twins=work.twins, pairs=work.twin_pairs, blocks=blocks, rng=rng
    )
    high = float(band(twins.sampling)[1][k])
    return [found["median"], found["lower_quartile"], found["upper_quartile"], high]
