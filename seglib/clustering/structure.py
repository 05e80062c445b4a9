"""What is known of the groups in a table: how much a mixture gains, and where the groups lie."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

from seglib.clustering.mixture import IntArray
from seglib.clustering.views import LEADING

Found = Literal["yes", "no", "unclear"]

LEAST_AGREEMENT = 0.75  # of two halves' groups, to speak of the same ones
LEAST_ALIKE = 0.7  # … and where the cuts of k-means, drawn again and again, keep the groups whole


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
    view
        Where the groups are seen best: "all columns" or "leading components".
    axes
        Number of axes of that view.
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
    view: str
    axes: int
    group_of: IntArray = field(repr=False, compare=False)

    @property
    def repeated(self) -> bool:
        """Whether two halves give the same groups, and more alike than most twins' do."""
        return self.agreement > max(LEAST_AGREEMENT, float(np.median(self.twin_agreement)))

    @property
    def alike(self) -> bool:
        """Whether two halves' groups are nearly the same, and more alike than most twins'."""
        return self.agreement > max(LEAST_ALIKE, float(np.median(self.twin_agreement)))

    @property
    def clearness(self) -> tuple[int, bool, float]:
        """Order of two looks at the same rows: the most groups that two halves repeat are best."""
        found = ("no", "unclear", "yes").index(self.found)
        return found, self.repeated, self.groups if self.repeated else self.agreement

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
        if self.view == LEADING:
            text += f" Looked at along the {self.axes} leading principal components."
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
