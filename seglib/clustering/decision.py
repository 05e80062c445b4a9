"""The decision: which candidate is kept, by whom, against what, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from seglib.clustering.candidate import Candidate
from seglib.clustering.scorecard import defensible
from seglib.errors import StudyError
from seglib.objectives import Brief
from seglib.quotes import cited, quote

_CLOSE = 0.05  # alternatives this near are named
_EQUAL = 0.02  # differences this small are no reason to serve more segments
METHOD_LABELS = {
    "kmeans": "k-means",
    "mixture": "Gaussian mixture",
    "ward": "Ward's method",
    "latent-class": "latent classes",
    "prototypes": "k-prototypes",
    "hdbscan": "HDBSCAN",
    "consensus": "consensus of methods",
    "tree": "decision tree",
    "rfm": "RFM rules",
    "rules": "own rules",
    "industry": "industry alone",
    "size": "size band alone",
}
_TRUST = ("natural", "undecided", "reproducible", "constructive")  # undecided ones come back too
_RULES = {
    "natural": "the most segments that are groups of the market itself",
    "": "the fewest segments within 0.02 of the highest score among the defensible candidates",
}
_RULES |= {k: f"{_RULES['']} with {k} segments" for k in _TRUST[1:]}
_SIMPLER = ("kmeans", "mixture", "ward", "prototypes", "latent-class", "hdbscan", "consensus",
            "tree", "rfm", "rules")  # fmt: skip


class Decision(BaseModel):
    """What was chosen, by whom, against what."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    method: str
    k: int
    by: str
    reason: str
    score: float | None
    alternatives: tuple[str, ...]
    price: str
    kind: str = ""
    warnings: tuple[str, ...] = ()

    def sentences(self) -> list[str]:
        """The decision in words."""
        return [
            f"{quote('decision.json:k', self.k)} segments by {METHOD_LABELS[self.method]} were "
            f"kept, chosen by {self.by}: {cited('decision.json:reason', self.reason)}.",
            cited("decision.json:price", self.price),
            *(cited("decision.json:warnings", warning) for warning in self.warnings),
        ]


def choose(
    candidates: Sequence[Candidate],
    scorecard: pd.DataFrame,
    brief: Brief,
    *,
    kinds: Mapping[str, str] | None = None,
    k: int | None = None,
    method: str | None = None,
) -> tuple[Candidate, Decision]:
    """Keep one candidate.

    Parameters
    ----------
    candidates, scorecard
        The candidates and their scorecard, row by row.
    brief
        Capacity and smallest share.
    kinds
        The verdict on each candidate by name (:meth:`seglib.clustering.Verdict.kinds`): what the
        data show is kept before what is the analyst's construction.
    k, method
        The analyst's choice; what is not given is chosen among the defensible candidates that fit
        and have the best verdict: of natural ones those with the most segments (fewer would join
        groups that are apart); then, of those within 0.02 of the highest score, the one with the
        fewest segments, then the simplest method.

    Returns
    -------
    tuple of Candidate and Decision

    Raises
    ------
    StudyError
        When no candidate has the k or method asked for.
    """
    asked = pd.Series(True, index=scorecard.index)
    if k is not None:
        asked &= scorecard["k"] == k
    if method is not None:
        asked &= scorecard["method"] == method
    if not asked.any():
        raise StudyError(_nothing(scorecard, k, method), where="the parameters")
    fit = defensible(scorecard, brief)
    pool = scorecard[asked & fit if (asked & fit).any() else asked]
    own = _names(scorecard).map(kinds or {})
    kind = _most_trusted(own[pool.index])
    if kind:
        pool = pool[own[pool.index] == kind]
    if kind == "natural":
        pool = pool[pool["k"] == pool["k"].max()]
    position = _best(pool)
    decision = _decision(scorecard, fit, position, brief, k, method, own, kind)
    return candidates[position], decision


def _names(scorecard: pd.DataFrame) -> pd.Series:
    return scorecard["method"] + ", " + scorecard["k"].astype(str)


def _most_trusted(kinds: pd.Series) -> str:
    """The best verdict among candidates; empty where none is known."""
    known = set(kinds.dropna())
    return next((kind for kind in _TRUST if kind in known), "")


