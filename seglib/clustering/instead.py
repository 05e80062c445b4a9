"""What to offer where the data show no groups: rules and trees that anyone can apply, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.scorecard import defensible
from seglib.kinds import SEARCH
from seglib.objectives import Brief
from seglib.quotes import quote

_NONE_FOUND = ("constructive",)


def instead_of_groups(verdict: str, scorecard: pd.DataFrame, brief: Brief) -> list[str]:
    """Say which rules and trees serve as well where no groups were found.

    Parameters
    ----------
    verdict
        On the data as a whole, as in ``verdict.json``.
    scorecard
        As :func:`seglib.clustering.evaluate_candidates` measures it (``candidates.parquet``).
    brief
        Weights, capacity, smallest share.

    Returns
    -------
    list of str
        Sentences; none where the data show groups, or a cut that comes back.
    """
    if verdict not in _NONE_FOUND:
        return []
    why = (
        "There are no groups to be found, so a rule that anyone can apply and explain serves as "
        "well as a search for groups."
    )
    ruled = scorecard[~scorecard["method"].isin(SEARCH) & (scorecard["k"] > 1)]
    fit = ruled[defensible(scorecard, brief)[ruled.index]]
    best = fit.sort_values("score", ascending=False, kind="stable").drop_duplicates("method")
    if best.empty:
        return [why, _wanted(ruled)]
    offers = ", ".join(_offer(row) for row in best.to_dict("records"))
    return [why, f"On offer: {offers}; `-p method {best['method'].iloc[0]}` keeps the first."]


def _offer(row: Mapping[Any, Any]) -> str:
    k, score = (
        quote(f"candidates.parquet:{name}[method={row['method']},k={row['k']}]", row[name], form)
        for name, form in (("k", ""), ("score", ".2f"))
    )
    return f"{METHOD_LABELS[str(row['method'])]} ({k} segments, score {score})"


def _wanted(ruled: pd.DataFrame) -> str:
    """What is lacking for a defensible rule."""
    made = ", ".join(METHOD_LABELS[str(m)] for m in dict.fromkeys(ruled["method"]))
    tried = f"None of those tried is defensible ({made})" if made else "None could be made"
    return (
        f"{tried}: the table 'orders' gives RFM rules, an outcome gives a decision tree, and "
        "'clustering.rules' in the study the analyst's own."
    )
