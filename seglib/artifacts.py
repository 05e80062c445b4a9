"""What a run holds: the named artifacts, which step makes each, and what is in it."""

from __future__ import annotations

from typing import NamedTuple

STEPS: dict[str, str] = {
    "01": "objectives",
    "02": "data_collection",
    "03": "cluster_analysis",
    "04": "profiling",
    "05": "strategy",
    "06": "measurement",
}
"""Steps in the order of the process; the notebook of a step is ``<number>_<name>.ipynb``."""


class Artifact(NamedTuple):
    """One named artifact: the step that makes it and what one row (or the file) holds."""

    step: str
    content: str


ARTIFACTS: dict[str, Artifact] = {
    "brief.json": Artifact("01", "objective, KPIs, bases, outcome, hypotheses, constraints"),
    "accounts.parquet": Artifact("02", "account: bases, descriptors, outcomes, roles and units"),
    "quality.json": Artifact("02", "findings of the quality gate, rows in and out"),
    "quality.parquet": Artifact("02", "finding of the quality gate"),
    "market.parquet": Artifact("02", "stage of the addressable market"),
    "facts/orders.parquet": Artifact("02", "account × month with orders"),
    "facts/contacts.parquet": Artifact("02", "account × buying role × seniority"),
    "facts/opportunities.parquet": Artifact("02", "opportunity"),
    "facts/subscriptions.parquet": Artifact("02", "contract"),
    "facts/usage.parquet": Artifact("02", "account × month of use"),
    "facts/engagements.parquet": Artifact("02", "account × buying role × kind × topic × hour"),
    "facts/technologies.parquet": Artifact("02", "account × technology"),
    "facts/tickets.parquet": Artifact("02", "account × month × severity"),
    "facts/surveys.parquet": Artifact("02", "account × survey item"),
    "facts/links.parquet": Artifact("02", "account × industry of its customers"),
    "facts/campaigns.parquet": Artifact("02", "campaign"),
    "facts/touches.parquet": Artifact("02", "account in a campaign"),
    "facts/research.parquet": Artifact("02", "finding of an interview, in its own words"),
    "facts/feedback.parquet": Artifact("02", "account with an opinion of sales"),
    "candidates.parquet": Artifact("03", "candidate segmentation (method × k): scorecard"),
    "verdict.json": Artifact("03", "natural, reproducible or constructive, with the evidence"),
    "decision.json": Artifact("03", "what was chosen, by whom, against what"),
    "segmentation.json": Artifact("03", "the chosen model as data"),
    "assignments.parquet": Artifact("03", "account: segment, confidence"),
    "segment_stability.parquet": Artifact("03", "segment: how far it comes back, beside noise"),
    "profiles.parquet": Artifact("04", "segment × variable"),
    "segments.json": Artifact("04", "segment: name, size, value, traits, colour"),
    "personas.json": Artifact("04", "segment × buying role"),
    "rules.sql": Artifact("04", "assignment rules from descriptors"),
    "typing.sql": Artifact("04", "segment of a company by the fewest questions"),
    "typing.json": Artifact("04", "the fewest questions, their points, accuracy by their number"),
    "placements.parquet": Artifact("04", "account: segment by the typing tool, for prospects"),
    "targeting.parquet": Artifact("05", "segment: criteria, scores, how often chosen"),
    "addressable.parquet": Artifact("05", "segment: customers, prospects, what they are worth"),
    "underserved.parquet": Artifact("05", "segment × need: importance, satisfaction, gap"),
    "playbook.json": Artifact("05", "segment × buying role: messages, channels"),
    "budget.parquet": Artifact("05", "segment × channel: money"),
    "experiments.parquet": Artifact("05", "test cell"),
    "exports/targets.csv": Artifact("05", "account to address: segment, confidence, play"),
    "exports/targets.xlsx": Artifact("05", "the same for Excel, with the meaning of its columns"),
    "exports/crm_import.csv": Artifact("05", "account: segment, confidence, play, test cell"),
    "exports/key_accounts.csv": Artifact("05", "account of the top tier: roles known, next step"),
    "exports/plays.sql": Artifact("05", "segment and play of an account as one query"),
    "kpis.parquet": Artifact("06", "segment × period"),
    "funnel.parquet": Artifact("06", "segment × stage: accounts that reached it"),
    "retention.parquet": Artifact("06", "segment × month: share still there"),
    "payoff.parquet": Artifact("06", "outcome × grouping: what it explains out of sample"),
    "upkeep.parquet": Artifact("06", "segment: keep, split, merge or retire, and why"),
    "migration.parquet": Artifact("06", "segment × segment against the previous run"),
    "refresh.json": Artifact("06", "keep, re-score or refit, and why"),
    **{
        f"stated/{step}.json": Artifact(step, "figures that the step's words quote, by exhibit")
        for step in STEPS
    },
}
"""Artifacts that a later step may rely on, by name."""


def maker(name: str) -> str:
    """Say which step makes an artifact.

    Examples
    --------
    >>> maker("accounts.parquet")
    'step 02 (data collection)'
    """
    step = ARTIFACTS[name].step
    return f"step {step} ({STEPS[step].replace('_', ' ')})"
