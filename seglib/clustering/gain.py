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
so that a bent cloud, which takes several components to describe, is none. And one against groups
that were missed or made up among many columns: see :mod:`seglib.clustering.views`. Where the
borders between the groups lie is a question of its own: see :mod:`seglib.clustering.borders`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from seglib.clustering.bootstrap import Seed, subsample
from seglib.clustering.borders import group_mixture, place
from seglib.clustering.checks import Table, matrix_of, positive
from seglib.clustering.distant import distant_rows
from seglib.clustering.floors import floor_along, variance_floor
from seglib.clustering.gaps import gap_groups
from seglib.clustering.gaussian import GaussianFit, gaussian_mixtures
from seglib.clustering.held_out import HeldOut, held_out_gain
from seglib.clustering.mixture import BoolArray, FloatArray, IntArray
from seglib.clustering.modes import several_modes, without_modes
from seglib.clustering.nulls import Block, null_twin
from seglib.clustering.partly_known import assign_known, filled_by_group, without_filled
from seglib.clustering.structure import Found, Structure
from seglib.clustering.threads import run_all
from seglib.clustering.views import ALL, not_repeated, views
from seglib.errors import DataError

ABOVE = 1.96  # standard deviations over the twins' mean that a twin passes in 2.5 % of cases
LEAST_ROWS = 20
OWN_SPLITS = 3  # times as many halvings of the data as of each twin: one table, not a dozen
EQUAL_BIC = 10.0  # a smaller difference is no strong evidence for one component more (Raftery 1995)
MOST_GAINING = 6  # components are enough to tell several clouds from one, on data and twins alike


