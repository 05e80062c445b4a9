"""Summary: what ``summary.json`` holds, for schedulers, hooks and the index page."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SegmentLine(_Part):
    """One segment."""

    segment: int
    name: str
    accounts: int = Field(description="Customers placed in it.")
    share: float = Field(description="Of all placed customers, 0 to 1.")
    value: float | None = Field(None, description="In the headline's value unit.")
    value_share: float | None = Field(None, description="Of the value of all segments, 0 to 1.")


class Headline(_Part):
    """The figures to know a run by; what the run did not reach is absent."""

    title: str = ""
    objective: str = ""
    as_of: str = ""
    accounts: int | None = None
    customers: int | None = None
    segments: int | None = None
    value: float | None = Field(None, description="Of all segments together.")
    value_label: str = ""
    value_unit: str = ""
    verdict: str = Field("", description="natural, reproducible, constructive or undecided.")
    method: str = ""
    stability: float | None = Field(None, description="Adjusted Rand index, at most 1.")
    confident_share: float | None = Field(
        None, description="Share of accounts with a confidence of 0.8 or more."
    )
    targets: list[str] = []


class Changes(_Part):
    """What moved since the last good run; see ``seglib compare``."""

    since: str = Field(description="Identifier of that run.")
    causes: list[str] = []
    figures: list[str] = []
    segments: list[str] = []


class Ended(_Part):
    """Why a run did not reach its end."""

    exit_code: int
    notebook: str = ""
    heading: str = ""
    message: str
    next_step: str


class Summary(_Part):
    """How one run ended and what a person should know of it."""

    run_id: str
    study: str
    status: str = Field(description="done, failed, timed out, kernel died or interrupted.")
    exit_code: int
    started: str = Field(description="UTC, ISO 8601.")
    finished: str = Field(description="UTC, ISO 8601.")
    seconds: float
    home: str = Field("", description="Name of the folder of the study's runs.")
    report: str = Field("", description="Path of the report from that folder.")
    last_good: str = Field("", description="Identifier of the last good run before this one.")
    headline: Headline = Headline()
    segments: list[SegmentLine] = []
    changes: Changes | None = None
    failure: Ended | None = None
    needs: list[str] = Field([], description="What a person should look at, one sentence each.")
