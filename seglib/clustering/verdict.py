"""The verdict: are there natural segments, reproducible ones, or only constructive ones?

Dolnicar & Leisch's words, decided by comparison with null twins (data with the same columns and
no groups): see :func:`assess`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.borders import WHOLE
from seglib.clustering.certificate import Certificate
from seglib.clustering.gain import LEAST_ROWS, structure_gain
from seglib.clustering.gaps import kept_whole
from seglib.clustering.null_band import NullStability, band, null_stability
from seglib.clustering.nulls import KINDS, Block
from seglib.clustering.stability import GlobalStability, global_stability
from seglib.clustering.structure import Structure
from seglib.kinds import SEARCH
from seglib.study import Effort

if TYPE_CHECKING:
    from seglib.clustering.candidate import Candidate
    from seglib.clustering.mixture import BoolArray, IntArray

Kind = Literal["natural", "reproducible", "constructive", "undecided"]

_SAME = 0.8  # adjusted Rand index from which two methods are said to give one cut
_MUST_STABLE = 0.05  # an excess smaller than this is not worth a word
_CONTINUUM = 0.3  # share of the variance on the first axis from which it is named
_LONGER = 1.5  # … and times by which it is longer than the axes are on average
_LOADS = 4
_FEWEST_TRIED = 6  # components of a mixture that are tried whatever the numbers of segments


@dataclass(frozen=True)
class Work:
    """How much bootstrap work an effort does."""

    pairs: int
    twins: int
    twin_pairs: int
    structure_twins: int
    structure_splits: int


EFFORTS: dict[Effort, Work] = {
    "quick": Work(10, 4, 4, 12, 2),
    "standard": Work(30, 6, 5, 12, 3),
    "thorough": Work(100, 20, 20, 32, 8),
}
"""Bootstrap pairs, twins of each kind, pairs per twin, and the work on the structure."""


@dataclass(frozen=True)
class Verdict:
    """What the data are, per number of segments and as a whole.

    Attributes
    ----------
    overall
        The verdict on the data as a whole.
    table
        One row per k: ``stability`` (median adjusted Rand index over bootstrap pairs; missing
        where the fit is not certified), its quartiles, the band of each null twin, ``excess`` over
        the permuted twins' mean, ``optimiser`` (same data, fresh starts) with the bands of the
        same in the twins, and ``verdict``.
    structure
        Held-out gain of a mixture against the copula twins; None with too few rows.
    continuum
        The variables that make the longest axis, where it holds much of the variance.
    effort
        How much work was done.
    stability
        The bootstrap under the table.
    """

    overall: Kind
    table: pd.DataFrame
    structure: Structure | None
    continuum: tuple[str, ...]
    effort: Effort
    stability: GlobalStability

    def kinds(self, candidates: Iterable[Candidate]) -> dict[str, Kind]:
        """The verdict on each candidate, by its name.

        A candidate is natural only where its own segments keep the groups whole (those of k-means
        over the bootstrap samples); else the verdict is that on its number of segments, for the
        cut of k-means and those that are nearly the same: no other was drawn again. Rules and
        trees on the outcome look for no groups: what they make is constructive.
        """
        found = list(candidates)
        cuts = {c.k: c.labels for c in found if c.method == "kmeans"}
        known = set(self.table["k"])
        return {c.name: self._kind(c, cuts.get(c.k)) for c in found if c.k in known}

    def _kind(self, candidate: Candidate, cut: IntArray | None) -> Kind:
        if candidate.method not in SEARCH:
            return "constructive"
        row = self.table.set_index("k").loc[candidate.k]
        above = bool(row["above_permuted"])
        if candidate.method == "kmeans":
            whole, beyond = float(row.to_dict()["kept_whole"]), bool(row["above_copula"])
        else:
            whole, beyond = self._kept_whole(candidate.labels), False
            above &= cut is not None and bool(adjusted_rand(candidate.labels, cut) >= _SAME)
        return _verdict_of(candidate.k, whole, beyond, above, self.structure)

    def _kept_whole(self, labels: IntArray) -> float:
        return kept_whole(self.structure.group_of, labels) if self.structure is not None else 0.0

    def sentence(self) -> str:
        """The verdict in plain words."""
        stable = self.table.loc[self.table["verdict"] == "reproducible", "k"].tolist()
        along = f" along {_listed(self.continuum)}" if self.continuum else ""
        if self.overall == "natural" and self.structure is not None:
            return (
                f"Natural segments: there are {self.structure.groups} groups with gaps between "
                "them; what has no gap inside counts as one group."
            )
        if self.overall == "reproducible":
            what = f"one continuum{along}" if along else "one cloud"
            return (
                f"Reproducible segments: {self._shape(what)}; cutting it into {_ks(stable, 'or')} "
                f"segments gives the same cut in other samples{self._as_in_noise(stable)}."
            )
        if self.overall == "undecided":
            return (
                "Undecided: the segments are repeatable, and whether gaps lie between them is not "
                "clear from these data."
            )
        return (
            "Constructive segments: there are no natural segments here, and no cut is repeated "
            "beyond what noise repeats. Any segments are a construction, useful if they pay."
        )

    def _as_in_noise(self, stable: list[int]) -> str:
        """Say at which numbers of segments correlated noise repeats its cut as well."""
        beyond = set(self.table.loc[self.table["above_copula"], "k"])
        alike = [k for k in stable if k not in beyond]
        if not alike:
            return ""
        if len(alike) == len(stable):
            return ", as it does in noise that keeps the correlations"
        return f"; at {_ks(alike)}, so does noise that keeps the correlations"

    def _shape(self, what: str) -> str:
        """What the market looks like where no groups could be shown in it."""
        found = self.structure
        if found is None or not found.several or found.gain <= 0:
            return f"the market is {what}, without groups in it"
        if found.found == "no":
            return "the market is not evenly filled, but no gaps between groups are shown in it"
        return (
            f"the market is more than one cloud, but where its groups lie is not sure (two halves "
            f"of the accounts agree on them at an adjusted Rand index of {found.agreement:.2f})"
        )

    def evidence(self) -> list[tuple[str, str, str]]:
        """What decided the verdict and what would change it: question, answer, what would."""
        above = self.table[self.table["above_permuted"]]["k"].tolist()
        rows = [
            (
                "Does the same cut come back beyond noise?",
                f"above the permuted twins' 95 % band at {_at(above)}",
                "a median stability inside the band",
            ),
            (
                "Beyond what correlation alone repeats?",
                f"above the copula twins' band at "
                f"{_at(self.table[self.table['above_copula']]['k'].tolist())}",
                "a long cloud is cut at the same places without any groups",
            ),
        ]
        if self.structure is not None:
            rows.append(
                (
                    "Are there gaps?",
                    self.structure.sentence(),
                    "an interval of z on the other side of 1.96",
                )
            )
        return rows

    def evidence_table(self) -> pd.DataFrame:
        """The evidence, one row per question."""
        columns = ["question", "answer", "what would change it"]
        return pd.DataFrame(self.evidence(), columns=columns)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and words for ``verdict.json``."""
        table = self.table.astype(object).where(self.table.notna(), None)
        return {
            "verdict": self.overall,
            "sentence": self.sentence(),
            "effort": self.effort,
            "per_k": table.to_dict("records"),
            "structure": self.structure.to_dict() if self.structure else None,
            "structure_found": self.structure.found if self.structure else "no",
            "continuum": list(self.continuum),
            "evidence": [
                {"question": question, "answer": answer, "would_change": change}
                for question, answer, change in self.evidence()
            ],
            "basis": self.stability.sentence(),
        }


