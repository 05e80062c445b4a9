"""Names for segments, made of what truly distinguishes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seglib.errors import StudyError
from seglib.profiling.frames import records
from seglib.profiling.members import NO_SEGMENT
from seglib.profiling.profile import MIN_ACCOUNTS
from seglib.profiling.wording import Slot, capital, short, word

MIN_EFFECT = {"share": 0.15, "other": 0.04}
"""Effect of the variable over all segments (V of flags and levels, ε² of others) under which it
names nothing."""

MIN_STRENGTH = 0.2
"""Rank-biserial correlation (of levels: difference in shares) under which it names nothing."""

_MOST = 0.5
_SLOTS: tuple[Slot, ...] = ("adjective", "noun", "place", "tail")


class Ingredient(NamedTuple):
    """One thing that may stand in a name."""

    slot: Slot
    text: str
    variable: str
    level: str
    strength: float


def suggest_names(
    profiles: pd.DataFrame,
    segments: Iterable[int] | None = None,
    *,
    given: Mapping[str, str] | None = None,
    avoid: Collection[str] = (),
) -> dict[int, str]:
    """Name the segments in the words that a sales person uses.

    Parameters
    ----------
    profiles
        From :func:`~seglib.profiling.profile.profile`.
    segments
        Numbers of the segments, 0 being none; those of the profiles when not given.
    given
        Names that the study sets, by the segment's number as text (``{"1": "Key accounts"}``).
    avoid
        Names that are not suggested: those of the previous run's segments that are gone.

    Returns
    -------
    dict of int to str
        A unique name a segment. A segment that differs in nothing is called 'Average accounts',
        one too small to say so 'Segment 3', the only one 'All accounts'.

    Raises
    ------
    StudyError
        When ``given`` names a segment that does not exist, or two alike.

    Notes
    -----
    Only *distinct* rows of the profile name a segment (see there), only of variables that differ
    between the segments at all, and of a category only the level that at least half of the
    segment's accounts have. A name takes the strongest adjective, noun and place that are at least
    half as strong as the strongest of all, and a tail where these are fewer than two; where two
    names would be the same, what sets the two apart most is added, and to one that is avoided what
    is strongest of the rest.

    Examples
    --------
    >>> row = {"segment": 1, "variable": "employees", "level": "", "label": "Employees",
    ...        "kind": "number", "scale": "log", "distinct": True, "effect": 0.4, "strength": 0.8,
    ...        "n": 50, "mean": 900.0, "overall": 300.0, "zeros": 0.0}
    >>> suggest_names(pd.DataFrame([row, {**row, "segment": 2, "strength": -0.8}]))
    {1: 'Large accounts', 2: 'Small accounts'}
    """
    listed = profiles["segment"].tolist() if segments is None else segments
    numbers = sorted({int(s) for s in listed} - {NO_SEGMENT})
    fixed = _given(given or {}, numbers)
    found = {s: _ingredients(profiles[profiles["segment"] == s]) for s in numbers}
    plain = {s: _plain(profiles[profiles["segment"] == s], s, len(numbers)) for s in numbers}
    names = {s: fixed.get(s) or _compose(_first(found[s])) or plain[s] for s in numbers}
    for more in range(1, max((len(i) for i in found.values()), default=0) + 1):
        for segment, others in _clashing(names, fixed, avoid).items():
            first = _first(found[segment])
            rest = _apart([i for i in found[segment] if i not in first], others, profiles)
            names[segment] = _compose(first + rest[:more]) or plain[segment]
    return _numbered(names, fixed, avoid)


def _given(given: Mapping[str, str], segments: list[int]) -> dict[int, str]:
    known = {str(s): s for s in segments}
    fixed = {known[k]: " ".join(v.split()) for k, v in given.items() if k in known and v.strip()}
    problems = [
        f"'segment_names' names segment '{key}', which does not exist; there are "
        f"{', '.join(known)}."
        for key in given
        if key not in known
    ]
    taken = pd.Series(list(fixed.values()), dtype="str")
    problems += [f"'segment_names' uses '{n}' twice." for n in taken[taken.duplicated()].unique()]
    if problems:
        raise StudyError(problems, where="the study")
    return fixed


def _ingredients(rows: pd.DataFrame) -> list[Ingredient]:
    """What may name a segment, the strongest first, one for each variable and wording."""
    chosen = rows[np.array([_may_name(row) for row in records(rows)], dtype=np.bool_)]
    order = chosen.assign(size=chosen["strength"].abs()).sort_values(
        ["size", "variable", "level"], ascending=[False, True, True], kind="stable"
    )
    found: list[Ingredient] = []
    for row in records(order):
        end = "high" if row["strength"] > 0 else "zero" if row["zeros"] >= 0.9 else "low"
        text = (row["variable"], row["kind"], row["label"])
        slot, words = word(*text, end, short(row["level"], 40))  # type: ignore[arg-type]
        used = {i.variable for i in found} | {i.text for i in found}
        if words and row["variable"] not in used and words not in used:
            found.append(Ingredient(slot, words, row["variable"], row["level"], row["strength"]))
    return found


def _may_name(row: dict[str, Any]) -> bool:
    strength, effect = float(row["strength"]), float(row["effect"])
    enough = MIN_EFFECT["share" if row["scale"] == "share" else "other"]
    if not row["distinct"] or abs(strength) < MIN_STRENGTH or not effect >= enough:
        return False
    if row["level"]:
        return strength > 0 and float(row["mean"]) >= _MOST and row["level"] != "other levels"
    return True


def _first(parts: list[Ingredient]) -> list[Ingredient]:
    """Choose what goes into a name."""
    enough = [p for p in parts if abs(p.strength) >= 0.5 * abs(parts[0].strength)]
    best = {p.slot: p for p in reversed(enough) if p.slot != "tail"}
    chosen = list(best.values()) if len(best) > 1 else enough[:2]
    return sorted(chosen, key=parts.index)


def _apart(parts: list[Ingredient], others: list[int], profiles: pd.DataFrame) -> list[Ingredient]:
    """Order ingredients by how much they set the segment apart from others of the same name."""
    rows = profiles[profiles["segment"].isin(others)]

    def gap(part: Ingredient) -> float:
        same = rows[(rows["variable"] == part.variable) & (rows["level"] == part.level)]
        away = (same["strength"] - part.strength).abs()
        return -float(away.min()) if len(away) else -abs(part.strength)

    return sorted(parts, key=gap)


def _plain(rows: pd.DataFrame, segment: int, count: int) -> str:
    """Name a segment that nothing distinguishes."""
    if count == 1:
        return "All accounts"
    enough = (rows["n"] >= MIN_ACCOUNTS).any()
    return "Average accounts" if enough else f"Segment {segment}"


def _compose(parts: list[Ingredient]) -> str:
    """Put ingredients in the order of the slots; of two nouns the stronger stays."""
    if not parts:
        return ""
    slots = {slot: [p.text for p in parts if p.slot == slot] for slot in _SLOTS}
    noun = slots["noun"][:1] or ["accounts"]
    head = " ".join([", ".join(slots["adjective"]), *noun, *slots["place"]]).strip()
    with_, who = ([t for t in slots["tail"] if t.startswith(start)] for start in ("with", "who "))
    rest = [text for text in slots["tail"] if text not in with_ + who]
    tail = " and ".join([*with_[:1], *(text.removeprefix("with ") for text in with_[1:])])
    parts_of_name = [head, tail, " and ".join(who)]
    return capital(", ".join([" ".join(part for part in parts_of_name if part), *rest]))


def _clashing(
    names: Mapping[int, str], fixed: Mapping[int, str], avoid: Collection[str]
) -> dict[int, list[int]]:
    """Return the segments whose name is taken, with the others of it; not those the study named."""
    same: dict[str, list[int]] = {}
    gone = {name.casefold() for name in avoid}
    for segment, name in names.items():
        same.setdefault(name.casefold(), []).append(segment)
    return {
        segment: [other for other in group if other != segment]
        for name, group in same.items()
        for segment in group
        if (len(group) > 1 or name in gone) and segment not in fixed
    }


def _numbered(
    names: dict[int, str], fixed: Mapping[int, str], avoid: Collection[str]
) -> dict[int, str]:
    """Add the segment's number where nothing else keeps two names apart."""
    clashing = _clashing(names, fixed, avoid)
    return {s: f"{n} ({s})" if s in clashing else n for s, n in names.items()}
