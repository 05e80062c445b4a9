"""What surveys, technologies and the accounts' own customers say of each segment."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seglib.intervals import holm
from seglib.profiling.association import association
from seglib.profiling.frames import lengthened
from seglib.profiling.intervals import generator, mean_interval
from seglib.profiling.members import facts_of, numbers
from seglib.profiling.shares import shares_by_segment

_SURVEY = ["item", "segment", "n", "mean", "low", "high", "overall", "p_holm"]
_FIT = ["segment", "fit", "accounts", "of", "share", "low", "high", "overall", "p_holm"]
_CHAIN = ["segment", "customer_industry", "n", "mean", "low", "high", "overall", "p_holm"]


def survey_means(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Mean answer of each segment to each survey item (needs, values, satisfaction).

    Parameters
    ----------
    facts
        ``surveys``: ``account_id``, ``item``, ``score`` (the account's mean answer).
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the intervals' bootstrap.

    Returns
    -------
    DataFrame
        One row per item × segment: ``n`` (accounts that answered), ``mean`` in points with its
        95 % interval ``low`` to ``high``, ``overall`` (all segments' accounts) and ``p_holm`` (do
        the segments differ in this item: Kruskal–Wallis, Holm over the items). Empty without data.

    Examples
    --------
    >>> surveys = pd.DataFrame({"account_id": ["a", "b"], "item": "need:price",
    ...                         "score": [6.0, 2.0]})
    >>> given = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 2]})
    >>> survey_means({"surveys": surveys}, given)[["item", "segment", "mean", "overall"]]
             item  segment  mean  overall
    0  need:price        1   6.0      4.0
    1  need:price        2   2.0      4.0
    """
    rows = facts_of(facts, "surveys", assignments, ("item", "score"))
    if rows is None:
        return pd.DataFrame(columns=_SURVEY)
    return _means(rows.dropna(subset=["item", "score"]), "item", "score", _SURVEY, seed)


def _means(rows: pd.DataFrame, by: str, value: str, columns: list[str], seed: int) -> pd.DataFrame:
    """Mean of a value per item × segment, with intervals and a test per item."""
    found, tests = [], {}
    for item, part in rows.groupby(by):
        segment = part["segment"].to_numpy(dtype=np.int64)
        tests[item] = association(part[value], segment, "number", generator(seed, str(item))).p
        for number in numbers(segment):
            values = part.loc[segment == number, value].to_numpy(dtype=np.float64)
            low, high = mean_interval(values, generator(seed, str(item), number))
            found.append((item, number, len(values), values.mean(), low, high, part[value].mean()))
    frame = pd.DataFrame(found, columns=[by, "segment", "n", "mean", "low", "high", "overall"])
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    frame["p_holm"] = frame[by].map(adjusted).astype("float64")
    return frame[columns]


def technology_fit(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Share of each segment's accounts that use technology of each fit with ours.

    Parameters
    ----------
    facts
        ``technologies``: ``account_id``, ``technology``, ``fit`` (compatible, to migrate,
        competing).
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row per segment × fit: ``accounts`` with such a technology, ``of`` (accounts of which
        any technology is known), ``share`` with its Wilson interval ``low`` to ``high``,
        ``overall`` and ``p_holm`` (χ² over the segments, Holm over the fits). Empty without data.
    """
    rows = facts_of(facts, "technologies", assignments, ("fit",))
    if rows is None or rows["fit"].isna().all():
        return pd.DataFrame(columns=_FIT)
    uses = pd.crosstab([rows["segment"], rows["account_id"]], rows["fit"]) > 0
    known = rows[["segment", "account_id"]].drop_duplicates()
    uses = uses.reindex(pd.MultiIndex.from_frame(known), fill_value=False)
    segment = uses.index.get_level_values("segment").to_numpy(dtype=np.int64)
    return shares_by_segment(uses, segment, "fit", "accounts", seed=seed)


def market_chain(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Where the accounts of each segment sell to: the customer's customer.

    Parameters
    ----------
    facts
        ``links``: ``account_id``, ``customer_industry``, ``share`` of the account's sales.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the intervals' bootstrap.

    Returns
    -------
    DataFrame
        One row per segment × industry: ``n`` (accounts with any link), ``mean`` share of their
        sales (an industry that an account does not name counts as 0) with its interval ``low`` to
        ``high``, ``overall`` and ``p_holm`` (Kruskal–Wallis, Holm over the industries). Empty
        without data.
    """
    rows = facts_of(facts, "links", assignments, ("customer_industry", "share"))
    rows = None if rows is None else rows.dropna(subset=["customer_industry", "share"])
    if rows is None or rows.empty:
        return pd.DataFrame(columns=_CHAIN)
    wide = rows.pivot_table(
        index=["segment", "account_id"], columns="customer_industry", values="share",
        aggfunc="sum", fill_value=0.0,
    )  # fmt: skip
    long = lengthened(wide, "share")
    found = _means(long, "customer_industry", "share", _CHAIN, seed)
    return found.sort_values(["segment", "customer_industry"], ignore_index=True)
