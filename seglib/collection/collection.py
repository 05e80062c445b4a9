"""Collection: everything step 02 finds and makes, in one result."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.build import build_accounts
from seglib.collection.categories import merge_misspelt
from seglib.collection.collect import Tables, collected
from seglib.collection.corroboration import Corroborated, corroborate, with_margins
from seglib.collection.duplicates import duplicate_findings
from seglib.collection.facts import build_facts
from seglib.collection.findings import Finding, findings_table, handled_table, stop_on
from seglib.collection.market import market_funnel
from seglib.collection.merging import merge_duplicates
from seglib.collection.profile import profile_tables, with_status
from seglib.collection.quality import (
    imputed_findings,
    missing_findings,
    redundant_findings,
    variable_findings,
    variable_quality,
)
from seglib.collection.redundancy import redundant_pairs
from seglib.collection.report import QualityReport, findings_content
from seglib.objectives.brief import Brief
from seglib.quotes import quote
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
    report
        Tables of the quality gate: columns, what was handled, gaps, redundancy, sources.
    """

    accounts: AccountTable
    findings: tuple[Finding, ...]
    quality: pd.DataFrame
    duplicates: pd.DataFrame
    market: pd.DataFrame
    facts: dict[str, pd.DataFrame]
    as_of: str
    report: QualityReport

    def counted(self) -> str:
        """Say how many accounts there are, and as of when."""
        accounts, customers = (
            quote(f"quality.json:{name}", len(table.frame), ",")
            for name, table in (("accounts", self.accounts), ("customers", self.accounts.customers))
        )
        day = f", as of {self.as_of}." if self.as_of else "; the data have no dates."
        return f"{accounts} accounts, of which {customers} are customers{day}"

    def passed_on(self) -> str:
        """Say what the next steps receive."""
        columns = quote("columns", len(self.accounts.columns))
        accounts = quote("quality.json:accounts", len(self.accounts.frame), ",")
        facts = ", ".join(self.facts) or "none"
        return f"{columns} columns for {accounts} accounts; facts passed on: {facts}."

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
            **findings_content(self.findings),
            **self.report.content(),
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
    from seglib.collection.afterwards import derive  # scipy loads slowly; only this step needs it

    with collected(study) as tables:
        tables, pairs, sources, found = _one_row_each(tables, study)
        accounts, merged = merge_misspelt(build_accounts(tables, study, brief))
        accounts, worth = derive(accounts, tables, study, brief)
        accounts = with_margins(accounts, {**sources.margins, **study.margins})
        columns, outliers = profile_tables(tables)
        facts = build_facts(tables)
        market = market_funnel(accounts, study.market)
        quality = variable_quality(accounts)
        found = [*tables.findings, *found, *outliers, *merged, *worth.findings]
        found += variable_findings(quality, accounts)
        report, more = _report(columns, sources, accounts, study, found)
        report = replace(report, value_holdout=worth.holdout)
        found += more
        if stop:
            stop_on(found)
        as_of = tables.as_of.date().isoformat() if tables.as_of.year > 1970 else ""
    return Collection(accounts, tuple(found), quality, pairs, market, facts, as_of, report)


def _one_row_each(
    tables: Tables, study: Study
) -> tuple[Tables, pd.DataFrame, Corroborated, list[Finding]]:
    """Look for duplicates, merge them if asked, and resolve attributes with several sources."""
    pairs, found = duplicate_findings(tables)
    if study.deduplicate == "merge":
        tables, merged = merge_duplicates(tables, pairs)
        found += merged
    resolved, sources = corroborate(tables.tables["accounts"], study)
    kept = tables.source.keep("accounts", resolved)
    tables = replace(tables, tables={**tables.tables, "accounts": kept})
    return tables, pairs, sources, [*found, *sources.findings]


def _report(
    columns: pd.DataFrame,
    sources: Corroborated,
    accounts: AccountTable,
    study: Study,
    found: list[Finding],
) -> tuple[QualityReport, list[Finding]]:
    """Look at what the variables have to do with one another and with their gaps."""
    from seglib.collection.missing import missing_depends, missing_patterns
    from seglib.collection.missing_effect import effect_findings, missing_effect

    redundant, depends = redundant_pairs(accounts), missing_depends(accounts)
    k = study.clustering.k or study.clustering.capacity
    effect = missing_effect(accounts, k=max(k, 2), seed=study.seed)
    more = [
        *redundant_findings(redundant, accounts),
        *missing_findings(depends, accounts),
        *imputed_findings(accounts, study.clustering.missing),
        *effect_findings(effect, study.clustering.missing),
    ]
    report = QualityReport(
        columns=with_status(columns, [*found, *more]),
        handled=handled_table([*found, *more]),
        patterns=missing_patterns(accounts),
        depends=depends,
        missing_effect=effect,
        redundant=redundant,
        agreement=sources.agreement,
        disagreements=sources.disagreements,
        value_holdout=pd.DataFrame(),
    )
    return report, more
