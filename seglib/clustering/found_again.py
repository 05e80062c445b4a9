"""How far the kept segments are found again, beside what noise gives by the same steps.

Segment level stability within the solution (SLSW) and across solutions (SLSA) of the method that
was kept, and prediction strength of k-means for every number of segments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from seglib.clustering.again_noise import (
    ROUNDS,
    Rounds,
    noise_across,
    noise_within,
    strength_and_noise,
)
from seglib.clustering.bench import Bench
from seglib.clustering.bootstrap import bootstrap_weights
from seglib.clustering.candidate import Candidate
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.flows import common_rows
from seglib.clustering.redraw import Redraw, redraw_of
from seglib.clustering.segment_level import SegmentStability, segment_stability, slsa
from seglib.clustering.verdict import Verdict
from seglib.kinds import SEARCH
from seglib.quotes import cited, quote
from seglib.run import Run
from seglib.study import Effort

Labels = NDArray[np.integer]


@dataclass(frozen=True)
class FoundAgain:
    """How far the segments are found again.

    Attributes
    ----------
    kept
        The candidate.
    slsw
        Segment level stability within the solution; None for rules and trees, which look for no
        groups, and for a single segment.
    slsw_noise
        Band of a twin's segments, the best with the best and so on: ``how`` (kind of twin),
        ``rank`` (from 0, the best), ``low``, ``high``.
    border_noise
        Band of the share of a twin's rows that lie near a border of its segments: ``how``, ``low``,
        ``high``; empty for rules, trees and methods with a matrix of their own.
    method
        Method of the solutions: that of the kept one, or k-means where it has one solution only.
    solutions
        k → segment of each account that all of them place, numbered as in the kept solution.
    placed
        Which accounts those are.
    slsa
        As :func:`seglib.clustering.stability.slsa` gives it, with ``certified``: False where the
        fit of this k or of the one before is not, so that the figure is withheld.
    slsa_noise
        Band of a twin's mean over its segments, weighted by their rows: ``k``, ``how``, ``low``,
        ``high``.
    strength
        Prediction strength of k-means: ``k``, ``mean``, ``sd``, ``certified``, and ``<how>_low``
        and ``<how>_high``, the band of the twins' means.
    effort, rounds
        How much work was done.
    rows, rows_split
        Accounts, and those under prediction strength.
    """

    kept: Candidate
    slsw: SegmentStability | None
    slsw_noise: pd.DataFrame
    border_noise: pd.DataFrame
    method: str
    solutions: dict[int, Labels] = field(repr=False)
    placed: NDArray[np.bool_] = field(repr=False)
    slsa: pd.DataFrame
    slsa_noise: pd.DataFrame
    strength: pd.DataFrame
    effort: Effort
    rounds: Rounds
    rows: int
    rows_split: int

    @property
    def withheld(self) -> bool:
        """Whether the kept fit is not certified, so that its figures are withheld."""
        return self.kept.certified is False

    @property
    def certificate(self) -> str:
        """What is known of the search under the kept solution, in a sentence."""
        if self.kept.certified is not None:
            return cited("candidates.parquet:note", self.kept.note)
        name = METHOD_LABELS[self.kept.method]
        name = name[0].upper() + name[1:]
        if self.kept.method == "mixture":
            return f"{name}: the search has no restart certificate; a better fit may exist."
        return f"{name}: no random start, so there is nothing to certify."

    @property
    def sample(self) -> str:
        """On what SLSW stands, in words."""
        if self.slsw is None:
            return ""
        text = f"{quote('pairs', len(self.slsw.jaccard))} pairs of bootstrap samples"
        if self.slsw.rows_used < self.slsw.rows:
            text += f" of a random {quote('rows_used', self.slsw.rows_used, ',')}"
            text += f" of the {quote('rows', self.slsw.rows, ',')} accounts"
        return text

    def table(self) -> pd.DataFrame:
        """One row per segment.

        Returns
        -------
        pandas.DataFrame
            ``segment``, ``accounts``, ``slsw`` (median over the pairs) with ``slsw_low`` and
            ``slsw_high`` (quartiles), ``one_to_one`` (median), ``noise_high`` (upper end of the
            higher band for the segment's rank), ``above_noise``, and ``slsa``. What is not
            certified is missing.
        """
        labels = self.kept.labels
        segments = [int(s) for s in np.unique(labels) if s > 0]
        accounts = [int((labels == s).sum()) for s in segments]
        table = pd.DataFrame({"segment": segments, "accounts": accounts})
        if self.slsw is not None and not self.withheld:
            low, middle, high = self.slsw.jaccard.quantile([0.25, 0.5, 0.75]).to_numpy()
            rank = np.argsort(np.argsort(-middle, kind="stable"), kind="stable")
            top = self.slsw_noise.groupby("rank")["high"].max().reindex(rank).to_numpy()
            table = table.assign(
                slsw=middle, slsw_low=low, slsw_high=high,
                one_to_one=self.slsw.matched.median().to_numpy(), noise_high=top,
                above_noise=middle > top,
            )  # fmt: skip
        across = self.slsa[(self.slsa["k"] == self.kept.k) & self.slsa["certified"]]
        if self.method == self.kept.method:
            table["slsa"] = table["segment"].map(across.set_index("segment")["stability"])
        return table

    def save(self, run: Run) -> None:
        """Leave the table in a run."""
        run.write_table("segment_stability.parquet", self.table())


def find_again(
    bench: Bench, candidates: Sequence[Candidate], kept: Candidate, verdict: Verdict
) -> FoundAgain:
    """Measure how far the kept segments are found again.

    Parameters
    ----------
    bench, candidates
        What was tried, and on what.
    kept
        The chosen candidate, numbered as it is passed on.
    verdict
        Holds the bootstrap samples of k-means and the certificates of its fits.

    Notes
    -----
    Each null twin goes through the same steps as the data: segmented by the same method, drawn
    again, compared. The bands are those in which one more twin lies.
    """
    rounds, rng = ROUNDS[verdict.effort], np.random.default_rng([bench.brief.seed, 9])
    rows = verdict.stability.row_index
    method, placed, solutions, certified = _solutions(candidates, kept)
    with threadpool_limits(1):
        own = redraw_of(bench, candidates, kept.method, rows) if kept.k > 1 else None
        slsw = _within(own, kept, verdict, rounds, rng) if own else None
        series = own if method == kept.method else redraw_of(bench, candidates, method, rows)
        across = noise_across(series, list(solutions), rounds, rng)
        within, borders = noise_within(own, kept.k, rounds, rng)
        strength, split = strength_and_noise(bench, verdict, rounds, rng)
    return FoundAgain(
        kept, slsw, within, borders, method, solutions, placed, _across(solutions, certified),
        across, strength, verdict.effort, rounds, len(bench.X), split,
    )  # fmt: skip


def _solutions(
    candidates: Sequence[Candidate], kept: Candidate
) -> tuple[str, NDArray[np.bool_], dict[int, Labels], dict[int, bool]]:
    """Solutions of the kept method for every k, or of k-means where it has one only."""
    for method in (kept.method, "kmeans"):
        found = {kept.k: kept} if method == kept.method and kept.k > 1 else {}
        for c in candidates:
            if c.method == method and c.k > 1:
                found.setdefault(c.k, c)
        if method in SEARCH and len(found) > 1:
            break
    ks = sorted(found)
    placed = common_rows([found[k].labels for k in ks]) if ks else np.empty(0, dtype=bool)
    return (
        method,
        placed,
        {k: found[k].labels[placed] for k in ks},
        {k: found[k].certified is not False for k in ks},
    )


def _across(solutions: Mapping[int, Labels], certified: Mapping[int, bool]) -> pd.DataFrame:
    if not solutions:
        return pd.DataFrame(columns=["k", "segment", "size", "entropy", "stability", "certified"])
    ks = list(solutions)
    both = {
        k: certified[k] and certified[before] for before, k in zip([ks[0], *ks], ks, strict=False)
    }
    table = slsa(solutions)
    return table.assign(certified=table["k"].map(both))


def _within(
    own: Redraw, kept: Candidate, verdict: Verdict, rounds: Rounds, rng: np.random.Generator
) -> SegmentStability:
    """SLSW of the kept segments; k-means was drawn again for the verdict."""
    known = verdict.stability.labels
    if kept.method == "kmeans" and kept.k in known:
        fitted = known[kept.k]
    else:
        weights = bootstrap_weights(len(own.rows), 2 * rounds.pairs, rng)
        fitted = own.labels(own.matrix, kept.k, weights, rng)
    segments = [int(s) for s in np.unique(kept.labels) if s > 0]
    labels = kept.labels[own.rows]
    place = np.where(labels > 0, np.searchsorted(segments, labels), -1)
    return segment_stability(place, fitted, segments, rows=len(kept.labels))
