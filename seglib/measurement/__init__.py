"""Step 06: did it work, has the market moved, keep the segments or refresh them."""

from __future__ import annotations

from seglib.measurement.drift import drift
from seglib.measurement.findings import findings
from seglib.measurement.identity import match_segments, migration, paired, share_shifts
from seglib.measurement.intervals import (
    newcombe,
    shrink_counts,
    shrink_means,
    shrink_rates,
)
from seglib.measurement.kpis import Kpis, kpi_catalogue, kpis
from seglib.measurement.lineage import follow_previous, inherited_names
from seglib.measurement.previous import compare_runs
from seglib.measurement.readout import Readout, campaign_readout
from seglib.measurement.refresh import Refresh, Snapshot, compare_snapshots
from seglib.measurement.steps import (
    compare_with_previous,
    make,
    measure_kpis,
    read_campaigns,
)
from seglib.measurement.tables import (
    campaigns_table,
    definitions_table,
    drift_table,
    identity_table,
    latest_table,
    lifts_table,
    rules_table,
)

__all__ = [
    "Kpis",
    "Readout",
    "Refresh",
    "Snapshot",
    "campaign_readout",
    "campaigns_table",
    "compare_runs",
    "compare_snapshots",
    "compare_with_previous",
    "definitions_table",
    "drift",
    "drift_table",
    "findings",
    "follow_previous",
    "identity_table",
    "inherited_names",
    "kpi_catalogue",
    "kpis",
    "latest_table",
    "lifts_table",
    "make",
    "match_segments",
    "measure_kpis",
    "migration",
    "newcombe",
    "paired",
    "read_campaigns",
    "rules_table",
    "share_shifts",
    "shrink_counts",
    "shrink_means",
    "shrink_rates",
]
