"""Corroboration: what several sources give is compared, resolved and given a margin of error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import ibis
import numpy as np
import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.categories import misspelt
from seglib.collection.findings import Finding
from seglib.errors import StudyError, unknown
from seglib.schema import contract
from seglib.study import Corroboration, Study

if TYPE_CHECKING:
    import ibis.expr.types as ir

_SECOND = "_second_source"
_WITHIN = 0.1  # relative difference up to which two numbers agree
_GROSS = 3.0  # standard deviations of the difference beyond which it is a conflict
_LEAST_GROSS = 0.25  # relative difference that is never a conflict
_FEWEST = 20  # accounts with two values, below which no margin is estimated
_LISTED = 50
_AGREEMENT = [
    "attribute", "sources", "both", "agree", "conflicts", "filled", "margin", "margin_from",
]  # fmt: skip
_LARGEST = ["attribute", "account_id", "source", "value", "other_source", "other_value", "size"]


@dataclass(frozen=True)
class Corroborated:
    """What the sources of each attribute say of one another.

    Attributes
    ----------
    agreement
        One row per attribute: ``both`` (accounts with two values), ``agree`` (share of them: the
        same level, or numbers within 10 %), ``conflicts`` (share of them that lie far outside the
        usual difference), ``filled`` (accounts that only a later source knows), ``margin`` and
        whether it was ``estimated`` or ``declared``.
    disagreements
        The accounts with the largest disagreements, for the data team.
    margins
        Attribute to margin of error: relative standard error of a number, chance that a level is
        wrong.
    findings
        Lines for the quality table.
    """

    agreement: pd.DataFrame
    disagreements: pd.DataFrame
    margins: Mapping[str, float]
    findings: tuple[Finding, ...]


def corroborate(accounts: ir.Table, study: Study) -> tuple[ir.Table, Corroborated]:
    """Compare the sources of each attribute, and resolve them by the declared priority.

    Parameters
    ----------
    accounts
        The cleaned accounts.
    study
        Its ``corroborate`` names the sources of an attribute, first the one that is believed.
        Without it ``employees`` and ``employees_second_source`` (and so on) are compared.

    Returns
    -------
    tuple of ibis.Table and Corroborated
        The accounts, each attribute with the value of its first source that has one.

    Raises
    ------
    StudyError
        When a source is not a column of the accounts, or the sources are of different types.

    Notes
    -----
    For a number the margin is the standard deviation of the logarithm of the ratio of two sources
    (1.4826 times the median absolute value, so that gross errors do not count) over √2: what one
    source contributes when both err alike. For a category it is half the share that disagrees.
    """
    asked = _asked(accounts, study)
    rows, largest, margins, findings = [], [], {}, []
    resolved = {}
    for name, how in asked.items():
        frame = accounts.select("account_id", *how.sources).to_pandas().sort_values("account_id")
        pairs = _pairs(frame.reset_index(drop=True), how.sources)
        margin = how.margin if how.margin is not None else _margin(pairs)
        row = _agreement(name, frame, how, pairs, margin)
        rows.append(row)
        findings += _findings(row)
        largest.append(_largest(name, pairs))
        if margin is not None:
            margins[name] = margin
        resolved[name] = ibis.coalesce(*(accounts[source] for source in how.sources))
    table = accounts.mutate(**resolved) if resolved else accounts
    listed = pd.concat(largest, ignore_index=True) if largest else pd.DataFrame(columns=_LARGEST)
    agreement = pd.DataFrame(rows, columns=_AGREEMENT)
    return table, Corroborated(agreement, listed, margins, tuple(findings))


def _asked(accounts: ir.Table, study: Study) -> dict[str, Corroboration]:
    known = list(accounts.columns)
    names = [c.removesuffix(_SECOND) for c in contract()["accounts"].columns if c.endswith(_SECOND)]
    asked = {
        name: Corroboration(sources=(name, name + _SECOND))
        for name in names
        if {name, name + _SECOND} <= set(known)
    } | dict(study.corroborate)
    problems = [unknown("attribute", name, known) for name in asked if name not in known]
    problems += [
        f"'{name}': {unknown('source', source, known)}"
        for name, how in asked.items()
        for source in how.sources
        if source not in known
    ]
    problems += [
        f"'{name}': its sources are of different types."
        for name, how in asked.items()
        if not problems and len({accounts[s].type().is_numeric() for s in how.sources}) > 1
    ]
    if problems:
        raise StudyError(problems, where="'corroborate'")
    return asked


def _pairs(frame: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    """Every two values of one account, with their difference: log ratio, or 0 and 1."""
    found = []
    numeric = pd.api.types.is_numeric_dtype(frame[sources[0]])
    merges = {} if numeric else misspelt(pd.concat([frame[s] for s in sources]))
    for place, one in enumerate(sources):
        for other in sources[place + 1 :]:
            both = frame[frame[one].notna() & frame[other].notna()]
            values = {"value": both[one], "other_value": both[other]}
            if numeric:
                size = (_logarithm(both[one]) - _logarithm(both[other])).abs()
            else:
                level = {k: _plain(v.map(lambda x: merges.get(x, x))) for k, v in values.items()}
                size = (level["value"] != level["other_value"]).astype("float64")
            shown = {k: v.map("{:,.6g}".format) if numeric else v for k, v in values.items()}
            pair = {"account_id": both["account_id"], "source": one, **shown, "size": size}
            found.append(pd.DataFrame(pair).assign(other_source=other, numeric=numeric))
    return pd.concat(found, ignore_index=True)


def _logarithm(values: pd.Series) -> pd.Series:
    positive = values.to_numpy(dtype=float).clip(min=1e-9)
    return pd.Series(np.log(positive), index=values.index)


def _plain(values: pd.Series) -> pd.Series:
    return values.astype("str").str.casefold().str.strip()


def _margin(pairs: pd.DataFrame) -> float | None:
    if len(pairs) < _FEWEST:
        return None
    if pairs["numeric"].iloc[0]:
        return float(1.4826 * pairs["size"].median() / np.sqrt(2))
    return float(pairs["size"].mean() / 2)


def _gross(pairs: pd.DataFrame, margin: float | None) -> pd.Series:
    if pairs.empty or not pairs["numeric"].iloc[0]:
        return pairs["size"] > 0
    usual = _GROSS * np.sqrt(2) * (margin or 0.0)
    return pairs["size"] > max(usual, np.log1p(_LEAST_GROSS))


def _agreement(
    name: str, frame: pd.DataFrame, how: Corroboration, pairs: pd.DataFrame, margin: float | None
) -> dict[str, object]:
    numeric = bool(len(pairs)) and bool(pairs["numeric"].iloc[0])
    agree = pairs["size"] <= (np.log1p(_WITHIN) if numeric else 0)
    later = frame[list(how.sources[1:])].notna().any(axis=1)
    return {
        "attribute": name,
        "sources": " > ".join(how.sources),
        "both": int(pairs["account_id"].nunique()),
        "agree": float(agree.mean()) if len(pairs) else float("nan"),
        "conflicts": float(_gross(pairs, margin).mean()) if len(pairs) else float("nan"),
        "filled": int((frame[how.sources[0]].isna() & later).sum()),
        "margin": float("nan") if margin is None else margin,
        "margin_from": "declared" if how.margin is not None else "estimated" if margin is not None
        else "too few accounts",
    }  # fmt: skip


def _largest(name: str, pairs: pd.DataFrame) -> pd.DataFrame:
    apart = pairs[pairs["size"] > 0].sort_values(["size", "account_id"], ascending=[False, True])
    return apart.head(_LISTED).assign(attribute=name)[_LARGEST]


def _findings(row: dict[str, object]) -> list[Finding]:
    name, both = str(row["attribute"]), int(str(row["both"]))
    found = []
    if row["filled"]:
        count = int(str(row["filled"]))
        words = f"{count:,} accounts have the value of a later source ({row['sources']})."
        found.append(Finding("warn", "corroborated", "accounts", name, count, words))
    conflicts = float(str(row["conflicts"]))
    if both and conflicts > 0:
        count = round(conflicts * both)
        words = f"two sources contradict each other for {count:,} of {both:,} accounts; "
        words += f"the first of {row['sources']} is believed."
        found.append(Finding("warn", "sources-conflict", "accounts", name, count, words))
    return found


def with_margins(accounts: AccountTable, margins: Mapping[str, float]) -> AccountTable:
    """Write margins of error into the columns' metadata, where clustering finds them.

    Parameters
    ----------
    accounts
        The account table.
    margins
        Variable to margin of error: estimated from sources or declared in the study.

    Raises
    ------
    StudyError
        When a margin is declared for a variable that the table does not have.
    """
    wrong = [
        unknown("variable", name, list(accounts.columns))
        for name in margins
        if name not in accounts.columns
    ]
    if wrong:
        raise StudyError(wrong, where="'margins'")
    columns = {
        name: info.model_copy(update={"margin": margins[name]}) if name in margins else info
        for name, info in accounts.columns.items()
    }
    return AccountTable(accounts.frame, columns)
