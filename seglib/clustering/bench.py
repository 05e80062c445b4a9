"""The bench: the accounts and the matrix that every method of step 03 works on."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.certificate import Certificate
from seglib.clustering.certified import CertifiedKMeans
from seglib.clustering.preprocessing import Preprocessing, fit_preprocessing
from seglib.clustering.redundancy import redundant_pairs, without_redundant
from seglib.collection import AccountTable
from seglib.errors import DataError, StudyError, unknown
from seglib.objectives import Brief
from seglib.quotes import quote
from seglib.study import Effort, Missing, Study

_LEAST_COMPLETE = 10  # complete cases a segment

_RESTARTS: dict[Effort, int] = {"quick": 200, "standard": 1000, "thorough": 5000}
_RESTARTED_ROWS = 5000  # on more rows there are fewer in proportion
_FEWEST_RESTARTS = 50

_TREATED: dict[Missing, str] = {
    "median": "have gaps, which count as the median (a missing category as none of its levels)",
    "complete": "have gaps; they form no segments and are placed afterwards, gaps as the median",
    "full-information": "have gaps, which add nothing to the mixtures' likelihood; k-means, Ward's "
    "method and the tree have none and take the median",
}


@dataclass(frozen=True)
class Bench:
    """What every method works on.

    Attributes
    ----------
    accounts
        The accounts that segments are formed from: customers, or a seeded sample of them.
    names
        Segmentation variables.
    preprocessing, X
        How they become the matrix, and the matrix.
    brief, study
        Objective, outcome, limits, seed.
    ks
        Numbers of segments to try.
    redundant
        Pairs of variables that count one thing twice.
    left_out
        Segmentation variables left out because another one tells the same.
    customers
        All customers; more than ``accounts`` where a sample was taken.
    """

    accounts: AccountTable
    names: list[str]
    preprocessing: Preprocessing
    X: NDArray[np.float64]
    brief: Brief
    study: Study
    ks: list[int] = field(default_factory=list)
    redundant: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_out: list[str] = field(default_factory=list)
    customers: AccountTable | None = None

    @property
    def output_labels(self) -> list[str]:
        """What a person calls each column of the matrix."""
        labels = []
        for step in self.preprocessing.steps:
            label = self.accounts.label(step.variable)
            labels += [o.replace(step.variable, label, 1) for o in step.outputs]
        return labels

    @cached_property
    def kmeans(self) -> dict[int, CertifiedKMeans]:
        """Certified k-means for every number of segments: verdict and candidates share it."""
        most = most_restarts(len(self.X), self.study.clustering.effort)
        fits = (
            CertifiedKMeans(k, max_restarts=most, random_state=self.brief.seed) for k in self.ks
        )
        return {fit.n_clusters: fit.fit(self.X) for fit in fits}

    @property
    def certificates(self) -> dict[int, Certificate]:
        """Restart certificate of k-means for every number of segments."""
        return {k: fit.certificate_ for k, fit in self.kmeans.items()}

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Rows × columns of the matrix: values that were missing and filled."""
        return np.isnan(self.preprocessing.with_gaps().transform(self.accounts.frame))

    @property
    def sentence(self) -> str:
        """What the bench holds, in words."""
        whole = self.customers.frame if self.customers is not None else self.accounts.frame
        rows, every = len(self.accounts.frame), quote("all_customers", len(whole), ",")
        sample = "" if len(whole) == rows else f" (of {every})"
        return (
            f"{quote('customers', rows, ',')} customers{sample}, "
            f"{quote('variables', len(self.names))} segmentation variables, "
            f"{quote('k_min', self.ks[0])} to {quote('k_max', self.ks[-1])} segments. "
            f"{self._gaps(whole)}"
        )

    def _gaps(self, whole: pd.DataFrame) -> str:
        """How missing values are treated, and how many customers that concerns."""
        gaps = int(whole[self.names].isna().any(axis=1).sum())
        if not gaps:
            return "No segmentation variable has gaps."
        treated = _TREATED[self.study.clustering.missing]
        how, count = self.study.clustering.missing, quote("with_gaps", gaps, ",")
        return f"Missing values ({how}): {count} customers {treated}."


