"""Split a budget over segments and channels so that the next unit of money returns the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import brentq

from seglib.charts.style import listed
from seglib.errors import unknown
from seglib.exhibits import Note, missing
from seglib.quotes import quote
from seglib.strategy.channel_bounds import Share, split_within
from seglib.strategy.response import BELOW_COST, DECLARED

Floats = NDArray[np.float64]

CURVE = (
    "return = contacts possible in a year × response × value × "
    "(1 − exp(−money / (contacts possible × cost of one))): "
    "contacts fall at random on the possible ones, and channels add up"
)
"""The declared response curve, in words."""

_CENT = 2


@dataclass(frozen=True)
class BudgetSplit:
    """A budget, split.

    Attributes
    ----------
    table
        One row a segment and channel: the curve (``accounts``, ``cost``, ``response``, ``value``,
        ``source``), ``amount``, ``share`` of the total, ``contacts`` that it buys,
        ``expected_return`` and ``marginal_return`` (of the next unit of money).
    total
        The money that was split.
    notes
        What had to be changed or is to be known.
    """

    table: pd.DataFrame
    total: float
    notes: tuple[Note, ...] = ()

    @property
    def unspent(self) -> float:
        """What of the total is left in hand: 0 unless that was asked for."""
        return round(self.total - float(self.table["amount"].sum()), _CENT)

    @property
    def idle(self) -> float:
        """What of the total the curves advise not to spend: beyond it a unit returns under 1."""
        return round(max(self.total - worth_spending(self.table), 0.0), _CENT)


def split_budget(
    curves: pd.DataFrame,
    *,
    total: float,
    min_share: float = 0.0,
    max_share: float = 1.0,
    channels: Mapping[str, Share] | None = None,
    leave_unspent: bool = False,
) -> BudgetSplit:
    """Split a budget by expected return with diminishing returns.

    Parameters
    ----------
    curves
        As :func:`~seglib.strategy.response.response_curves` states them.
    total
        Money to be split.
    min_share, max_share
        Bounds of each segment's share of what is spent.
    channels
        Channel → least and largest share of what is spent; others have no bounds of their own.
    leave_unspent
        Stop where the next unit of money returns less than itself (:func:`worth_spending`); the
        rest stays in hand. Otherwise the total is spent in full.

    Returns
    -------
    BudgetSplit

    Notes
    -----
    The curve (:data:`CURVE`) is concave, so the optimum gives every cell that receives money the
    same marginal return, apart from segments at a bound (water-filling; Boyd & Vandenberghe 2004,
    section 5.5.3). Within a segment the split is exact; between segments the common marginal
    return is found by root search. Where channels have bounds, a general solver takes over
    (:mod:`seglib.strategy.channel_bounds`).

    Examples
    --------
    >>> curves = pd.DataFrame({"segment": [1, 2], "name": ["A", "B"], "channel": "e-mail",
    ...     "label": "E-mail", "accounts": 100.0, "contacts_possible": 100.0, "cost": 1.0,
    ...     "response": 0.05, "value": 100.0, "value_of": "revenue", "source": "declared prior"})
    >>> split_budget(curves, total=60).table["amount"].tolist()
    [30.0, 30.0]
    """
    if curves.empty:
        nothing = curves.assign(**dict.fromkeys(_ADDED, 0.0))
        return BudgetSplit(nothing, total, (missing("The budget", _WANTED),))
    low, high, notes = _bounds(curves["segment"].nunique(), min_share, max_share)
    slope, scale = (
        _slope(curves),
        (curves["contacts_possible"] * curves["cost"]).to_numpy(dtype=float),
    )
    spent = min(total, worth_spending(curves)) if leave_unspent else total
    if total <= 0:
        amount = np.zeros(len(curves))
        notes.append(Note("The budget is 0: there is nothing to split.", kind="warning"))
    elif round(spent, _CENT) <= 0:
        amount = np.zeros(len(curves))
    else:
        spent = round(spent, _CENT)
        best = _optimum(curves, slope, scale, spent, low, high)
        if channels:
            best, said = _within_channels(curves, slope, scale, spent, (low, high), channels, best)
            notes += said
        amount = _in_cents(best, spent)
    reached = 1 - np.exp(-amount / np.where(scale > 0, scale, np.inf))
    table = curves.assign(
        amount=amount,
        share=amount / total if total > 0 else 0.0,
        contacts=amount / curves["cost"].to_numpy(dtype=float),
        expected_return=slope * scale * reached,
        marginal_return=slope * (1 - reached),
    )
    return BudgetSplit(table, float(total), (*notes, *_advice(table, total)))


_ADDED = ("amount", "share", "contacts", "expected_return", "marginal_return")
_WANTED = ("orders", "subscriptions", "touches")


def _slope(curves: pd.DataFrame) -> Floats:
    """Return of the first unit of money in each cell."""
    slope = curves["response"] * curves["value"] / curves["cost"]
    return slope.where(curves["accounts"] > 0, 0.0).fillna(0.0).to_numpy(dtype=float)


def _bounds(segments: int, low: float, high: float) -> tuple[float, float, list[Note]]:
    """Widen bounds that cannot hold for this number of segments, and say so."""
    equal, notes = 1 / segments, []
    count, share = quote("segments_in_split", segments), quote("equal_share", equal, ".0%")
    if low > equal:
        text = (
            f"A smallest share of {quote('smallest_share', low, '.0%')} cannot hold for {count} "
            f"segments; each gets {share}."
        )
        notes.append(Note(text, kind="warning"))
    if high < equal:
        text = (
            f"A largest share of {quote('largest_share', high, '.0%')} would leave money over with "
            f"{count} segment{'s' if segments > 1 else ''}; it is raised to {share}."
        )
        notes.append(Note(text, kind="warning"))
    return min(low, equal), max(high, equal), notes


def _optimum(
    curves: pd.DataFrame, slope: Floats, scale: Floats, total: float, low: float, high: float
) -> Floats:
    """Money of each cell: the same marginal return everywhere, bounds of segments kept."""
    slope, scale = _positive(slope, scale)
    codes, groups = pd.factorize(curves["segment"])
    cells = [np.flatnonzero(codes == g) for g in range(len(groups))]
    floor, cap = low * total, high * total

    def wanted(log_price: float) -> Floats:
        money = scale * np.maximum(np.log(slope) - log_price, 0.0)
        return np.clip(np.bincount(codes, money), floor, cap)

    lowest = float(np.log(slope).min() - total / scale.min() - 1)
    highest = float(np.log(slope).max() + 1)
    if wanted(highest).sum() >= total:  # the floors take it all
        price = highest
    elif wanted(lowest).sum() <= total:  # every segment is at its cap
        price = lowest
    else:
        price = brentq(lambda p: wanted(p).sum() - total, lowest, highest, xtol=1e-13)
    budgets = wanted(price)
    amount = np.zeros(len(curves))
    for budget, own in zip(budgets, cells, strict=True):
        amount[own] = _fill(slope[own], scale[own], float(budget))
    return amount


def _positive(slope: Floats, scale: Floats) -> tuple[Floats, Floats]:
    """A cell that returns nothing still takes money when a bound forces it to: then by reach."""
    top = float(slope.max())
    slope = np.maximum(slope, top * 1e-9) if top > 0 else np.ones_like(slope)
    return slope, np.maximum(scale, 1e-9)


def _within_channels(
    curves: pd.DataFrame,
    slope: Floats,
    scale: Floats,
    total: float,
    segments: Share,
    channels: Mapping[str, Share],
    free: Floats,
) -> tuple[Floats, list[Note]]:
    """The split with the channels' bounds kept, or the free one and why they cannot be kept."""
    known = sorted(curves["channel"].unique())
    wrong = [unknown("channel", c, known) for c in channels if c not in known]
    notes = [Note(f"In the study's budget: {text}", kind="warning") for text in wrong]
    slope, scale = _positive(slope, scale)
    parts = {}
    for name, bounds in (("segment", {}), ("channel", channels)):
        codes, found = pd.factorize(curves[name])
        usual = segments if name == "segment" else (0.0, 1.0)
        least, most = np.array([bounds.get(one, usual) for one in found], dtype=float).T
        parts[name] = codes, least, most
    share = split_within(slope, scale / total, parts)
    if share is None:
        text = "The bounds of the channels cannot be kept together with those of the segments; "
        text += "the split goes without them."
        return free, [*notes, Note(text, kind="warning")]
    return share * total, notes


