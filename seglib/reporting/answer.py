"""The answer first: the executive summary, each sentence computed from an artifact."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from seglib import kinds
from seglib.charts.style import listed, spaced
from seglib.quotes import percent
from seglib.reporting.findings import Findings, Record
from seglib.reporting.phrases import (
    SURE,
    counted,
    money,
    next_play,
    of_segment,
    surely_placed,
    value_name,
    with_status,
)
from seglib.reporting.quoted import quoted, taken_over

_WORDS = {
    "natural": "the groups are there in the market itself",
    "reproducible": "the market shows no separate groups, but the same segments come back when "
    "the analysis is repeated",
    "constructive": "the segments are a construction, useful if they pay, and were not discovered",
    "undecided": "whether gaps lie between the segments is not clear from these data",
}


def summary(findings: Findings) -> list[Markup]:
    """Write the executive summary; a sentence whose artifact is missing is left out.

    Parameters
    ----------
    findings
        What the run found.
    """
    parts = (_what(findings), _who(findings), _first(findings), _sure(findings), _now(findings))
    return [part for part in parts if part]


def verdict_word(findings: Findings) -> str:
    """Return what the kept segments are, as :func:`seglib.kinds.kind_of_kept` says."""
    return kinds.kind_of_kept(findings.verdict, findings.decision)


def judged_row(findings: Findings) -> Record:
    """Return the verdict's row on the number of segments that was kept; else nothing."""
    return kinds.judged_row(findings.verdict, findings.decision)


def _what(findings: Findings) -> Markup:
    if not findings.segments:
        return _before_segments(findings)
    count = len(findings.segments)
    placed = sum(int(card["accounts"]) for card in findings.segments)
    head = Markup("{} customers form {} segment{}.").format(
        counted(placed, "segments.json:accounts|sum"),
        counted(count, "segments.json:|count"),
        "" if count == 1 else "s",
    )
    placed_in = findings.assignments.get("segment")
    alone = 0 if placed_in is None else int((placed_in == 0).sum())
    rest = Markup("{} more fit none of them.").format(
        counted(alone, "assignments.parquet:[segment=0]|count")
    )
    return _joined(head, _kind(findings), rest if alone else Markup(""))


def _kind(findings: Findings) -> Markup:
    """Say whether the segments were found or made, and what the data are where that differs."""
    word = verdict_word(findings)
    if not word:
        return Markup("")
    own = Markup("This is {} <b>{}</b> segmentation: {}.").format(
        "an" if word == "undecided" else "a", word, _meaning(word, findings)
    )
    overall = str(findings.verdict.get("verdict", ""))
    about = str(findings.verdict.get("sentence", "")) if word != overall else ""
    about = about.partition(": ")[2] or about
    return _joined(
        own,
        Markup("The data as a whole: {}").format(taken_over(about, "verdict.json:sentence"))
        if about
        else Markup(""),
    )


def _meaning(word: str, findings: Findings) -> str:
    """What the word means for these segments, in view of the groups that the data hold."""
    found = findings.verdict.get("structure_found", "no")
    groups = (findings.verdict.get("structure") or {}).get("groups", 0)
    if word == "natural" and len(findings.segments) < groups:
        return (
            "its borders run along gaps in the market itself, and some of the segments hold more "
            "than one of the market's groups"
        )
    if word != "reproducible":
        return _WORDS[word]
    if found == "unclear":
        text = (
            "whether the market holds separate groups is not clear, but the same segments come "
            "back when the analysis is repeated"
        )
    elif found == "yes":
        text = (
            "there is more than one group in the market, but these segments are not its groups; "
            "the same segments come back when the analysis is repeated"
        )
    else:
        text = _WORDS[word]
    alike = judged_row(findings).get("above_copula") is False
    return text + (", as they would for the variables' correlation alone" if alike else "")


