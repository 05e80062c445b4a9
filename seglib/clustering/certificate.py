"""The restart certificate: how sure may one be that a search found the best optimum?

A method with random starts is restarted in growing batches until its best optimum was reached
`min_hits` times, independently. Two chances are stated beside the hits:

- that the next restart ends in an optimum not seen before: Good's estimate (1953), the number of
  optima seen exactly once over the number of restarts;
- that a better optimum, as easy to reach as the best one found, was missed in all restarts:
  (1 − hits/restarts)^restarts. A better optimum that is much harder to reach can be missed.

The search is given up early where its runs hardly ever end alike: of r runs, a pair ends alike with
a chance of one over the number of (equally easy) optima; where that number is four times the
restarts allowed, even an optimum ten times as easy to reach as the others would hardly be reached
five times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from seglib.clustering.agreement import adjusted_rand

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]

SAME_PARTITION = 0.99  # adjusted Rand index from which two runs ended in one optimum
FIRST_BATCH = 16
LABELS_AT_ONCE = 1_000_000  # rows × runs of one batch
LABELS_KEPT = 64  # optima whose members are remembered; beyond, the objective tells them apart
RUNNERS_UP = 5
SCATTERED = 4  # times the restarts allowed: so many optima are not waited for

Restart = Callable[[int], tuple[FloatArray, IntArray]]
"""Make so many fresh runs: their objectives (smaller is better) and their labels, run × row."""


@dataclass(frozen=True)
class RunnerUp:
    """An optimum that is not the best: objective, runs that ended in it, ARI with the best."""

    objective: float
    hits: int
    ari: float


@dataclass(frozen=True)
class Certificate:
    """What the restarts of one search found.

    Attributes
    ----------
    certified
        Whether the best optimum was reached at least `min_hits` times.
    hits
        Runs that ended in the best optimum (objective within the relative tolerance, members at
        an adjusted Rand index of at least .99).
    restarts
        Runs made.
    min_hits
        Hits asked for.
    distinct_optima
        Different optima seen.
    best_objective
        The smallest objective.
    runners_up
        The next best optima.
    chance_unseen
        Estimated chance that one more restart ends in an optimum not seen before (Good 1953).
    chance_missed
        Chance to have missed a better optimum as easy to reach as the best one found.
    given_up
        Whether the search ended before its budget, for hardly two runs ended alike.
    """

    certified: bool
    hits: int
    restarts: int
    min_hits: int
    distinct_optima: int
    best_objective: float
    runners_up: tuple[RunnerUp, ...]
    chance_unseen: float
    chance_missed: float
    given_up: bool = False

    def sentence(self) -> str:
        """Say it in plain words.

        Examples
        --------
        >>> Certificate(True, 5, 16, 5, 1, 2.5, (), 0.0, 0.0025).sentence()
        'Certified: 5 of 16 independent restarts reached the best objective (2.5) and no other \
optimum was seen; a better one as easy to reach would have been missed with a chance of 0.0025.'
        """
        verb = "Certified" if self.certified else "Not certified"
        text = (
            f"{verb}: {self.hits} of {self.restarts} independent restarts reached the best "
            f"objective ({self.best_objective:.6g})"
        )
        if not self.certified:
            text += f", fewer than the {self.min_hits} asked for"
        if self.given_up:
            text += ", and hardly two restarts end alike, so that more were not worth their time;"
            text += " the best was chosen"
        if self.runners_up:
            text += (
                f" among {self.distinct_optima} different optima; "
                f"the runner-up agrees with it at an adjusted Rand index of "
                f"{self.runners_up[0].ari:.2f}"
            )
        else:
            text += " and no other optimum was seen"
        chance = "less than 0.0001" if self.chance_missed < 1e-4 else f"{self.chance_missed:.2g}"
        return text + (
            f"; a better one as easy to reach would have been missed with a chance of {chance}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, lists and names for a JSON file."""
        return asdict(self) | {"runners_up": [asdict(r) for r in self.runners_up]}


