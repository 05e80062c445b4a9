"""Step 06: did it work, has the market moved, keep the segments or refresh them."""

from __future__ import annotations

from seglib.measurement.cohort import Cohort, Cohorts, earlier_cohorts, look_back
from seglib.measurement.drift import drift
from seglib.measurement.feedback import Feedback, compare_feedback, honoured
from seglib.measurement.findings import findings
from seglib.measurement.funnel import funnel
from seglib.measurement.identity import match_segments, migration, paired, share_shifts
from seglib.measurement.intervals import (
    newcombe,
    shrink_counts,
    shrink_means,
    shrink_rates,
)
from seglib.measurement.kpis import Kpis, kpi_catalogue, kpis
from seglib.measurement.lineage import follow_previous, inherited_names, lost_names
from seglib.measurement.payoff import Payoff, payoff
from seglib.measurement.previous import compare_runs
from seglib.measurement.readout import Readout, campaign_readout
from seglib.measurement.refresh import Refresh, Snapshot, compare_snapshots
from seglib.measurement.retention import Retention, retention
from seglib.measurement.steps import (
    compare_with_previous,
    follow_accounts,
    hear_sales,
    judge_segments,
    look_after_segments,
    make,
    measure_kpis,
    read_campaigns,
    stage_conversion,
)
from seglib.measurement.survival import kaplan_meier, log_rank, survival_at
from seglib.measurement.tables import (
    campaigns_table,
    definitions_table,
    drift_table,
    identity_table,
    latest_table,
    lifts_table,
    rules_table,
)
from seglib.measurement.tables_brief import kpis_in_brief
from seglib.measurement.tables_outcomes import (
    differences_table,
    feedback_table,
    funnel_table,
    payoff_table,
    retention_table,
    upkeep_table,
)
from seglib.measurement.upkeep import upkeep

__all__ = [
    "Cohort",
    "Cohorts",
    "Feedback",
    "Kpis",
    "Payoff",
    "Readout",
    "Refresh",
    "Retention",
    "Snapshot",
    "campaign_readout",
    "campaigns_table",
    "compare_feedback",
    "compare_runs",
    "compare_snapshots",
    "compare_with_previous",
    "definitions_table",
    "differences_table",
    "drift",
    "drift_table",
    "earlier_cohorts",
    "feedback_table",
    "findings",
    "follow_accounts",
    "follow_previous",
    "funnel",
    "funnel_table",
    "hear_sales",
    "honoured",
    "identity_table",
    "inherited_names",
    "judge_segments",
    "kaplan_meier",
    "kpi_catalogue",
    "kpis",
    "kpis_in_brief",
    "latest_table",
    "lifts_table",
    "log_rank",
    "look_after_segments",
    "look_back",
    "lost_names",
    "make",
    "match_segments",
    "measure_kpis",
    "migration",
    "newcombe",
    "paired",
    "payoff",
    "payoff_table",
    "read_campaigns",
    "retention",
    "retention_table",
    "rules_table",
    "share_shifts",
    "shrink_counts",
    "shrink_means",
    "shrink_rates",
    "stage_conversion",
    "survival_at",
    "upkeep",
    "upkeep_table",
]
