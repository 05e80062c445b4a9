"""Cluster analysis: everything step 03 finds and decides, in one result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate
from seglib.clustering.confidence import confidence
from seglib.clustering.decision import Decision
from seglib.clustering.models import Rules
from seglib.clustering.segmentation import Segmentation
from seglib.clustering.shape import shadow_of
from seglib.clustering.verdict import Verdict, assess
from seglib.run import Run

_UNSURE = 0.8  # confidence under which an account is listed for the data team
_RULES = {
    "kmeans": "nearest centroid in the preprocessed space",
    "mixture": "most probable component",
    "ward": "nearest centroid of the segments that Ward's method formed",
    "latent-class": "most probable class",
    "prototypes": "nearest prototype by Gower's distance",
    "hdbscan": "the group in whose exemplars' reach it lies deepest; beyond all of them none",
    "consensus": "nearest centroid of the segments that the methods formed together",
    "tree": "the tree's leaf",
    "rfm": "the first RFM rule that holds",
    "rules": "the first of the analyst's rules that holds",
    "industry": "the industry",
    "size": "the size band",
}


@dataclass(frozen=True)
class ClusterAnalysis:
    """What step 03 leaves.

    Attributes
    ----------
    bench
        The accounts and variables worked on.
    scorecard
        One row per candidate.
    verdict
        Natural, reproducible or constructive, with the evidence.
    kept, decision
        The chosen candidate, and why.
    assignments
        One row per customer: segment, confidence, second segment, shadow.
    """

    bench: Bench
    scorecard: pd.DataFrame
    verdict: Verdict
    kept: Candidate
    decision: Decision
    assignments: pd.DataFrame

    @property
    def segmentation(self) -> Segmentation:
        """The chosen model as data."""
        model = self.kept.model
        return Segmentation(
            method=self.kept.method,
            model=model,
            assignment=_RULES[self.kept.method],
            agreement=self.kept.agreement,
            names=model.names if isinstance(model, Rules) else {},
        )

    def summary(self) -> pd.DataFrame:
        """One row per segment: accounts, share, mean confidence, accounts under .8."""
        grouped = self.assignments.groupby("segment")
        table = pd.DataFrame(
            {
                "accounts": grouped.size(),
                "share": grouped.size() / len(self.assignments),
                "confidence": grouped["confidence"].mean(),
                "unsure": grouped["confidence"].agg(lambda c: int((c < _UNSURE).sum())),
            }
        )
        return table.reset_index()

    def save(self, run: Run) -> None:
        """Leave the artifacts of step 03 in a run."""
        run.write_table("candidates.parquet", self.scorecard)
        run.write_json("verdict.json", self.verdict.to_dict())
        run.write_json("decision.json", self.decision)
        run.write_table("assignments.parquet", self.assignments)
        self.segmentation.save(run)


def assign_customers(bench: Bench, kept: Candidate) -> pd.DataFrame:
    """Place every customer, with the confidence of the placement.

    Parameters
    ----------
    bench
        Holds all customers, also where the fit used a sample.
    kept
        The chosen candidate.

    Returns
    -------
    pandas.DataFrame
        ``account_id``, ``segment``, ``confidence``, ``second_segment`` and ``shadow`` (0 at the
        centre of the segment, 1 on the border with the next one).
    """
    customers = bench.customers if bench.customers is not None else bench.accounts
    placed = confidence(kept.model, customers, seed=bench.brief.seed)
    X = bench.preprocessing.transform(customers.frame)
    labels = placed["segment"].to_numpy()
    table = placed.assign(shadow=shadow_of(X, labels))
    return pd.concat([customers.frame[["account_id"]], table], axis=1)


def judge(bench: Bench) -> Verdict:
    """Ask whether the bench has groups at all, with the study's effort and seed.

    Parameters
    ----------
    bench
        The matrix, what was filled in it, and the certificates of k-means.
    """
    return assess(
        bench.X,
        bench.ks,
        effort=bench.study.clustering.effort,
        blocks=bench.preprocessing.blocks,
        missing=bench.missing,
        names=bench.output_labels,
        certificates=bench.certificates,
        random_state=bench.brief.seed,
    )


def analyse(
    bench: Bench,
    candidates: Sequence[Candidate],
    scorecard: pd.DataFrame,
    verdict: Verdict,
    kept: Candidate,
    decision: Decision,
) -> ClusterAnalysis:
    """Put the results of step 03 together and place every customer."""
    return ClusterAnalysis(bench, scorecard, verdict, kept, decision, assign_customers(bench, kept))