def structure_gain(
    X: Table,
    *,
    n_twins: int = 32,
    n_splits: int = 6,
    max_components: int = 6,
    max_rows: int = 2000,
    blocks: Sequence[Block] | None = None,
    missing: BoolArray | None = None,
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
        Random halvings of each twin, three times as many of the data; both halves are fitted, and
        each is scored by the other's model.
    max_components
        Most components of a mixture.
    max_rows
        Above so many rows the figures are taken on a random subsample of so many.
    blocks
        Columns that a twin keeps together, such as the levels of one category.
    missing
        Rows × variables: values that were missing and filled. They say nothing of a row's group.
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
    if missing is not None and missing.shape != matrix.shape:
        raise DataError("'missing' must have as many rows and columns as the data.")
    rng = np.random.default_rng(random_state)
    sample = subsample(len(matrix), max_rows, rng)
    used = matrix[sample]
    distant = distant_rows(used)
    used = used[~distant]
    filled = None if missing is None else missing[sample][~distant]
    moded = several_modes(used)
    alike = without_modes(used, moded)
    pieces = _Pieces(
        matrix=matrix,
        missing=missing,
        used=used,
        filled=filled,
        moded=moded,
        twins=[null_twin(alike, "copula", blocks, own) for own in rng.spawn(n_twins)],
        halves=_halves(len(used), OWN_SPLITS * n_splits, rng),
        n_splits=n_splits,
        floor=variance_floor(used, blocks),
        categories=bool(blocks),
        distant=int(distant.sum()),
        max_components=max_components,
    )
    looks = [
        _look(pieces, view, axes, rng=own, n_jobs=n_jobs)
        for own, (view, axes) in zip(rng.spawn(2), views(used, blocks, rng).items(), strict=False)
    ]
    return max(looks, key=lambda look: look.clearness)


def _halves(rows: int, n_splits: int, rng: np.random.Generator) -> BoolArray:
    first = np.argsort(rng.random((n_splits, rows)), axis=1) < rows // 2
    return np.stack([first, ~first], axis=1).reshape(2 * n_splits, rows)


@dataclass(frozen=True)
class _Pieces:
    """What all looks at the rows share."""

    matrix: FloatArray
    missing: BoolArray | None
    used: FloatArray
    filled: BoolArray | None
    moded: BoolArray
    twins: list[FloatArray]
    halves: BoolArray
    n_splits: int
    floor: FloatArray
    categories: bool
    distant: int
    max_components: int


def _look(
    pieces: _Pieces,
    view: str,
    axes: FloatArray,
    *,
    rng: np.random.Generator,
    n_jobs: int | None,
) -> Structure:
    """Compare data and twins along some axes."""
    most, floor = pieces.max_components, floor_along(axes, pieces.used, pieces.floor)
    seed = int(rng.integers(2**32))
    mixtures = gaussian_mixtures(
        pieces.used @ axes,
        range(2, most + 1),
        seed=seed,
        floor=floor,
        aside=pieces.used[:, pieces.moded],
    )
    lowest = min(mixture.bic for mixture in mixtures.values())
    best = next(m for _, m in sorted(mixtures.items()) if m.bic <= lowest + EQUAL_BIC)

    def fit(piece: tuple[FloatArray, np.random.Generator]) -> HeldOut:
        data, own = piece
        splits = pieces.n_splits * (OWN_SPLITS if data is pieces.used else 1)
        return held_out_gain(
            data @ axes,
            pieces.halves[: 2 * splits],
            model=(best.covariance, len(best.weights)),
            max_components=min(most, MOST_GAINING),
            rng=own,
            floor=floor,
            aside=data[:, pieces.moded],
            counted=2 * pieces.n_splits,
        )

    tables = [pieces.used, *pieces.twins]
    own, *twins = run_all(fit, zip(tables, rng.spawn(len(tables)), strict=True), n_jobs=n_jobs)
    return _judge(own, twins, best, pieces, view, axes)


def _judge(
    own: HeldOut,
    twins: list[HeldOut],
    best: GaussianFit,
    pieces: _Pieces,
    view: str,
    axes: FloatArray,
) -> Structure:
    gain, gains = float(np.median(own.gain)), [float(np.median(twin.gain)) for twin in twins]
    m, spread = len(gains), max(float(np.std(gains, ddof=1)), 1e-9)
    z = (gain - float(np.mean(gains))) / spread
    reach = float(student.ppf(0.975, m - 1)) * _error(z, own.gain / spread, 2 * pieces.n_splits, m)
    found: Found = "no"
    components = len(best.weights)
    group_of = gap_groups(best, pieces.used, axes)
    if pieces.filled is not None:
        least = pieces.floor * pieces.used.var(axis=0)
        best, group_of = without_filled(best, group_of, pieces.used, axes, pieces.filled, least)
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
        components=components,
        covariance=best.covariance,
        several=own.several,
        groups=groups,
        agreement=float(np.median(own.agreement)),
        twin_agreement=tuple(float(np.median(t.agreement)) for t in twins),
        rows=len(pieces.matrix),
        rows_used=len(pieces.used),
        distant=pieces.distant,
        view=view,
        axes=axes.shape[1],
        group_of=_placed(best, group_of, pieces, view, axes),
    )


def _placed(
    best: GaussianFit, group_of: IntArray, pieces: _Pieces, view: str, axes: FloatArray
) -> IntArray:
    """Group of each row given: by a component for each group, or by all components there are."""

    def drawn(X: FloatArray, missing: BoolArray | None) -> IntArray:
        some = missing if view == ALL else None  # along few axes one gap may hide them all
        return group_of[assign_known(best, X, axes, some)]

    groups, everything = drawn(pieces.used, pieces.filled), not_repeated(pieces.used)
    if len(np.unique(groups)) == len(np.unique(group_of)):
        known = filled_by_group(pieces.used, groups, pieces.filled)
        least = floor_along(everything, pieces.used, variance_floor(pieces.used))
        own = group_mixture(known @ everything, groups, least, categories=pieces.categories)
        if own is not None:
            return place(own, pieces.matrix, everything, pieces.missing, seen=pieces.used)
    return drawn(pieces.matrix, pieces.missing)


def _error(z: float, gains: FloatArray, counted: int, twins: int) -> float:
    """Standard error of z from the number of twins and from the median over the halves."""
    low, high = np.quantile(gains, [0.25, 0.75])
    own = 1.2533 * (high - low) / 1.349 / np.sqrt(counted)
    return float(np.sqrt(1 / twins + z**2 / (2 * (twins - 1)) + own**2))
