"""Collection: everything step 02 finds and makes, in one result."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.build import build_accounts
from seglib.collection.categories import merge_misspelt
from seglib.collection.collect import collected
from seglib.collection.duplicates import duplicate_findings
from seglib.collection.facts import build_facts
from seglib.collection.findings import Finding, findings_table, stop_on
from seglib.collection.market import market_funnel
from seglib.collection.merging import merge_duplicates
from seglib.collection.quality import variable_findings, variable_quality
from seglib.objectives.brief import Brief
from seglib.run import Run
from seglib.study import Study


@dataclass(frozen=True)
class Collection:
    """What step 02 leaves.

    Attributes
    ----------
    accounts
        One row per account.
    findings
        What the quality gate found, in every table and column.
    quality
        One row per variable.
    duplicates
        Pairs of accounts that look like one company; identifiers only.
    market
        The addressable market, stage by stage.
    facts
        Aggregated tables for the later steps.
    as_of
        The day as of which everything is told; empty when the data have no dates.
    """

    accounts: AccountTable
    findings: tuple[Finding, ...]
    quality: pd.DataFrame
    duplicates: pd.DataFrame
    market: pd.DataFrame
    facts: dict[str, pd.DataFrame]
    as_of: str

    def save(self, run: Run) -> None:
        """Leave the artifacts of step 02 in a run."""
        self.accounts.save(run)
        run.write_table("quality.parquet", findings_table(self.findings))
        run.write_json("quality.json", self._summary())
        run.write_table("market.parquet", self.market)
        for name, frame in self.facts.items():
            run.write_table(f"facts/{name}.parquet", frame)

    def _summary(self) -> dict[str, object]:
        levels = [finding.level for finding in self.findings]
        rows = {
            code: {f.table: f.count for f in self.findings if f.code == code}
            for code in ("rows-in", "rows-out")
        }
        return {
            "as_of": self.as_of,
            "accounts": len(self.accounts.frame),
            "customers": int((self.accounts.frame["status"] == "customer").sum()),
            "passed": levels.count("pass"),
            "warned": levels.count("warn"),
            "rows_in": rows["rows-in"],
            "rows_out": rows["rows-out"],
            "duplicate_pairs": len(self.duplicates),
        }


def collect(study: Study, brief: Brief, *, stop: bool = True) -> Collection:
    """Read, check and join a study's tables into one row per account.

    Parameters
    ----------
    study
        Where the tables are and how they map.
    brief
        Which variables form segments, which judge and which describe them.
    stop
        Raise when a finding says stop; otherwise only report it.

    Raises
    ------
    StudyError
        When the mapping does not fit the source.
    DataError
        When the data do not pass the gate; all reasons at once.
    """
    with collected(study) as tables:
        pairs, duplicate = duplicate_findings(tables)
        if study.deduplicate == "merge":
            tables, found = merge_duplicates(tables, pairs)
            duplicate += found
        accounts, merged = merge_misspelt(build_accounts(tables, study, brief))
        facts = build_facts(tables)
        quality = variable_quality(accounts)
        found = [*tables.findings, *duplicate, *merged, *variable_findings(quality, accounts)]
        if stop:
            stop_on(found)
        as_of = tables.as_of.date().isoformat() if tables.as_of.year > 1970 else ""
    return Collection(
        accounts=accounts,
        findings=tuple(found),
        quality=quality,
        duplicates=pairs,
        market=market_funnel(accounts, study.market),
        facts=facts,
        as_of=as_of,
    )
