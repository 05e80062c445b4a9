"""Keep, re-score or refit: the comparison with an earlier run and the decision it leads to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import StudyError
from seglib.measurement.drift import drift
from seglib.measurement.identity import (
    ABSENT,
    match_segments,
    migration,
    moved_share,
    paired,
    share_shifts,
)
from seglib.measurement.rules import RANK, Decision, RefreshRules, Rule, refresh_rules


@dataclass(frozen=True)
class Snapshot:
    """What a run left that can be compared.

    Attributes
    ----------
    name
        Of the run.
    assignments
        ``account_id``, ``segment``, ``shadow`` where known.
    customers
        The account table's rows of these accounts.
    names
        Segment number → name.
    """

    name: str
    assignments: pd.DataFrame
    customers: pd.DataFrame
    names: Mapping[int, str]


@dataclass(frozen=True)
class Refresh:
    """What has changed since the previous run, and what to do.

    Attributes
    ----------
    decision
        ``keep``, ``re-score`` or ``refit``.
    reason
        The same in a sentence, with the figures that fired.
    rules
        One row a rule: ``rule``, ``figure`` (in words), ``value``, ``threshold``, ``fired``,
        ``decision``.
    identity, migration, shares, drift
        As in :mod:`~seglib.measurement.identity` and :mod:`~seglib.measurement.drift`; shares by
        the previous run's model where it could place today's accounts.
    previous, current
        Names of the runs.
    one_model
        Whether the moves were counted by the previous run's model on today's accounts.
    methods
        How the two runs cut the market, in words; empty where they did it alike.
    """

    decision: Decision
    reason: str
    rules: pd.DataFrame
    identity: pd.DataFrame
    migration: pd.DataFrame
    shares: pd.DataFrame
    drift: pd.DataFrame
    previous: str
    current: str
    one_model: bool = False
    methods: tuple[str, ...] = ()

    @property
    def basis(self) -> str:
        """By which model the moves were counted, and what the methods have to do with it."""
        counted = _ONE_MODEL if self.one_model else _TWO_CUTS
        return " ".join([counted, *([_OTHER_METHOD.format(*self.methods)] if self.methods else [])])

    def as_json(self) -> dict[str, Any]:
        """Return the content of ``refresh.json``."""
        return {
            "decision": self.decision,
            "reason": self.reason,
            "compared_with": self.previous,
            "basis": self.basis,
            "rules": _records(self.rules),
            "identity": _records(self.identity),
            "shares": _records(self.shares),
            "drift": _records(self.drift),
        }


def nothing_to_compare(reason: str, named: str | None = None) -> dict[str, Any]:
    """Return the content of ``refresh.json`` where nothing could be compared.

    Parameters
    ----------
    reason
        Why not.
    named
        The previous run that the study names.

    Examples
    --------
    >>> nothing_to_compare("The study names no previous run.")["decision"] is None
    True
    """
    return {"decision": None, "reason": reason, "compared_with": named}


def compare_snapshots(
    previous: Snapshot,
    current: Snapshot,
    variables: Sequence[str],
    rules: RefreshRules | None = None,
    rescored: pd.DataFrame | None = None,
) -> Refresh:
    """Compare two runs and decide by the rules.

    Parameters
    ----------
    previous, current
        What the two runs left.
    variables
        Segmentation variables, for the drift.
    rules
        ``refresh.yaml`` when not given.
    rescored
        ``account_id`` and ``segment`` of today's accounts by the previous run's model; moves and
        shares are then counted by this one model. None where it cannot place them: then the two
        runs' own segments are compared, and another cut of the same market looks like a move.

    Raises
    ------
    StudyError
        When the two runs share no account.

    Examples
    --------
    >>> run = pd.DataFrame({"account_id": list("abcd"), "segment": [1, 1, 2, 2]})
    >>> snapshot = Snapshot("r1", run, run[["account_id"]], {1: "Large", 2: "Small"})
    >>> compare_snapshots(snapshot, snapshot, []).decision
    'keep'
    """
    rules = rules or refresh_rules()
    pairs = paired(previous.assignments, current.assignments)
    shared = (pairs["before"] != ABSENT) & (pairs["now"] != ABSENT)
    if not shared.any():
        raise StudyError(
            f"The previous run '{previous.name}' shares no account with this one: "
            f"{len(previous.assignments):,} accounts there, {len(current.assignments):,} here. "
            "Are the identifiers or the grain (account, site, group) the same?",
            where="'measurement.previous_run'",
        )
    matched = match_segments(pairs, same_from=rules.same_from, part_from=rules.part_from)
    one_model = pairs if rescored is None else paired(previous.assignments, rescored)
    followed = matched if rescored is None else _itself(one_model)
    shares = share_shifts(one_model, followed)
    drifted = drift(previous.customers, current.customers, variables, bins=rules.bins)
    figures = _figures(pairs, matched, shares, drifted, current.assignments, rules)
    figures["moved"] = figures["moved_some"] = moved_share(one_model, followed)
    judged = _judged(rules.rules, figures)
    decision, reason = _decide(judged)
    return Refresh(
        decision,
        reason,
        judged,
        matched,
        migration(pairs, previous.names, current.names),
        shares,
        drifted,
        previous.name,
        current.name,
        one_model=rescored is not None,
    )


_ONE_MODEL = (
    "Moves and shares are counted by the previous run's own model on today's accounts, so that "
    "another cut of the same market is no move of it; whether its segments are found again is "
    "judged by this run's."
)
_TWO_CUTS = (
    "The previous run's model could not place today's accounts: its segments are compared with "
    "this run's, and another cut of the same market counts as a move."
)


_OTHER_METHOD = (
    "That run cut the market by {}, this one by {}: part of what differs between their segments is "
    "the method's doing."
)


def _itself(pairs: pd.DataFrame) -> pd.DataFrame:
    """Under one model each segment is its own successor."""
    numbers = sorted({*pairs["before"], *pairs["now"]} - {ABSENT, 0})
    return pd.DataFrame({"before": numbers, "now": numbers, "kind": "same"})


def _figures(
    pairs: pd.DataFrame,
    matched: pd.DataFrame,
    shares: pd.DataFrame,
    drifted: pd.DataFrame,
    current: pd.DataFrame,
    rules: RefreshRules,
) -> dict[str, float]:
    """The figure that each rule looks at, but for the moves; missing where it is not known."""
    old = matched[matched["before"] != ABSENT]
    new = set(pairs.loc[(pairs["before"] == ABSENT), "account_id"])
    beyond = shares[(shares["low"] > 0) | (shares["high"] < 0)]["shift"].abs()
    real = drifted[drifted["p_holm"] < rules.level]
    far = (
        real[real["psi"] >= rules.rules["drifted"].threshold] if "drifted" in rules.rules else real
    )
    return {
        "lost_identity": float((old["kind"] != "same").mean()) if len(old) else np.nan,
        "drifted_widely": len(far) / len(drifted) if len(drifted) else np.nan,
        "new_accounts": len(new) / max(len(current), 1),
        "share_shift": float(beyond.max()) if len(beyond) else 0.0,
        "drifted": float(real["psi"].max()) if len(real) else (0.0 if len(drifted) else np.nan),
        "outside": _outside(current, new),
    }


def _outside(current: pd.DataFrame, new: set[str]) -> float:
    """Mean shadow of the new accounts less that of the others; 1 is the border of a segment."""
    if "shadow" not in current or not new:
        return float("nan")
    shadow = current["shadow"].astype(float)
    fresh = current["account_id"].isin(new)
    if not shadow[fresh].notna().any() or not shadow[~fresh].notna().any():
        return float("nan")
    return float(shadow[fresh].mean() - shadow[~fresh].mean())


def _judged(rules: Mapping[str, Rule], figures: Mapping[str, float]) -> pd.DataFrame:
    rows = [
        {
            "rule": name,
            "figure": rule.figure,
            "value": figures[name],
            "threshold": rule.threshold,
            "fired": bool(figures[name] >= rule.threshold),
            "decision": rule.decision,
        }
        for name, rule in rules.items()
        if name in figures
    ]
    return pd.DataFrame(rows)


def _decide(judged: pd.DataFrame) -> tuple[Decision, str]:
    fired = judged[judged["fired"]]
    if fired.empty:
        known = judged[judged["value"].notna()]
        return "keep", f"Keep the segments: none of the {len(known)} rules fired."
    decision: Decision = max(fired["decision"], key=lambda name: RANK[name])
    said = [
        f"{row['figure']} is {row['value']:.2f} (rule: from {row['threshold']:.2f})"
        for row in fired[fired["decision"] == decision].to_dict("records")
    ]
    what = {"re-score": "Re-score the accounts", "refit": "Refit the segments"}[decision]
    return decision, f"{what}: {'; '.join(said)}."


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Plain values for JSON; a missing number becomes None."""
    return [
        {str(key): _plain(value) for key, value in row.items()} for row in frame.to_dict("records")
    ]


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [int(part) for part in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.bool_):
        return bool(value)
    return int(value) if isinstance(value, np.integer) else value
