"""Is there more than one cloud? The held-out gain of a mixture against copula twins.

The gain per row in log-likelihood of the best Gaussian mixture with two components or more over
one normal distribution (covariance structure by BIC, fitted on one half of the rows, scored on
the other) also shows what is only a bent or heavy-tailed cloud. So the same figure is taken from
copula twins, which have the data's marginals, ties and correlations and no clusters, on the same
halves of the rows; only what goes beyond them counts as structure.

Two precautions, each against a false alarm that was seen: what ties hide of a column's variance is
added to the components' variances, so that no component sits on one answer of a rating; and "one
normal distribution" includes one cloud with heavy tails around one centre, so that the distant
rows of such a cloud are no group.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.stats import t as student

from seglib.clustering.bootstrap import Seed, subsample
from seglib.clustering.checks import Table, matrix_of, positive
from seglib.clustering.mixture import HeldOut, held_out_gain
from seglib.clustering.nulls import null_twin, tie_variance
from seglib.clustering.threads import run_all

FloatArray = npt.NDArray[np.floating[Any]]
BoolArray = npt.NDArray[np.bool_]
Found = Literal["yes", "no", "unclear"]

ABOVE = 1.96  # standard deviations over the twins' mean that a twin passes in 2.5 % of cases
LEAST_ROWS = 20


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
        "yes" where the whole interval lies above 1.96, "no" where z lies below it and the
        interval does not reach it, "unclear" else.
    components
        Components of the mixture that BIC chose most often on the data.
    covariance
        Its covariance structure.
    rows, rows_used
        Rows given, and rows the mixtures were fitted and scored on.
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
    rows: int
    rows_used: int

    def sentence(self) -> str:
        """Say what was found."""
        verdict = {
            "yes": "There is more than one cloud",
            "no": "Nothing speaks for more than one cloud",
            "unclear": "Whether there is more than one cloud is not clear",
        }[self.found]
        return (
            f"{verdict}: a mixture with two components or more describes held-out rows better "
            f"than one normal cloud by {self.gain:.3f} nats a row, the copula twins by "
            f"{np.mean(self.twin_gains):.3f} (at most {max(self.twin_gains):.3f}); "
            f"z = {self.z:.1f}, 95 % interval {self.z_low:.1f} to {self.z_high:.1f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and names for a JSON file."""
        return asdict(self) | {"twin_gains": list(self.twin_gains)}


def structure_gain(
    X: Table,
    *,
    n_twins: int = 32,
    n_splits: int = 6,
    max_components: int = 6,
    max_rows: int = 2000,
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
    floor = tie_variance(matrix)
    positive(n_splits=n_splits, max_components=max_components - 1, n_twins=n_twins - 1)
    rng = np.random.default_rng(random_state)
    used = matrix[subsample(len(matrix), max_rows, rng)]
    halves = _halves(len(used), n_splits, rng)

    def work(piece: tuple[int, np.random.Generator]) -> HeldOut:
        number, own = piece
        data = used if number == 0 else null_twin(used, "copula", random_state=own)
        return held_out_gain(data, halves, max_components=max_components, rng=own, floor=floor)

    results = run_all(work, enumerate(rng.spawn(n_twins + 1)), n_jobs=n_jobs)
    return _judge(
        results[0], [float(np.median(r.gain)) for r in results[1:]], len(matrix), len(used)
    )


def _halves(rows: int, n_splits: int, rng: np.random.Generator) -> BoolArray:
    first = np.argsort(rng.random((n_splits, rows)), axis=1) < rows // 2
    return np.stack([first, ~first], axis=1).reshape(2 * n_splits, rows)


def _judge(own: HeldOut, twins: list[float], rows: int, rows_used: int) -> Structure:
    gain, m = float(np.median(own.gain)), len(twins)
    spread = max(float(np.std(twins, ddof=1)), 1e-9)
    z = (gain - float(np.mean(twins))) / spread
    quartiles = np.quantile(own.gain, [0.25, 0.75])
    own_error = 1.2533 * (quartiles[1] - quartiles[0]) / 1.349 / np.sqrt(len(own.gain)) / spread
    error = float(np.sqrt(1 / m + z**2 / (2 * (m - 1)) + own_error**2))
    reach = float(student.ppf(0.975, m - 1)) * error
    low, high = z - reach, z + reach
    names, counts = np.unique(
        [f"{k} {kind}" for k, kind in zip(own.components, own.covariance, strict=True)],
        return_counts=True,
    )
    components, covariance = str(names[counts.argmax()]).split()
    return Structure(
        gain=gain,
        twin_gains=tuple(twins),
        z=z,
        z_low=low,
        z_high=high,
        rank=(1 + sum(t >= gain for t in twins)) / (m + 1),
        found="yes" if low > ABOVE else "no" if high < ABOVE else "unclear",
        components=int(components),
        covariance=covariance,
        rows=rows,
        rows_used=rows_used,
    )
