"""Which variable carries the segments: leave one variable, or one family of them, out and refit.

Leave-one-out importance, judged by the adjusted Rand index with the kept segmentation (Fraiman,
Justel & Svarc 2008, *Selection of variables for cluster analysis and classification rules*).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bench import Bench
from seglib.clustering.bootstrap import Search, best_labels, bootstrap_weights, subsample
from seglib.clustering.candidate import Candidate
from seglib.quotes import quote

ALONE = 0.9  # ARI of the segments from one variable alone, from which it makes them by itself
DESTROYED = 0.2  # share of the agreement left without a variable, up to which it held them up
_STARTS, _SWAPS = 3, 5  # of the refit on the accounts; a bootstrap fit has two plain starts

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class VariableImportance:
    """What is left of a segmentation without each variable, and what each gives alone.

    Attributes
    ----------
    table
        One row per variable and per family of several: ``kind`` (variable or family), ``name``,
        ``label``, ``variables`` (how many), ``ari_without`` and ``ari_alone`` (adjusted Rand index
        of the refit with the kept segmentation; missing where the values do not suffice for k
        segments), ``stability_change`` (mean of the bootstrap pairs without it minus that with all)
        with its 95 % interval ``change_low`` to ``change_high``, and ``carries``.
    k
        Number of segments.
    reference
        ARI of the refit with all variables: below 1 where the kept method is not k-means.
    stability
        Mean ARI of the bootstrap pairs with all variables.
    rows, rows_used
        Accounts, and accounts that the fits ran on.
    n_pairs
        Bootstrap pairs.
    """

    table: pd.DataFrame
    k: int
    reference: float
    stability: float
    rows: int
    rows_used: int
    n_pairs: int

    @property
    def claim(self) -> str:
        """Which variable or family carries the segments; for the title of the figure."""
        called = self.table[self.table["carries"]]
        alone = called[called["ari_alone"] >= ALONE]
        if len(alone):
            return _alone(alone.sort_values("ari_alone").iloc[-1], self.k)
        order = self.table.sort_values("ari_without", kind="stable")
        single = order[order["kind"] == "variable"]
        if single["ari_without"].isna().all():
            return f"One variable is all there is: it makes the {_segments(self.k)}"
        if len(called):
            row = order[order["carries"]].iloc[0]
            return (
                f"Without {_named(row)} the {_segments(self.k)} fall apart: "
                f"agreement {quote('agreement', row['ari_without'], '.2f')} is left"
            )
        row = single.iloc[0]
        return (
            f"No single variable makes the {_segments(self.k)}; without {_named(row)}, "
            f"which matters most, agreement {quote('agreement', row['ari_without'], '.2f')} is left"
        )

    def sentences(self) -> list[str]:
        """The claim, what else is called out, and how it was measured."""
        said = [f"{self.claim}."]
        for row in self.table[self.table["carries"]].to_dict("records"):
            text = _alone(row, self.k) if row["ari_alone"] >= ALONE else ""
            if text and f"{text}." not in said:
                said.append(f"{text}.")
        if self.reference < ALONE:
            said.append(
                "The kept segments are not those of k-means: with all variables the refit agrees "
                f"with them at {quote('reference', self.reference, '.2f')}, which is the most that "
                "can be left."
            )
        return [*said, self.method]

    @property
    def method(self) -> str:
        """How it was measured, in a sentence."""
        rows = f"{quote('rows_used', self.rows_used, ',')} accounts"
        if self.rows_used < self.rows:
            rows += f" (a random subsample of the {quote('rows', self.rows, ',')})"
        return (
            f"k-means refitted with {_segments(self.k)} on {rows}, best of "
            f"{quote('starts', _STARTS)} starts; stability from {quote('pairs', self.n_pairs)} "
            "pairs of bootstrap samples, the same with and without."
        )


def variable_importance(
    bench: Bench, kept: Candidate, *, n_pairs: int = 10, max_rows: int = 2000
) -> VariableImportance | None:
    """Refit k-means without each variable and each family, and from each alone.

    Parameters
    ----------
    bench
        The accounts and the matrix that segments are formed in.
    kept
        The kept candidate; accounts that it does not place are left out.
    n_pairs
        Pairs of bootstrap samples for the change of stability.
    max_rows
        Above so many accounts the fits run on a random subsample of so many.

    Returns
    -------
    VariableImportance or None
        None where one segment was kept.

    Notes
    -----
    The columns that stay keep their weights. A variable ``carries`` the segments where those from
    it alone agree with the kept ones at an ARI of .9 or more, or where leaving it out leaves at
    most a fifth of the reference; only where there is more than one variable.
    """
    if kept.k < 2:
        return None
    rng = np.random.default_rng([bench.brief.seed, kept.k])
    placed = np.flatnonzero(kept.labels > 0)
    rows = placed[subsample(len(placed), max_rows, rng)]
    weights = bootstrap_weights(len(rows), 2 * n_pairs, rng)
    fit = _Refit(bench.X[rows], kept.labels[rows] - 1, kept.k, weights, bench.brief.seed)
    everything = np.arange(bench.X.shape[1])
    with threadpool_limits(1):
        reference, whole = fit.agreement(everything), fit.pairs(everything)
        found = [_row(fit, unit, reference, whole) for unit in _units(bench)]
    return VariableImportance(
        pd.DataFrame(found), kept.k, reference, float(whole.mean()), len(placed), len(rows), n_pairs
    )


@dataclass(frozen=True)
class _Refit:
    X: Floats
    kept: NDArray[np.int64]
    k: int
    weights: Floats
    seed: int

    def agreement(self, columns: NDArray[np.intp]) -> float:
        """ARI with the kept segments of k-means on some columns; NaN where it cannot be fitted."""
        if not self._fits(columns):
            return float("nan")
        one = np.ones((1, len(self.X)))
        labels = self._labels(columns, one, Search(_STARTS, _SWAPS, 1))
        return float(adjusted_rand(labels, self.kept[None])[0])

    def pairs(self, columns: NDArray[np.intp]) -> Floats:
        """ARI of each pair of bootstrap fits on some columns."""
        if not self._fits(columns):
            return np.full(len(self.weights) // 2, np.nan)
        labels = self._labels(columns, self.weights, Search(2, 0, 1))
        return adjusted_rand(labels[::2], labels[1::2])

    def _fits(self, columns: NDArray[np.intp]) -> bool:
        return len(columns) > 0 and len(np.unique(self.X[:, columns], axis=0)) >= self.k

    def _labels(
        self, columns: NDArray[np.intp], weights: Floats, search: Search
    ) -> NDArray[np.integer[Any]]:
        X = np.ascontiguousarray(self.X[:, columns])
        return best_labels(X, self.k, weights, search, np.random.default_rng(self.seed))[0]


@dataclass(frozen=True)
class _Unit:
    kind: str
    name: str
    label: str
    variables: int
    columns: NDArray[np.intp]
    rest: NDArray[np.intp]


def _units(bench: Bench) -> Iterator[_Unit]:
    """Each variable, then each family of several variables beside which there are others."""
    of_column = np.repeat(
        np.arange(len(bench.preprocessing.steps)),
        [len(step.outputs) for step in bench.preprocessing.steps],
    )
    names = bench.preprocessing.variables
    families = [bench.accounts.columns[name].family or "" for name in names]
    groups = [("variable", n, bench.accounts.label(n), [i]) for i, n in enumerate(names)]
    for family in dict.fromkeys(families):
        inside = [i for i, own in enumerate(families) if own == family]
        if 1 < len(inside) < len(names):
            groups.append(("family", family, family.replace("_", " "), inside))
    for kind, name, label, inside in groups:
        own = np.isin(of_column, inside)
        yield _Unit(kind, name, label, len(inside), np.flatnonzero(own), np.flatnonzero(~own))


def _row(fit: _Refit, unit: _Unit, reference: float, whole: Floats) -> dict[str, object]:
    without, alone = fit.agreement(unit.rest), fit.agreement(unit.columns)
    change = fit.pairs(unit.rest) - whole
    mean = float(change.mean())
    margin = 1.96 * float(change.std(ddof=1)) / np.sqrt(len(change)) if len(change) > 1 else np.nan
    makes = alone >= ALONE or without <= DESTROYED * reference
    return {
        "kind": unit.kind, "name": unit.name, "label": unit.label, "variables": unit.variables,
        "ari_without": without, "ari_alone": alone, "stability_change": mean,
        "change_low": mean - margin, "change_high": mean + margin,
        "carries": bool(makes and len(unit.rest)),
    }  # fmt: skip


def _segments(k: int) -> str:
    return f"{quote('decision.json:k', k)} segments"


def _named(row: Any) -> str:
    return f"the {row['label']} variables" if row["kind"] == "family" else f"'{row['label']}'"


def _alone(row: Any, k: int) -> str:
    verb = "make" if row["kind"] == "family" else "makes"
    agreement = quote("agreement", row["ari_alone"], ".2f")
    return f"{_named(row)} alone {verb} the {_segments(k)} (agreement {agreement})"
