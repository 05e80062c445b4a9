"""Step 03: is there structure? candidates, stability, choice, assignment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seglib.clustering.analysis import ClusterAnalysis, analyse, judge
from seglib.clustering.answers import agreement_matrix, defensible_answers, range_sentence
from seglib.clustering.bench import Bench, prepare
from seglib.clustering.candidate import Candidate
from seglib.clustering.candidates import certificate_table, make_candidates
from seglib.clustering.certified import CertifiedKMeans
from seglib.clustering.consensus import consensus
from seglib.clustering.decision import Decision, choose
from seglib.clustering.found_again import FoundAgain, find_again
from seglib.clustering.gower import gower_distances
from seglib.clustering.importance import VariableImportance, variable_importance
from seglib.clustering.instead import instead_of_groups
from seglib.clustering.markers import plain_columns, segment_profile
from seglib.clustering.nulls import null_twin
from seglib.clustering.repeated_rows import RepeatedRows, repeated_rows
from seglib.clustering.replicate import SPLITS, excess_replicability
from seglib.clustering.scorecard import defensible, evaluate_candidates
from seglib.clustering.segmentation import Segmentation
from seglib.clustering.shape import Shape, shape_of
from seglib.clustering.verdict import Verdict, assess

if TYPE_CHECKING:
    from seglib.workbook import Book

__all__ = [
    "SPLITS",
    "Bench",
    "Candidate",
    "CertifiedKMeans",
    "ClusterAnalysis",
    "Decision",
    "FoundAgain",
    "RepeatedRows",
    "Segmentation",
    "Shape",
    "VariableImportance",
    "Verdict",
    "agreement_matrix",
    "analyse",
    "assess",
    "certificate_table",
    "choose",
    "consensus",
    "defensible",
    "defensible_answers",
    "evaluate_candidates",
    "excess_replicability",
    "find_again",
    "gower_distances",
    "instead_of_groups",
    "judge",
    "make",
    "make_candidates",
    "null_twin",
    "plain_columns",
    "prepare",
    "range_sentence",
    "repeated_rows",
    "segment_profile",
    "shape_of",
    "variable_importance",
]


def make(book: Book) -> None:
    """Make the artifacts of step 03, as its notebook does."""
    from seglib.measurement import follow_previous  # which itself needs this package

    brief, clustering = book.brief, book.study.clustering
    bench = prepare(book.accounts, brief, book.study)
    verdict = judge(bench)
    candidates = make_candidates(bench, clustering.methods)
    gains = excess_replicability(
        candidates, bench.X, splits=SPLITS[clustering.effort], seed=brief.seed
    )
    scorecard = evaluate_candidates(candidates, bench.accounts, brief, replicability=gains)
    kinds, k, method = verdict.kinds(candidates), clustering.k, clustering.method
    kept, decision = choose(candidates, scorecard, brief, kinds=kinds, k=k, method=method)
    kept = follow_previous(book, bench, kept)
    analyse(bench, candidates, scorecard, verdict, kept, decision).save(book.run)
    find_again(bench, candidates, kept, verdict).save(book.run)
