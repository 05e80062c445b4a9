"""What step 06 found, in sentences computed from its results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from seglib.charts.style import listed
from seglib.exhibits import Note
from seglib.measurement.feedback import SURE, Feedback
from seglib.measurement.kpis import Kpis, kpi_catalogue
from seglib.measurement.payoff import SEGMENTS, Payoff, explained, in_text
from seglib.measurement.readout import Readout, campaign_in_words
from seglib.measurement.refresh import Refresh
from seglib.measurement.retention import Retention
from seglib.measurement.tables import kpi_figure
from seglib.quotes import cited, quote


def findings(
    measured: Kpis,
    readout: Readout,
    refresh: Refresh | Note,
    *,
    followed: Retention | None = None,
    paid: Payoff | None = None,
    sales: Feedback | None = None,
    segments: pd.DataFrame | None = None,
) -> list[Note]:
    """Say what was measured: the leading KPI, campaigns, whether segmenting paid, what to do.

    Parameters
    ----------
    measured, readout, refresh, followed, paid, sales, segments
        Results of the step; those that are not given are not told.
    """
    return [
        *_kpi(measured),
        *_campaigns(readout),
        *(_followed(followed) if followed else []),
        *(_paid(paid) if paid else []),
        *(_sales(sales) if sales else []),
        _refresh(refresh),
        *(_segments(segments) if segments is not None else []),
    ]


def _kpi(measured: Kpis) -> list[Note]:
    """Best and worst segment of the leading KPI; sums of money depend on size and are passed."""
    for key in (k for k in measured.names if kpi_catalogue()[k].kind != "money"):
        rows = measured.latest(key).dropna(subset=["value", "low", "high"]).sort_values("value")
        if len(rows) < 2:
            continue
        bottom, top = rows.iloc[0], rows.iloc[-1]
        label, period = top["label"], top["period"]
        if top["low"] > bottom["high"]:
            text = (
                f"{label} in {period}: {kpi_figure(top)} in {top['name']} against "
                f"{kpi_figure(bottom)} in {bottom['name']}; the 95 % intervals do not overlap."
            )
        elif rows["p_holm"].min() < 0.05:
            apart = rows.iloc[int(rows["p_holm"].argmin())]
            text = (
                f"{label} in {period}: {kpi_figure(apart)} (95 % from {kpi_figure(apart, 'low')} "
                f"to {kpi_figure(apart, 'high')}) in {apart['name']}, apart from all others "
                f"(p = {quote('p_kpi', apart['p_holm'], '.3f')}, Holm)."
            )
        else:
            text = f"{label}: no difference between segments is beyond chance in {period}."
        return [Note(text)]
    return []


def _campaigns(readout: Readout) -> list[Note]:
    if readout.overall.empty:
        return list(readout.notes)
    overall, split = readout.overall, readout.by_segment
    worked = overall[overall["verdict"] == "worked"]
    harmed = overall[overall["verdict"] == "did harm"]
    text = (
        f"Of {quote('campaigns', len(overall))} campaigns with accounts held out, "
        f"{quote('campaigns_worked', len(worked))} worked"
    )
    if len(worked):
        best = worked.sort_values("lift").iloc[-1]
        text += ":" if len(worked) == 1 else ", most of all"
        text += (
            f" {campaign_in_words(best)} ({quote('best_lift', 100 * best['lift'], '+.1f')} points, "
            f"95 % from {quote('best_lift_low', 100 * best['low'], '+.1f')} to "
            f"{quote('best_lift_high', 100 * best['high'], '+.1f')})"
        )
    text += f" and {quote('campaigns_harmed', len(harmed))} did harm." if len(harmed) else "."
    small = int(split["verdict"].str.startswith("too small").sum())
    if small:
        text += (
            f" {quote('readings_too_small', small)} of {quote('readings', len(split))} readings by "
            "segment were too small to say."
        )
    return [Note(text)]


def _followed(found: Retention) -> list[Note]:
    """The segments with the best and the worst retention, where the test says they differ."""
    said = []
    for kind in found.kinds:
        rows = found.summary[(found.summary["kind"] == kind) & (found.summary["segment"] > 0)]
        words = "under contract" if kind == "contracts" else "ordering"
        if not found.tests[kind] < 0.05 or len(rows) < 2:
            text = f"Who is still {words} since {found.day}: no difference between segments is "
            said.append(Note(text + "beyond chance."))
            continue
        ranked = rows.sort_values("survival")
        parts = [
            f"{_kept(kind, row, 'survival')} (95 % from {_kept(kind, row, 'low')} to "
            f"{_kept(kind, row, 'high')}) of {row['name']}"
            for row in (ranked.iloc[-1], ranked.iloc[0])
        ]
        months = f"{quote(f'{kind}_months', rows['months'].max(), '.0f')} months"
        said.append(Note(f"After {months} {parts[0]} are still {words}, {parts[1]}."))
    return said


def _kept(kind: str, row: pd.Series, what: str) -> str:
    return quote(f"{kind}_{what}_{row['segment']}", row[what], ".0%")


def _paid(found: Payoff) -> list[Note]:
    """What these segments explain of what came next, and which groupings they beat or lose to."""
    if found.table.empty:
        return list(found.notes[:1])
    said = []
    for outcome, rows in found.table.groupby("outcome", sort=False):
        ours = rows[rows["grouping"] == SEGMENTS].iloc[0]
        text = (
            f"{outcome}: these segments explain {explained(ours)} out of sample (95 % from "
            f"{explained(ours, 'low')} to {explained(ours, 'high')})"
        )
        for verdict, words in (
            ("these segments explain more", "more than"),
            ("these segments explain less", "less than"),
            ("no difference seen", "no difference is seen against"),
        ):
            names = rows.loc[rows["verdict"] == verdict, "grouping"].tolist()
            if names:
                text += f"; {words} {listed([in_text(name) for name in names])}"
        said.append(Note(f"{text}."))
    return said


def _sales(found: Feedback) -> list[Note]:
    if found.accounts.empty:
        return []
    share, low, high = found.agreement
    agreed, n = int(found.accounts["agrees"].sum()), len(found.accounts)
    text = (
        f"Sales and the model agree on {quote('sales_agree', agreed, ',')} of "
        f"{quote('sales_opinions', n, ',')} accounts ({quote('sales_share', share, '.0%')}, 95 % "
        f"from {quote('sales_low', low, '.0%')} to {quote('sales_high', high, '.0%')}; kappa "
        f"{quote('sales_kappa', found.kappa, '.2f')})"
    )
    sure = found.accounts["confidence"] >= SURE
    if sure.any() and (~sure).any():
        sides = [found.accounts.loc[rows, "agrees"] for rows in (sure, ~sure)]
        said = [
            f"{quote(f'{how}_agree', int(side.sum()), ',')} of {quote(how, len(side), ',')}"
            for how, side in zip(("sure", "unsure"), sides, strict=True)
        ]
        text += f": {said[0]} where the model is sure, {said[1]} where it is not"
    for row in found.words[found.words["segment"] == 0].to_dict("records"):
        accounts = quote("own_word", row["accounts"], ",")
        text += f"; '{row['word']}' ({accounts}) is a group that the model does not have"
    moved = found.counts["honoured"]
    if moved:
        text += f". {quote('honoured', moved, ',')} accounts carry sales' segment instead of the "
        text += "model's"
    text += "."
    return [Note(text)]


def _segments(found: pd.DataFrame) -> list[Note]:
    asked = found[found["advice"] != "keep"]
    if asked.empty:
        return [Note("No segment asks to be split, merged or retired.")]
    return [
        Note(f"Look into whether to {_what(row)}: {cited('upkeep.parquet:reason', row['reason'])}.")
        for row in asked.to_dict("records")
    ]


def _what(row: Mapping[Any, Any]) -> str:
    with_ = f" with {row['toward']}" if row["advice"] == "merge" else ""
    return f"{row['advice']} {row['name']}{with_}"


def _refresh(refresh: Refresh | Note) -> Note:
    if isinstance(refresh, Note):
        return refresh
    run = cited("refresh.json:compared_with", refresh.previous)
    return Note(f"Against run {run}: {cited('refresh.json:reason', refresh.reason)}")
