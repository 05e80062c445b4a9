"""Preprocessing is part of the model: how raw variables become the space segments are formed in.

The parameters are plain data, so that pandas and any SQL engine compute the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from scipy.stats import skew

from seglib.clustering.steps import (
    CategoryStep,
    DataPart,
    NumberStep,
    OrdinalStep,
    Step,
    finite,
    is_finite,
)
from seglib.errors import DataError, unknown

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from seglib.collection.account_table import AccountTable
    from seglib.schema import ColumnInfo

__all__ = [
    "CategoryStep",
    "NumberStep",
    "OrdinalStep",
    "Preprocessing",
    "block_weights",
    "finite",
    "fit_preprocessing",
    "is_finite",
]

_SKEWED = 1.0
_RARE_LEVEL = 0.02
_SMALLEST_UNIT = 0.05  # quantile of the positive values that is the unit inside the logarithm


class Preprocessing(DataPart):
    """How the raw variables become the columns that segments are formed in."""

    steps: tuple[Step, ...]

    @property
    def variables(self) -> list[str]:
        """Raw variables, in order."""
        return [step.variable for step in self.steps]

    @property
    def outputs(self) -> list[str]:
        """Columns of :meth:`transform`, in order."""
        return [name for step in self.steps for name in step.outputs]

    @property
    def blocks(self) -> list[list[int]]:
        """Places of the columns that belong together: the levels of each category."""
        ends = np.cumsum([len(step.outputs) for step in self.steps]).tolist()
        widths = [len(step.outputs) for step in self.steps]
        return [
            list(range(end - width, end))
            for end, width in zip(ends, widths, strict=True)
            if width > 1
        ]

    def transform(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Return the matrix for a frame, rows × :attr:`outputs`.

        Raises
        ------
        DataError
            When a variable is not in the frame.
        """
        absent = [
            unknown("variable", v, list(frame.columns)) for v in self.variables if v not in frame
        ]
        if absent:
            raise DataError(absent, where="the table to be scored")
        return np.hstack([step.values(frame) for step in self.steps])

    def expressions(self, table: ir.Table) -> list[Any]:
        """Return one Ibis expression per output column."""
        absent = [
            unknown("variable", v, list(table.columns))
            for v in self.variables
            if v not in table.columns
        ]
        if absent:
            raise DataError(absent, where="the table to be scored")
        return [x for step in self.steps for x in step.expressions(table)]

    def with_gaps(self) -> Preprocessing:
        """The same with missing values left missing, for models that need none filled."""
        kept: list[Step] = [
            step.model_copy(update={"gaps": True} if step.kind == "category" else {"fill": None})
            for step in self.steps
        ]
        return Preprocessing(steps=tuple(kept))

    def table(self, labels: Mapping[str, str]) -> pd.DataFrame:
        """One row per variable: what was done to it, in words."""
        rows = []
        for step in self.steps:
            label = labels.get(step.variable, step.variable)
            if isinstance(step, CategoryStep):
                rows.append((label, f"{len(step.levels)} levels as columns", np.nan, step.weight))
            elif isinstance(step, OrdinalStep):
                done = f"{len(step.levels)} levels in order, standardised"
                rows.append((label, done, np.nan, step.weight))
            else:
                done = "logarithm, standardised" if step.unit is not None else "standardised"
                if step.low is not None or step.high is not None:
                    done = f"winsorised, {done}"
                rows.append((label, done, step.skewness, step.weight))
        return pd.DataFrame(rows, columns=["variable", "treatment", "skewness_before", "weight"])


