"""The catalogue and the brief as tables to read."""

from __future__ import annotations

import pandas as pd

from seglib.objectives.brief import Brief
from seglib.objectives.catalogue import objectives
from seglib.objectives.support import Support


def catalogue_table() -> pd.DataFrame:
    """One row per objective: key, title, business question, first outcome, bases."""
    rows = [
        (key, o.title, o.question, o.outcomes[0] if o.outcomes else "", ", ".join(o.bases))
        for key, o in objectives().items()
    ]
    return pd.DataFrame(rows, columns=["objective", "title", "question", "outcome", "bases"])


def brief_table(brief: Brief, support: Support) -> pd.DataFrame:
    """One row per decision of the brief, in words."""
    labels = {name: v.label for name, v in support.variables.items()}
    chosen = ", ".join(labels[name] for name in brief.variables)
    rows = [
        ("Question", brief.question),
        ("Who decides what", brief.decides or "not said in the study"),
        ("Outcome that judges", labels.get(brief.outcome or "", "none in these data")),
        ("KPIs", ", ".join(k.replace("_", " ") for k in brief.kpis) or "none named"),
        ("Families that form segments", ", ".join(b.replace("_", " ") for b in brief.bases)),
        ("Segmentation variables", chosen),
        ("Segments worth having", f"{brief.min_segments} to {brief.capacity}"),
        ("Smallest segment worth having", f"{brief.min_share:.0%} of the accounts"),
    ]
    return pd.DataFrame(rows, columns=["decision", "what"])


def weights_table(brief: Brief) -> pd.DataFrame:
    """One row per criterion of the scorecard, with its share of the weight."""
    total = sum(brief.weights.values()) or 1.0
    rows = [(name, value, value / total) for name, value in brief.weights.items()]
    return pd.DataFrame(rows, columns=["criterion", "weight", "share"])


def hypothesis_table(brief: Brief) -> pd.DataFrame:
    """One row per hypothesis: the belief, where it comes from, how the data judge it."""
    rows = [(h.text, h.source, h.expects, h.judged_by) for h in brief.hypotheses]
    return pd.DataFrame(rows, columns=["hypothesis", "source", "expects", "judged_by"])
