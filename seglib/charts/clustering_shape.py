"""Figures of step 03: the shape of the kept segments, and which of them are neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from seglib.charts.clustering_parts import ink_on, told
from seglib.charts.style import new_figure, palette, segment_color, source_line
from seglib.clustering.shape import FARTHER, Shape, plane_of, similarity
from seglib.exhibits import Chart, Note
from seglib.quotes import quote

Floats = NDArray[np.float64]

_POINTS = 3000  # drawn in the separation plot at most
_DOTS = 150  # dots per inch of what is drawn as a picture
_EDGE = 0.05  # similarity from which two segments are called neighbours
_WIDEST = 9.0  # points of an edge of similarity 1
ALONE = "One segment has no neighbour and no border."


def separation_chart(shape: Shape, as_of: str) -> Chart | Note:
    """Show the accounts and the segments on the plane of the two leading principal components.

    Parameters
    ----------
    shape
        From :func:`seglib.clustering.shape.shape_of`.
    as_of
        For the source line.
    """
    if len(shape.segments) < 2:
        return Note(ALONE, "missing")
    mean, axes, share = plane_of(shape.X)
    points, centers = (shape.X - mean) @ axes.T, (shape.centers - mean) @ axes.T
    hulls = [_hulls(shape, points, place) for place in range(len(shape.segments))]
    pairs = list(combinations(range(len(hulls)), 2))
    overlap = sum(_overlap(hulls[a][0], hulls[b][0]) for a, b in pairs)
    cores = (
        f"{quote('overlap', overlap)} of {quote('pairs', len(pairs))} pairs of segments overlap"
        if len(pairs) > 1
        else f"the two segments {'' if overlap else 'do not '}overlap"
    )
    title = (
        f"The cores of {cores} in the plane that shows {quote('plane', share, '.0%')} of the "
        "variance"
    )
    figure, (ax,) = new_figure(title, height=5.4)
    _scatter(ax, shape, points)
    for place, (inner, outer) in enumerate(hulls):
        color = segment_color(shape.segments[place])
        _outline(ax, outer, color, "--", 1.1)
        _outline(ax, inner, color, "-", 2.0)
    _edges(ax, centers, _mutual(shape))
    for place, segment in enumerate(shape.segments):
        _node(ax, centers[place], segment, 15)
    ax.set_aspect("equal", adjustable="datalim")
    ax.set_xlabel("first principal component")
    ax.set_ylabel("second principal component")
    return Chart(
        figure,
        "separation",
        alt=f"{title}. {_neighbour_words(shape)}",
        caption=told(
            "Solid: hull of the accounts nearer to the centre than the segment's median distance; "
            f"dashed: than {quote('farther', FARTHER)} times it; lines: neighbours, the wider the "
            f"more alike. {shape.basis}",
            "segments that overlap here may lie apart on axes that are not shown, and k-means cuts "
            "one cloud into neat pieces too.",
            source_line(source_of(shape), len(shape.X), as_of),
        ),
    )


def _hulls(shape: Shape, points: Floats, place: int) -> tuple[Floats, Floats]:
    """Inner and outer hull of a segment: corners in order; fewer than three where there are."""
    inside = points[shape.labels == shape.segments[place]]
    away = shape.own(place)
    middle = float(np.median(away))
    return _hull(inside[away <= middle]), _hull(inside[away <= FARTHER * middle])


def _hull(points: Floats) -> Floats:
    from scipy.spatial import ConvexHull, QhullError

    different = np.unique(points, axis=0)
    if len(different) < 3:
        return different
    try:
        return different[ConvexHull(different).vertices]
    except QhullError:  # all on one line
        ends = different[np.lexsort(different.T[::-1])]
        return ends[[0, -1]]


def _overlap(one: Floats, other: Floats) -> bool:
    """Whether two convex hulls share area: no edge's direction keeps them apart."""
    if min(len(one), len(other)) < 3:
        return False
    for hull in (one, other):
        edges = np.roll(hull, -1, axis=0) - hull
        for normal in np.column_stack([edges[:, 1], -edges[:, 0]]):
            a, b = one @ normal, other @ normal
            if a.max() <= b.min() or b.max() <= a.min():
                return False
    return True


def _scatter(ax: Axes, shape: Shape, points: Floats) -> None:
    """Draw the accounts as a picture, so that the file holds no row."""
    rng = np.random.default_rng(0)
    shown = rng.permutation(len(points))[:_POINTS]
    colors = [segment_color(int(s)) for s in shape.labels[shown]]
    x, y = points[shown].T
    ax.scatter(x, y, s=7, c=colors, alpha=0.45, linewidths=0, rasterized=True)
    ax.figure.set_dpi(_DOTS)


def _outline(ax: Axes, hull: Floats, color: str, style: str, width: float) -> None:
    if len(hull) > 1:
        ax.plot(*np.vstack([hull, hull[:1]]).T, color=color, linestyle=style, linewidth=width)


def _mutual(shape: Shape) -> Floats:
    """Similarity both ways, in the mean."""
    one_way = similarity(shape.X, shape.centers)
    return (one_way + one_way.T) / 2


def _edges(ax: Axes, places: Floats, mutual: Floats) -> None:
    for a, b in combinations(range(len(places)), 2):
        if mutual[a, b] >= _EDGE:
            ax.plot(*places[[a, b]].T, color=palette().ink, alpha=0.55,
                    linewidth=_WIDEST * mutual[a, b], solid_capstyle="round", zorder=3)  # fmt: skip


