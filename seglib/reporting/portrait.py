"""A segment's portrait: what kind of company one would meet in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from seglib.charts.style import listed, spaced
from seglib.quotes import percent
from seglib.reporting.findings import Findings
from seglib.reporting.quoted import quoted

_COMMON = 0.2
"""Share from which the commonest level says something of the segment."""

_NO_LEVEL = ("other levels", "unknown", "other", "none")
_FAMILIES = ("firmographic", "geographic")
_SAID_BY = {"size_band": "employees", "time_zone": "country", "city": "country"}
"""Variables that are left out where another one says the same, or says it more broadly."""


def portrait(findings: Findings, segment: int) -> Markup:
    """Say what the accounts of a segment commonly are; empty where nothing is known.

    The commonest level of one firmographic and one geographic descriptor, those that tell the
    segments apart best, and the median number of employees. It describes; what sets the segment
    apart stands in its traits.

    Parameters
    ----------
    findings
        What the run found.
    segment
        Number of the segment.
    """
    table = findings.profiles
    if table.empty:
        return Markup("")
    described = table[table["role"] == "descriptor"]
    parts = [part for family in _FAMILIES for part in _commonest(described, family, segment)]
    often = Markup("most often {}").format(Markup(listed(parts))) if parts else Markup("")
    said = [part for part in (_size(described, segment), often) if part]
    text = Markup("; ").join(said)
    return Markup("{}.").format(text[:1].upper() + text[1:]) if said else Markup("")


def _commonest(described: pd.DataFrame, family: str, segment: int) -> list[Markup]:
    """The commonest level of the variable that tells the segments apart best, the same in all."""
    known = set(described["variable"])
    said = [name for name, other in _SAID_BY.items() if other in known]
    levels = described[
        (described["kind"] == "category")
        & (described["family"] == family)
        & ~described["variable"].isin(said)
        & ~described["level"].str.lower().isin(_NO_LEVEL)
    ].sort_values(["effect", "variable"], ascending=[False, True])
    own = levels[
        (levels["segment"] == segment) & (levels["variable"] == next(iter(levels["variable"]), ""))
    ]
    common = own[own["mean"] >= _COMMON].sort_values("mean", ascending=False, kind="stable")
    return [
        Markup("{} {} ({})").format(
            _inside(row["label"]),
            spaced(row["level"]),
            quoted(percent(row["mean"]), row["mean"], _place("mean", row, level=row["level"])),
        )
        for row in common.head(1).to_dict(orient="records")
    ]


def _size(described: pd.DataFrame, segment: int) -> Markup:
    known = described[
        (described["variable"] == "employees")
        & (described["segment"] == segment)
        & described["median"].notna()
    ]
    for row in known.to_dict(orient="records"):
        middle = f"{row['median']:,.0f}"
        return Markup("half have more than {} employees").format(
            quoted(middle, row["median"], _place("median", row))
        )
    return Markup("")


def _place(field: str, row: Mapping[Any, Any], **more: str) -> str:
    parts = {"segment": row["segment"], "variable": row["variable"], **more}
    rows = ",".join(f"{name}={value}" for name, value in parts.items())
    return f"profiles.parquet:{field}[{rows}]"


def _inside(label: str) -> str:
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]
