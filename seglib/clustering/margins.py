"""Exchange of single rows in long tables, where few rows are looked at in a pass.

Most rows are far from changing sides. A row's margin is its distance to the best other centre less
that to its own, both scaled as the exchange weighs them (see :mod:`seglib.clustering.descent`). It
shrinks by no more than the two centres move and their weights change, so that a row is looked at
again only when the centres of its replicate have moved by its margin (Hamerly 2010, *Making
k-means even faster*, for Lloyd's algorithm).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import sparse

from seglib.clustering.descent import (
    TINY,
    Batch,
    BoolArray,
    FloatArray,
    IntArray,
    between_squares,
    means,
    smallest_fall,
    vectors,
)

CROWD = 2  # times the heaviest row: of a segment that holds less no margins are kept
FARTHEST = 3.0  # half as long again as the longest distance, in the length of the longest row


def exchange_by_margins(
    batch: Batch, start: FloatArray, max_iter: int
) -> tuple[FloatArray, FloatArray]:
    """Do what `Batch.exchange` does, sooner in long tables.

    In double precision the end is checked over all rows.

    Parameters
    ----------
    batch
        The rows and their weights.
    start
        Replicate × segment × variable; every row starts at the nearest centre.
    max_iter
        Most moves of a replicate.

    Returns
    -------
    tuple
        The centres, and the sum of squares within segments.
    """
    exact = batch.data.dtype == np.float64
    state = _Partitions.of(batch, start)
    fall = smallest_fall(batch)
    final, active = state.sums.copy(), np.arange(len(start))
    for _ in range(max_iter):
        on = state.move(fall[active]) > 0
        final[active] = state.sums
        if exact:
            on |= state.doubted(~on)
        if not on.all():
            active, state = active[on], state.only(on)
        if not active.size:
            break
    return means(final).astype(batch.data.dtype), batch.spread - between_squares(final)


class _Moves(NamedTuple):
    """Rows that would gain by leaving their segment, in the order of their replicates."""

    replicate: IntArray
    row: IntArray
    own: IntArray
    other: IntArray
    weight: FloatArray
    gain: FloatArray


@dataclass
class _Partitions:
    """The replicates under way.

    Attributes
    ----------
    data
        Row × (variables, 1, ½|x|²).
    weights, labels
        Replicate × row.
    sums
        Weighted sums of the segments, in double precision: replicate × segment × column.
    due
        Replicate × row: how far the centres may have gone when the row is looked at again.
    gone
        How far the two fastest centres of each replicate have gone together.
    whole
        Whether all rows of the replicate were looked at for its last move.
    known
        Rows of each replicate that weigh anything.
    heaviest
        The largest weight of each replicate.
    lightest
        The smallest weight above 0.
    farthest
        No scaled distance, before the scale, is longer than two thirds of this.
    """

    data: FloatArray
    weights: FloatArray
    labels: IntArray
    sums: FloatArray
    due: FloatArray
    gone: FloatArray
    whole: BoolArray
    known: IntArray
    heaviest: FloatArray
    lightest: float
    farthest: float

    @classmethod
    def of(cls, batch: Batch, start: FloatArray) -> _Partitions:
        labels = batch.membership(start.astype(batch.data.dtype)).argmax(axis=1)
        sums = np.array(
            [
                _summed(own, weight, batch.data, batch.k)
                for own, weight in zip(labels, batch.weights, strict=True)
            ]
        )
        weighs = batch.weights > 0
        state = cls(
            batch.data,
            batch.weights,
            labels,
            sums,
            due=np.empty_like(batch.weights),
            gone=np.zeros(len(labels)),
            whole=np.zeros(len(labels), dtype=bool),
            known=weighs.sum(axis=1),
            heaviest=batch.weights.max(axis=1),
            lightest=float(batch.weights[weighs].min()),
            farthest=FARTHEST * float(np.sqrt(batch.data[:, -1].max())),
        )
        state._forget(np.arange(len(labels)))
        return state

    def only(self, on: BoolArray) -> _Partitions:
        """The replicates that go on."""
        each = ("weights", "labels", "sums", "due", "gone", "whole", "known", "heaviest")
        return replace(self, **{name: getattr(self, name)[on] for name in each})

    def doubted(self, at_rest: BoolArray) -> BoolArray:
        """Of the replicates at rest, mark those that have to look at all rows once more."""
        doubted = at_rest & ~self.whole
        self._forget(np.flatnonzero(doubted))
        return doubted

    def move(self, least: FloatArray) -> FloatArray:
        """Move all rows that gain or, where that does not pay, the one that gains most.

        Returns by how much the squares between segments rose in each replicate: 0, or more than
        its least.
        """
        moves, between = self._wanted(), between_squares(self.sums)
        new = self.sums + self._shift(moves)
        new[new[:, :, -2] < self.lightest / 2] = 0.0  # what rounding leaves of an empty segment
        rise = between_squares(new) - between
        pays = rise > least
        chosen = pays[moves.replicate]
        cut = np.searchsorted(moves.replicate, np.arange(len(new) + 1))
        for r in np.flatnonzero(~pays & (np.diff(cut) > 0)):
            one = cut[r] + int(np.argmax(moves.gain[cut[r] : cut[r + 1]]))
            new[r] = self._with_one(moves, one)
            rise[r] = (between_squares(new[[r]]) - between[[r]]).item()
            chosen[one] = pays[r] = rise[r] > least[r]
        place = moves.replicate, moves.row
        self.due[place] = -np.inf
        self.labels[place] = np.where(chosen, moves.other, moves.own)
        self._follow(new, np.flatnonzero(pays))
        return np.where(pays, rise, 0.0)

    def _wanted(self) -> _Moves:
        """Look at the rows that are due."""
        centers = vectors(means(self.sums).astype(self.data.dtype))
        per_weight = (1.0 / np.maximum(self.sums[:, :, -2], TINY)).astype(self.data.dtype)
        due = self.due < self.gone[:, None].astype(self.due.dtype)
        self.whole = np.count_nonzero(due, axis=1) == self.known
        found = [
            self._look(r, np.flatnonzero(due[r]), centers[r], per_weight[r])
            for r in range(len(due))
        ]
        return _Moves(*map(np.concatenate, zip(*found, strict=True)))

    def _look(self, r: int, rows: IntArray, centers: FloatArray, per_weight: FloatArray) -> _Moves:
        """Note the margins of some rows of a replicate; give back those that would go."""
        own, weight = self.labels[r].take(rows), self.weights[r].take(rows)
        scores = centers @ self.data.take(rows, axis=0).T
        place = own * len(rows) + np.arange(len(rows))
        pull = 1.0 - weight * per_weight.take(own)
        alone = pull < 1e-3  # such a row stays
        mine = np.where(alone, 0.0, scores.take(place) / np.where(alone, 1.0, pull))
        scores /= 1.0 + np.multiply.outer(per_weight, weight)
        scores.put(place, np.inf)
        least = scores.min(axis=0)
        margin = np.sqrt(np.maximum(least, 0.0)) - np.sqrt(np.maximum(mine, 0.0))
        self.due[r].put(rows, margin + self.gone[r])
        go = np.flatnonzero(least < mine)
        gain = weight[go] * (mine[go] - least[go])
        other = scores[:, go].argmin(axis=0)
        return _Moves(np.full(len(go), r), rows[go], own[go], other, weight[go], gain)

    def _shift(self, moves: _Moves) -> FloatArray:
        """What all moves together add to the sums of the segments."""
        count, k, _ = self.sums.shape
        segment = np.concatenate([moves.other, moves.own]) + k * np.tile(moves.replicate, 2)
        weight = np.concatenate([moves.weight, -moves.weight])
        return _summed(segment, weight, self.data[np.tile(moves.row, 2)], count * k).reshape(
            count, k, -1
        )

    def _with_one(self, moves: _Moves, one: int) -> FloatArray:
        """The sums of a replicate after one move."""
        sums = self.sums[moves.replicate[one]].copy()
        moved = moves.weight[one] * self.data[moves.row[one]].astype(float)
        sums[moves.other[one]] += moved
        sums[moves.own[one]] -= moved
        return sums

    def _follow(self, new: FloatArray, moved: IntArray) -> None:
        """Take over the new sums of some replicates; note how much of the margins that uses up.

        A scaled distance changes by at most the way of its centre, times the scale, and by its
        length times the share by which the scale changes where a segment lost weight.
        """
        before, after = self.sums[moved], new[moved]
        way = np.sqrt(np.square(means(after) - means(before)).sum(axis=2) / 2)
        held, holds = before[:, :, -2], after[:, :, -2]
        heaviest = self.heaviest[moved, None]
        spare = np.maximum(holds - heaviest, TINY)
        lost = heaviest * np.maximum(held - holds, 0.0) / np.maximum(held * spare, TINY)
        scale = np.sqrt(holds / spare).max(axis=1)
        used = np.sort(way, axis=1)[:, -2:].sum(axis=1)
        used += self.farthest * lost.max(axis=1)
        self.sums[moved] = after
        roomy = holds.min(axis=1) > CROWD * heaviest[:, 0]
        self.gone[moved[roomy]] += (scale * used)[roomy]
        self._forget(moved[~roomy])

    def _forget(self, replicates: IntArray) -> None:
        """Have all rows of these replicates that weigh anything looked at next."""
        self.due[replicates] = np.where(self.weights[replicates] > 0, -np.inf, np.inf)


def _summed(segment: IntArray, weight: FloatArray, rows: FloatArray, segments: int) -> FloatArray:
    """Weighted sums of the rows of each segment, in double precision."""
    place = segment, np.arange(len(rows))
    shape = segments, len(rows)
    return sparse.csr_array((weight.astype(float), place), shape=shape) @ rows.astype(float)
