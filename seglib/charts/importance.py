"""Figure of step 03: which variable carries the segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from seglib.charts.style import grid, new_figure, palette, source_line
from seglib.clustering.importance import VariableImportance
from seglib.exhibits import Chart, Note
from seglib.quotes import quote

_MOST = 12  # variables shown, those that matter most
_RIGHT = 1.46  # end of the axis; figures stand beyond 1


def importance_chart(found: VariableImportance | None, as_of: str) -> Chart | Note:
    """Show how much of the segmentation is left without each variable, and alone with it.

    Parameters
    ----------
    found
        From :func:`seglib.clustering.variable_importance`.
    as_of
        For the source line.
    """
    if found is None:
        return Note("One segment was kept: no variable carries it.", kind="missing")
    rows = _shown(found.table)
    figure, (ax,) = new_figure(found.claim, height=1.9 + 0.28 * len(rows))
    for y, row in enumerate(rows[::-1]):
        _row(ax, y, row)
    families = sum(row["kind"] == "family" for row in rows)
    if 0 < families < len(rows):
        ax.axhline(families - 0.5, color=palette().grid, linewidth=1)
    ax.set_yticks(range(len(rows)), [_name(row) for row in rows[::-1]])
    for label, row in zip(ax.get_yticklabels(), rows[::-1], strict=True):
        label.set_fontweight("bold" if row["carries"] else "normal")
        label.set_color(palette().ink)
    ax.axvline(found.reference, color=palette().muted, linewidth=0.8, linestyle="--")
    ax.set_xlim(min(-0.02, *(_least(row) - 0.02 for row in rows)), _RIGHT)
    ax.set_ylim(-0.7, len(rows) + 0.4)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_xlabel("agreement with the kept segments (adjusted Rand index)")
    _legend(ax, len(rows) - 0.1)
    grid(ax)
    left_out = int((found.table["kind"] == "variable").sum()) - (len(rows) - families)
    return Chart(
        figure,
        "importance",
        alt=f"{found.claim}. " + "; ".join(_words(row) for row in rows) + ".",
        caption=f"{found.method} "
        + (
            f"The {quote('left_out', left_out)} variables that matter least are not shown. "
            if left_out
            else ""
        )
        + "Dashed: the refit with all variables. Right: change of stability without it, with its "
        "95 % interval. " + source_line("account table", found.rows, as_of),
    )


def _shown(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Variables that matter most first, then the families."""
    order = table.sort_values("ari_without", kind="stable")
    variables = order[order["kind"] == "variable"]
    chosen = pd.concat([variables[variables["carries"]], variables]).drop_duplicates("name")
    chosen = chosen.head(_MOST).sort_values("ari_without", kind="stable")
    shown = pd.concat([chosen, order[order["kind"] == "family"]])
    return [{str(name): value for name, value in row.items()} for row in shown.to_dict("records")]


def _row(ax: Axes, y: int, row: dict[str, Any]) -> None:
    without, alone = row["ari_without"], row["ari_alone"]
    strong, weak = palette().accent, palette().muted
    ax.plot([without, alone], [y, y], color=palette().grid, linewidth=1.5, zorder=1)
    ax.plot(alone, y, "o", markersize=6, markerfacecolor="white", markeredgecolor=weak)
    ax.plot(without, y, "o", markersize=7, color=strong)
    if not np.isnan(row["stability_change"]):
        change, low, high = (
            _signed(row[name]) for name in ("stability_change", "change_low", "change_high")
        )
        text = f"{change} ({low} to {high})"
        ax.text(_RIGHT - 0.01, y, text, ha="right", va="center", fontsize=8.5, color=palette().ink)


def _legend(ax: Axes, y: float) -> None:
    ax.plot(0.02, y, "o", markersize=7, color=palette().accent)
    ax.text(0.05, y, "without it", va="center", fontsize=9, color=palette().accent)
    ax.plot(0.3, y, "o", markersize=6, markerfacecolor="white", markeredgecolor=palette().muted)
    ax.text(0.33, y, "from it alone", va="center", fontsize=9, color=palette().muted)
    ax.text(_RIGHT - 0.01, y, "change of stability", ha="right", va="center", fontsize=9,
            color=palette().muted)  # fmt: skip


def _signed(value: float) -> str:
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")


def _least(row: dict[str, Any]) -> float:
    return float(np.nanmin([row["ari_without"], row["ari_alone"], 0.0]))


def _name(row: dict[str, Any]) -> str:
    if row["kind"] == "variable":
        return str(row["label"])
    return f"all {row['variables']} {row['label']} variables"


def _words(row: dict[str, Any]) -> str:
    return f"{_name(row)}: without {row['ari_without']:.2f}, alone {row['ari_alone']:.2f}"
