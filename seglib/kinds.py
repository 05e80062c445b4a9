"""What kind of segments were kept: read alike by step 05 and by the report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SEARCH = ("kmeans", "mixture", "ward", "latent-class", "prototypes", "hdbscan", "consensus")
"""Methods that look for groups; the others cut where a rule or an outcome says."""

KINDS = ("natural", "reproducible", "constructive", "undecided")
"""What a verdict may say."""

Record = Mapping[str, Any]


def was_found(decision: Record) -> bool:
    """Tell whether the kept segments come from a method that looks for groups."""
    return decision.get("method", "kmeans") in SEARCH


def judged_row(verdict: Record, decision: Record) -> Record:
    """Return the verdict's row on the number of segments that was kept; else nothing.

    Parameters
    ----------
    verdict, decision
        What stands in ``verdict.json`` and ``decision.json``.
    """
    rows = (row for row in verdict.get("per_k", ()) if row.get("k") == decision.get("k"))
    return next(rows, {})


def kind_of_kept(verdict: Record, decision: Record) -> str:
    """Return one of ``KINDS`` for the segments that were kept; empty where nothing was judged.

    The verdict on the segments that were kept goes before the one on their number, and this
    before the one on the data as a whole. Segments that come from rules or from a tree on the
    outcome are constructive: no group was looked for.

    Parameters
    ----------
    verdict, decision
        What stands in ``verdict.json`` and ``decision.json``.

    Examples
    --------
    >>> kind_of_kept({"verdict": "natural"}, {"method": "rfm"})
    'constructive'
    """
    overall = str(verdict.get("verdict", "")).lower()
    if overall not in KINDS:
        return ""
    if not was_found(decision):
        return "constructive"
    own = str(decision.get("kind") or judged_row(verdict, decision).get("verdict") or overall)
    return own if own in KINDS else overall
