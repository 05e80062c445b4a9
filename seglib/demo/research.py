"""Findings of interviews: what a few accounts said, in one sentence each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from pydantic import PositiveFloat

from seglib.demo.clock import business_day
from seglib.demo.draws import frame, named, text, weighted
from seglib.demo.lives import Lives
from seglib.demo.recipe import Part
from seglib.demo.world import World
from seglib.knowledge import load_knowledge

_RECENT = 540  # days before the end in which people were spoken with


class Interviews(Part):
    """The content of ``interviews.yaml``."""

    sources: dict[str, PositiveFloat]
    findings: dict[str, dict[str, list[str]]]


@cache
def interviews() -> Interviews:
    """Return what the invented customers said.

    Examples
    --------
    >>> sorted(interviews().findings["Connected plants"])
    ['challenge', 'content', 'criterion', 'objection', 'trigger']
    """
    return load_knowledge(Path(__file__).with_name("interviews.yaml"), Interviews)


def research(world: World, lives: Lives) -> pd.DataFrame:
    """Write the research table: one row a finding, told by a customer of the segment.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account entered; nobody is asked before.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> notes = research(world, leave(world, *enter(world)))
    >>> int((notes["topic"] == "trigger").sum())
    6
    """
    rng = world.stream("research")
    segments = list(world.planted.segments)
    told = [
        (segments.index(segment), topic, finding)
        for segment, topics in interviews().findings.items()
        for topic, findings in topics.items()
        for finding in findings
    ]
    customers = lives.status == 0
    own = [np.flatnonzero(customers & (world.segment == segment)) for segment, _, _ in told]
    anyone = np.arange(world.accounts)  # the smallest markets have no customer in some segment
    account = np.array([rng.choice(ids if len(ids) else anyone) for ids in own])
    start = np.maximum(lives.created[account], world.clock.last - _RECENT)
    length = np.maximum(world.clock.last - start, 0) + 1
    day = business_day(start + np.floor(rng.random(len(told)) * length).astype(np.int64))
    source = weighted(rng, interviews().sources, len(told))
    columns = {
        "account_id": world.ids.take(account),
        "noted_date": day,
        "source": named(interviews().sources, source),
        "topic": text(topic for _, topic, _ in told),
        "note": text(finding for _, _, finding in told),
    }
    notes = frame("research", columns)
    return notes.sort_values(["noted_date", "account_id", "note"], ignore_index=True)