@dataclass
class Optima:
    """The optima that the runs of one search ended in, best first."""

    tol: float = 1e-6
    objective: list[float] = field(default_factory=list)
    hits: list[int] = field(default_factory=list)
    labels: list[IntArray | None] = field(default_factory=list)
    restarts: int = 0

    def add(self, objectives: FloatArray, labels: IntArray) -> None:
        """Sort more runs into the optima seen so far."""
        for value, members in zip(objectives.tolist(), labels, strict=True):
            self.restarts += 1
            place = self._same_as(value, members)
            if place is not None:
                self.hits[place] += 1
                continue
            place = int(np.searchsorted(self.objective, value, side="right"))
            self.objective.insert(place, value)
            self.hits.insert(place, 1)
            self.labels.insert(place, members.astype(np.int16))
            if len(self.labels) > LABELS_KEPT:
                self.labels[LABELS_KEPT] = None

    def _same_as(self, value: float, members: IntArray) -> int | None:
        slack = self.tol * abs(value) + 1e-300
        low, high = np.searchsorted(self.objective, [value - slack, value + slack])
        for place in range(int(low), min(int(high) + 1, len(self.objective))):
            known = self.labels[place]
            if abs(self.objective[place] - value) > slack:
                continue
            if known is None or adjusted_rand(known, members)[0] >= SAME_PARTITION:
                return place
        return None

    def scattered(self, budget: int) -> bool:
        """Whether the optima seem to be several times as many as all restarts allowed.

        Examples
        --------
        >>> optima = Optima()
        >>> optima.add(np.arange(112.0), np.arange(112 * 4).reshape(112, 4))
        >>> optima.scattered(1000), optima.scattered(2000)
        (True, False)
        """
        pairs = self.restarts * (self.restarts - 1) // 2
        alike = sum(hits * (hits - 1) // 2 for hits in self.hits)
        return pairs > SCATTERED * budget * (alike + 1)

    def certificate(self, min_hits: int, *, given_up: bool = False) -> Certificate:
        """Sum up the runs."""
        best, hits = self.labels[0], self.hits[0]
        others = [
            RunnerUp(value, count, float(adjusted_rand(best, members)[0]))
            for value, count, members in list(
                zip(self.objective, self.hits, self.labels, strict=True)
            )[1 : RUNNERS_UP + 1]
            if best is not None and members is not None
        ]
        return Certificate(
            certified=hits >= min_hits,
            hits=hits,
            restarts=self.restarts,
            min_hits=min_hits,
            distinct_optima=len(self.hits),
            best_objective=self.objective[0],
            runners_up=tuple(others),
            chance_unseen=self.hits.count(1) / self.restarts,
            chance_missed=(1.0 - hits / self.restarts) ** self.restarts,
            given_up=given_up,
        )


def certify(
    restart: Restart, *, min_hits: int = 5, max_restarts: int = 1000, tol: float = 1e-6
) -> Certificate:
    """Restart in growing batches until the best optimum was hit often enough, or never will be.

    Parameters
    ----------
    restart
        Makes fresh runs; keeps what it wants of the best one.
    min_hits
        Times the best optimum must be reached.
    max_restarts
        The budget.
    tol
        Relative difference of objective below which two runs may be the same optimum.

    Examples
    --------
    >>> runs = lambda count: (np.full(count, 2.5), np.zeros((count, 4), dtype=int))
    >>> certify(runs, min_hits=5).restarts
    16
    """
    optima, batch = Optima(tol), FIRST_BATCH
    while optima.restarts < max_restarts:
        objectives, labels = restart(min(batch, max_restarts - optima.restarts))
        optima.add(objectives, labels)
        if optima.hits[0] >= min_hits:
            break
        if optima.scattered(max_restarts):
            return optima.certificate(min_hits, given_up=optima.restarts < max_restarts)
        batch = max(4, min(2 * batch, LABELS_AT_ONCE // labels.shape[1]))
    return optima.certificate(min_hits)
