"""What moved between two runs: key figures, segments, accounts, and what they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.quotes import amount, percent
from seglib.reporting.answer import verdict_word
from seglib.reporting.findings import Findings, read_findings
from seglib.reporting.phrases import SURE
from seglib.run import Manifest, Run

SAME = 0.5
"""Jaccard index of the shared accounts from which two segments are the same one."""


@dataclass(frozen=True)
class Comparison:
    """What moved between two runs.

    Attributes
    ----------
    causes
        What the runs were made from where it differs: data, parameters, versions.
    figures
        Key figures that differ, one line each.
    segments
        What became of each segment.
    """

    first: str
    second: str
    causes: tuple[str, ...]
    figures: tuple[str, ...]
    segments: tuple[str, ...]

    def text(self) -> str:
        """Say it in lines."""
        lines = [f"From run {self.first} to run {self.second}"]
        for title, part in (
            ("What they were made from", self.causes or ("the same data and parameters",)),
            ("Key figures", self.figures or ("nothing moved",)),
            ("Segments", self.segments),
        ):
            if part:
                lines += ["", title, *(f"  {line}" for line in part)]
        return "\n".join(lines)


def compare_runs(first: str | Path, second: str | Path) -> Comparison:
    """Compare two finished runs.

    Parameters
    ----------
    first, second
        Their folders, the earlier one first.

    Raises
    ------
    StudyError
        When a folder does not exist.
    """
    old, new = Run.open(first), Run.open(second)
    return compare_made(old, old.manifest, new, new.manifest)


def compare_made(old: Run, made_from: Manifest, new: Run, now_from: Manifest) -> Comparison:
    """Compare two runs of which the later one may not have written its manifest yet.

    Parameters
    ----------
    old, made_from
        The earlier run and its manifest.
    new, now_from
        The later run and its manifest.
    """
    before, after = read_findings(old), read_findings(new)
    return Comparison(
        old.id,
        new.id,
        tuple(_causes(made_from, now_from)),
        tuple(_moved(_key_figures(before), _key_figures(after))),
        tuple(_segments(before, after)),
    )


def _causes(old: Manifest, new: Manifest) -> Iterator[str]:
    changed = [n for n in {**old.inputs, **new.inputs} if old.inputs.get(n) != new.inputs.get(n)]
    if changed:
        yield f"data: {', '.join(sorted(changed))} changed"
    yield from _moved(
        {f"parameter {key}": value for key, value in flat(old.parameters).items()},
        {f"parameter {key}": value for key, value in flat(new.parameters).items()},
    )
    yield from _moved({"seed": str(old.seed)}, {"seed": str(new.seed)})
    yield from _moved(old.versions, new.versions)


def flat(parameters: dict[str, Any], above: str = "") -> dict[str, str]:
    """Write nested parameters by dotted name, without the paths that only tell where files stand.

    Examples
    --------
    >>> flat({"clustering": {"k": 5}, "source": "../data"})
    {'clustering.k': '5'}
    """
    found: dict[str, str] = {}
    for key, value in parameters.items():
        name = f"{above}{key}"
        if name in ("source", "measurement.previous_run"):
            continue
        found.update(flat(value, f"{name}.") if isinstance(value, dict) else {name: str(value)})
    return found


def _moved(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    for key in {**old, **new}:
        if old.get(key) != new.get(key):
            yield f"{key}: {old.get(key, 'none')} → {new.get(key, 'none')}"


def _key_figures(found: Findings) -> dict[str, str]:
    figures: dict[str, str] = {}
    if not found.accounts.empty:
        counts = found.accounts["status"].value_counts()
        figures |= {f"{kind}s": f"{count:,}" for kind, count in sorted(counts.items())}
    if found.segments:
        figures["segments"] = str(len(found.segments))
        values = [c["revenue"] for c in found.segments if c.get("revenue") is not None]
        if values:
            figures["value"] = amount(sum(values))
    for name, value in (("verdict", verdict_word(found)), ("method", found.decision.get("method"))):
        if value:
            figures[name] = str(value)
    if "confidence" in found.assignments:
        share = float((found.assignments["confidence"] >= SURE).mean())
        figures[f"accounts with a confidence of {percent(SURE)} or more"] = percent(share)
    if "target" in found.targeting:
        chosen = found.targeting[found.targeting["target"]]["name"]
        figures["targets"] = ", ".join(map(str, chosen)) or "none"
    return figures


def _segments(before: Findings, after: Findings) -> Iterator[str]:
    """Say what became of each segment, matched by the accounts that both runs placed."""
    if before.assignments.empty or after.assignments.empty:
        return
    both = before.assignments.merge(after.assignments, on="account_id", suffixes=("_old", "_new"))
    overlap = pd.crosstab(both["segment_old"], both["segment_new"])
    overlap = overlap.drop(index=0, columns=0, errors="ignore")
    if overlap.empty:
        return
    pairs = _matched(overlap)
    names, new_names = before.names, after.names
    shares, new_shares = _shares(before), _shares(after)
    for old, (new, jaccard) in pairs.items():
        same = names.get(old) == new_names.get(new)
        renamed = "" if same else f", now “{new_names.get(new, new)}”"
        yield (
            f"“{names.get(old, old)}”{renamed}: {percent(shares.get(old, 0.0))} → "
            f"{percent(new_shares.get(new, 0.0))} of the accounts "
            f"(Jaccard {jaccard:.2f} over shared accounts)"
        )
    taken = {new for new, _ in pairs.values()}
    for gone in (int(s) for s in overlap.index.tolist() if s not in pairs):
        yield f"“{names.get(gone, gone)}” has no successor: split, merged or gone"
    for added in (int(s) for s in overlap.columns.tolist() if s not in taken):
        yield f"“{new_names.get(added, added)}” is new"
    placed = zip(both["segment_old"].tolist(), both["segment_new"].tolist(), strict=True)
    stayed = sum(pairs.get(old, (0, 0.0))[0] == new for old, new in placed)
    yield f"{percent(1 - stayed / len(both))} of the {len(both):,} shared accounts changed segment"


def _matched(overlap: pd.DataFrame) -> dict[int, tuple[int, float]]:
    """Match segments one to one by Jaccard index (Hungarian); only those that are the same."""
    counts = overlap.to_numpy(dtype=float)
    union = counts.sum(axis=1, keepdims=True) + counts.sum(axis=0, keepdims=True) - counts
    jaccard = counts / np.maximum(union, 1)
    rows, columns = linear_sum_assignment(-jaccard)
    old, new = overlap.index.tolist(), overlap.columns.tolist()
    return {
        int(old[r]): (int(new[c]), float(jaccard[r, c]))
        for r, c in zip(rows, columns, strict=True)
        if jaccard[r, c] >= SAME
    }


def _shares(found: Findings) -> dict[int, float]:
    shares = found.assignments["segment"].value_counts(normalize=True)
    return dict(zip(shares.index.tolist(), shares.tolist(), strict=True))
