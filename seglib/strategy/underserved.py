"""Under-served needs: important to a segment, and not satisfied there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from seglib.quotes import quote
from seglib.strategy.market import SegmentedMarket, each

COLUMNS = [
    "segment", "name", "need", "importance", "satisfaction", "asked", "gap", "gap_low", "gap_high",
    "opportunity", "n", "underserved",
]  # fmt: skip
"""Columns of the table."""

_TOP = 10.0
_MIDDLE = 5.0
_LEAST = 5


def underserved_needs(market: SegmentedMarket) -> pd.DataFrame:
    """Hold the importance of each need against the satisfaction with it, segment by segment.

    Parameters
    ----------
    market
        Its ``surveys`` hold items ``need:…`` (importance) and ``satisfaction:…``.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, the largest opportunity of a segment first: ``importance`` and
        ``satisfaction`` from 0 to 10, ``gap`` (importance minus satisfaction, mean over accounts
        that answered both) with its 95 % interval, ``opportunity`` (importance plus the gap where
        that is positive, over the same accounts), ``asked``: ``this need`` where satisfaction was
        asked by the same name, else ``overall``. ``underserved``: importance above the middle of
        the scale and a gap above 0 beyond chance. Empty without both kinds of items.

    Notes
    -----
    Ulwick's opportunity score (*What Customers Want*, 2005), on means of accounts instead of
    top-box shares. Answers are put on 0 to 10 by the lowest and highest answer of their family.
    Intervals are Student's t; no correction for the number of needs is made.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> ids = [str(i) for i in range(6)]
    >>> accounts = pd.DataFrame({"account_id": ids})
    >>> items = {"need:price": [7, 7, 6, 7, 7, 6], "need:speed": [1, 2, 1, 1, 2, 1],
    ...          "satisfaction:price": [1, 2, 1, 2, 1, 2], "satisfaction:speed": 7}
    >>> surveys = accounts.assign(**items).melt("account_id", var_name="item", value_name="score")
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...                           cards=[], facts={"surveys": surveys}, as_of="2026-09-30")
    >>> underserved_needs(market)[["need", "asked", "underserved"]].values.tolist()
    [['price', 'this need', True], ['speed', 'this need', False]]
    """
    surveys = market.fact("surveys", "item", "score")
    if surveys is None:
        return pd.DataFrame(columns=COLUMNS)
    needs, content = (_answers(surveys, family) for family in ("need", "satisfaction"))
    if needs.empty or content.empty:
        return pd.DataFrame(columns=COLUMNS)
    overall = content.groupby("account_id")["score"].mean()
    own = content.set_index(["account_id", "what"])["score"]
    asked = set(content["what"])
    rows = []
    placed = needs[needs["segment"] > 0]
    for segment, need in placed[["segment", "what"]].drop_duplicates().to_numpy().tolist():
        answers = placed[(placed["segment"] == segment) & (placed["what"] == need)]
        ids = answers["account_id"]
        found = (
            own.reindex(pd.MultiIndex.from_product([ids, [need]]))
            if need in asked
            else overall.reindex(ids)
        )
        source = "this need" if need in asked else "overall"
        row = _row(answers["score"].to_numpy(), found.to_numpy())
        if row is not None:
            rows.append((segment, market.names[segment], need, *row[:2], source, *row[2:]))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sort_values(
        ["segment", "opportunity", "need"], ascending=[True, False, True], ignore_index=True
    )


def _answers(surveys: pd.DataFrame, family: str) -> pd.DataFrame:
    """Answers to the items of a family, from 0 to 10 over the answers it has."""
    rows = surveys[surveys["item"].str.startswith(f"{family}:") & surveys["score"].notna()]
    score = rows["score"].astype(float)
    width = float(score.max() - score.min()) if len(score) else 0.0
    scaled = _TOP * (score - score.min()) / width if width > 0 else score * 0 + _MIDDLE
    what = rows["item"].str.removeprefix(f"{family}:").str.strip()
    return rows[["account_id", "segment"]].assign(what=what, score=scaled)


def _row(
    importance: np.ndarray, satisfaction: np.ndarray
) -> tuple[float, float, float, float, float, float, int, bool] | None:
    both = ~np.isnan(importance) & ~np.isnan(satisfaction)
    n = int(both.sum())
    if n < _LEAST:
        return None
    much, content = importance[both], satisfaction[both]
    gap = much - content
    half = float(stdtrit(n - 1, 0.975)) * float(gap.std(ddof=1)) / n**0.5
    mean = float(gap.mean())
    opportunity = float((much + np.maximum(gap, 0)).mean())
    lacking = bool(much.mean() > _MIDDLE and mean - half > 0)
    return (
        float(much.mean()), float(content.mean()), mean, mean - half, mean + half, opportunity, n,
        lacking,
    )  # fmt: skip


def underserved_text(table: pd.DataFrame) -> str:
    """Say what is under-served, in one sentence.

    Parameters
    ----------
    table
        From :func:`underserved_needs`.
    """
    found = table[table["underserved"].astype(bool)].drop_duplicates("segment")
    if found.empty:
        return "No need is shown to be under-served: important to a segment and not satisfied."
    said = [
        f"{row.name}: {row.need} (importance {_quoted(row, 'importance')}, satisfaction "
        f"{_quoted(row, 'satisfaction')} of 10)"
        for row in each(found)
    ]
    return f"Under-served: {'; '.join(said)}."


def _quoted(row: Any, what: str) -> str:
    source = f"underserved.parquet:{what}[segment={row.segment},need={row.need}]"
    return quote(source, getattr(row, what), ".1f")