def most_restarts(rows: int, effort: Effort) -> int:
    """Restarts of k-means that a certificate asks for at most.

    Examples
    --------
    >>> most_restarts(800, "standard"), most_restarts(50_000, "standard")
    (1000, 100)
    """
    most = _RESTARTS[effort] * _RESTARTED_ROWS // max(rows, _RESTARTED_ROWS)
    return max(_FEWEST_RESTARTS, most)


def prepare(accounts: AccountTable, brief: Brief, study: Study) -> Bench:
    """Make the matrix that segments are formed in, from what the brief declares.

    Parameters
    ----------
    accounts
        The account table; segments are formed from its customers.
    brief
        Declares the segmentation variables; no other is let in.
    study
        Range of k, size of the sample, seed.

    Raises
    ------
    StudyError
        When the table has a base that the brief does not declare.
    DataError
        When too few customers differ to form two segments.
    """
    brief.obey(accounts.names(role="base"))
    customers = accounts.customers
    declared = [name for name in brief.variables if name in accounts.columns]
    complete = study.clustering.missing == "complete"
    fitted = _sample(_complete(customers, declared, study) if complete else customers, study)
    every = redundant_pairs(customers)
    names, left_out = without_redundant(declared, every)
    _check_orders(customers, study)
    asked_for = study.clustering
    preprocessing = fit_preprocessing(
        fitted, names, family_weights=asked_for.family_weights, winsorise=asked_for.winsorise,
        ordered=asked_for.ordered,
    )  # fmt: skip
    X = preprocessing.transform(fitted.frame)
    distinct = len(np.unique(X, axis=0))
    ks = [k for k in range(study.clustering.k_min, study.clustering.k_max + 1) if k < distinct]
    asked = study.clustering.k
    if asked is not None and 1 < asked < distinct and asked not in ks:
        ks = sorted([*ks, asked])
    if not ks:
        raise DataError(
            f"only {distinct} customers differ in the segmentation variables; "
            f"{study.clustering.k_min} segments need more."
        )
    used = preprocessing.variables
    return Bench(fitted, used, preprocessing, X, brief, study, ks, every, left_out, customers)


def _check_orders(customers: AccountTable, study: Study) -> None:
    """Refuse an order of a variable that is not there, is no category, or has other levels."""
    wrong = []
    for name, levels in study.clustering.ordered.items():
        if name not in customers.columns:
            wrong.append(unknown("variable", name, list(customers.columns)))
        elif customers.columns[name].kind != "category":
            wrong.append(f"'{name}' is no category; numbers have their order already.")
        else:
            found = customers.frame[name].dropna().astype("str").unique()
            if more := sorted(set(found) - set(levels)):
                shown = ", ".join(f"'{level}'" for level in more[:5])
                wrong.append(f"'{name}' has levels without a place in the order: {shown}.")
    if wrong:
        raise StudyError(wrong, where="'clustering.ordered'")


def _complete(customers: AccountTable, names: list[str], study: Study) -> AccountTable:
    """Keep the customers without a gap in any segmentation variable."""
    gaps = customers.frame[names].isna()
    kept = ~gaps.any(axis=1)
    if int(kept.sum()) < _LEAST_COMPLETE * study.clustering.k_min:
        worst = gaps.sum().sort_values(ascending=False, kind="stable").head(3)
        shown = ", ".join(f"'{name}' lacks {n:,}" for name, n in worst.items() if n)
        raise DataError(
            f"only {int(kept.sum()):,} of {len(kept):,} customers have a value of every "
            f"segmentation variable ({shown}); leave such a variable out of 'bases', or set "
            "'clustering.missing' to 'median' or 'full-information'."
        )
    return customers.where(kept)


def _sample(customers: AccountTable, study: Study) -> AccountTable:
    """Take all customers, or a seeded random sample where there are too many to fit on."""
    most = study.clustering.max_fit_accounts
    n = len(customers.frame)
    if n <= most:
        return customers
    chosen = np.zeros(n, dtype=bool)
    chosen[np.random.default_rng(study.seed).choice(n, most, replace=False)] = True
    return customers.where(pd.Series(chosen))
