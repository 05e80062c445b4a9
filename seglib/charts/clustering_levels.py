"""Figures of step 03: how far each segment comes back, within a solution and across them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from scipy.stats import binom

from seglib.charts.clustering_parts import NOISE, bands, segment_name, tint, told
from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.clustering.again_noise import mean_stability
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.flows import slsa_flows, slsa_order
from seglib.clustering.found_again import FoundAgain
from seglib.exhibits import Chart, Note
from seglib.quotes import quote

_THIN = 0.01  # share of all rows up to which a line is left out
_WIDEST = 30.0  # points of a line that all rows share
_WHOLE = 0.9  # stability from which a segment is said to come nearly whole from one before
_SURE = 0.975  # share of the pairs in which the best segment lies above the worst
_WITHHELD = "Withheld: the fit of the kept segments is not certified."
_ABOVE_BY_CHANCE = 0.025  # a segment of noise lies above its 95 % band
_CHANCE = 0.05  # so many or more above it are no more than chance in that share of noise


def slsw_chart(found: FoundAgain, as_of: str) -> Chart | Note:
    """Show for each segment how far it comes back in bootstrap samples (SLSW).

    Parameters
    ----------
    found
        From :func:`seglib.clustering.find_again`.
    as_of
        For the source line.
    """
    if found.slsw is None:
        return Note(
            "One segment is all accounts: it always comes back." if found.kept.k == 1 else
            f"{METHOD_LABELS[found.kept.method]} draws no segments from samples: its segments are "
            "the same in every sample, and there is no segment level stability to measure.",
            "missing",
        )  # fmt: skip
    if found.withheld:
        return Note(f"{_WITHHELD} {found.certificate}", "warning")
    table, title = found.table(), _slsw_claim(found)
    figure, (ax,) = new_figure(title, height=1.8 + 0.5 * len(table))
    for y, row in enumerate(table.to_dict("records")):
        _slsw_row(ax, y, row, found)
    names = [f"{segment_name(s)}\n{a:,} accounts" for s, a in
             zip(table["segment"], table["accounts"], strict=True)]  # fmt: skip
    ax.set_yticks(range(len(table)), names, fontsize=9, color=palette().ink)
    ax.set_ylim(len(table) - 0.4, -0.98)
    ax.set_xlim(0, 1.16)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1])
    ax.set_xlabel("Jaccard index with the best segment of a bootstrap fit")
    grid(ax)
    said = "; ".join(
        f"segment {r['segment']} {r['slsw']:.2f} (one-to-one {r['one_to_one']:.2f}), "
        f"{'above' if r['above_noise'] else 'within'} noise"
        for r in table.to_dict("records")
    )
    return Chart(
        figure,
        "slsw",
        alt=f"{title}. Segment level stability within the solution, medians: {said}.",
        caption=told(
            "Box: quartiles, line: median, whiskers: 95 % of the pairs; ○ one-to-one partners. "
            f"{bands(found.slsw_noise['how'])}; the best segment beside a twin's best, and so on.",
            "a segment that comes back is not thereby better or worth more, and a large one "
            f"comes back more easily than a small one. {found.certificate}",
            source_line(
                f"{found.sample}, {METHOD_LABELS[found.kept.method]}; effort {found.effort}",
                found.rows, as_of,
            ),
        ),
    )  # fmt: skip


def _slsw_row(ax: Axes, y: int, row: Mapping[Any, Any], found: FoundAgain) -> None:
    if found.slsw is None:
        return
    values = found.slsw.jaccard[row["segment"]]
    rank = int((found.table()["slsw"] > row["slsw"]).sum())
    bands = found.slsw_noise[found.slsw_noise["rank"] == rank].set_index("how")
    for how, color, name in NOISE:
        if how not in bands.index:
            continue
        low, high = (float(bands[end][how]) for end in ("low", "high"))
        _box(ax, low, high, y, 0.34, facecolor=color, alpha=0.22, linewidth=0)
        if y == 0:
            line = -0.38 if how == "permute" else -0.64  # two lines: the bands may overlap
            ax.text(
                (low + high) / 2, line, name, ha="center", va="bottom", fontsize=8.5, color=color
            )
    low, lower, middle, upper, high = values.quantile([0.025, 0.25, 0.5, 0.75, 0.975])
    color = segment_color(row["segment"])
    ax.plot([low, high], [y, y], color=palette().ink, linewidth=1)
    _box(ax, lower, max(upper, lower + 0.003), y, 0.19, facecolor=color, edgecolor=palette().ink,
         linewidth=0.8, zorder=3)  # fmt: skip
    ax.plot([middle] * 2, [y - 0.19, y + 0.19], color=palette().ink, linewidth=2, zorder=4)
    ax.plot(row["one_to_one"], y + 0.29, "o", ms=4.5, mfc="white", mec=palette().ink, zorder=4)
    ax.text(1.02, y, f"{middle:.2f}", va="center", fontsize=9.5, fontweight="bold",
            color=palette().ink)  # fmt: skip


def _box(ax: Axes, low: float, high: float, y: float, half: float, **look: Any) -> None:
    ax.add_patch(Rectangle((low, y - half), high - low, 2 * half, **look))


def _slsw_claim(found: FoundAgain) -> str:
    table = found.table()
    above = int(table["above_noise"].sum())
    best, worst = (table.iloc[int(p)] for p in (table["slsw"].argmax(), table["slsw"].argmin()))
    most, least = (
        quote(f"segment_stability.parquet:slsw[segment={row['segment']:.0f}]", row["slsw"], ".2f")
        for row in (best, worst)
    )
    if binom.sf(above - 1, len(table), _ABOVE_BY_CHANCE) >= _CHANCE:
        return (
            "The segments come back no more often than segments of noise do: median Jaccard index "
            f"{least} to {most}"
        )
    comes = "comes" if above == 1 else "come"
    count = (
        f"{quote('segment_stability.parquet:above_noise|sum', above)} of "
        f"{quote('segment_stability.parquet:|count', len(table))} segments {comes} back beyond "
        "noise"
    )
    if found.slsw is None or len(table) < 2:
        return count
    pairs = found.slsw.jaccard
    ahead = float((pairs[best["segment"]] > pairs[worst["segment"]]).mean())
    if ahead < _SURE:
        return f"{count}; median Jaccard index {least} to {most}"
    return (
        f"Segment {best['segment']:.0f} comes back best (median Jaccard index {most}), "
        f"segment {worst['segment']:.0f} worst ({least}); {count}"
    )


def slsa_chart(found: FoundAgain, X: np.ndarray, as_of: str) -> Chart | Note:
    """Show where the segments of each number of segments come from (SLSA).

    Parameters
    ----------
    found
        From :func:`seglib.clustering.find_again`.
    X
        Matrix of the accounts, for the order of the segments.
    as_of
        For the source line.
    """
    if len(found.solutions) < 2:
        return Note("Segment level stability across solutions needs two numbers of segments.",
                    "missing")  # fmt: skip
    ks, rows = list(found.solutions), len(next(iter(found.solutions.values())))
    title = _slsa_claim(found)
    figure, (ax,) = new_figure(title, height=2.2 + 0.42 * max(ks))
    placed = np.asarray(X)[found.placed]
    order = slsa_order(placed, found.solutions)
    height = {(k, s): y for k in ks for s, y in zip(order[k], _heights(len(order[k])), strict=True)}
    known = found.slsa.set_index(["k", "segment"])
    _slsa_lines(ax, found, ks, height, known)
    _slsa_nodes(ax, found, ks, height, known)
    _slsa_foot(ax, found, ks)
    ax.set_xticks(range(len(ks)), [str(k) for k in ks])
    ax.set_xlabel("number of segments")
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.set_xlim(-0.45, len(ks) - 0.55)
    ax.set_ylim(-0.19, 1.06)
    method = METHOD_LABELS[found.method]
    other = "" if found.method == found.kept.method else (
        f"{METHOD_LABELS[found.kept.method]} has one solution only; these are those of {method}. "
    ).capitalize()  # fmt: skip
    return Chart(
        figure,
        "slsa",
        alt=f"{title}. Segment level stability across solutions of {method}: {_slsa_words(found)}.",
        caption=told(
            f"{other}Bars: segments, as high as their share; lines: accounts that went from one "
            "solution to the next, as wide as their share of all "
            f"({quote('left_out', _THIN, '.0%')} or less left out); the more "
            "saturated, the fewer segments it came from: (1 − E)². The kept solution has its "
            "colours. Below: mean, and the 95 % band of null twins.",
            "a segment that stays whole over many k is stable along this series only; the plot "
            "does not tell whether it stands apart from others.",
            source_line(f"solutions of {method}; effort {found.effort}", rows, as_of),
        ),
    )


def _heights(count: int) -> Sequence[float]:
    """Heights of the nodes of one column, the first on top."""
    return [float(y) for y in 1.0 - (np.arange(count) + 0.5) / count]


def _strong(known: pd.DataFrame, node: tuple[int, Any]) -> float:
    """Saturation: (1 − E)²; a quarter where there is no figure."""
    row = known.loc[node]
    stability = float(row["stability"])
    return 0.25 if np.isnan(stability) or not row["certified"] else max(stability, 0.0) ** 2


def _color(found: FoundAgain, k: int, segment: int) -> str:
    own = k == found.kept.k and found.method == found.kept.method
    return segment_color(segment) if own else palette().accent


def _slsa_lines(
    ax: Axes, found: FoundAgain, ks: list[int], height: Mapping[Any, float], known: pd.DataFrame
) -> None:
    step = np.linspace(0, 1, 40)
    bend = step**2 * (3 - 2 * step)
    for flow in slsa_flows(found.solutions).sort_values("share").to_dict("records"):
        if flow["share"] <= _THIN:
            continue
        x = ks.index(flow["k"])
        start = height[ks[x - 1], flow["source"]]
        end = height[flow["k"], flow["segment"]]
        strong = _strong(known, (flow["k"], flow["segment"]))
        color = tint(_color(found, flow["k"], flow["segment"]), 0.12 + 0.6 * strong)
        width = max(_WIDEST * flow["share"], 0.6)
        ax.plot(x - 1 + step, start + (end - start) * bend, color=color, linewidth=width,
                solid_capstyle="butt", zorder=1)  # fmt: skip


def _slsa_nodes(
    ax: Axes, found: FoundAgain, ks: list[int], height: Mapping[Any, float], known: pd.DataFrame
) -> None:
    rows = len(next(iter(found.solutions.values())))
    for (k, segment), y in height.items():
        row = known.loc[(k, segment)]
        tall = max(0.5 * float(row["size"]) / rows, 0.012)
        color, x = _color(found, k, segment), ks.index(k)
        filled = tint(color, _strong(known, (k, segment)))
        _box(ax, x - 0.07, x + 0.07, y, tall / 2, facecolor=filled, edgecolor=color,
             linewidth=1.2, zorder=3)  # fmt: skip
        kept = k == found.kept.k and found.method == found.kept.method
        text = f"{row['stability']:.2f}" if row["certified"] and pd.notna(row["stability"]) else ""
        label = f"{segment}: {text}".rstrip(": ") if kept else text
        if label:
            ax.annotate(label, (x, y + tall / 2), (0, 2), textcoords="offset points", ha="center",
                        fontsize=8, color=palette().ink, fontweight="bold" if kept else "normal",
                        zorder=4)  # fmt: skip


def _slsa_foot(ax: Axes, found: FoundAgain, ks: list[int]) -> None:
    """Under each column the mean and the noise's band, or that it is not certified."""
    means = _known_means(found.slsa)
    for x, k in enumerate(ks[1:], start=1):
        low, high = _band(found, k)
        text, color = "not\ncertified", palette().muted
        if k in means:
            text, color = f"{means[k]:.2f}\nnoise\n{low:.2f}–{high:.2f}", palette().ink
        ax.text(x, -0.05, text, ha="center", va="top", fontsize=8, color=color, linespacing=1.25)
    ax.text(0, -0.05, "mean", ha="center", va="top", fontsize=8, color=palette().muted)