def _fill(slope: Floats, scale: Floats, budget: float) -> Floats:
    """Water-filling without bounds, in closed form: ``scale × ln(slope / price)``, at least 0."""
    order = np.argsort(-slope, kind="stable")
    logs, widths = np.log(slope[order]), scale[order]
    prices = (np.cumsum(widths * logs) - budget) / np.cumsum(widths)
    active = int(np.flatnonzero(logs > prices)[-1]) if budget > 0 else 0
    amount = np.zeros_like(slope)
    amount[order] = widths * np.maximum(logs - prices[active], 0.0)
    return amount


def _in_cents(amount: Floats, total: float) -> Floats:
    """Round to cents; what is left over goes to the largest cell."""
    rounded = np.round(amount, _CENT)
    rounded[np.argmax(rounded)] += total - rounded.sum()
    return np.round(rounded, _CENT)


def worth_spending(table: pd.DataFrame) -> float:
    """Return the budget up to which the next unit of money brings back more than itself.

    Parameters
    ----------
    table
        Of :class:`BudgetSplit`; bounds are not looked at.
    """
    slope = np.maximum(_slope(table), 1.0)
    return float((table["contacts_possible"] * table["cost"] * np.log(slope)).sum())


def _advice(table: pd.DataFrame, total: float) -> list[Note]:
    if total <= 0:
        return []
    notes = []
    worth = worth_spending(table)
    if worth < total:
        rest = quote("rest", total - worth, ",.0f")
        text = (
            "By these curves money pays back within a year up to a budget of about "
            f"{quote('pays', worth, ',.0f')}; the rest of the {quote('budget', total, ',.0f')} "
            "costs more than it brings. "
        ) + (
            f"So {rest} is left unspent."
            if table["amount"].sum() < total - 0.005
            else f"{rest} is better left unspent: set 'leave_unspent: true' in the study's budget."
        )
        notes.append(Note(text, kind="warning"))
    if (table["value_of"] == BELOW_COST).any():
        text = (
            "Goods were sold below cost in the last 12 months, so more sales lose money. The split "
            "goes by revenue, to show the order of segments and channels; mend the margin first."
        )
        notes.append(Note(text, kind="warning"))
    if "cost_source" in table:
        unpaid = (table["cost_source"] == DECLARED) & (table["source"] != DECLARED)
        if unpaid.any():
            channels = listed(table.loc[unpaid, "label"].drop_duplicates().tolist())
            text = (
                f"No spend is on file for past campaigns by {channels}: the cost of a contact "
                "there is the playbook's opinion; fill 'spend' of the table 'campaigns'."
            )
            notes.append(Note(text, kind="warning"))
    if (table["source"] == DECLARED).all():
        text = (
            "No campaign with a hold-out was found: the curves are declared priors, "
            "opinions of the playbook and no measurement."
        )
        notes.append(Note(text, kind="warning"))
    return notes
