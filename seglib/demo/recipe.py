"""What is planted in the market, as read from ``market.yaml``, ``places.yaml`` and ``people.yaml``.

The three files are knowledge: names, numbers and tilts that a marketer can change. They are
checked on load; a wrong key is named together with what is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, model_validator

from seglib.errors import unknown
from seglib.knowledge import load_knowledge

Scale = Literal["log", "logit", "linear", "amplitude", "fixed"]
"""Scale on which a contrast between segments grows or shrinks with the difficulty."""


class Part(BaseModel):
    """A part of a knowledge file: no unknown keys, never changed after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Parameter(Part):
    """A number that differs between segments."""

    scale: Scale
    unit: str
    meaning: str
    firmographic: bool = False


class Item(Part):
    """A survey item: its scale, and how much accounts of one segment differ."""

    low: int
    high: int
    spread: PositiveFloat
    customers_only: bool = False


class Category(Part):
    """A product category: its weight, median line amount and the list price of each product."""

    weight: PositiveFloat
    line_amount: PositiveFloat
    products: dict[str, PositiveFloat]


class Technology(Part):
    """A technology and the share of accounts that use it."""

    category: str
    fit: Literal["compatible", "to migrate", "competing"]
    share: PositiveFloat


class Segment(Part):
    """A planted segment: its share, its parameters and what is more or less likely in it."""

    share: PositiveFloat
    values: dict[str, float]
    items: dict[str, float]
    tilt: dict[str, dict[str, PositiveFloat]] = {}


class Campaign(Part):
    """A campaign with a randomised hold-out and its true uplift in each segment."""

    offer: str
    channel: str
    days_ago: Annotated[int, Field(ge=72)]  # so that the window of its last touch is over
    audience: Literal["customers", "prospects"]
    reach: PositiveFloat
    base: float
    uplift: list[float]
    product: str
    revenue: PositiveFloat
    fixed: float
    touch: float


class Feedback(Part):
    """What sales writes: of how many accounts, how often rightly, in which words."""

    share: PositiveFloat
    agrees: float
    commented: float
    roles: dict[str, PositiveFloat]
    words: dict[str, str]
    comments: list[str]


class Missing(Part):
    """A column in which values go missing, more often where another column says so."""

    table: str
    column: str
    rate: PositiveFloat
    where: dict[str, list[str]] = {}
    times: PositiveFloat = 1.0


class StrayCurrencies(Part):
    """Order lines that are kept in another currency, and what a euro is in it."""

    rate: PositiveFloat
    euros_to: dict[str, PositiveFloat]


class Dirt(Part):
    """What is spoilt, each rate to be multiplied by the share of dirt."""

    duplicates: float
    misspelt: dict[str, float]
    conflicts: dict[str, float]
    stray_currencies: StrayCurrencies
    cancelled: float
    returns: float
    unanswered: float
    missing: list[Missing]


_PLAIN_MIXES = (
    "channels",
    "kinds",
    "topics",
    "roles",
    "lost_reasons",
    "growth_stages",
    "ownerships",
    "industries",
    "end_markets",
)


class Recipe(Part):
    """All that ``market.yaml`` says."""

    company: str
    story: str
    currency: str
    shares: dict[str, float]
    parameters: dict[str, Parameter]
    spread: dict[str, float]
    items: dict[str, Item]
    categories: dict[str, Category]
    channels: dict[str, PositiveFloat]
    plans: dict[str, PositiveFloat]
    kinds: dict[str, PositiveFloat]
    topics: dict[str, PositiveFloat]
    roles: dict[str, PositiveFloat]
    lost_reasons: dict[str, PositiveFloat]
    severities: dict[str, PositiveFloat]
    resolve_hours: dict[str, PositiveFloat]
    record_sources: dict[str, PositiveFloat]
    growth_stages: dict[str, PositiveFloat]
    ownerships: dict[str, PositiveFloat]
    industries: dict[str, PositiveFloat]
    end_markets: dict[str, PositiveFloat]
    technologies: dict[str, Technology]
    segments: dict[str, Segment]
    campaigns: dict[str, Campaign]
    feedback: Feedback
    dirt: Dirt

    @property
    def mixes(self) -> dict[str, dict[str, float]]:
        """Weights in the whole market of everything that a segment can tilt."""
        plain: dict[str, dict[str, float]] = {name: getattr(self, name) for name in _PLAIN_MIXES}
        plain["categories"] = {name: part.weight for name, part in self.categories.items()}
        plain["technologies"] = {name: part.share for name, part in self.technologies.items()}
        return plain

    @model_validator(mode="after")
    def _segments_fit(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError(" ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        for name, segment in self.segments.items():
            where = f" (segment '{name}')"
            yield from _differences("parameter", segment.values, self.parameters, where)
            yield from _differences("item", segment.items, self.items, where)
            yield from _unknowns("mix", segment.tilt, self.mixes, where)
            for mix in segment.tilt.keys() & self.mixes.keys():
                yield from _unknowns(mix, segment.tilt[mix], self.mixes[mix], where)
        if abs(sum(segment.share for segment in self.segments.values()) - 1) > 1e-9:
            yield "The segments' shares must add up to 1."
        yield from _differences("segment", self.feedback.words, self.segments, " (feedback)")
        products = {p for category in self.categories.values() for p in category.products}
        for name, campaign in self.campaigns.items():
            if len(campaign.uplift) != len(self.segments):
                yield f"Campaign '{name}' needs one uplift for each segment."
            yield from _unknowns("product", [campaign.product], products, f" (campaign '{name}')")


def _unknowns(what: str, given: Iterable[str], allowed: Iterable[str], where: str) -> Iterator[str]:
    names = sorted(allowed)
    return (unknown(what, name, names) + where for name in given if name not in names)


def _differences(
    what: str, given: Mapping[str, object], wanted: Iterable[str], where: str
) -> Iterator[str]:
    yield from _unknowns(what, given, wanted, where)
    yield from (f"The {what} '{name}' is missing{where}." for name in wanted if name not in given)


class Country(Part):
    """A country, how addresses look in it and which language is on its business cards."""

    weight: PositiveFloat
    region: str
    zone: str
    language: Literal["en", "de", "fr"]
    prefix: str
    postcode: str
    forms: list[str]
    cities: list[str]


class Places(Part):
    """All that ``places.yaml`` says."""

    countries: dict[str, Country]
    name_starts: list[str]
    name_middles: list[str]
    name_ends: list[str]
    name_words: list[str]


class People(Part):
    """All that ``people.yaml`` says: titles by role, language and seniority."""

    first_names: list[str]
    last_names: list[str]
    titles: dict[str, dict[str, dict[str, str]]]


class Knowledge(NamedTuple):
    """The three files together."""

    recipe: Recipe
    places: Places
    people: People


@cache
def knowledge() -> Knowledge:
    """Read and check the three files, once.

    Returns
    -------
    Knowledge

    Raises
    ------
    StudyError
        When a file says something that is not allowed.

    Examples
    --------
    >>> knowledge().recipe.company
    'Tarnwell Instruments'
    """
    here = Path(__file__).parent
    return Knowledge(
        load_knowledge(here / "market.yaml", Recipe),
        load_knowledge(here / "places.yaml", Places),
        load_knowledge(here / "people.yaml", People),
    )