def _best(pool: pd.DataFrame) -> int:
    near = pool[pool["score"].fillna(0) >= pool["score"].fillna(0).max() - _EQUAL]
    simple = near["method"].map(lambda m: _SIMPLER.index(m) if m in _SIMPLER else len(_SIMPLER))
    order = near.assign(simple=simple).sort_values(
        ["k", "simple", "score"], ascending=[True, True, False], kind="stable"
    )
    return int(order.index[0])


def _decision(
    scorecard: pd.DataFrame,
    fit: pd.Series,
    position: int,
    brief: Brief,
    k: int | None,
    method: str | None,
    own: pd.Series,
    kind: str,
) -> Decision:
    row = scorecard.to_dict("index")[position]
    given = [f"{n} = {v}" for n, v in (("k", k), ("method", method)) if v is not None]
    by = f"parameter ({', '.join(given)})" if given else "default"
    reason = (
        _RULES.get(kind, _RULES[""]) + (" that fit the parameters" if given else "")
        if fit[position]
        else "the parameters ask for it"
        if given
        else "no candidate is defensible"
    )
    others = scorecard[fit & (scorecard.index != position)].sort_values(
        "score", ascending=False, kind="stable"
    )
    near = others[others["score"] >= row["score"] - _CLOSE]
    return Decision(
        method=str(row["method"]),
        k=int(row["k"]),
        by=by,
        reason=reason,
        score=None if pd.isna(row["score"]) else float(row["score"]),
        alternatives=tuple(f"{METHOD_LABELS[str(r.method)]}, {r.k}" for r in near.itertuples()),
        price=_price(row, others, own, kind),
        kind=kind,
        warnings=tuple(_warnings(row, brief)),
    )


def _price(row: Mapping[Any, Any], others: pd.DataFrame, own: pd.Series, kind: str) -> str:
    if others.empty:
        return "No other candidate is defensible."
    place, best = others.index[0], others.iloc[0]
    gap = float(row["score"] - best["score"])
    answer = f"{best['k']} segments by {METHOD_LABELS[best['method']]}"
    if gap >= 0:
        return f"The next best answer, {answer}, costs {gap:.2f} points of the score (of 1)."
    if kind and own.loc[place] != kind:
        why = f"its segments are not {kind}, and that goes before the score"
    elif best["k"] < row["k"]:
        why = "it joins groups that are apart"
    else:
        why = "it has more segments, or is less simple, for hardly more"
    return f"The answer {answer} would gain {-gap:.2f} points of the score (of 1), but {why}."


def _warnings(row: Mapping[Any, Any], brief: Brief) -> list[str]:
    warnings = []
    if row["k"] < brief.min_segments:
        warnings.append(f"{row['k']} segments are fewer than the {brief.min_segments} asked for.")
    if row["k"] > brief.capacity:
        warnings.append(
            f"{row['k']} segments are more than the {brief.capacity} the team can serve."
        )
    if row["smallest_share"] < brief.min_share:
        warnings.append(
            f"The smallest segment holds {row['smallest_share']:.1%} of the accounts, "
            f"less than the {brief.min_share:.0%} asked for."
        )
    if pd.notna(row["certified"]) and not row["certified"]:
        warnings.append("The restart certificate fails: a better solution may exist.")
    if row["by_construction"]:
        warnings.append(
            "The inputs hold part of the outcome, so segments differ in it partly by construction."
        )
    if row["agreement"] < 0.95:
        warnings.append(
            f"The assignment rule gives {row['agreement']:.0%} of accounts the method's own label."
        )
    return warnings


def _nothing(scorecard: pd.DataFrame, k: int | None, method: str | None) -> str:
    made = ", ".join(
        f"{m}: {', '.join(str(v) for v in sorted(set(g['k'])))}"
        for m, g in scorecard.groupby("method", sort=False)
    )
    wanted = " and ".join(
        part for part in (f"k = {k}" if k else "", f"method = {method}" if method else "") if part
    )
    return f"No candidate has {wanted}. Made were (method: k): {made}."