def _band(found: FoundAgain, k: int) -> tuple[float, float]:
    part = found.slsa_noise[found.slsa_noise["k"] == k]
    return float(part["low"].min()), float(part["high"].max())


def _slsa_claim(found: FoundAgain) -> str:
    table, k, name = found.slsa, found.kept.k, METHOD_LABELS[found.method]
    rows = table[(table["k"] == k) & table["certified"] & table["stability"].notna()]
    if found.method == found.kept.method and len(rows):
        ks = list(found.solutions)
        before = ks[ks.index(k) - 1]
        whole, mean = int((rows["stability"] >= _WHOLE).sum()), mean_stability(rows).iloc[0]
        comes = "comes" if whole == 1 else "come"
        return (
            f"{quote('whole', whole)} of the {quote('decision.json:k', k)} segments {comes} nearly "
            f"whole from one of the {quote('before', before)} before; "
            f"{_mean_beside(found, k, mean)}"
        )
    means = _known_means(table)
    beyond = {k: mean for k, mean in means.items() if mean > _band(found, k)[1]}
    if not beyond:
        return f"No number of segments takes over those before it more whole than in noise ({name})"
    most = max(beyond, key=beyond.__getitem__)
    return (
        f"The {quote('segments', most)} segments of {name} take over those before them most whole: "
        f"{_mean_beside(found, most, beyond[most])}"
    )


def _mean_beside(found: FoundAgain, k: int, mean: float) -> str:
    high = quote("noise_high", _band(found, k)[1], ".2f")
    return f"mean stability {quote('mean', mean, '.2f')}, noise up to {high}"


def _known_means(table: pd.DataFrame) -> dict[int, float]:
    """Mean stability across solutions for every k that is certified."""
    means = mean_stability(table[table["certified"].astype(bool)])
    return dict(zip(means.index.tolist(), means.tolist(), strict=True))


def _slsa_words(found: FoundAgain) -> str:
    means, said = _known_means(found.slsa), []
    for k in list(found.solutions)[1:]:
        low, high = _band(found, k)
        said.append(
            f"k = {k}: mean {means[k]:.2f}, noise {low:.2f} to {high:.2f}" if k in means
            else f"k = {k}: not certified"
        )  # fmt: skip
    return "; ".join(said)
