"""Numbers as sentences write them."""

from __future__ import annotations

import re
from dataclasses import dataclass

NUMBER = re.compile(
    r"(?<![\w.,])[-+\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?(?![\w])(?:[ \N{NO-BREAK SPACE}]million)?"
)
"""A number in a sentence."""


@dataclass(frozen=True)
class Written:
    """A number as it is written.

    Attributes
    ----------
    value
        What the digits say, without a sign.
    half
        Half a unit of the last digit: the value behind it is no further away.
    """

    value: float
    half: float


def read_number(text: str) -> Written:
    """Read a number that :data:`NUMBER` found.

    Examples
    --------
    >>> read_number("-1,234.5"), read_number("1.2 million").value
    (Written(value=1234.5, half=0.05), 1200000.0)
    """
    digits = text.split()[0].replace(",", "").lstrip("+-\N{MINUS SIGN}")
    scale = 1e6 if "million" in text else 1.0
    decimals = len(digits.partition(".")[2])
    return Written(float(digits) * scale, 0.5 * 10.0**-decimals * scale)
