"""Steps of the preprocessing: what is done to one raw variable, in memory and in an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from seglib.errors import DataError

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

LARGEST = 1e300  # beyond it, and where it is no number at all, a value is missing


def finite(values: pd.Series) -> pd.Series:
    """Numbers with NaN for what is missing, infinite or not a number.

    Examples
    --------
    >>> finite(pd.Series([1, None, float("inf")])).tolist()
    [1.0, nan, nan]
    """
    try:
        numbers = values.astype("float64")
    except (TypeError, ValueError) as error:
        raise DataError(f"'{values.name}' must hold numbers: {error}.") from None
    return numbers.where(numbers.abs() <= LARGEST)


def is_finite(x: Any) -> Any:
    """The same test in an engine; engines set NaN apart from NULL, and above every number."""
    return (x >= -LARGEST) & (x <= LARGEST)


def _storable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("no text may hold the character NUL, which databases refuse")
    return text


Text = Annotated[str, AfterValidator(_storable)]
"""A name or a level that any engine can be asked for."""


class DataPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class NumberStep(DataPart):
    """One numeric variable: fill, bound, take the logarithm, centre, scale, weigh.

    x is first held between ``low`` and ``high`` where they are given (winsorised). The value is
    ``weight * (f(x) - center) / scale`` with ``f(x) = ln(1 + max(x, 0) / unit)`` where ``unit`` is
    given and ``f(x) = x`` where it is not; ``fill`` replaces a missing x; without one the value
    stays missing. What is not finite is missing.
    """

    kind: Literal["number"] = "number"
    variable: Text
    fill: float | None
    low: float | None = None
    high: float | None = None
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
        if self.low is not None or self.high is not None:
            x = np.clip(x, self.low, self.high)
        if self.unit is not None:
            x = np.log1p(np.maximum(x, 0.0) / self.unit)
        return ((x - self.center) / self.scale * self.weight)[:, None]

    def expressions(self, table: ir.Table) -> list[Any]:
        """Compute the column in an engine."""
        import ibis

        raw = table[self.variable].cast("float64")
        known = is_finite(raw)
        x = raw if self.fill is None else ibis.ifelse(known, raw, self.fill)
        if self.low is not None:
            x = ibis.greatest(x, self.low)
        if self.high is not None:
            x = ibis.least(x, self.high)
        if self.unit is not None:
            x = (ibis.greatest(x, 0.0) / self.unit + 1.0).ln()
        value = (x - self.center) / self.scale * self.weight
        # the greatest of nothing and 0 is 0 in most engines
        return [value if self.fill is not None else ibis.ifelse(known, value, ibis.null("float64"))]


class CategoryStep(DataPart):
    """One category: a column per level; a rare or new level is 0 in all of them.

    A missing level is 0 in all of them too, unless ``gaps`` are kept.
    """

    kind: Literal["category"] = "category"
    variable: Text
    levels: tuple[Text, ...]
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


class OrdinalStep(DataPart):
    """One ordered category: the place of the level, from 0, centred, scaled, weighed.

    A missing or new level counts as the place ``fill``; without one it stays missing.
    """

    kind: Literal["ordinal"] = "ordinal"
    variable: Text
    levels: tuple[Text, ...] = Field(min_length=2)
    fill: float | None
    center: float = 0.0
    scale: float = Field(1.0, gt=0)
    weight: float = Field(1.0, gt=0)

    @property
    def outputs(self) -> list[str]:
        """Names of the columns it makes."""
        return [self.variable]

    def values(self, frame: pd.DataFrame) -> NDArray[np.floating]:
        """Compute the column for a frame.

        Examples
        --------
        >>> step = OrdinalStep(variable="tier", levels=("S", "M", "L"), fill=1.0)
        >>> step.values(pd.DataFrame({"tier": ["L", None, "XL"]})).ravel().tolist()
        [2.0, 1.0, 1.0]
        """
        place = {level: float(i) for i, level in enumerate(self.levels)}
        x = frame[self.variable].astype("object").map(place).astype("float64").to_numpy()
        x = x if self.fill is None else np.where(np.isnan(x), self.fill, x)
        return ((x - self.center) / self.scale * self.weight)[:, None]

    def expressions(self, table: ir.Table) -> list[Any]:
        """Compute the column in an engine."""
        import ibis

        x = table[self.variable].cast("string")
        other = ibis.null("float64") if self.fill is None else ibis.literal(self.fill)
        places = [((x == level), float(i)) for i, level in enumerate(self.levels)]
        place = ibis.cases(*places, else_=other).cast("float64")
        return [(place - self.center) / self.scale * self.weight]


def _unless(test: Any, value: Any) -> Any:
    import ibis

    return ibis.ifelse(test, ibis.null("float64"), value)


Step = NumberStep | CategoryStep | OrdinalStep