def fit_preprocessing(
    accounts: AccountTable,
    names: Sequence[str],
    *,
    standardise: bool = True,
    family_weights: Mapping[Any, float] | None = None,
    winsorise: float = 0.0,
    ordered: Mapping[str, Sequence[str]] | None = None,
) -> Preprocessing:
    """Learn the preprocessing from the accounts.

    Parameters
    ----------
    accounts
        The accounts that segments are formed from.
    names
        Segmentation variables.
    standardise
        False only fills and encodes (for trees, which need no scale).
    family_weights
        Weight of a family's total variance against the others, which have 1.
    winsorise
        Share of the values at each end of a number that is drawn in to the quantile there.
    ordered
        Categories whose levels have an order, with their levels from the lowest.

    Returns
    -------
    Preprocessing
        Skewed variables (skewness above 1, no negative value) are put on a logarithmic scale whose
        unit is a low quantile of their own positive values, so that a change of currency changes
        nothing. Each family of variables has the same total weight, however many columns it has,
        unless ``family_weights`` say otherwise.
        Missing numbers become the median. Variables with one value are left out.
    """
    frame = accounts.frame
    used = [name for name in names if _differs(frame[name], accounts.columns[name])]
    if not used:
        raise DataError("no segmentation variable differs between the accounts.")
    used_columns = [accounts.columns[name] for name in used]
    weights = block_weights(used_columns, family_weights or {}) if standardise else {}
    orders = (ordered or {}) if standardise else {}

    def step(name: str) -> Step:
        values, info, weight = frame[name], accounts.columns[name], weights.get(name, 1.0)
        if name in orders:
            return _ordinal_step(values, tuple(orders[name]), weight)
        if info.kind == "category":
            return _category_step(values, weight)
        return _number_step(values, info, weight, standardise, winsorise)

    return Preprocessing(steps=tuple(step(name) for name in used))


def _differs(values: pd.Series, info: ColumnInfo) -> bool:
    known = values if info.kind == "category" else finite(values)
    return bool(known.nunique(dropna=True) > 1)


def block_weights(columns: Sequence[ColumnInfo], asked: Mapping[Any, float]) -> dict[str, float]:
    """Give each family its part of the squared weights, equal ones by default; their mean is 1."""
    families = [str(column.family) for column in columns]
    total = sum(asked.get(family, 1.0) for family in set(families))
    part = {f: len(columns) * asked.get(f, 1.0) / total / families.count(f) for f in families}
    return {c.name: float(np.sqrt(part[f])) for c, f in zip(columns, families, strict=True)}


def _number_step(
    values: pd.Series, info: ColumnInfo, weight: float, standardise: bool, winsorise: float
) -> NumberStep:
    known = finite(values).dropna()
    fill = float(known.median())
    if not standardise:
        return NumberStep(variable=info.name, fill=fill)
    low, high = _bounds(known, info, winsorise)
    known = known.clip(low, high)
    skewness = float(skew(known, bias=False)) if len(known) > 2 else 0.0
    unit = None
    if info.kind in ("number", "count") and known.min() >= 0 and skewness > _SKEWED:
        positive = known[known > 0]
        unit = 1.0 if info.kind == "count" else float(positive.quantile(_SMALLEST_UNIT))
    raw = NumberStep(variable=info.name, fill=fill, low=low, high=high, unit=unit)
    scaled = raw.values(pd.DataFrame({info.name: values}))
    center, scale = float(scaled.mean()), float(scaled.std())
    scale = scale if scale > 0 else 1.0
    fitted = {"skewness": skewness, "weight": weight, "center": center, "scale": scale}
    return raw.model_copy(update=fitted)


def _bounds(
    known: pd.Series, info: ColumnInfo, share: float
) -> tuple[float, float] | tuple[None, None]:
    """Quantiles that the ends are drawn in to; none where that would leave one value alone."""
    if not share or info.kind not in ("number", "count"):
        return None, None
    low, high = (float(known.quantile(q)) for q in (share, 1.0 - share))
    return (low, high) if low < high else (None, None)


def _ordinal_step(values: pd.Series, levels: tuple[str, ...], weight: float) -> OrdinalStep:
    """Place the levels at equal distances; what is missing takes the median level."""
    raw = OrdinalStep(variable=str(values.name), levels=levels, fill=None)
    known = raw.values(values.to_frame())
    fill = float(np.nanquantile(known, 0.5, method="lower"))
    filled = np.where(np.isnan(known), fill, known)
    spread = float(filled.std())
    return OrdinalStep(
        variable=raw.variable, levels=levels, fill=fill, weight=weight,
        center=float(filled.mean()), scale=spread if spread > 0 else 1.0,
    )  # fmt: skip


def _category_step(values: pd.Series, weight: float) -> CategoryStep:
    """Take every level that is not rare; scale so that the block's variance is the weight's."""
    shares = values.value_counts(normalize=True)
    kept = shares[shares >= _RARE_LEVEL] if (shares >= _RARE_LEVEL).any() else shares.head(1)
    spread = float((kept * (1 - kept)).sum())
    return CategoryStep(
        variable=str(values.name),
        levels=tuple(sorted(str(level) for level in kept.index)),
        weight=weight / float(np.sqrt(spread)) if spread > 0 else weight,
    )
