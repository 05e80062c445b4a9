"""Study: the parameter model of a run, read from ``study.yaml``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StrictBool,
    StrictInt,
    field_validator,
    model_validator,
)

from seglib.errors import StudyError, unknown
from seglib.knowledge import check, read_yaml
from seglib.schema import Family, Kind, contract
from seglib.table_mapping import Part, TableMapping

Method = Literal[
    "kmeans",
    "mixture",
    "ward",
    "latent-class",
    "prototypes",
    "hdbscan",
    "consensus",
    "tree",
    "rfm",
    "rules",
]
"""How a candidate segmentation is made."""

Effort = Literal["quick", "standard", "thorough"]
"""How much bootstrap work is done: for a first look, for a report, for a publication."""

Missing = Literal["median", "complete", "full-information"]
"""What a gap in a segmentation variable counts as: the variable's median; a reason not to form
segments from the account, which is placed afterwards; or nothing, where the method has a
likelihood."""

_NAME = r"[a-z0-9][a-z0-9_-]{0,62}"
_ALIASES = {"k": "clustering.k", "method": "clustering.method", "effort": "clustering.effort"}


def _plain_date(value: Any) -> Any:
    """Take a date or an ISO string; anything else (a number, a time) is not a date."""
    if isinstance(value, datetime) or not isinstance(value, date | str | None):
        raise ValueError("must be a date such as 2026-09-30")
    return value


PlainDate = Annotated[date, BeforeValidator(_plain_date)]


class ExtraVariable(Part):
    """A variable of the user's own, beyond the contract: a column of ``accounts``."""

    label: str
    family: Family
    kind: Kind = "number"
    role: Literal["base", "descriptor", "outcome"] | None = None
    unit: str = ""
    meaning: str = ""
    observable: StrictBool = False


class Corroboration(Part):
    """Columns of ``accounts`` that give one attribute, the one that is believed first."""

    sources: tuple[str, ...] = Field(min_length=2)
    margin: float | None = Field(None, ge=0, le=1)


class Rule(Part):
    """One segment of the analyst's own grouping: a name and the conditions that make it."""

    name: str = Field(min_length=1)
    when: dict[str, dict[Literal["min", "max", "in"], float | list[str]]] = Field(
        default_factory=dict
    )


FamilyWeight = Annotated[float, Field(gt=0, le=100)]
"""Weight of a family of variables against the others, which have 1."""


class Clustering(Part):
    """How segments are looked for."""

    methods: tuple[Method, ...] = ("kmeans", "mixture", "ward", "tree", "rfm", "rules")
    k_min: StrictInt = Field(2, ge=2, le=30)
    k_max: StrictInt = Field(8, ge=2, le=30)
    k: StrictInt | None = Field(None, ge=1, le=30)
    method: Method | None = None
    min_segments: StrictInt = Field(2, ge=2, le=30)
    capacity: StrictInt = Field(6, ge=1, le=30)
    min_share: float = Field(0.05, ge=0, lt=0.5)
    max_fit_accounts: StrictInt = Field(50_000, ge=100)
    effort: Effort = "standard"
    missing: Missing = "median"
    family_weights: dict[Family, FamilyWeight] = Field(default_factory=dict)
    winsorise: float = Field(0.0, ge=0, le=0.2)
    ordered: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _orders(self) -> Self:
        wrong = [n for n, levels in self.ordered.items() if len(set(levels)) < max(2, len(levels))]
        if wrong:
            raise ValueError(f"'ordered' needs two levels or more, each once: {', '.join(wrong)}")
        return self

    @model_validator(mode="after")
    def _range(self) -> Self:
        if self.k_min > self.k_max:
            raise ValueError(f"'k_min' ({self.k_min}) is above 'k_max' ({self.k_max})")
        if self.min_segments > self.capacity:
            raise ValueError(
                f"'min_segments' ({self.min_segments}) is above 'capacity' ({self.capacity})"
            )
        return self


class Hypothesis(Part):
    """A belief about the market, where it comes from, and the variable that judges it."""

    text: str
    source: Literal["desk research", "interview", "survey", "experience"]
    variable: str
    expects: Literal["differs", "does not differ"] = "differs"


class Measurement(Part):
    """What the results are compared with, and whether sales' own placements count."""

    period: Literal["month", "quarter"] = "quarter"
    previous_run: str | None = None
    feedback: Literal["compare", "honour"] = "compare"


class Targeting(Part):
    """How many segments to target, and weights that change the objective's, one by one."""

    attractiveness: dict[str, float] = Field(default_factory=dict)
    competitiveness: dict[str, float] = Field(default_factory=dict)
    targets: StrictInt = Field(2, ge=1, le=30)


