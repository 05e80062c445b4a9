"""Figures of step 04 on value, neighbours and questions.

They are called as ``seglib.charts.profiling.…``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.profiling_parts import Names, drawn, percent_axis, safe, segment_rows
from seglib.charts.style import grid, listed, new_figure, palette, segment_color, source_line
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Chart, Note, missing
from seglib.profiling.association import numeric
from seglib.profiling.frames import records
from seglib.profiling.inequality import CLASSES, lorenz_curve
from seglib.profiling.members import members
from seglib.profiling.questions import Questionnaire
from seglib.profiling.size import value_variable
from seglib.profiling.wording import figure as rounded_figure
from seglib.profiling.wording import short, small
from seglib.quotes import percent, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def lorenz(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    concentrated: pd.DataFrame,
    names: Names,
    *,
    as_of: str,
) -> Chart | Note:
    """Draw the Lorenz curve of the value, and the Gini coefficient of each segment.

    Parameters
    ----------
    accounts, assignments
        One row per account; ``account_id`` and ``segment``.
    concentrated
        From :func:`seglib.profiling.concentration_by_segment`.
    names
        Names of the segments.
    as_of
        Date of the data.
    """
    name = value_variable(accounts)
    if name is None:
        return missing("How concentrated the value is", ["orders", "subscriptions"])
    if concentrated.empty:
        return Note("No account has a value above zero: nothing can be concentrated.")
    values = numeric(members(accounts, assignments).frame[name]).dropna().to_numpy()
    everyone = concentrated.iloc[0]
    value = small(accounts.label(name))
    title = (
        f"{quote('class_a', everyone['A'], percent)} of the accounts bring "
        f"{quote('value_of_class_a', everyone['value_of_A'], percent)} of the {value}; the largest "
        f"fifth brings {quote('value_of_top_fifth', everyone['top_fifth'], percent)}"
    )
    rows = concentrated[(concentrated["segment"] > 0) & concentrated["gini"].notna()]
    height = max(3.6, 1.6 + 0.5 * len(rows))
    figure, (left, right) = new_figure(safe(title), width=9.0, height=height, columns=2)
    _curve(left, np.maximum(values, 0.0), everyone, value)
    for y, row in enumerate(records(rows)):
        color = segment_color(int(row["segment"]))
        right.plot([row["low"], row["high"]], [y, y], color=color, lw=2)
        right.plot(row["gini"], y, "o", color=color, ms=8)
        right.annotate(f"{row['gini']:.2f}", (row["gini"], y), (0, 8), textcoords="offset points",
                       ha="center", fontsize=8.5, color=palette().ink)  # fmt: skip
    right.axvline(everyone["gini"], color=palette().muted, lw=0.8, ls="--")
    segment_rows(right, rows["segment"].astype("int64").tolist(), names)
    right.set_xlim(0, 1)
    right.set_title("Gini coefficient within each segment", loc="left", fontsize=9,
                    color=palette().muted)  # fmt: skip
    said = "; ".join(f"{names[int(r['segment'])]} {r['gini']:.2f}" for r in records(rows))
    below = int(everyone["below_zero"])
    negative = (
        f" {quote('below_zero', below)} accounts with a negative value count as none."
        if below
        else ""
    )
    ends = listed([quote(f"end_{name.lower()}", end, percent) for name, end in CLASSES.items()])
    equal, one = quote("all_equal", 0), quote("all_with_one", 1)
    gini = quote("gini", everyone["gini"], ".2f")
    return Chart(
        figure,
        "lorenz",
        alt=f"{title}. Gini coefficient of all accounts {everyone['gini']:.2f}; {said}.",
        caption=f"Left: share of the {value} over the share of accounts, the smallest first; the "
        f"diagonal is equal shares; classes A, B and C end at {ends} of the value, counted from "
        f"the largest. Right: {equal} would be all equal, {one} everything with one account; "
        f"95 % bootstrap intervals, dashed: all accounts ({gini}).{negative} "
        + source_line("account table", int(everyone["accounts"]), as_of),
    )


def _curve(ax: Axes, values: Any, everyone: pd.Series[Any], value: str) -> None:
    share, heaped = lorenz_curve(values)
    ax.fill_between(share, heaped, share, color=palette().accent, alpha=0.12, lw=0)
    ax.plot(share, heaped, color=palette().accent, lw=2)
    ax.plot([0, 1], [0, 1], color=palette().muted, lw=0.8)
    end = 1.0
    for name in CLASSES:
        start = end - float(everyone[name])
        ax.axvline(start, color=palette().grid, lw=0.8)
        ax.text((start + end) / 2, 1.02, name, ha="center", fontsize=9, color=palette().muted)
        end = start
    percent_axis(ax)
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_yticks([0.25, 0.5, 0.75, 1], ["25 %", "50 %", "75 %", "100 %"])
    ax.set_xlabel("Share of the accounts, smallest first", fontsize=8.5)
    ax.set_ylabel(f"Share of the {value}", fontsize=8.5)


def pair_differences(telling: pd.DataFrame, names: Names, *, n: int, as_of: str) -> Chart | Note:
    """Draw what tells each pair of neighbouring segments apart.

    Parameters
    ----------
    telling
        From :func:`seglib.profiling.telling_differences`.
    names
        Names of the segments.
    n
        Accounts.
    as_of
        Date of the data.
    """
    if telling.empty:
        return Note(
            "No pair of neighbouring segments is shown to differ in anything that is known.",
            kind="warning",
        )
    parts = [part for _, part in telling.groupby(["first", "second"], sort=True)]
    title = _pair_claim(telling, names)
    height = 1.0 + sum(0.62 + 0.36 * len(part) for part in parts)
    figure, axes = new_figure(safe(title), width=8.6, height=height, rows=len(parts))
    axes[0].get_gridspec().set_height_ratios([1 + len(p) for p in parts])  # type: ignore[union-attr]
    for ax, part in zip(axes, parts, strict=True):
        _pair_panel(ax, part, names)
    said = "; ".join(
        f"{names[r['second']]} against {names[r['first']]}, {_what(r)}: {r['effect']:+.2f}"
        for r in records(telling)
    )
    return Chart(
        figure,
        "pair_differences",
        alt=f"{title}. {said}.",
        caption="For each segment and its nearest neighbour the few variables that tell them apart "
        "best (Holm-adjusted p < 0.05 over all pairs and variables). Point: effect with its 95 % "
        "interval, in the colour of the segment that has more: Cliff's δ of numbers (the chance "
        "that an account has more than one of the other segment, less the chance that it has "
        "less), difference of shares for flags and levels; on the right the means or shares of "
        "the two. Segmentation variables differ by construction. "
        + source_line("account table", n, as_of),
    )


def _pair_claim(telling: pd.DataFrame, names: Names) -> str:
    row = records(telling.loc[[telling["effect"].abs().idxmax()]])[0]
    more, less = ("second", "first") if row["effect"] > 0 else ("first", "second")
    return (
        f"'{names[row[more]]}' and '{names[row[less]]}' lie next to each other and differ most in "
        f"'{_what(row)}'"
    )


def _what(row: dict[str, Any]) -> str:
    return f"{row['label']}: {short(row['level'], 24)}" if row["level"] else str(row["label"])


def _pair_panel(ax: Axes, part: pd.DataFrame, names: Names) -> None:
    rows = records(part)
    for y, row in enumerate(rows):
        color = segment_color(row["second"] if row["effect"] > 0 else row["first"])
        ax.plot([row["low"], row["high"]], [y, y], color=color, lw=2)
        ax.plot(row["effect"], y, "o", color=color, ms=7)
        one, two = (_mean(row, side) for side in ("first", "second"))
        ax.text(1.04, y, f"{one} : {two}", va="center", fontsize=8.5, color=palette().ink)
    ax.axvline(0, color=palette().muted, lw=0.8)
    ax.set_xlim(-1, 1.28)
    ax.set_xticks([-1, -0.5, 0, 0.5, 1])
    labels = [drawn(_what(row), 34) for row in rows]
    ax.set_yticks(range(len(rows)), labels, fontsize=8.5, color=palette().ink)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    first, second = (drawn(names[rows[0][side]]) for side in ("first", "second"))
    ax.set_title(f"{first}  :  {second}", loc="left", fontsize=9, color=palette().ink,
                 fontweight="bold")  # fmt: skip
    grid(ax)


def _mean(row: dict[str, Any], side: str) -> str:
    value = float(row[f"mean_{side}"])
    share = row["level"] or row["kind"] in ("flag", "share")
    return percent(value) if share else rounded_figure(value)


def question_accuracy(found: Questionnaire, *, as_of: str, all_known: float) -> Chart | Note:
    """Draw how well companies are placed by the number of questions asked.

    Parameters
    ----------
    found
        From :func:`seglib.profiling.questionnaire`.
    as_of
        Date of the data.
    all_known
        Accuracy of the typing tool that uses all that is known; NaN: not drawn.
    """
    if found.card is None:
        return Note(found.reason, kind="missing")
    curve, count = found.curve, len(found.card.questions)
    chosen, chance = curve.iloc[count - 1], quote("chance", found.baseline, percent)
    title = (
        f"{quote('questions', count)} question{'s place' if count != 1 else ' places'} "
        f"{quote('right', chosen['accuracy'], percent)} of an average segment right, against "
        f"{chance} by chance"
        if found.beats_chance
        else f"No questions place companies better than chance ({chance})"
    )
    figure, (ax, *_) = new_figure(safe(title), width=7.6, height=1.6 + 0.4 * len(curve))
    for y, row in enumerate(records(curve)):
        color = palette().accent if y < count else palette().neutral
        ax.plot([row["low"], row["high"]], [y, y], color=color, lw=2)
        ax.plot(row["accuracy"], y, "o", color=color, ms=8, mfc=color if y < count else "white")
        placed = f"{percent(row['placed'])} placed"
        right = f", {percent(row['right'])} of them right" if row["placed"] else ""
        ax.text(1.03, y, placed + right, va="center", fontsize=8.5, color=palette().muted)
    ax.axvline(found.baseline, color=palette().muted, lw=0.8, ls="--")
    if all_known == all_known:
        ax.axvline(all_known, color=palette().muted, lw=0.8, ls=":")
    labels = [f"{r['questions']}  + {drawn(small(r['added']))}" for r in records(curve)]
    ax.set_yticks(range(len(curve)), labels, fontsize=8.5, color=palette().ink)
    ax.set_ylim(len(curve) - 0.4, -0.6)
    percent_axis(ax)
    ax.set_xlim(0, 1.5)
    ax.set_xticks(np.arange(0, 1.01, 0.2))
    said = "; ".join(f"{r['questions']}: {percent(r['accuracy'])}" for r in records(curve))
    other = "dotted: with all that is known; " if all_known == all_known else ""
    return Chart(
        figure,
        "question_accuracy",
        alt=f"{title}. Accuracy by number of questions: {said}.",
        caption="Balanced accuracy on held-out customers when everybody must be placed, with 95 % "
        "intervals, by number of questions; filled: the fewest that are within one standard error "
        f"of the best; dashed: chance; {other}on the right: those whose answers are clear enough. "
        + source_line("account table", found.customers, as_of),
    )
