"""The quality gate alone: what maps, what fails, what each missing table would add."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.collection.collect import read_tables
from seglib.collection.collection import collect
from seglib.collection.findings import findings_table
from seglib.objectives import Support, data_support, make_brief
from seglib.source import connect
from seglib.study import Study


@dataclass(frozen=True)
class CheckReport:
    """What the gate says of a study.

    Attributes
    ----------
    findings
        One row per finding; stops first.
    support
        Tables and variables that are there, and what each absence costs.
    passed
        Whether a run would begin its analysis.
    """

    findings: pd.DataFrame
    support: Support
    passed: bool

    def lines(self) -> list[str]:
        """The findings, then what each missing table would add, one line each."""
        found = [
            f"{row['level']:4}  {row['table']}{'.' if row['column'] else ''}{row['column']}: "
            f"{row['message']}"
            for row in self.findings.to_dict("records")
        ]
        absent = self.support.tables[~self.support.tables["there"]]
        wanted = [
            f"not mapped: '{row['table']}' would add {row['adds']}."
            for row in absent.to_dict("records")
        ]
        return [*found, *wanted, "The data pass." if self.passed else "The data do not pass."]


def check_study(study: Study) -> CheckReport:
    """Run the quality gate and stop there.

    Raises
    ------
    StudyError
        When the study or its mapping is wrong.
    """
    support = data_support(study)
    brief = make_brief(study, support)
    source = connect(study)
    try:
        with source.explained():
            found = list(read_tables(study, source, stop=False).findings)
    finally:
        source.close()
    if not any(finding.level == "stop" for finding in found):
        found = list(collect(study, brief, stop=False).findings)
    table = findings_table(found)
    return CheckReport(table, support, not (table["level"] == "stop").any())