def assess(
    X: np.ndarray,
    ks: Iterable[int],
    *,
    effort: Effort = "standard",
    blocks: Sequence[Block] | None = None,
    missing: BoolArray | None = None,
    names: Sequence[str] | None = None,
    certificates: Mapping[int, Certificate] | None = None,
    random_state: int | None = None,
) -> Verdict:
    """Judge whether data have groups, by the identical pipeline on data and null twins.

    Parameters
    ----------
    X
        Rows × variables, preprocessed.
    ks
        Numbers of segments.
    effort
        How many bootstrap pairs and twins.
    blocks
        Columns that a twin keeps together, such as the levels of one category.
    missing
        Rows × variables: values that were missing and filled. They say nothing of a row's group.
    names
        Names of the columns, to name a continuum.
    certificates
        k → restart certificate of k-means on these rows, where it is known; else made here.
    random_state
        Seed.

    Returns
    -------
    Verdict
        *natural*: held-out structure above the copula twins', gaps between the groups, segments
        that keep 85 % of the accounts with most of their group, and stability above both
        nulls' 95 % band (of k-means, or of the mixture from half to half); *reproducible*:
        above the permuted null's band only;
        *constructive*: neither; *undecided*: repeatable, and the interval of the structure spans
        the limit. k-means that is not certified lies above no band.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> assess(rng.standard_normal((60, 3)), [2], effort="quick", random_state=0).overall
    'constructive'
    """
    counts, work = sorted(set(ks)), EFFORTS[effort]
    rng = np.random.default_rng(random_state)
    seeds = rng.integers(2**32, size=2)
    own = global_stability(
        X, counts, work.pairs, int(seeds[0]), optimiser_pairs=work.pairs // 3,
        certificates=certificates,
    )  # fmt: skip
    nulls = {
        how: null_stability(
            X,
            counts,
            how,
            twins=work.twins,
            pairs=work.twin_pairs,
            fresh=max(4, work.twin_pairs // 2),
            blocks=blocks,
            rng=rng,
        )
        for how in KINDS
    }
    structure = None
    if len(X) >= LEAST_ROWS:
        structure = structure_gain(
            X,
            n_twins=work.structure_twins,
            n_splits=work.structure_splits,
            max_components=max(_FEWEST_TRIED, *counts),
            blocks=blocks,
            missing=missing,
            random_state=int(seeds[1]),
        )
    table = _table(own, nulls, structure)
    return Verdict(_overall(table, structure), table, structure, _continuum(X, names), effort, own)


def _table(
    own: GlobalStability, nulls: dict[Any, NullStability], structure: Structure | None
) -> pd.DataFrame:
    summary = own.summary().set_index("k")
    table = pd.DataFrame(
        {
            "stability": summary["median"],
            "lower_quartile": summary["lower_quartile"],
            "upper_quartile": summary["upper_quartile"],
            "optimiser": summary["optimiser_median"],
            "certified": summary["certified"],
        }
    )
    for how, found in nulls.items():
        for name, medians in ((how, found.sampling), (f"{how}_optimiser", found.optimiser)):
            table[f"{name}_low"], table[f"{name}_high"] = band(medians)
    table["excess"] = table["stability"] - nulls["permute"].sampling.mean()
    table["above_permuted"] = _above(table, "permute")
    table["above_copula"] = _above(table, "copula")
    table["kept_whole"] = [_kept_whole(own, k, structure) for k in table.index]
    table["verdict"] = [_verdict_on(row, structure) for row in table.itertuples()]
    return table.rename_axis("k").reset_index()


def _above(table: pd.DataFrame, how: str) -> pd.Series:
    enough = table["excess"] > _MUST_STABLE
    return (table["stability"] > table[f"{how}_high"]) & enough & table["certified"]


def _kept_whole(own: GlobalStability, k: int, structure: Structure | None) -> float:
    """How whole k-means keeps the groups: median over the bootstrap samples."""
    if structure is None:
        return float("nan")
    groups = structure.group_of[own.row_index]
    return float(np.median([kept_whole(groups, labels + 1) for labels in own.labels[k]]))


def _verdict_on(row: Any, structure: Structure | None) -> Kind:
    """Verdict on one number of segments: natural where it is that of groups that come back."""
    own = structure is not None and structure.repeated and row.Index == structure.groups
    whole = 1.0 if own else row.kept_whole
    return _verdict_of(row.Index, whole, row.above_copula, row.above_permuted, structure)


def _verdict_of(
    k: int, whole: float, beyond: bool, above: bool, structure: Structure | None
) -> Kind:
    """Verdict on one partition into k.

    Parameters
    ----------
    k
        Number of segments: more than there are groups cut through a group.
    whole
        Share of the rows that it keeps with most of their group.
    beyond, above
        Whether it is repeated beyond the copula twins' band, and beyond the permuted twins'.
    structure
        What is known of the groups.
    """
    if structure is not None and structure.found != "no" and k <= structure.groups:
        repeated = structure.repeated or (beyond and above and structure.alike)
        if whole >= WHOLE and repeated:
            return "natural" if structure.found == "yes" else "undecided"
    return "reproducible" if above else "constructive"


def _overall(table: pd.DataFrame, structure: Structure | None) -> Kind:
    """The best verdict that any k reaches, or that of a number of groups that is not among them."""
    reached: set[Kind] = set(table["verdict"])
    if structure is not None and structure.found != "no" and structure.repeated:
        reached.add("natural" if structure.found == "yes" else "undecided")
    order: tuple[Kind, ...] = ("natural", "undecided", "reproducible", "constructive")
    return next(kind for kind in order if kind in reached)


def _continuum(X: np.ndarray, names: Sequence[str] | None) -> tuple[str, ...]:
    """Name the longest axis by the columns that load on it, where it holds much variance."""
    _, size, axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    variance = np.square(size)
    if names is None or not variance.any():
        return ()
    if variance[0] < max(_CONTINUUM * variance.sum(), _LONGER * variance.sum() / X.shape[1]):
        return ()
    load = np.abs(axes[0])
    order = np.argsort(-load, kind="stable")[:_LOADS]
    return tuple(str(names[j]) for j in order if load[j] >= load.max() / 2)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


def _at(ks: list[int]) -> str:
    return f"k = {_ks(ks)}" if ks else "no k"


def _ks(ks: list[int], last: str = "and") -> str:
    head = ", ".join(str(k) for k in ks[:-1])
    return f"{head} {last} {ks[-1]}" if head else str(ks[-1])
