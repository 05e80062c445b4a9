"""Is there more than one cloud? The held-out gain of a mixture against copula twins.

The gain per row in log-likelihood of the best Gaussian mixture with two components or more over
one normal distribution (covariance structure by BIC, fitted on one half of the rows, scored on
the other) also shows what is only a bent or heavy-tailed cloud. So the same figure is taken from
copula twins, which have the data's marginals, ties and correlations and no clusters, on the same
halves of the rows; only what goes beyond them counts as structure.

Three precautions, each against a false alarm that was seen: what ties hide of a column's variance
is added to the components' variances, so that no component sits on one answer of a rating; "one
normal distribution" includes one cloud with heavy tails around one centre, so that the distant
rows of such a cloud are no group; and components without a gap between them count as one group,
so that a bent cloud, which takes several components to describe, is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from seglib.clustering.bootstrap import Seed, subsample
from seglib.clustering.checks import Table, matrix_of, positive
from seglib.clustering.distant import distant_rows
from seglib.clustering.gaps import gap_groups
from seglib.clustering.gaussian import GaussianFit, gaussian_mixtures
from seglib.clustering.held_out import HeldOut, held_out_gain
from seglib.clustering.mixture import FLOOR
from seglib.clustering.nulls import Block, null_twin, tie_variance
from seglib.clustering.threads import run_all

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
Found = Literal["yes", "no", "unclear"]

ABOVE = 1.96  # standard deviations over the twins' mean that a twin passes in 2.5 % of cases
LEAST_ROWS = 20
EQUAL_BIC = 10.0  # a smaller difference is no strong evidence for one component more (Raftery 1995)
MOST_GAINING = 6  # components are enough to tell several clouds from one, on data and twins alike
LEAST_AGREEMENT = 0.8  # of two halves' groups, to speak of the same ones


@dataclass(frozen=True)
class Structure:
    """Held-out gain of the data and of its copula twins.

    Attributes
    ----------
    gain
        Median over the halves of the gain in log-likelihood per held-out row, in nats.
    twin_gains
        The same figure of each copula twin.
    z
        Standard deviations of the twins' gains by which the data's lies over their mean.
    z_low, z_high
        95 % interval of z for the number of twins and half-splits.
    rank
        Share of twins, the data counted among them, with a gain as large: like a p-value.
    found
        "yes" where the whole interval of z lies above 1.96, "no" where it lies below, where the
        gain is not above 0, or where one cloud or components without a gap describe the rows as
        well; "unclear" else.
    components, covariance
        The mixture with two components or more that BIC chooses on all rows: the fewest components
        within 10 of the smallest.
    several
        Whether mixtures describe held-out rows better than one cloud by a standard error or more.
    groups
        Groups of its components with gaps between them.
    agreement
        Median adjusted Rand index of the groups that two halves give; 0 where one gives none.
    twin_agreement
        The same figure of each copula twin.
    rows, rows_used
        Rows given, and rows the mixtures were fitted and scored on.
    distant
        Rows that were set aside before, for they lie far out: see
        :func:`seglib.clustering.distant.distant_rows`.
    group_of
        Group of each row given, from 0.
    """

    gain: float
    twin_gains: tuple[float, ...]
    z: float
    z_low: float
    z_high: float
    rank: float
    found: Found
    components: int
    covariance: str
    several: bool
    groups: int
    agreement: float
    twin_agreement: tuple[float, ...]
    rows: int
    rows_used: int
    distant: int
    group_of: IntArray = field(repr=False, compare=False)

    @property
    def repeated(self) -> bool:
        """Whether two halves give the same groups, and more alike than most twins' do."""
        return self.agreement > max(LEAST_AGREEMENT, float(np.median(self.twin_agreement)))

    def sentence(self) -> str:
        """Say what was found."""
        verdict = {
            "yes": f"There are {self.groups} groups with gaps between them",
            "no": "Nothing speaks for more than one cloud",
            "unclear": "Whether there is more than one cloud is not clear",
        }[self.found]
        text = (
            f"{verdict}: a mixture with two components or more describes held-out rows better "
            f"than one cloud by {self.gain:.3f} nats a row, the copula twins by "
            f"{np.mean(self.twin_gains):.3f} (at most {max(self.twin_gains):.3f}); "
            f"z = {self.z:.1f}, 95 % interval {self.z_low:.1f} to {self.z_high:.1f}."
        )
        if self.distant:
            text += f" Set aside before: {self.distant} of {self.distant + self.rows_used} rows "
            text += "that lie far from all others."
        if not self.several:
            return text + " One cloud describes them as well as any mixture."
        if self.groups == 1:
            return text + f" The {self.components} components have no gap between them."
        return text + (
            f" Two halves of the rows agree on the groups at an adjusted Rand index of "
            f"{self.agreement:.2f}, of a twin {np.median(self.twin_agreement):.2f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and names for a JSON file."""
        lists = {name: list(getattr(self, name)) for name in ("twin_gains", "twin_agreement")}
        record = asdict(self) | lists
        del record["group_of"]  # of rows, not of the data
        return record


def structure_gain(
    X: Table,
    *,
    n_twins: int = 32,
    n_splits: int = 6,
    max_components: int = 6,
    max_rows: int = 2000,
    blocks: Sequence[Block] | None = None,
    random_state: Seed = None,
    n_jobs: int | None = None,
) -> Structure:
    """Compare the held-out gain of a mixture on the data with that on copula twins.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.
    n_twins
        Copula twins.
    n_splits
        Random halvings; both halves are fitted, and each is scored by the other's model.
    max_components
        Most components of a mixture.
    max_rows
        Above so many rows the figures are taken on a random subsample of so many.
    blocks
        Columns that a twin keeps together, such as the levels of one category.
    random_state
        Seed or generator.
    n_jobs
        Threads; the result does not depend on it.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> structure_gain(rng.standard_normal((120, 3)), n_twins=12, random_state=0).found
    'no'
    """
    matrix = matrix_of(X, least_rows=LEAST_ROWS)
    positive(n_splits=n_splits, max_components=max_components - 1, n_twins=n_twins - 1)
    rng = np.random.default_rng(random_state)
    used = matrix[subsample(len(matrix), max_rows, rng)]
    distant = distant_rows(used)
    used = used[~distant]
    halves = _halves(len(used), n_splits, rng)

    floor = variance_floor(used, blocks)
    seed = int(rng.integers(2**32))
    mixtures = gaussian_mixtures(used, range(2, max_components + 1), seed=seed, floor=floor)
    lowest = min(mixture.bic for mixture in mixtures.values())
    best = next(m for _, m in sorted(mixtures.items()) if m.bic <= lowest + EQUAL_BIC)
    model = best.covariance, len(best.weights)

    def fit(piece: tuple[int, np.random.Generator]) -> HeldOut:
        number, own = piece
        data = used if number == 0 else null_twin(used, "copula", blocks, own)
        return held_out_gain(
            data,
            halves,
            model=model,
            max_components=min(max_components, MOST_GAINING),
            rng=own,
            floor=floor,
        )

    own, *twins = run_all(fit, enumerate(rng.spawn(n_twins + 1)), n_jobs=n_jobs)
    return _judge(own, twins, best, matrix, len(used), int(distant.sum()))


def variance_floor(matrix: FloatArray, blocks: Sequence[Block] | None = None) -> FloatArray:
    """Least variance of a component in each column, in units of the column's own.

    A component must not sit on one value that many rows share, nor on one level of a category:
    neither is a group.

    Examples
    --------
    >>> variance_floor(np.random.default_rng(0).normal(size=(50, 2))).tolist()
    [0.01, 0.01]
    """
    floor = np.maximum(tie_variance(matrix), FLOOR)
    for block in blocks or []:
        places = [int(place) for place in block]
        floor[places] = _between_levels(matrix[:, places])
    return floor


def _halves(rows: int, n_splits: int, rng: np.random.Generator) -> BoolArray:
    first = np.argsort(rng.random((n_splits, rows)), axis=1) < rows // 2
    return np.stack([first, ~first], axis=1).reshape(2 * n_splits, rows)


def _between_levels(levels: FloatArray) -> FloatArray:
    """Variance, in units of each column's, with which two levels of a category leave no gap.

    Two levels differ in two columns, so the square of their distance is twice that of the range;
    two normal densities are one peak up to two deviations (Ray & Lindsay 2005).
    """
    return np.square(np.ptp(levels, axis=0)) / (2.0 * np.maximum(levels.var(axis=0), 1e-12))


def _judge(
    own: HeldOut,
    twins: list[HeldOut],
    best: GaussianFit,
    matrix: FloatArray,
    used: int,
    distant: int,
) -> Structure:
    gain, gains = float(np.median(own.gain)), [float(np.median(twin.gain)) for twin in twins]
    m, spread = len(gains), max(float(np.std(gains, ddof=1)), 1e-9)
    z = (gain - float(np.mean(gains))) / spread
    reach = float(student.ppf(0.975, m - 1)) * _error(z, own.gain / spread, m)
    found: Found = "no"
    group_of = gap_groups(best)
    groups = int(group_of.max()) + 1
    if gain > 0 and own.several and groups > 1 and z + reach >= ABOVE:
        found = "yes" if z - reach > ABOVE else "unclear"
    return Structure(
        gain=gain,
        twin_gains=tuple(gains),
        z=z,
        z_low=z - reach,
        z_high=z + reach,
        rank=(1 + sum(g >= gain for g in gains)) / (m + 1),
        found=found,
        components=len(best.weights),
        covariance=best.covariance,
        several=own.several,
        groups=groups,
        agreement=float(np.median(own.agreement)),
        twin_agreement=tuple(float(np.median(t.agreement)) for t in twins),
        rows=len(matrix),
        rows_used=used,
        distant=distant,
        group_of=group_of[best.assign(matrix)],
    )


def _error(z: float, gains: FloatArray, twins: int) -> float:
    """Standard error of z from the number of twins and from the median over the halves."""
    low, high = np.quantile(gains, [0.25, 0.75])
    own = 1.2533 * (high - low) / 1.349 / np.sqrt(len(gains))
    return float(np.sqrt(1 / twins + z**2 / (2 * (twins - 1)) + own**2))