def _node(ax: Axes, place: Floats, segment: int, size: float) -> None:
    ax.plot(*place, "o", markersize=size, color=segment_color(segment),
            markeredgecolor="white", markeredgewidth=1.5, zorder=5)  # fmt: skip
    x, y = place
    ax.text(x, y, str(segment), ha="center", va="center_baseline", fontsize=9.5,
            fontweight="bold", color=ink_on(segment_color(segment)), zorder=6)  # fmt: skip


def source_of(shape: Shape) -> str:
    """Where a figure of the shape comes from."""
    unplaced = quote("unplaced", shape.unplaced, ",")
    left = f" ({unplaced} in no segment)" if shape.unplaced else ""
    return f"account table, segmentation variables after preprocessing{left}"


def neighbours_chart(shape: Shape, as_of: str) -> Chart | Note:
    """Show which segments shade into which: the neighbourhood graph and its numbers.

    Parameters
    ----------
    shape
        From :func:`seglib.clustering.shape.shape_of`.
    as_of
        For the source line.
    """
    count = len(shape.segments)
    if count < 2:
        return Note(ALONE, "missing")
    one_way = similarity(shape.X, shape.centers)
    title = _neighbour_claim(shape, one_way)
    figure, (left, right) = new_figure(title, columns=2, height=3.9)
    order = _ring(shape.centers)
    angle = np.pi / 2 - 2 * np.pi * np.argsort(order) / count
    places = np.column_stack([np.cos(angle), np.sin(angle)])
    _edges(left, places, (one_way + one_way.T) / 2)
    sizes = shape.sizes / shape.sizes.sum()
    for place, segment in enumerate(shape.segments):
        _node(left, places[place], segment, 14 + 34 * float(np.sqrt(sizes[place])) * 0.8)
    left.set_xlim(-1.45, 1.45)
    left.set_ylim(-1.45, 1.45)
    left.set_aspect("equal")
    left.set_axis_off()
    _similarities(right, one_way, shape.segments)
    return Chart(
        figure,
        "neighbours",
        alt=f"{title}. {_neighbour_words(shape)}",
        caption=told(
            "Left: segments, as large as their share; the wider the line, the more their accounts "
            "lie between the two (mean of both ways). Right: similarity of the row's segment to "
            "the column's: mean shadow of its accounts whose second-nearest centre is that one, "
            f"counting all its accounts. {shape.basis}",
            "neighbours are alike in the segmentation variables, not in value; with many variables "
            "every account lies nearly between two centres, so compare lines with each other.",
            source_line(source_of(shape), len(shape.X), as_of),
        ),
    )


def _ring(centers: Floats) -> list[int]:
    """Order segments around a ring so that like ones stand side by side."""
    from scipy.cluster import hierarchy

    if len(centers) < 3:
        return list(range(len(centers)))
    tree = hierarchy.linkage(centers, "average", optimal_ordering=True)
    return [int(leaf) for leaf in hierarchy.leaves_list(tree)]


def _similarities(ax: Axes, one_way: Floats, segments: Sequence[int]) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    plain_shades = LinearSegmentedColormap.from_list("similar", ["#ffffff", palette().accent])
    shades = plain_shades.with_extremes(bad="#f3f4f6")
    apart = np.where(np.eye(len(segments), dtype=bool), np.nan, one_way)
    top = max(float(np.nanmax(apart)), 1e-9)
    ax.imshow(np.ma.masked_invalid(apart), cmap=shades, vmin=0, vmax=top)
    small = 9 if len(segments) < 8 else 6.5
    for (y, x), value in np.ndenumerate(apart):
        if not np.isnan(value):
            color = "white" if value > 0.6 * top else palette().ink
            ax.text(x, y, f"{value:.2f}", ha="center", va="center", fontsize=small, color=color)
    ticks = range(len(segments))
    ax.set_xticks(ticks, [str(s) for s in segments])
    ax.set_yticks(ticks, [str(s) for s in segments])
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel("… lies near to segment")
    ax.set_ylabel("segment …")
    ax.spines[:].set_visible(False)


def _neighbour_claim(shape: Shape, one_way: Floats) -> str:
    apart = one_way - np.eye(len(one_way))
    a, b = np.unravel_index(apart.argmax(), apart.shape)
    one, other = shape.segments[int(a)], shape.segments[int(b)]
    if apart.max() < _EDGE:
        return "No two segments are neighbours: no account lies near a border"
    return (
        f"Segment {one} shades most into segment {other}: similarity "
        f"{quote('similarity', apart[a, b], '.2f')}, the other way "
        f"{quote('other_way', apart[b, a], '.2f')}"
    )


def _neighbour_words(shape: Shape) -> str:
    """Similarity of each segment to its nearest neighbour."""
    apart = similarity(shape.X, shape.centers) - np.eye(len(shape.segments))
    nearest = [shape.segments[int(j)] for j in apart.argmax(axis=1)]
    said = "; ".join(
        f"segment {s} to segment {n} {value:.2f}"
        for s, n, value in zip(shape.segments, nearest, apart.max(axis=1), strict=True)
    )
    return f"Similarity to the nearest neighbour: {said}."
