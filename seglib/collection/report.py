"""Everything the quality gate has to show, beside its findings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import pandas as pd

from seglib.collection.findings import Finding, findings_table


@dataclass(frozen=True)
class QualityReport:
    """Tables of the quality gate; none of them holds a personal value.

    Attributes
    ----------
    columns
        One row per table and column: type, missing, distinct, range, outliers, status, reasons.
    handled
        What was left out, repaired, merged, filled or imputed, with counts.
    patterns
        Which variables are missing together.
    depends
        What missingness depends on.
    missing_effect
        Agreement of the segments under three treatments of missing values.
    redundant
        Pairs of variables of which one tells the other.
    agreement
        Attributes that several sources give: agreement, conflicts, margin of error.
    disagreements
        Accounts with the largest disagreements between sources.
    value_holdout
        How well customer value is foretold, on the last year of the data.
    """

    columns: pd.DataFrame
    handled: pd.DataFrame
    patterns: pd.DataFrame
    depends: pd.DataFrame
    missing_effect: pd.DataFrame
    redundant: pd.DataFrame
    agreement: pd.DataFrame
    disagreements: pd.DataFrame
    value_holdout: pd.DataFrame

    def content(self) -> dict[str, list[dict[str, object]]]:
        """Return every table as rows, for ``quality.json``; what is missing is None."""
        return {field.name: _rows(getattr(self, field.name)) for field in fields(self)}


def _rows(frame: pd.DataFrame) -> list[dict[str, object]]:
    plain = frame.astype("object").where(frame.notna(), None)
    return [
        {str(k): (round(v, 9) if isinstance(v, float) else v) for k, v in row.items()}
        for row in plain.to_dict("records")
    ]


def findings_content(findings: Iterable[Finding]) -> dict[str, object]:
    """Return the findings as rows, and the status of the data: the worst level among them."""
    found = list(findings)
    levels = {f.level for f in found}
    status = next(level for level in ("stop", "warn", "pass") if level in levels or level == "pass")
    return {"status": status, "findings": _rows(findings_table(found))}