class Share(Part):
    """Least and largest share of the money."""

    min: float = Field(0.0, ge=0, le=1)
    max: float = Field(1.0, ge=0, le=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(
                f"the smallest share ({self.min:g}) is above the largest ({self.max:g})"
            )
        return self


class Budget(Part):
    """Money to be split over segments and channels; what does not pay back may stay in hand.

    ``min_share`` and ``max_share`` bound each segment, ``channels`` those channels that it names.
    """

    total: float = Field(100_000, ge=0)
    min_share: float = Field(0.0, ge=0, le=1)
    max_share: float = Field(0.6, gt=0, le=1)
    channels: dict[str, Share] = Field(default_factory=dict)
    leave_unspent: bool = False


class ServedMarket(Part):
    """What of the addressable market can be served: the step from TAM to SAM."""

    industries: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    min_employees: float | None = None
    max_employees: float | None = None


class Study(BaseModel):
    """A business question over a company's tables, and everything a run needs to answer it.

    Read it with :meth:`load`; fields are explained in ``docs`` of the README and checked
    all at once, with "did you mean".

    Examples
    --------
    >>> Study(name="demo", objective="retention", source="data").clustering.k_max
    8
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(pattern=f"^{_NAME}$")
    title: str = ""
    objective: str | dict[str, Any] = "high_value_accounts"
    as_of: PlainDate | None = None
    fiscal_year_starts: StrictInt = Field(1, ge=1, le=12)
    currency: str = "EUR"
    seed: StrictInt = Field(7, ge=0, le=2**32 - 1)
    source: str = "."
    grain: Literal["account", "parent"] = "account"
    tables: dict[str, TableMapping] = Field(default_factory=dict)
    variables: dict[str, ExtraVariable] = Field(default_factory=dict)
    deduplicate: Literal["report", "merge"] = "report"
    corroborate: dict[str, Corroboration] = Field(default_factory=dict)
    need_states: tuple[Rule, ...] = ()
    margins: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    bases: tuple[Family | str, ...] | None = None
    clustering: Clustering = Clustering()
    hypotheses: tuple[Hypothesis, ...] = ()
    evaluation: dict[str, float] = Field(default_factory=dict)
    market: ServedMarket = ServedMarket()
    targeting: Targeting = Targeting()
    playbook: dict[str, Any] = Field(default_factory=dict)
    segment_names: dict[str, str] = Field(default_factory=dict)
    budget: Budget = Budget()
    measurement: Measurement = Measurement()

    _folder: Path = PrivateAttr(default=Path())

    @field_validator("name", mode="before")
    @classmethod
    def _safe_name(cls, value: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(_NAME, value):
            raise ValueError("use 1-63 small letters, digits, '-' or '_' (it names a folder)")
        return value

    @field_validator("tables", mode="before")
    @classmethod
    def _known_tables(cls, value: Any) -> Any:
        if isinstance(value, dict):
            wrong = [
                unknown("table", str(t), list(contract())) for t in value if t not in contract()
            ]
            if wrong:
                raise ValueError(" ".join(wrong))
        return value

    @field_validator("playbook")
    @classmethod
    def _known_playbook(cls, value: dict[str, Any]) -> dict[str, Any]:
        if value:  # imported only then: most studies have none, and it brings the data packages
            from seglib.strategy.playbook_model import load_playbook

            try:
                load_playbook(value)
            except StudyError as error:
                raise ValueError(" ".join(error.problems)) from None
        return value

    @classmethod
    def load(cls, path: str | Path, overrides: Mapping[str, Any] | None = None) -> Study:
        """Read and check a study.

        Parameters
        ----------
        path
            The ``study.yaml``; relative paths inside it start from its folder.
        overrides
            Fields to replace, by dotted name (``{"clustering.k_max": 5}``) or by the short names
            ``k``, ``method`` and ``effort``. A ``source`` given here starts from the working
            directory, as a path typed on the command line does.

        Raises
        ------
        StudyError
            With every problem found.
        """
        path = Path(path).expanduser().resolve()
        content = read_yaml(path)
        study = _checked(cls, content, overrides or {}, where=path.name)
        study._folder = path.parent
        return study

    def override(self, **changes: Any) -> Study:
        """Return a checked copy with fields replaced; a value of None leaves the field alone."""
        given = {name: value for name, value in changes.items() if value is not None}
        content = self.model_dump(mode="json", by_alias=True, exclude_unset=True)
        study = _checked(type(self), content, given, where="the parameters")
        study._folder = self._folder
        return study

    @property
    def folder(self) -> Path:
        """Folder of the study file; relative paths start here."""
        return self._folder

    @property
    def location(self) -> str | Path:
        """Where the data are: an Ibis connection URL as it stands, or an absolute path."""
        if "://" in self.source or self.source.startswith("${"):
            return self.source
        return (self._folder / Path(self.source).expanduser()).resolve()

    def to_yaml(self) -> str:
        """Write the study as YAML that :meth:`load` reads back to an equal study."""
        content = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return yaml.safe_dump(content, sort_keys=False, allow_unicode=True)


def _checked(
    model: type[Study], content: dict[str, Any], changes: Mapping[str, Any], *, where: str
) -> Study:
    """Apply the changes and check the whole; what is wrong with either is told together."""
    problems = [wrong for name, value in changes.items() if (wrong := _put(content, name, value))]
    try:
        study = check(model, content, where=where)
    except StudyError as error:
        problems += error.problems
    if problems:
        raise StudyError(problems, where=where)
    return study


def _put(content: dict[str, Any], name: str, value: Any) -> str:
    """Set one dotted field; return the problem, if any."""
    dotted = _ALIASES.get(name, name)
    head = dotted.split(".")[0]
    if head not in Study.model_fields:
        return unknown("parameter", name, [*_ALIASES, *Study.model_fields])
    if head == "source" and isinstance(value, str) and "://" not in value:
        value = str(Path(value).expanduser().resolve())
    target = content
    keys = dotted.split(".")
    for key in keys[:-1]:
        inner = target.setdefault(key, {})
        if not isinstance(inner, dict):
            return f"'{name}': '{key}' holds no fields of its own."
        target = inner
    target[keys[-1]] = value
    return ""
