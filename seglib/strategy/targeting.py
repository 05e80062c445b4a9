"""Targeting: which segments to address, how good they look, and how much hangs on the weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.criteria import Axis, Criterion, catalogue, weights_of
from seglib.exhibits import Note, missing
from seglib.quotes import quote
from seglib.strategy.knockouts import knock_outs
from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.scoring import profit_potential, score_table

Floats = NDArray[np.float64]

AXES: tuple[Axis, Axis] = ("attractiveness", "competitiveness")
"""Horizontal and vertical axis of the matrix."""


@dataclass(frozen=True)
class Targeting:
    """Which segments to address, and why.

    Attributes
    ----------
    matrix
        One row a segment: ``segment``, ``name``, ``accounts``, ``attractiveness`` and
        ``competitiveness`` (1 to 10) with ``_low`` and ``_high`` over the drawn weights,
        ``overall`` (their mean), ``chosen_share`` (how often it is among the chosen when the
        weights are drawn), ``target``, ``knocked_out`` (labels of the failed conditions, joined),
        ``profit_potential`` and ``potential_unit``.
    scores
        One row a segment, axis and criterion: ``criterion``, ``label``, ``weight``, ``value``,
        ``whole`` (the market's), ``n``, ``score`` (1 to 10).
    conditions
        The knock-outs, as :func:`~seglib.strategy.knockouts.knock_outs` judged them.
    notes
        What was left out for lack of data, and on which weight the choice hangs.
    """

    matrix: pd.DataFrame
    scores: pd.DataFrame
    conditions: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def targets(self) -> list[int]:
        """Numbers of the chosen segments, best first."""
        chosen = self.matrix[self.matrix["target"]]
        return chosen.sort_values("overall", ascending=False)["segment"].astype(int).tolist()


def targeting(
    market: SegmentedMarket,
    *,
    attractiveness: Mapping[str, float],
    competitiveness: Mapping[str, float],
    targets: int,
    min_share: float,
    seed: int,
) -> Targeting:
    """Judge the segments and choose those to address.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    attractiveness, competitiveness
        Criterion → weight; need not add up to anything. Empty: the catalogue's own.
    targets
        How many segments are to be chosen.
    min_share
        Smallest share of the customers, for the knock-out.
    seed
        Of the drawn weights.

    Raises
    ------
    StudyError
        For an unknown criterion or a weight that is none.

    Notes
    -----
    Knock-outs come first; then each axis is the weighted mean of its criteria's scores, and the
    choice goes by the mean of both axes (Dolnicar, Grün & Leisch 2018, chapter 8). Weights are
    opinions: they are drawn from a Dirichlet distribution around the stated ones.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": list("abcd"), "satisfaction": [7.0, 6, 2, 1]}),
    ...     assignments=pd.DataFrame({"account_id": list("abcd"), "segment": [1, 1, 2, 2]}),
    ...     cards=[], facts={}, as_of="2026-09-30")
    >>> targeting(market, attractiveness={"size": 1}, competitiveness={"satisfaction": 1},
    ...           targets=1, min_share=0.05, seed=7).targets
    [1]
    """
    stated: dict[Axis, dict[str, float]] = {
        "attractiveness": weights_of("attractiveness", attractiveness),
        "competitiveness": weights_of("competitiveness", competitiveness),
    }
    scores = pd.concat(
        [score_table(market, axis, stated[axis]) for axis in AXES], ignore_index=True
    )
    conditions, aside = _set_aside(knock_outs(market, min_share=min_share))
    allowed = _allowed(market.numbers, conditions)
    draws = {axis: _drawn(scores, axis, market.numbers, seed) for axis in AXES}
    matrix = _matrix(market, scores, conditions, draws, allowed, targets)
    notes = [*_left_out(market, stated, scores), *aside, *_knocked(market, conditions)]
    notes += _hangs_on(scores, matrix, allowed, targets)
    return Targeting(matrix, scores, conditions, tuple(notes))


def _table(scores: pd.DataFrame, axis: Axis, numbers: list[int]) -> tuple[Floats, Floats]:
    """Weights of an axis's criteria, and its scores: criteria × segments."""
    own = scores[scores["axis"] == axis]
    wide = own.pivot_table(index="criterion", columns="segment", values="score", sort=False)
    weights = own.drop_duplicates("criterion").set_index("criterion")["weight"]
    table = wide.reindex(columns=numbers).to_numpy(dtype=float)
    return weights.reindex(wide.index).to_numpy(dtype=float), table


def _drawn(scores: pd.DataFrame, axis: Axis, numbers: list[int], seed: int) -> Floats | None:
    """Position of each segment on an axis under drawn weights: draws × segments."""
    if scores.empty or not (scores["axis"] == axis).any():
        return None
    weights, table = _table(scores, axis, numbers)
    settings = catalogue()
    rng = np.random.default_rng([seed, AXES.index(axis)])
    return rng.dirichlet(settings.concentration * weights, settings.draws) @ table


def _allowed(numbers: list[int], conditions: pd.DataFrame) -> NDArray[np.bool_]:
    failed = conditions.loc[conditions["verdict"] == "failed", "segment"]
    return ~np.isin(numbers, failed.to_numpy(dtype=int))


