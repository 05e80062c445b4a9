"""The best split where channels have bounds too: a concave programme, solved by scipy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, minimize

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Share = tuple[float, float]

_NEAR = 1e-6  # by which a bound may be missed: a split that misses one by more is not used
_SLACK = 1e-9  # bounds that are equal would be an equation too many for the solver


def split_within(
    slope: Floats,
    scale: Floats,
    groups: Mapping[str, tuple[Ints, Floats, Floats]],
) -> Floats | None:
    """Split 1 over cells so that the sum of returns is largest and every group keeps its bounds.

    Parameters
    ----------
    slope
        Return of the first unit in each cell, positive.
    scale
        Money, as a share of the whole, that takes a cell to 63 % of all that it can return.
    groups
        Name of a grouping → group of each cell from 0, and each group's least and largest share.

    Returns
    -------
    ndarray or None
        Share of each cell; None where no split keeps all bounds.

    Notes
    -----
    Maximises Σ slope × scale × (1 − exp(−share / scale)) by sequential quadratic programming
    (Kraft 1988) from a point that a linear programme finds. The return is concave, so that a
    maximum is the maximum. Should the solver fail to keep the bounds, that point itself is taken.

    Examples
    --------
    >>> two = np.array([0, 1]), np.array([0.0, 0.7]), np.array([1.0, 1.0])
    >>> split_within(np.ones(2), np.ones(2), {"channel": two}).round(6).tolist()
    [0.3, 0.7]
    """
    rows = np.vstack(
        [codes == np.arange(len(least))[:, None] for codes, least, _ in groups.values()]
    )
    low = np.concatenate([least for _, least, _ in groups.values()])
    high = np.concatenate([most for *_, most in groups.values()])
    limits = rows.astype(float), low - _SLACK, high + _SLACK
    start = _inside(slope, *limits)
    if start is None:
        return None
    unit = float(slope.max())

    def loss(share: Floats) -> tuple[float, Floats]:
        rest = np.exp(-share / scale)
        return -float((slope * scale * (1 - rest)).sum()) / unit, -slope * rest / unit

    found = minimize(
        loss,
        start,
        jac=True,
        method="SLSQP",
        bounds=Bounds(0.0, 1.0),
        constraints=[LinearConstraint(np.ones(len(slope)), 1.0, 1.0), LinearConstraint(*limits)],
        options={"maxiter": 1000, "ftol": 1e-14},
    )
    share = np.clip(found.x, 0.0, 1.0)
    held = limits[0] @ share
    kept = (held >= limits[1] - _NEAR).all() and (held <= limits[2] + _NEAR).all()
    return share if kept and abs(share.sum() - 1) < _NEAR else start


def _inside(slope: Floats, rows: Floats, low: Floats, high: Floats) -> Floats | None:
    """A split that keeps the bounds, cells with the steepest return first; None without any."""
    kept = linprog(
        -slope,
        A_ub=np.vstack([rows, -rows]),
        b_ub=np.concatenate([high, -low]),
        A_eq=np.ones((1, len(slope))),
        b_eq=[1.0],
        bounds=(0, 1),
    )
    return np.asarray(kept.x, dtype=np.float64) if kept.status == 0 else None
