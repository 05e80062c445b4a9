"""What a run found, read from its artifacts; whatever it has not made is simply absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from seglib.run import Run

Record = Mapping[str, Any]
"""One entry of a JSON artifact."""


@dataclass(frozen=True)
class Findings:
    """The results that a report's front part is written from.

    Attributes
    ----------
    brief, quality, verdict, decision, refresh
        Content of the JSON artifacts of these names; empty where the run has none.
    segments
        Content of ``segments.json``, one record a segment.
    plays
        Segment to its entry in ``playbook.json``.
    accounts, assignments, segment_stability, profiles, targeting, kpis
        The tables; empty where the run has none.
    """

    brief: Record = field(default_factory=dict)
    quality: Record = field(default_factory=dict)
    verdict: Record = field(default_factory=dict)
    decision: Record = field(default_factory=dict)
    refresh: Record = field(default_factory=dict)
    segments: tuple[Record, ...] = ()
    plays: Mapping[int, Record] = field(default_factory=dict)
    accounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    assignments: pd.DataFrame = field(default_factory=pd.DataFrame)
    segment_stability: pd.DataFrame = field(default_factory=pd.DataFrame)
    profiles: pd.DataFrame = field(default_factory=pd.DataFrame)
    targeting: pd.DataFrame = field(default_factory=pd.DataFrame)
    kpis: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def names(self) -> dict[int, str]:
        """Name of each segment, by number."""
        return {int(card["segment"]): str(card["name"]) for card in self.segments}


def read_findings(run: Run) -> Findings:
    """Read what a run found.

    Parameters
    ----------
    run
        Finished or not; a run that stopped early has fewer artifacts.
    """
    return Findings(
        brief=_mapping(run, "brief.json"),
        quality=_mapping(run, "quality.json"),
        verdict=_mapping(run, "verdict.json"),
        decision=_mapping(run, "decision.json"),
        refresh=_mapping(run, "refresh.json"),
        segments=tuple(_records(run, "segments.json")),
        plays=_by_segment(_records(run, "playbook.json")),
        accounts=_table(run, "accounts.parquet"),
        assignments=_table(run, "assignments.parquet"),
        segment_stability=_table(run, "segment_stability.parquet"),
        profiles=_table(run, "profiles.parquet"),
        targeting=_table(run, "targeting.parquet"),
        kpis=_table(run, "kpis.parquet"),
    )


def _mapping(run: Run, name: str) -> Record:
    content = run.read_json(name) if run.has(name) else {}
    return content if isinstance(content, Mapping) else {}


def _records(run: Run, name: str) -> list[Record]:
    """Read a list of records, whether it stands alone or under ``segments``."""
    content = run.read_json(name) if run.has(name) else []
    if isinstance(content, Mapping):
        content = content.get("segments", [])
    return [entry for entry in content if isinstance(entry, Mapping) and "segment" in entry]


def _by_segment(records: list[Record]) -> dict[int, Record]:
    """Keep the first record of each segment: it is the one to act on first."""
    first: dict[int, Record] = {}
    for record in records:
        first.setdefault(int(record["segment"]), record)
    return first


def _table(run: Run, name: str) -> pd.DataFrame:
    return run.read_table(name) if run.has(name) else pd.DataFrame()
