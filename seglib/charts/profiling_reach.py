"""Figures of step 04 on how a segment is told, reached and met: descriptors, rules and roles.

They are called as ``seglib.charts.profiling.…``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.profiling_parts import (
    Names,
    drawn,
    heat_map,
    percent_axis,
    safe,
    segment_rows,
)
from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.profiling.frames import records
from seglib.profiling.rules import SurrogateRules, rule_cards
from seglib.quotes import percent, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SCALES = {"V": "Categories and flags: Cramér's V", "ε²": "Numbers: ε² of the ranks"}


_MOST = 15  # descriptors drawn on each scale


def effect_sizes(tests: pd.DataFrame, *, as_of: str) -> Chart | Note:
    """Draw how strongly each descriptor and the segments go together.

    Parameters
    ----------
    tests
        From :func:`seglib.profiling.descriptor_tests`.
    as_of
        Date of the data.
    """
    rows = tests[tests["p"].notna()]
    if rows.empty:
        return missing("What tells the segments apart", ["accounts", "technologies"])
    title = _descriptor_claim(rows)
    scales = [scale for scale in _SCALES if (rows["effect_name"] == scale).any()]
    parts = [rows[rows["effect_name"] == scale].nlargest(_MOST, "effect") for scale in scales]
    weaker = len(rows) - sum(len(part) for part in parts)
    height = 1.0 + 0.45 * len(scales) + 0.3 * (len(rows) - weaker)
    figure, axes = new_figure(safe(title), width=7.6, height=height, rows=len(scales))
    axes[0].get_gridspec().set_height_ratios([len(part) + 1 for part in parts])  # type: ignore[union-attr]
    for ax, scale, part in zip(axes, scales, parts, strict=True):
        _effect_panel(ax, part)
        ax.set_title(_SCALES[scale], loc="left", fontsize=9, color=palette().muted)
    said = "; ".join(f"{r['label']} {r['effect']:.2f}" for r in records(rows))
    return Chart(
        figure,
        "effect_sizes",
        alt=f"{title}. Effect sizes: {said}.",
        caption="Effect sizes with 95 % bootstrap intervals; filled: Holm-adjusted p < 0.05. "
        "The two scales are not to be compared. "
        + (f"{quote('weaker', weaker)} weaker ones are not drawn. " if weaker else "")
        + source_line("account table", int(rows["n"].max()), as_of),
    )


def _descriptor_claim(rows: pd.DataFrame) -> str:
    shown = rows[(rows["p_holm"] < 0.05) & (rows["low"] > 0)]
    if shown.empty:
        return "No descriptor is shown to tell the segments apart"
    top = shown.iloc[0]
    size = f"{top['effect_name']} = {quote('effect', top['effect'], '.2f')}"
    return f"{top['label']} tells the segments apart best ({size})"


def _effect_panel(ax: Axes, rows: pd.DataFrame) -> None:
    ordered = records(rows.sort_values(["effect", "variable"], ascending=[False, True]))
    for y, row in enumerate(ordered):
        sure = row["p_holm"] < 0.05
        color = palette().accent if sure else palette().neutral
        ax.plot([row["low"], row["high"]], [y, y], color=color, lw=2, solid_capstyle="round")
        ax.plot(row["effect"], y, "o", color=color, mfc=color if sure else "white", ms=7)
        end = max(row["high"], row["effect"])
        ax.annotate(
            f"{row['effect']:.2f}", (end, y), (7, 0), textcoords="offset points", va="center",
            fontsize=8.5, color=palette().ink,
        )  # fmt: skip
    labels = [drawn(row["label"], 40) for row in ordered]
    ax.set_yticks(range(len(ordered)), labels, fontsize=8.5, color=palette().ink)
    ax.set_ylim(len(ordered) - 0.4, -0.6)
    ax.set_xlim(-0.02, 1.08)
    grid(ax)


def rule_quality(rules: SurrogateRules, names: Names, *, as_of: str) -> Chart | Note:
    """Draw how often the rules from descriptors are right, beside the segment's own share.

    Parameters
    ----------
    rules
        From :func:`seglib.profiling.surrogate_rules`.
    names
        Names of the segments.
    as_of
        Date of the data.

    Returns
    -------
    Chart or Note
        A note where there are no rules, and where they do not beat chance: a chart of them would
        pretend.
    """
    cards = rule_cards(rules, names)
    if rules.quality is None or cards["precision"].isna().all():
        return missing("Rules that reach the segments", ["accounts", "technologies"])
    quality = rules.quality
    if not rules.beats_chance:
        said = rules.sentence(names)
        return Note(f"No chart of the rules: they are no better than chance. {said}")
    right = quote("right", quality.balanced_accuracy, percent)
    chance = quote("chance", quality.baseline, percent)
    but = rules.exceptions(names)
    title = (
        f"Known descriptors place {right} of an average segment's accounts right, "
        f"against {chance} by chance"
        if quality.reaches
        else f"These segments cannot be reached by firmographics: {right} placed right, "
        f"{chance} by chance{'; ' + but if but else ''}"
    )
    figure, (ax, *_) = new_figure(safe(title), height=1.5 + 0.6 * len(cards))
    for y, row in enumerate(records(cards)):
        _rule_row(ax, y, row)
    segment_rows(ax, cards["segment"].tolist(), names)
    percent_axis(ax)
    ax.set_xlim(0, 1.32)
    ax.set_xticks(np.arange(0, 1.01, 0.2))
    return Chart(
        figure,
        "rule_quality",
        alt=f"{title}. " + "; ".join(_rule_words(row) for row in records(cards)) + ".",
        caption="Share of the accounts that a segment's rules pick which belong to it, on "
        "held-out accounts, with 95 % intervals; grey bar: the segment's share of all; on the "
        "right: share of the segment that the rules find. "
        + source_line("account table", quality.accounts, as_of),
    )


def _rule_row(ax: Axes, y: int, row: dict[str, Any]) -> None:
    if np.isnan(row["precision"]):
        ax.text(0.02, y, str(row["rules"]), va="center", fontsize=8.5, color=palette().muted)
        return
    color = segment_color(row["segment"])
    ax.plot([row["base"]] * 2, [y - 0.14, y + 0.14], color=palette().neutral, lw=2.4)
    ax.plot([row["low"], row["high"]], [y, y], color=color, lw=2)
    ax.plot(row["precision"], y, "o", color=color, ms=9)
    ax.annotate(
        percent(row["precision"]), (row["precision"], y), (0, 8), textcoords="offset points",
        ha="center", fontsize=8.5, fontweight="bold", color=palette().ink,
    )  # fmt: skip
    found = f"finds {percent(row['coverage'])}"
    ax.text(1.05, y, found, va="center", fontsize=8.5, color=palette().muted)


def _rule_words(row: dict[str, Any]) -> str:
    if np.isnan(row["precision"]):
        return f"{row['name']}: {row['rules']}"
    return f"{row['name']}: right in {percent(row['precision'])}, finds {percent(row['coverage'])}"


def role_coverage(coverage: pd.DataFrame, names: Names, *, as_of: str) -> Chart | Note:
    """Draw at how many accounts of each segment each buying role is known.

    Parameters
    ----------
    coverage
        From :func:`seglib.profiling.role_coverage`.
    names
        Names of the segments.
    as_of
        Date of the data.
    """
    if coverage.empty:
        return missing("The buying roles", ["contacts"])
    wide = coverage.pivot_table(index="role", columns="segment", values="coverage")
    wide = wide.loc[wide.mean(axis=1).sort_values(ascending=False, kind="stable").index]
    title = _role_claim(coverage, names)
    width = max(6.4, 2.6 + 1.15 * wide.shape[1])
    figure, (ax, *_) = new_figure(safe(title), width=width, height=1.6 + 0.36 * len(wide))
    colors = ("#ffffff", palette().accent)
    heat_map(ax, wide, wide.map(percent), names, low=0, high=1, colors=colors)
    accounts = int(coverage.drop_duplicates("segment")["of"].sum())
    weakest = wide.mean(axis=1).index[-1]
    return Chart(
        figure,
        "role_coverage",
        alt=f"{title}. The role known least is {weakest}.",
        caption="Share of the segment's accounts with at least one known contact in the buying "
        "role (from job titles; unknown roles left out). "
        + source_line("contacts", accounts, as_of),
    )


def _role_claim(coverage: pd.DataFrame, names: Names) -> str:
    sure = coverage[coverage["p_holm"] < 0.05]
    if sure.empty:
        return "Buying roles known at the accounts of each segment"
    by = sure.groupby("role")["coverage"]
    role = (by.max() - by.min()).sort_values(ascending=False, kind="stable").index[0]
    own = sure[sure["role"] == role].sort_values(["coverage", "segment"])
    best, least = own.iloc[-1], own.iloc[0]
    high, low = (_known(row, names) for row in (best, least))
    return f"The role {role} is known at {high}, at {low}"


def _known(row: pd.Series[Any], names: Names) -> str:
    segment = int(row["segment"])
    return f"{quote(f'known_{segment}', row['coverage'], percent)} of '{names[segment]}'"
