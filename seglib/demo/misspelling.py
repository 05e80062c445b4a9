"""Names and categories as tired people type them."""

from __future__ import annotations

import numpy as np

Rng = np.random.Generator


def typo(word: str, place: float, way: int) -> str:
    """Mistype a word.

    Parameters
    ----------
    word
        The word; the first letter is left alone.
    place
        Where, between 0 and 1.
    way
        0 two letters swapped, 1 one dropped, 2 one doubled.

    Returns
    -------
    str
        Always another word than the given one.

    Examples
    --------
    >>> [typo("Chemicals", 0.3, way) for way in (0, 1, 2)]
    ['Cheimcals', 'Cheicals', 'Chemmicals']
    """
    at = 1 + int(place * max(len(word) - 2, 1))
    swapped = word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :]
    dropped = word[:at] + word[at + 1 :]
    doubled = word[: at + 1] + word[at:]
    wrong = (swapped, dropped, doubled)[way]
    return wrong if wrong != word else doubled + word[-1]


def misspellings(level: str) -> list[str]:
    """List the ways in which a category is found misspelt.

    Examples
    --------
    >>> misspellings("Energy")
    ['Eenrgy', 'Ener gy', 'Eneergy', 'ENERGY', 'Enrgy']
    """
    half = len(level) // 2 + 1
    spaced = level[:half] + " " + level[half:] if " " not in level else level.replace(" ", "")
    written = [typo(level, 0.0, 0), spaced, typo(level, 0.3, 2), level.upper(), typo(level, 0.3, 1)]
    return [word for word in written if word != level]


def name_variant(name: str, form: str, place: float, way: int) -> str:
    """Write a company's name as it stands in its second record.

    Parameters
    ----------
    name, form
        The name without and the legal form.
    place
        Where a typo falls, between 0 and 1.
    way
        0 no legal form, 1 form in capitals without dots, 2 comma before the form, 3 all capitals,
        4 a typo, 5 a typo and no form.

    Examples
    --------
    >>> [name_variant("Norwick Labs", "S.p.A.", 0.2, way) for way in range(4)]
    ['Norwick Labs', 'Norwick Labs SPA', 'Norwick Labs, S.p.A.', 'NORWICK LABS S.P.A.']
    """
    wrong = typo(name, place, way % 3)
    return (
        name,
        f"{name} {form.replace('.', '').upper()}" if form.upper() != form or "." in form else name,
        f"{name}, {form}",
        f"{name} {form}".upper(),
        f"{wrong} {form}",
        wrong,
    )[way]
