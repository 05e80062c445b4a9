"""Figure of step 03: the segment profile plot with its marker variables."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from seglib.charts.clustering_parts import segment_name, tint, told, variable_name
from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.clustering.markers import FAR, TIMES, segment_profile, variable_order
from seglib.exhibits import Chart, Note
from seglib.quotes import quote

_MOST = 40  # variables shown; fewer where the panels need two rows
_MOST_TWICE = 24
_BESIDE = 6  # panels in a row
_PALE = 0.28  # strength of the colour of what is no marker
_LETTERS = 34
_MARKERS = 4  # named in the words for those who cannot see the figure


def segment_profile_chart(
    columns: pd.DataFrame, labels: ArrayLike, as_of: str, names: Mapping[str, str] | None = None
) -> Chart | Note:
    """Show each segment's centre on every segmentation variable, its marker variables in full.

    Parameters
    ----------
    columns
        Rows × segmentation variables, as :func:`seglib.clustering.markers.plain_columns` takes
        them.
    labels
        Segment of each row, from 1; 0 for none.
    as_of
        For the source line.
    names
        What a person calls a variable.
    """
    profile = segment_profile(columns, labels)
    if profile["segment"].nunique() < 2:
        return Note("One segment is all accounts: no variable marks it.", "missing")
    shares = bool(profile["binary"].all())
    spread = profile["spread"].where(profile["spread"] > 0, 1.0)
    apart = (profile["center"] - profile["mean"]) / spread
    profile = profile.assign(bar=profile["center"] if shares else apart, apart=apart.abs())
    shown = _shown(columns, profile)
    title, words = _claim(profile), {v: (names or {}).get(v, v) for v in shown}
    figure, rows = _panels(title, profile["segment"].unique().tolist(), len(shown))
    reach = 1.0 if shares else float(profile["apart"].max()) * 1.08
    for ax, segment, first in rows:
        own = profile[profile["segment"] == segment].set_index("variable").loc[shown]
        _bars(ax, own, segment_color(segment), shares)
        _frame(ax, segment, [words[v] for v in shown] if first else [], reach, shares)
    figure.supxlabel(
        "share of yes" if shares else "standard deviations from the mean of all accounts",
        fontsize=9, color=palette().muted,
    )  # fmt: skip
    left_out = columns.shape[1] - len(shown)
    return Chart(
        figure,
        "segment_profiles",
        alt=f"{title}. {_words(profile, names or {})}",
        caption=told(
            "Bars: segment centres; dots: means of all accounts; variables that go together stand "
            "together. Full colour: marker variable ("
            + _rule(profile) + ")."
            + (f" The {quote('left_out', left_out)} variables that differ least are not shown."
               if left_out else ""),
            "the segments were formed from these variables, so that they differ in them proves "
            "nothing; it tells what each one is like.",
            source_line("segmentation variables after preprocessing", len(columns), as_of),
        ),
    )  # fmt: skip


def _shown(columns: pd.DataFrame, profile: pd.DataFrame) -> list[str]:
    """The variables that differ most, markers first, in the order of their likeness."""
    most = _MOST if profile["segment"].nunique() <= _BESIDE else _MOST_TWICE
    by = profile.groupby("variable", sort=False)[["marker", "apart"]].max()
    ranked = by.sort_values(["marker", "apart"], ascending=False, kind="stable").index[:most]
    kept = columns[[c for c in columns.columns if c in set(ranked)]]
    return [str(kept.columns[place]) for place in variable_order(kept)]


def _panels(
    title: str, segments: list[int], variables: int
) -> tuple[Figure, list[tuple[Axes, int, bool]]]:
    """Make a panel for each segment; the first of each row names the variables."""
    rows = -(-len(segments) // _BESIDE)
    columns = -(-len(segments) // rows)
    height = 1.1 + rows * (0.5 + 0.2 * variables)
    figure, axes = new_figure(
        title, columns=columns, rows=rows, height=height, width=max(7.2, 3.4 + 1.15 * columns)
    )
    for ax in axes[len(segments) :]:
        ax.set_axis_off()
    panels = [
        (ax, s, i % columns == 0) for i, (ax, s) in enumerate(zip(axes, segments, strict=False))
    ]
    return figure, panels


def _bars(ax: Axes, own: pd.DataFrame, color: str, shares: bool) -> None:
    y = np.arange(len(own))
    colors = [color if marker else tint(color, _PALE) for marker in own["marker"]]
    ax.barh(y, own["bar"], height=0.72, color=colors)
    means = own["mean"] if shares else np.zeros(len(own))
    ax.plot(means, y, "o", markersize=3, color=palette().ink, zorder=3)


def _frame(ax: Axes, segment: int, names: list[str], reach: float, shares: bool) -> None:
    ax.set_title(segment_name(segment), fontsize=9.5, color=palette().ink)
    ax.set_xlim(0 if shares else -reach, reach)
    ax.margins(y=0.01)
    ax.invert_yaxis()
    texts = [variable_name(name, _LETTERS) for name in names]
    ax.set_yticks(range(len(texts)), texts, fontsize=8, color=palette().ink)
    if shares:
        ax.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    ax.spines["left"].set_visible(False)
    grid(ax)


def _rule(profile: pd.DataFrame) -> str:
    """The marker rule for the kinds of variable there are."""
    kinds = set(profile["binary"])
    binary = (
        f"yes or no: share differs by {quote('far', FAR)} or by {quote('times', TIMES, '.0%')} of "
        "the whole's"
    )
    metric = "numbers: the median of all accounts lies outside the segment's middle half"
    return "; ".join([binary] * (True in kinds) + [metric] * (False in kinds))


def _claim(profile: pd.DataFrame) -> str:
    count = profile.groupby("segment")["marker"].sum()
    if not count.any():
        return "No variable marks a segment: all lie close to the whole"
    most, least = count.index[int(count.argmax())], count.index[int(count.argmin())]
    marked = (
        f"{quote('most', count.max())} of {quote('variables', profile['variable'].nunique())} "
        "variables"
    )
    if count.max() == count.min():
        return f"Each segment is marked by {marked}"
    fewest = quote("least", count.min()) if count.min() else "none"
    return f"Segment {most} stands out on {marked}, segment {least} on {fewest}"


def _words(profile: pd.DataFrame, names: Mapping[str, str]) -> str:
    said = []
    for segment, own in profile.groupby("segment"):
        marks = own[own["marker"]].sort_values("apart", ascending=False, kind="stable")
        parts = [
            f"{'more' if row['center'] > row['mean'] else 'less'} "
            f"'{names.get(row['variable'], row['variable'])}'"
            for row in marks.head(_MARKERS).to_dict("records")
        ]
        more = f" and {len(marks) - _MARKERS} more" if len(marks) > _MARKERS else ""
        said.append(f"Segment {segment}: {', '.join(parts) or 'no marker'}{more}.")
    return " ".join(said)
