"""What the step found, in sentences computed from its results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.exhibits import Note
from seglib.profiling.frames import records
from seglib.profiling.rules import SurrogateRules
from seglib.profiling.season import Season
from seglib.profiling.wording import small
from seglib.quotes import percent, quote

_TOP = 0.2  # of the accounts, the largest ones: what `concentration` counts


def findings(
    cards: Sequence[Mapping[str, Any]],
    tests: pd.DataFrame,
    rules: SurrogateRules,
    buying_season: Season,
    people: Sequence[Mapping[str, Any]],
    concentrated: float,
    questions: str = "",
) -> list[Note]:
    """Sum the step up.

    Parameters
    ----------
    cards
        From :func:`~seglib.profiling.cards.segment_cards`.
    tests
        From :func:`~seglib.profiling.descriptors.descriptor_tests`.
    rules
        From :func:`~seglib.profiling.rules.surrogate_rules`.
    buying_season
        From :func:`~seglib.profiling.season.season`.
    people
        From :func:`~seglib.profiling.personas.personas`.
    concentrated
        From :func:`~seglib.profiling.size.concentration`.
    questions
        Sentence of :func:`~seglib.profiling.questions.questionnaire`.

    Returns
    -------
    list of Note
        Size and value, descriptors, reach, questions, season, personas and evidence for marketing,
        as far as there are data.
    """
    names = {card["segment"]: card["name"] for card in cards}
    notes = [_value(cards, concentrated), _descriptors(tests), Note(rules.sentence(names))]
    notes += [Note(questions) if questions else None]
    notes += [_season(names, buying_season), _people(people), _asked(cards)]
    return [note for note in notes if note is not None]


def _value(cards: Sequence[Mapping[str, Any]], concentrated: float) -> Note | None:
    worth = [card for card in cards if card["revenue_share"] is not None]
    if not worth:
        return None
    first = max(worth, key=lambda card: card["revenue_share"])
    share, brings = (
        quote(f"segments.json:{key}[segment={first['segment']}]", first[key], percent)
        for key in ("share", "revenue_share")
    )
    text = (
        f"'{first['name']}' has {share} of the accounts and {brings} of the "
        f"{small(first['value_label'])}."
    )
    if concentrated == concentrated:
        top, bring = quote("top", _TOP, percent), quote("top_brings", concentrated, percent)
        text += f" The top {top} of all accounts bring {bring} of it."
    return Note(text)


def _descriptors(tests: pd.DataFrame) -> Note | None:
    tested = tests[tests["p"].notna()]
    if tested.empty:
        return None
    shown = tested[tested["p_holm"] < 0.05]
    count = quote("descriptors", len(tested))
    if shown.empty:
        return Note(f"None of the {count} descriptors is shown to differ between segments.")
    return Note(
        f"{quote('differing', len(shown))} of {count} descriptors "
        f"differ{'s' if len(shown) == 1 else ''} between the segments. {shown['sentence'].iloc[0]}"
    )


def _season(names: Mapping[int, str], found: Season) -> Note | None:
    if found.tests.empty or found.tests["p"].isna().all():
        return None
    peaks = found.tests[found.tests["peak"] > 0]
    said = [f"'{names[row['segment']]}': {small(row['sentence'])}" for row in records(peaks)]
    return Note(" ".join(said) if said else "No segment is shown to have a buying season.")


def _people(cards: Sequence[Mapping[str, Any]]) -> Note | None:
    if not cards:
        return None
    enough = sum(card["evidence"] == "enough" for card in cards)
    thin = len(cards) - enough
    return Note(
        f"There is enough evidence for {_personas('enough', enough)} "
        f"persona{'s' if enough != 1 else ''} (segment × buying role); "
        f"{_personas('thin', thin)} {'is' if thin == 1 else 'are'} marked as thin."
    )


def _personas(evidence: str, count: int) -> str:
    return quote(f"personas.json:[evidence={evidence}]|count", count)


def _asked(cards: Sequence[Mapping[str, Any]]) -> Note | None:
    told = [lines for card in cards for lines in card.get("asked", {}).values()]
    if not told:
        return None
    some = sum(bool(lines) for lines in told)
    if not some:
        return Note("For nothing that a marketer asks of the segments is there evidence yet.")
    points = f"{quote('points_with_evidence', some)} of {quote('points_asked', len(told))} points"
    words = f"Of what a marketer asks of the segments, {points} have evidence"
    return Note(f"{words}; for the others there is none yet." if some < len(told) else f"{words}.")