def _set_aside(conditions: pd.DataFrame) -> tuple[pd.DataFrame, list[Note]]:
    """Set a condition aside that all of several segments fail: it tells none from another."""
    failing = (conditions["verdict"] == "failed").groupby(conditions["condition"])
    every = failing.all() & (failing.size() > 1)
    aside = conditions["condition"].map(every)
    notes = [
        Note(
            f"No segment meets '{rows['label'].iloc[0]}' "
            f"({quote('failed_from', rows['value'].min(), '.1%')} to "
            f"{quote('failed_to', rows['value'].max(), '.1%')}; asked: "
            f"{quote('asked', rows['limit'].iloc[0], '.0%')}). This needs mending first; "
            "as it tells no segment from another, it knocks out none.",
            kind="warning",
        )
        for _, rows in conditions[aside].groupby("condition", sort=False)
    ]
    verdict = conditions["verdict"].where(~aside, "failed by all")
    return conditions.assign(verdict=verdict), notes


def _chosen(overall: Floats, allowed: NDArray[np.bool_], targets: int) -> NDArray[np.bool_]:
    """Mark the best allowed segments in each row; of equals, the one with the smaller number."""
    ranked = np.where(allowed, overall, -np.inf)
    place = np.argsort(np.argsort(-ranked, axis=-1, kind="stable"), axis=-1, kind="stable")
    return (place < targets) & allowed


def _matrix(
    market: SegmentedMarket,
    scores: pd.DataFrame,
    conditions: pd.DataFrame,
    draws: Mapping[Axis, Floats | None],
    allowed: NDArray[np.bool_],
    targets: int,
) -> pd.DataFrame:
    frame = market.segments[["segment", "name"]].copy()
    counts = market.customers["segment"].value_counts()
    frame["accounts"] = frame["segment"].map(counts).fillna(0).astype("int64")
    low, high = (1 - catalogue().draw_interval) / 2, (1 + catalogue().draw_interval) / 2
    for axis in AXES:
        drawn = draws[axis]
        if drawn is None:
            frame[[axis, f"{axis}_low", f"{axis}_high"]] = np.nan
            continue
        weights, table = _table(scores, axis, market.numbers)
        frame[axis] = weights @ table
        frame[f"{axis}_low"], frame[f"{axis}_high"] = np.quantile(drawn, [low, high], axis=0)
    frame["overall"] = frame[list(AXES)].mean(axis=1)
    both = [drawn for drawn in draws.values() if drawn is not None]
    overall = np.mean(both, axis=0) if both else np.zeros((1, len(frame)))
    frame["chosen_share"] = _chosen(overall, allowed, targets).mean(axis=0)
    frame["target"] = _chosen(frame["overall"].fillna(0).to_numpy(), allowed, targets)
    failed = (
        conditions[conditions["verdict"] == "failed"].groupby("segment")["label"].agg(", ".join)
    )
    frame["knocked_out"] = [str(failed.get(s, "")) for s in market.numbers]
    potential, unit = profit_potential(market)
    return frame.assign(profit_potential=potential, potential_unit=unit)


def _left_out(
    market: SegmentedMarket, stated: Mapping[Axis, Mapping[str, float]], scores: pd.DataFrame
) -> list[Note]:
    notes = []
    for axis, weights in stated.items():
        there = set(scores.loc[scores["axis"] == axis, "criterion"])
        for name in (n for n in weights if n not in there):
            criterion = catalogue().criteria[name]
            notes.append(_not_judged(market, f"'{criterion.label}' ({axis})", criterion))
        if not there:
            text = (
                f"No {axis} criterion has data, so the segments are judged on the other axis alone."
            )
            notes.append(Note(text, kind="warning"))
    return notes


def _not_judged(market: SegmentedMarket, what: str, criterion: Criterion) -> Note:
    """Name the table that is wanted, or say that the one there does not hold what is wanted."""
    there = [table for table in criterion.needs if table in market.facts]
    if not there:
        return missing(what, criterion.needs)
    meaning = criterion.meaning[:1].lower() + criterion.meaning[1:]
    return Note(
        f"{what} is not judged: the table '{there[0]}' does not hold enough for it ({meaning}).",
        kind="missing",
    )


def _knocked(market: SegmentedMarket, conditions: pd.DataFrame) -> list[Note]:
    failed = conditions[conditions["verdict"] == "failed"]
    return [
        Note(
            f"{market.names[int(row.segment)]} is knocked out: '{row.label}' is "
            f"{quote('failed', row.value, '.0%')}, and at least "
            f"{quote('asked', row.limit, '.0%')} is asked.",
            kind="warning",
        )
        for row in each(failed)
    ]


def _hangs_on(
    scores: pd.DataFrame, matrix: pd.DataFrame, allowed: NDArray[np.bool_], targets: int
) -> list[Note]:
    """Leave out each criterion in turn and say where the choice changes."""
    chosen = matrix["target"].to_numpy(dtype=bool)
    names = matrix["name"].to_numpy(dtype=object)
    notes = []
    for key in scores[["axis", "criterion", "label"]].drop_duplicates().pipe(each):
        drop = (scores["axis"] == key.axis) & (scores["criterion"] == key.criterion)
        rest = scores[~drop]
        parts = [_table(rest, a, matrix["segment"].tolist()) for a in rest["axis"].unique()]
        if not parts:
            continue
        overall = np.mean([(w / w.sum()) @ table for w, table in parts], axis=0)
        other = _chosen(overall, allowed, targets)
        if (other != chosen).any():
            gone, new = ", ".join(names[chosen & ~other]), ", ".join(names[other & ~chosen])
            text = (
                f"The choice hangs on '{key.label}': without it, {new} would take the place "
                f"of {gone}."
            )
            notes.append(Note(text, kind="warning"))
    return notes
