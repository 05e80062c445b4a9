"""Write a run's report: one file, answer first, the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seglib.artifacts import STEPS
from seglib.reporting.answer import summary, verdict_word
from seglib.reporting.cards import Card, make_cards, share_bars
from seglib.reporting.figures import figures_to_remember
from seglib.reporting.findings import Findings, Record, read_findings
from seglib.reporting.plan import Audience
from seglib.reporting.provenance import fingerprint
from seglib.reporting.published import read_notebook
from seglib.reporting.sanitize import without_dead_links
from seglib.reporting.sections import Block, Section, make_section
from seglib.run import Manifest, Run, hashes
from seglib.study import Study

_KINDS = {"customer": "customers", "prospect": "prospects", "former": "former customers"}
_OURS = ("main", "in-short", "figures-to-remember", "segments", "appendix")


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents, with the lines below it."""

    anchor: str
    html: str
    below: tuple[Entry, ...] = ()


@dataclass(frozen=True)
class Group:
    """Lines of the table of contents that belong together."""

    title: str
    entries: tuple[Entry, ...]


def write_report(run: Run, manifest: Manifest, *, audience: Audience = "analyst") -> Path:
    """Render a run as ``report.html`` in its folder.

    Parameters
    ----------
    run
        Holds the executed notebooks and the artifacts; what is missing is left out.
    manifest
        Parameters, versions, seed and revision, for the appendix.
    audience
        ``executive``: the answer, the cards and what the cells tagged so show, without code;
        ``analyst``: evidence and method too, code folded; ``learner``: everything.

    Returns
    -------
    Path
        Of the report.
    """
    path = run.folder / "report.html"
    path.write_text(render_report(run, manifest, audience=audience), encoding="utf-8")
    return path


def render_report(run: Run, manifest: Manifest, *, audience: Audience = "analyst") -> str:
    """Return a run's report as HTML; see :func:`write_report`."""
    findings = read_findings(run)
    taken = set(_OURS)
    cards = make_cards(findings, taken)
    sections = _sections(run, audience, taken)
    said = summary(findings)
    figures = figures_to_remember(findings)
    study = Study.load(run.folder / "study.yaml")
    page = _template().render(
        audience=audience,
        version=manifest.versions.get("seglib", ""),
        style=Markup(Path(__file__).with_name("style.css").read_text(encoding="utf-8")),
        title=study.title or str(findings.brief.get("title") or study.name),
        question=findings.brief.get("question", ""),
        meta=_meta(findings),
        contents_list=_contents(bool(said), bool(figures), cards, sections),
        summary=said,
        figures=figures,
        shares=share_bars(findings),
        cards=cards,
        sections=sections,
        code_open=audience == "learner",
        provenance=_provenance(run, manifest, findings),
        footer=_footer(manifest),
    )
    return without_dead_links(page)


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
    )
    return environment.get_template("template.html.j2")


def _sections(run: Run, audience: Audience, taken: set[str]) -> list[Section]:
    taken.update(f"step-{step}" for step in STEPS)
    found = []
    for step, name in STEPS.items():
        path = run.folder / f"{step}_{name}.ipynb"
        if path.is_file():
            found.append(make_section(step, read_notebook(path), audience, taken))
    return [section for section in found if section]


def _meta(findings: Findings) -> list[str]:
    brief = findings.brief
    customers = 0
    if not findings.accounts.empty:
        customers = int((findings.accounts["status"] == "customer").sum())
    word = verdict_word(findings)
    parts = (
        f"{word} segmentation" if word else "",
        f"{customers:,} customers" if customers else "",
        f"as of {brief['as_of']}" if brief.get("as_of") else "",
        f"amounts in {brief['currency']}" if brief.get("currency") else "",
    )
    said = [part for part in parts if part]
    return [said[0][:1].upper() + said[0][1:], *said[1:]] if said else []


def _contents(
    summary: bool, figures: bool, cards: Iterable[Card], sections: Iterable[Section]
) -> list[Group]:
    below = tuple(Entry(card.anchor, Markup.escape(card.name)) for card in cards)
    answer = (
        *([Entry("in-short", "In short")] if summary else []),
        *([Entry("figures-to-remember", "Figures to remember")] if figures else []),
        *([Entry("segments", "The segments", below)] if below else []),
    )
    evidence = tuple(
        Entry(section.anchor, section.title, tuple(_entry(b) for b in section.headings))
        for section in sections
    )
    groups = (
        Group("The answer", answer),
        Group("The evidence", evidence),
        Group("Appendix", (Entry("appendix", "Where this comes from"),)),
    )
    return [group for group in groups if group.entries]


def _entry(block: Block) -> Entry:
    return Entry(block.anchor, block.html)


@dataclass(frozen=True)
class Origin:
    """A line of the appendix."""

    label: str
    value: str


def _provenance(run: Run, manifest: Manifest, findings: Findings) -> list[Origin]:
    tables = {n: p for n, p in run.artifacts().items() if n.endswith(".parquet")}
    data = manifest.inputs or hashes(tables.items())
    status = findings.accounts["status"] if not findings.accounts.empty else None
    rows = (
        ", ".join(
            f"{count:,} {_KINDS.get(str(kind), str(kind))}"
            for kind, count in sorted(status.value_counts().items())
        )
        if status is not None
        else ""
    )
    entries = (
        ("Study", manifest.study),
        ("Objective", str(findings.brief.get("title", ""))),
        ("As of", str(findings.brief.get("as_of", ""))),
        ("Accounts", rows),
        ("Data", f"{', '.join(manifest.inputs)}" if manifest.inputs else "read from a database"),
        ("Rows", _rows(findings.quality)),
        ("Data fingerprint", fingerprint(data)),
        ("Parameters", _parameters(manifest.parameters)),
        ("Effort", manifest.effort),
        ("Seed", str(manifest.seed)),
        ("Versions", ", ".join(f"{name} {v}" for name, v in manifest.versions.items())),
        ("Git revision", manifest.git_revision),
    )
    return [Origin(label, value) for label, value in entries if value]


def _rows(quality: Record) -> str:
    """Write how many rows of each table were read, and how many of them count."""
    kept = quality.get("rows_out") or {}
    parts = []
    for table, count in (quality.get("rows_in") or {}).items():
        left = kept.get(table, count)
        parts.append(f"{table} {count:,}" + (f" ({left:,} kept)" if left != count else ""))
    return ", ".join(parts)


def _parameters(parameters: dict[str, Any]) -> str:
    """Write the study's plain settings in a line; tables and texts of their own are left out."""
    said = []
    for name, value in parameters.items():
        if name in ("name", "title", "source", "tables", "hypotheses", "playbook", "variables"):
            continue
        inner = value.items() if isinstance(value, dict) else [("", value)]
        for key, part in inner:
            if not isinstance(part, dict) and not (
                isinstance(part, list) and part and isinstance(part[0], dict)
            ):
                shown = ", ".join(map(_plain, part)) if isinstance(part, list) else _plain(part)
                said.append(f"{name}{'.' if key else ''}{key} = {shown}")
    return "; ".join(said)


def _plain(value: Any) -> str:
    """Write a setting; a number without a needless decimal."""
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _footer(manifest: Manifest) -> str:
    version = manifest.versions.get("seglib", "")
    return f"Made by seglib {version} from the study “{manifest.study}”, seed {manifest.seed}."
