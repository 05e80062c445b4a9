"""Segmentations by rules: RFM, the analyst's own, and one-variable baselines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from seglib.clustering.models import Condition, Rules, RuleSegment
from seglib.collection import AccountTable
from seglib.errors import StudyError, unknown
from seglib.knowledge import load_knowledge
from seglib.study import Rule

_RARE_LEVEL = 0.03
_SCORES = 5
_RFM = {"r": "recency_days", "f": "order_count", "m": "revenue"}


class RfmGroup(BaseModel):
    """A group of RFM cells: a range of recency scores and one of the joint F-M score."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    r: tuple[int, int]
    v: tuple[int, int]


class Groups(BaseModel):
    """What ``groups.yaml`` holds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rfm: tuple[RfmGroup, ...]
    size_bands: tuple[float, ...]


@cache
def groups() -> Groups:
    """Return the groups, from ``groups.yaml``."""
    return load_knowledge(Path(__file__).with_name("groups.yaml"), Groups)


def rfm_group(recency: int, frequency: int, monetary: int) -> int:
    """Number of the group of an RFM cell, from 1.

    Examples
    --------
    >>> groups().rfm[rfm_group(5, 5, 4) - 1].name
    'Champions'
    """
    joint = int(np.floor((frequency + monetary) / 2 + 0.5))
    for number, group in enumerate(groups().rfm, start=1):
        if group.r[0] <= recency <= group.r[1] and group.v[0] <= joint <= group.v[1]:
            return number
    raise StudyError(f"no RFM group holds the cell {recency}{frequency}{monetary}.", "groups.yaml")


def rfm_rules(accounts: AccountTable) -> tuple[Rules, str] | None:
    """RFM as rules on recency, orders and revenue; None where the data have no orders.

    Scores are average-rank quintiles of the accounts that ordered, written as thresholds halfway
    between neighbouring values, so that ties stay together and new accounts can be placed.
    """
    frame = accounts.frame
    if not set(_RFM.values()) <= set(frame):
        return None
    bought = frame[frame["recency_days"].notna()]
    if len(bought) < 2 * _SCORES:
        return None
    edges = {letter: _edges(bought[name]) for letter, name in _RFM.items()}
    rules = []
    for cell in product(*(range(len(edges[letter]) - 1) for letter in "rfm")):
        conditions = tuple(
            Condition(variable=_RFM[letter], low=edges[letter][i][0], high=edges[letter][i + 1][0])
            for letter, i in zip("rfm", cell, strict=True)
        )
        r, f, m = (edges[letter][i][1] for letter, i in zip("rfm", cell, strict=True))
        number = rfm_group(_SCORES + 1 - r, f, m)
        rules.append(RuleSegment(segment=number, conditions=conditions))
    names = {n: g.name for n, g in enumerate(groups().rfm, start=1)}
    return Rules(rules=tuple(rules), names=names), "quintiles of recency, orders and revenue"


def _edges(values: pd.Series) -> list[tuple[float | None, int]]:
    """Lower edge of each score that ties leave non-empty, lowest score first; the last is open."""
    share = (values.rank(method="average") - 0.5) / len(values)
    score = pd.Series((share * _SCORES).clip(0, _SCORES - 1).astype("int64") + 1)
    edges: list[tuple[float | None, int]] = []
    below = None
    for number in sorted(score.unique()):
        inside = values[score == number]
        low = None if below is None else float((below + inside.min()) / 2)
        edges.append((low, int(number)))
        below = float(inside.max())
    return [*edges, (None, 0)]


def study_rules(accounts: AccountTable, rules: Sequence[Rule]) -> tuple[Rules, str] | None:
    """The analyst's own grouping; None where the study has none.

    Raises
    ------
    StudyError
        When a rule names a variable that is not in the account table.
    """
    if not rules:
        return None
    wrong = [
        f"rule '{rule.name}': {unknown('variable', name, list(accounts.columns))}"
        for rule in rules
        for name in rule.when
        if name not in accounts.columns
    ]
    if wrong:
        raise StudyError(wrong, where="'clustering.rules'")
    made = tuple(
        RuleSegment(
            segment=number,
            name=rule.name,
            conditions=tuple(_condition(name, test) for name, test in rule.when.items()),
        )
        for number, rule in enumerate(rules, start=1)
    )
    names = {rule.segment: rule.name for rule in made}
    return Rules(rules=made, names=names), "the analyst's own grouping, from the study"


def _condition(name: str, test: dict) -> Condition:
    levels = tuple(str(level) for level in test["in"]) if "in" in test else None
    return Condition(variable=name, low=test.get("min"), high=test.get("max"), levels=levels)


def baseline_rules(accounts: AccountTable) -> dict[str, tuple[Rules, str] | None]:
    """One-variable baselines: industry (rare ones together) and size band by employees."""
    return {"industry": _industry(accounts), "size": _size(accounts)}


def _industry(accounts: AccountTable) -> tuple[Rules, str] | None:
    if "industry" not in accounts.frame:
        return None
    shares = accounts.frame["industry"].value_counts(normalize=True)
    kept = [str(level) for level in shares[shares >= _RARE_LEVEL].index]
    if len(kept) < 2:
        return None
    rules = tuple(
        RuleSegment(
            segment=n, name=level, conditions=(Condition(variable="industry", levels=(level,)),)
        )
        for n, level in enumerate(kept, start=1)
    )
    names = {**dict(enumerate(kept, start=1)), len(kept) + 1: "Other"}
    note = "one-variable baseline: industry"
    return Rules(rules=rules, otherwise=len(kept) + 1, names=names), note


def _size(accounts: AccountTable) -> tuple[Rules, str] | None:
    if "employees" not in accounts.frame or accounts.frame["employees"].nunique() < 2:
        return None
    bands = groups().size_bands
    ends = [*bands[1:], None]
    rules, names = [], {}
    for n, (low, high) in enumerate(zip(bands, ends, strict=True), start=1):
        name = f"{low:,.0f}–{high:,.0f}" if high is not None else f"{low:,.0f} and more"
        condition = Condition(variable="employees", low=low, high=high)
        rules.append(RuleSegment(segment=n, name=name, conditions=(condition,)))
        names[n] = f"{name} employees"
    return Rules(rules=tuple(rules), names=names), "one-variable baseline: employees"
