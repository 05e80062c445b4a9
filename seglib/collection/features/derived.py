"""Variables that are made of other variables of the account, after the engine has answered."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

HABITUAL_ORDERS = 6.0
"""Orders a year from which on buying is habit."""

HABITUAL_IRREGULARITY = 1.2
"""Largest irregularity of ordering (standard deviation / mean of the days between) of a habit."""

COMPLEX_DECIDERS = 4.0
"""Mean deciders from which on a purchase is complex."""

COMPARED_WITH = 2.0
"""Mean competitors in a deal from which on the buyer compares."""


def purchasing_behaviour(frame: pd.DataFrame) -> pd.Series:
    """Tell how an account buys, by the first rule that holds.

    Parameters
    ----------
    frame
        ``orders_per_year``, ``order_regularity``, ``deciders`` and ``competitors``, where known.

    Returns
    -------
    pandas.Series
        ``habitual`` (six orders a year or more, at irregularity 1.2 or less), ``complex`` (four
        deciders or more a deal), ``comparative`` (two competitors or more a deal), ``occasional``
        (none of them, with orders or deals); missing without either.

    Examples
    --------
    >>> frame = pd.DataFrame({"orders_per_year": [12, 1, 1, 1, 0.0], "deciders": [5, 5, 2, 2, None],
    ...     "order_regularity": [0.5] * 5, "competitors": [3, 3, 3, 0, None]})
    >>> purchasing_behaviour(frame).tolist()
    ['habitual', 'complex', 'comparative', 'occasional', nan]
    """
    nothing = pd.Series(np.nan, index=frame.index)
    orders, irregular, deciders, competitors = (
        frame.get(name, nothing)
        for name in ("orders_per_year", "order_regularity", "deciders", "competitors")
    )
    rules = [
        (orders >= HABITUAL_ORDERS) & (irregular <= HABITUAL_IRREGULARITY),
        deciders >= COMPLEX_DECIDERS,
        competitors >= COMPARED_WITH,
        (orders > 0) | deciders.notna() | competitors.notna(),
    ]
    names = ["habitual", "complex", "comparative", "occasional"]
    found = np.select([rule.to_numpy(dtype=bool) for rule in rules], names, default="")
    told = pd.Series(found, index=frame.index, dtype="str")
    return told.where(told != "")


DERIVED: dict[str, Callable[[pd.DataFrame], pd.Series] | None] = {
    "purchasing_behaviour": purchasing_behaviour,
    "clv": None,
}
"""Derived variable to the function of the account frame; None: a model of its own makes it."""