def _before_segments(findings: Findings) -> Markup:
    """What can be said when the run stopped before segments were formed."""
    if findings.accounts.empty:
        question = findings.brief.get("question")
        if not question:
            return Markup("")
        return Markup(
            "This report states what the segmentation is for. No data have been read yet."
        )
    status = findings.accounts["status"]
    return Markup(
        "The data hold {} accounts, {} of them customers. No segments have been formed yet."
    ).format(counted(len(status), "accounts.parquet:|count"), with_status(findings, "customer"))


def _who(findings: Findings) -> Markup:
    cards = findings.segments
    if len(cards) < 2:
        return Markup("")
    largest = max(cards, key=lambda card: card["accounts"])
    size = Markup("The largest, {}, holds {} of them").format(
        _name(largest), of_segment(largest, "share")
    )
    valued = [card for card in cards if card.get("revenue_share") is not None]
    if not valued:
        return size + "."
    richest = max(valued, key=lambda card: card["revenue_share"])
    worth = Markup("brings {} of the {}{}").format(
        of_segment(richest, "revenue_share"), value_name(richest), money(richest)
    )
    if richest is largest:
        return Markup("{} and {}.").format(size, worth)
    return Markup("{}; {}, with {} of the accounts, {}.").format(
        size, _name(richest), of_segment(richest, "share"), worth
    )


def _first(findings: Findings) -> Markup:
    """What to do first: the chosen segments and the play for the best of them."""
    table = findings.targeting
    if table.empty or "target" not in table:
        return Markup("")
    chosen = table[table["target"]].sort_values("overall", ascending=False, kind="stable")
    if chosen.empty:
        return Markup("No segment passes all conditions for a target.")
    play = next_play(findings.plays.get(int(chosen["segment"].iloc[0]), {}))
    where = "there" if len(chosen) == 1 else "for the first"
    there = (
        Markup("The play {}: “{}”").format(where, taken_over(play, "playbook.json"))
        if play
        else Markup("")
    )
    return _joined(_lead(chosen, table), there, _passed_over(findings, table))


def _lead(chosen: pd.DataFrame, table: pd.DataFrame) -> Markup:
    """Name the targets, and say how much of a choice it was."""
    names = [_called(name, "targeting.parquet") for name in chosen["name"]]
    if len(chosen) == len(table):
        return Markup(
            "There are no more segments than targets asked for: address all, first {}."
        ).format(names[0])
    if len(chosen) == (table["knocked_out"] == "").sum():
        only = "the only one that passes" if len(names) == 1 else "the only ones that pass"
        return Markup("First address {}, {} every condition for a target.").format(
            Markup(listed(names)), only
        )
    often = [
        Markup("{} (chosen in {}{})").format(
            name,
            quoted(percent(share), share, f"targeting.parquet:chosen_share[segment={segment}]"),
            "" if name is not names[0] else " of the trials with other weights",
        )
        for name, segment, share in zip(
            names, chosen["segment"], chosen["chosen_share"], strict=True
        )
    ]
    return Markup("First address {}.").format(Markup(listed(often)))


def _passed_over(findings: Findings, table: pd.DataFrame) -> Markup:
    """Say why the segment that brings most is no target, where a condition rules it out."""
    valued = [card for card in findings.segments if card.get("revenue_share") is not None]
    if not valued:
        return Markup("")
    richest = max(valued, key=lambda card: card["revenue_share"])
    reasons = table.loc[table["segment"] == richest["segment"], "knocked_out"]
    reason = "" if reasons.empty else reasons.iloc[0]
    if not reason:
        return Markup("")
    return Markup(
        "{}, which brings {} of the {}, is not among them, for it fails a condition: {}. Settle "
        "this first."
    ).format(
        _name(richest),
        of_segment(richest, "revenue_share"),
        value_name(richest),
        taken_over(str(reason), "targeting.parquet:knocked_out"),
    )


