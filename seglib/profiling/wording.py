"""Words for variables: the two ends of a scale, labels inside a sentence, rounded figures."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from seglib.knowledge import load_knowledge

Slot = Literal["adjective", "noun", "place", "tail"]
"""Where words stand in a name: ``<adjective> <noun> <place>, <tail>``."""


class Word(BaseModel):
    """The words of one variable."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slot: Slot
    high: str = ""
    low: str = ""
    zero: str = ""
    level: str = ""


class Words(BaseModel):
    """The content of ``words.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    variables: dict[str, Word]
    prefixes: dict[str, Word]
    kinds: dict[str, Word]


@cache
def words() -> Words:
    """Return the words, from ``words.yaml``.

    Examples
    --------
    >>> words().variables["need_price"].high
    'price-minded'
    """
    return load_knowledge(Path(__file__).with_name("words.yaml"), Words)


def word(
    variable: str, kind: str, label: str, end: Literal["high", "low", "zero"], level: str = ""
) -> tuple[Slot, str]:
    """Return where in a name a variable's words stand, and the words.

    Parameters
    ----------
    variable, kind, label
        Of the variable.
    end
        Which end of the scale; ``zero`` falls back to ``low``.
    level
        Of a category.

    Examples
    --------
    >>> word("need_fair_terms", "number", "Need: fair terms", "high")
    ('tail', 'who want fair terms')
    >>> word("shelf_metres", "number", "Shelf length", "low")
    ('tail', 'with low shelf length')
    """
    known = words()
    prefix = next((p for p in known.prefixes if variable.startswith(p)), "")
    generic = known.kinds["category" if level else kind if kind in known.kinds else "number"]
    chosen = known.variables.get(variable) or known.prefixes.get(prefix) or generic
    fits = chosen.level if level else chosen.high and chosen.low
    chosen = chosen if fits else generic
    text = chosen.level if level else {"high": chosen.high, "low": chosen.low}.get(end, chosen.zero)
    rest = variable.removeprefix(prefix).replace("_", " ")
    filled = (text or chosen.low).replace("{label}", small(label)).replace("{rest}", rest)
    return chosen.slot, " ".join(filled.replace("{level}", level).split())


def small(label: str) -> str:
    """Write a label inside a sentence: its first letter small, unless it is an abbreviation.

    Examples
    --------
    >>> small("Orders per year"), small("ARR growth"), small("")
    ('orders per year', 'ARR growth', '')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def capital(text: str) -> str:
    """Write a text with a capital first letter.

    Examples
    --------
    >>> capital("large buyers")
    'Large buyers'
    """
    return text[:1].upper() + text[1:]


def short(text: str, width: int = 60) -> str:
    """Cut a text that came from data to a width, on one line.

    Examples
    --------
    >>> short("a  very\\nlong level", 8)
    'a very …'
    """
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1].rstrip() + " …"


def figure(value: float) -> str:
    """Round a figure as a person says it: two digits, three where it is large, thousands apart.

    Examples
    --------
    >>> [figure(v) for v in (0.0312, 3.24, 12.4, 234.5, 42111.4, 0.0)]
    ['0.031', '3.2', '12', '234', '42,100', '0']
    """
    if abs(value) >= 1000:
        return f"{float(f'{value:.3g}'):,.0f}"
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}"
