"""What moved since the last good run, and what of it needs a person."""

from __future__ import annotations

from collections.abc import Iterator

from seglib.reporting.compare import compare_made
from seglib.reporting.findings import Findings, read_findings
from seglib.reporting.summary import Changes, Ended
from seglib.run import Manifest, Run

_NEXT = {
    2: "Correct what is named above and run it again.",
    3: "Correct the data that are named above, or say in the study how they are meant; "
    "`seglib check` repeats this gate alone.",
    5: "Allow a cell more time with --timeout, or ask for less with --effort quick; with --resume "
    "the steps before it are not executed again.",
    6: "Give the machine more memory, or lower clustering.max_fit_accounts, and run it again with "
    "--resume.",
    130: "Run it again; with --resume the steps that were done are not executed again.",
    143: "Run it again; with --resume the steps that were done are not executed again.",
}
"""Exit code to what to do next."""

_STRUCTURE = ("has no successor", "” is new")
"""Words by which a comparison says that a segment went or came."""


def changed_since(last: Run, run: Run, manifest: Manifest) -> Changes:
    """Compare a run that is about to be ended with the last good one.

    Parameters
    ----------
    last
        The last good run.
    run, manifest
        The run, and what its manifest will say.
    """
    moved = compare_made(last, last.manifest, run, manifest)
    return Changes(
        since=last.id,
        causes=list(moved.causes),
        figures=list(moved.figures),
        segments=list(moved.segments),
    )


def next_step(exit_code: int, notebook: str) -> str:
    """Say what to do after a run that failed.

    Examples
    --------
    >>> next_step(4, "03_cluster_analysis.ipynb")
    'Open 03_cluster_analysis.ipynb in the failed run: it shows the cell and its error.'
    """
    if exit_code in _NEXT:
        return _NEXT[exit_code]
    if notebook:
        return f"Open {notebook} in the failed run: it shows the cell and its error."
    return "See that the folder of the reports can be written and has room, and run it again."


def what_needs_a_person(run: Run, changes: Changes | None, failure: Ended | None) -> list[str]:
    """List what someone should look at, the most pressing first.

    Parameters
    ----------
    run
        Finished or not.
    changes
        What moved since the last good run.
    failure
        Why the run failed; then its next step is all that is needed.
    """
    if failure is not None:
        return [failure.next_step]
    found = read_findings(run)
    return [*_refresh(found), *_structure(changes), *_targets(found), *_doubts(found)]


def _refresh(found: Findings) -> Iterator[str]:
    advice = found.refresh.get("decision")
    if advice and advice != "keep":
        yield f"Decide whether to {advice} the segmentation: {found.refresh.get('reason', '')}"


def _structure(changes: Changes | None) -> Iterator[str]:
    for line in changes.segments if changes else ():
        if any(words in line for words in _STRUCTURE):
            yield f"Segment {line}: campaigns and exports that name it need a look."


def _targets(found: Findings) -> Iterator[str]:
    if "target" in found.targeting and not found.targeting["target"].any():
        yield "No segment passes all conditions for a target."


def _doubts(found: Findings) -> Iterator[str]:
    if str(found.verdict.get("verdict", "")) == "undecided":
        yield "Whether gaps lie between the segments is not clear from these data."
    yield from (str(warning) for warning in found.decision.get("warnings", ()))
    yield from (f"{card['name']}: {card['note']}" for card in found.segments if card.get("note"))