def _sure(findings: Findings) -> Markup:
    """Say how sure the segments are, and how sure the place of each account."""
    said = _joined(_repeated(findings), _placed(findings))
    return Markup("How sure we are: {}").format(said) if said else said


def _repeated(findings: Findings) -> Markup:
    row = judged_row(findings)
    stability, excess = row.get("stability"), row.get("excess")
    if stability is None or excess is None or not kinds.was_found(findings.decision):
        return Markup("")
    by = "" if findings.decision.get("method", "kmeans") == "kmeans" else " by k-means"
    return Markup(
        "two samples of the accounts, each cut into as many segments{}, agree by {} of 1; {}."
    ).format(by, _level(row, "stability", stability), _noise(row, stability, excess))


def _noise(row: Record, stability: float, excess: float) -> Markup:
    """What noise reaches by the same steps, with and without the correlations of the data."""
    plain, alike = row.get("permute_high"), row.get("copula_high")
    if plain is None or alike is None:
        said = _level(row, "stability-excess", stability - excess)
        return Markup("noise alone gives {}").format(said)
    both = Markup(
        "noise reaches {}, and {} where it keeps the correlations between the variables"
    ).format(_level(row, "permute_high", plain), _level(row, "copula_high", alike))
    return both + (", which may be all that is repeated here" if alike >= stability else "")


def _level(row: Record, field: str, value: float) -> Markup:
    """Write an index of the row on the number of segments that was kept."""
    return quoted(_unsigned(value), value, f"verdict.json:per_k.{field}[k={row['k']}]")


def _placed(findings: Findings) -> Markup:
    placed = findings.assignments
    if placed.empty or "confidence" not in placed or placed["confidence"].isna().all():
        return Markup("")
    return Markup(
        "{} of the accounts keep their segment in at least {} of the trials within the data’s "
        "margin of error."
    ).format(surely_placed(placed), spaced(percent(SURE)))


def _now(findings: Findings) -> Markup:
    """What was measured, and what the comparison with the previous run recommends."""
    reason = findings.refresh.get("reason") if findings.refresh.get("compared_with") else ""
    return _joined(_measured(findings), taken_over(str(reason or ""), "refresh.json:reason"))


def _measured(findings: Findings) -> Markup:
    """The first rate on which two segments differ beyond chance, in the last period."""
    table = findings.kpis
    if table.empty:
        return Markup("")
    rates = table[(table["unit"] == "share") & (table["period"] == table["period"].max())]
    for _, rows in rates.dropna(subset=["value", "low", "high"]).groupby("kpi", sort=False):
        ranked = rows.sort_values("value", kind="stable").to_dict(orient="records")
        bottom, top = ranked[0], ranked[-1]
        if top["low"] > bottom["high"]:
            return Markup("{} in {}: {} in {} against {} in {}.").format(
                taken_over(str(top["label"]), "kpis.parquet:label"),
                taken_over(str(top["period"]), "kpis.parquet:period"),
                *(_rate(top), _called(top["name"], "kpis.parquet")),
                *(_rate(bottom), _called(bottom["name"], "kpis.parquet")),
            )
    return Markup("")


def _rate(row: Record) -> Markup:
    rows = ",".join(f"{name}={row[name]}" for name in ("segment", "kpi", "period"))
    value = float(row["value"])
    return quoted(percent(value), value, f"kpis.parquet:value[{rows}]")


def _unsigned(index: float) -> str:
    """Write an index with two decimals; one that rounds to nothing has no sign."""
    return f"{index:.2f}".replace("-0.00", "0.00")


def _name(card: Record) -> Markup:
    return _called(card["name"], "segments.json")


def _called(name: str, artifact: str) -> Markup:
    """Write a segment's name; there may be figures in it."""
    return Markup("<b>{}</b>").format(taken_over(str(name), f"{artifact}:name"))


def _joined(*parts: Markup) -> Markup:
    return Markup(" ").join(part for part in parts if part)
