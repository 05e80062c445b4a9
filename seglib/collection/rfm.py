"""Recency, frequency, monetary value: scores and cells."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pandas as pd

from seglib.errors import DataError

_NAMES = {"recency": "recency_days", "frequency": "orders", "monetary": "revenue"}


def rfm(
    orders: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    style: Literal["seglib", "rfm-package"] = "seglib",
    levels: int = 5,
) -> pd.DataFrame:
    """Score each account by recency, frequency and monetary value.

    Parameters
    ----------
    orders
        One row per order: ``account_id``, ``order_date``, ``amount``.
    as_of
        Recency is counted in days up to this day; later orders are refused.
    style
        ``seglib``: average-rank quantiles, so that ties stay together and a change of unit changes
        nothing. ``rfm-package``: as R rfm 0.3.0 does it, inner breaks = type-7 quantiles + 1.
    levels
        Number of scores; the best is ``levels``.

    Returns
    -------
    pandas.DataFrame
        One row per account: ``recency_days``, ``orders``, ``revenue``, the three scores and
        ``cell`` (their digits). A score may stay empty where ties leave no account for it.

    Raises
    ------
    DataError
        When columns are missing or an order lies after ``as_of``.

    Examples
    --------
    >>> orders = pd.DataFrame({"account_id": ["a", "b"], "amount": [10.0, 99.0],
    ...     "order_date": pd.to_datetime(["2026-01-01", "2026-09-01"])})
    >>> rfm(orders, as_of="2026-09-30")["cell"].tolist()
    ['232', '434']
    """
    day = pd.Timestamp(as_of)
    absent = [c for c in ("account_id", "order_date", "amount") if c not in orders]
    if absent:
        raise DataError([f"'orders' has no column '{c}'." for c in absent])
    dates = pd.to_datetime(orders["order_date"])
    if (late := int((dates > day).sum())) > 0:
        raise DataError(f"{late:,} orders lie after {day.date()}; leave them out or move the day.")
    grouped = orders.assign(order_date=dates).groupby("account_id", sort=True)
    table = pd.DataFrame(
        {
            "recency_days": (day - grouped["order_date"].max()).dt.days,
            "orders": grouped.size(),
            "revenue": grouped["amount"].sum(),
        }
    ).reset_index()
    score = _by_rank if style == "seglib" else _by_breaks
    for name, column in _NAMES.items():
        table[f"{name}_score"] = score(table[column], levels, reverse=name == "recency")
    table["cell"] = [
        "".join(str(s) for s in row)
        for row in table[[f"{name}_score" for name in _NAMES]].itertuples(index=False)
    ]
    return table


def _by_rank(values: pd.Series, levels: int, *, reverse: bool) -> pd.Series:
    ranks = values.rank(method="average", ascending=not reverse)
    share = (ranks - 0.5) / len(values)
    score = (share * levels).clip(0, levels - 1).astype("int64") + 1
    return pd.Series(score, index=values.index)


def rfm_breaks(values: pd.Series, levels: int = 5) -> np.ndarray:
    """Inner breaks of the ``rfm-package`` style: type-7 quantiles + 1."""
    return np.quantile(values, np.arange(1, levels) / levels) + 1


def _by_breaks(values: pd.Series, levels: int, *, reverse: bool) -> pd.Series:
    """Intervals are closed on the left; for recency the first interval scores best."""
    place = np.searchsorted(rfm_breaks(values, levels), values, side="right")
    score = levels - place if reverse else place + 1
    return pd.Series(score, index=values.index, dtype="int64")
