"""Preprocessing is part of the model: how raw variables become the space segments are formed in.

The parameters are plain data, so that pandas and any SQL engine compute the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from scipy.stats import skew

from seglib.errors import DataError, unknown

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

    from seglib.collection.account_table import AccountTable
    from seglib.schema import ColumnInfo

_SKEWED = 1.0
_RARE_LEVEL = 0.02
LARGEST = 1e300  # beyond it, and where it is no number at all, a value is missing
_SMALLEST_UNIT = 0.05  # quantile of the positive values that is the unit inside the logarithm


def finite(values: pd.Series) -> pd.Series:
    """Numbers with NaN for what is missing, infinite or not a number.

    Examples
    --------
    >>> finite(pd.Series([1, None, float("inf")])).tolist()
    [1.0, nan, nan]
    """
    numbers = values.astype("float64")
    return numbers.where(numbers.abs() <= LARGEST)


def is_finite(x: Any) -> Any:
    """The same test in an engine; engines set NaN apart from NULL, and above every number."""
    return (x >= -LARGEST) & (x <= LARGEST)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NumberStep(_Data):
    """One numeric variable: fill, take the logarithm, centre, scale, weigh.

    The value is ``weight * (f(x) - center) / scale`` with ``f(x) = ln(1 + max(x, 0) / unit)`` where
    ``unit`` is given and ``f(x) = x`` where it is not; ``fill`` replaces a missing x;
    without one the value stays missing. What is not finite is missing.
    """

    kind: Literal["number"] = "number"
    variable: str
    fill: float | None
    unit: float | None = Field(None, gt=0)
    center: float = 0.0
    scale: float = Field(1.0, gt=0)
    weight: float = Field(1.0, gt=0)
    skewness: float = 0.0

    @property
    def outputs(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.variable]

    def values(self, frame: pd.DataFrame) -> NDArray[np.floating]:
        """Compute the column for a frame."""
        known = finite(frame[self.variable])
        x = (known if self.fill is None else known.fillna(self.fill)).to_numpy()
        if self.unit is not None:
            x = np.log1p(np.maximum(x, 0.0) / self.unit)
        return ((x - self.center) / self.scale * self.weight)[:, None]

    def expressions(self, table: ir.Table) -> list[Any]:
        """Compute the column in an engine."""
        import ibis

        raw = table[self.variable].cast("float64")
        known = is_finite(raw)
        x = raw if self.fill is None else ibis.ifelse(known, raw, self.fill)
        if self.unit is not None:
            x = (ibis.greatest(x, 0.0) / self.unit + 1.0).ln()
        value = (x - self.center) / self.scale * self.weight
        # the greatest of nothing and 0 is 0 in most engines
        return [value if self.fill is not None else ibis.ifelse(known, value, ibis.null("float64"))]


class CategoryStep(_Data):
    """One category: a column per level; a rare or new level is 0 in all of them.

    A missing level is 0 in all of them too, unless ``gaps`` are kept.
    """

    kind: Literal["category"] = "category"
    variable: str
    levels: tuple[str, ...]
    weight: float = Field(1.0, gt=0)
    gaps: bool = False

    @property
    def outputs(self) -> list[str]:
        """Names of the columns it makes."""
        return [f"{self.variable} = {level}" for level in self.levels]

    def values(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Compute the columns for a frame."""
        x = frame[self.variable].astype("object").to_numpy()
        made = np.stack([(x == level) * self.weight for level in self.levels], axis=1).astype(float)
        if self.gaps:
            made[frame[self.variable].isna().to_numpy()] = np.nan
        return made

    def expressions(self, table: ir.Table) -> list[Any]:
        """Compute the columns in an engine."""
        import ibis

        x = table[self.variable].cast("string")
        made = [
            ibis.ifelse((x == level).fill_null(False), self.weight, 0.0) for level in self.levels
        ]
        return [_unless(x.isnull(), value) for value in made] if self.gaps else made


def _unless(test: Any, value: Any) -> Any:
    import ibis

    return ibis.ifelse(test, ibis.null("float64"), value)


class Preprocessing(_Data):
    """How the raw variables become the columns that segments are formed in."""

    steps: tuple[NumberStep | CategoryStep, ...]

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
        kept: list[NumberStep | CategoryStep] = [
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
            else:
                done = "logarithm, standardised" if step.unit is not None else "standardised"
                rows.append((label, done, step.skewness, step.weight))
        return pd.DataFrame(rows, columns=["variable", "treatment", "skewness_before", "weight"])


def fit_preprocessing(
    accounts: AccountTable,
    names: Sequence[str],
    *,
    standardise: bool = True,
    family_weights: Mapping[Any, float] | None = None,
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
    weights = _block_weights(used_columns, family_weights or {}) if standardise else {}
    steps = [
        _category_step(frame[name], weights.get(name, 1.0))
        if accounts.columns[name].kind == "category"
        else _number_step(frame[name], accounts.columns[name], weights.get(name, 1.0), standardise)
        for name in used
    ]
    return Preprocessing(steps=tuple(steps))


def _differs(values: pd.Series, info: ColumnInfo) -> bool:
    known = values if info.kind == "category" else finite(values)
    return bool(known.nunique(dropna=True) > 1)


def _block_weights(columns: Sequence[ColumnInfo], asked: Mapping[Any, float]) -> dict[str, float]:
    """Give each family its part of the squared weights, equal ones by default; their mean is 1."""
    families = [str(column.family) for column in columns]
    total = sum(asked.get(family, 1.0) for family in set(families))
    part = {f: len(columns) * asked.get(f, 1.0) / total / families.count(f) for f in families}
    return {c.name: float(np.sqrt(part[f])) for c, f in zip(columns, families, strict=True)}


def _number_step(
    values: pd.Series, info: ColumnInfo, weight: float, standardise: bool
) -> NumberStep:
    known = finite(values).dropna()
    fill = float(known.median())
    if not standardise:
        return NumberStep(variable=info.name, fill=fill)
    skewness = float(skew(known, bias=False)) if len(known) > 2 else 0.0
    unit = None
    if info.kind in ("number", "count") and known.min() >= 0 and skewness > _SKEWED:
        positive = known[known > 0]
        unit = 1.0 if info.kind == "count" else float(positive.quantile(_SMALLEST_UNIT))
    raw = NumberStep(variable=info.name, fill=fill, unit=unit)
    scaled = raw.values(pd.DataFrame({info.name: values}))
    center, scale = float(scaled.mean()), float(scaled.std())
    return NumberStep(
        variable=info.name, fill=fill, unit=unit, skewness=skewness, weight=weight,
        center=center, scale=scale if scale > 0 else 1.0,
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
