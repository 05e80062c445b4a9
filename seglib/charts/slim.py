"""Make a drawn figure small: matplotlib's SVG without what no reader sees."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from html import escape

from seglib.charts.style import palette, printable, spaced

FONTS = ("DejaVu Sans", "Verdana", "sans-serif")
"""DejaVu Sans is what the texts were measured in; Verdana is as wide, where that is missing."""

_UNSEEN = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL)
_TAG = re.compile(r"(<[^>]+>)")
_DROPPED = re.compile(
    r' transform="rotate\(-?0(?: [^)]*)?\)"'  # text that is not turned
    r'|font-family: [^;"]+(?:; )?'
)
_PLACES = re.compile(r'\b(?:d|x|y|width|height|points|transform|viewBox)="[^"]*"')
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_SIZE = re.compile(r'width="([\d.]+)pt" height="([\d.]+)pt" viewBox="0 0 [\d.]+ [\d.]+"')
_LETTERS, _LINE, _ABOVE = 9, 15, 12
"""Letters of a title in an inch; points from line to line, and above and below them."""

_EMPTY = re.compile(r"<g(?: [^>]*)?(?:/>|></g>)")


def slim(svg: str) -> str:
    """Return the same picture in fewer bytes; the texts stay texts, letter by letter.

    Places are rounded to a hundredth of a point, the font is said once instead of at every
    word; marks that nothing refers to, groups without a look of their own, metadata and line
    ends go. A space at the edge of a text is kept, which a browser alone would not do.

    Parameters
    ----------
    svg
        As matplotlib writes it with the fonts of :data:`FONTS`; control characters go, with which
        it would be no SVG at all.

    Examples
    --------
    >>> slim('<svg a="1">\\n <g id="b">\\n  <path d="M 0.1234 1 \\nz\\n"/>\\n </g>\\n</svg>\\n')
    '<svg a="1" font-family="DejaVu Sans,Verdana,sans-serif"><path d="M.12 1z"/></svg>'
    """
    body = _UNSEEN.sub("", printable(svg))
    made = "".join(_pieces(body, wanted=set(re.findall(r"#([\w.-]+)", body))))
    while (fewer := _EMPTY.sub("", made)) != made:
        made = fewer
    return made.replace(">", f' font-family="{",".join(FONTS)}">', 1)


def titled(svg: str, title: str) -> str:
    """Put a title over a slim picture and white behind it, as one that stands alone needs it.

    Parameters
    ----------
    svg
        A picture of :func:`slim`, with its size in points.
    title
        Wrapped over the picture's width; without one there is the white ground only.

    Examples
    --------
    >>> titled('<svg width="72pt" height="9pt" viewBox="0 0 72 9" a="1"></svg>', "A & B")
    '<svg width="72pt" height="36pt" viewBox="0 -27 72 36" a="1"><path d="M0 -27h72v36H0z" \
style="fill:#fff"/><text style="font-size:12px;font-weight:700;fill:#1b2430" x="7" \
y="-11">A &amp; B</text></svg>'
    """
    size = _SIZE.search(svg)
    if size is None:
        return svg
    width, height = float(size[1]), float(size[2])
    lines = textwrap.wrap(title, max(1, int(width / 72 * _LETTERS)))
    band = len(lines) * _LINE + _ABOVE if lines else 0
    texts = "".join(
        f'<text style="font-size:12px;font-weight:700;fill:{palette().ink}" x="7" '
        f'y="{number * _LINE - band + 16}">{escape(spaced(line), quote=False)}</text>'
        for number, line in enumerate(lines)
    )
    taller = f'width="{size[1]}pt" height="{height + band:g}pt" viewBox="0 {-band} {size[1]} '
    ground = f'<path d="M0 {-band}h{size[1]}v{height + band:g}H0z" style="fill:#fff"/>'
    body = svg.replace(size[0], f'{taller}{height + band:g}"', 1)
    return body.replace(">", f">{ground}{texts}", 1)


def _pieces(body: str, wanted: set[str]) -> Iterator[str]:
    """Shorten tag by tag; ``wanted`` are the marks that something refers to."""
    groups: list[str] = []  # the open groups, each as it was written
    spoken = False  # inside an element whose text is seen
    for number, piece in enumerate(_TAG.split(body)):
        if number % 2 == 0:
            if spoken:
                yield _edges_kept(piece)
            continue
        tag = _short(piece, wanted)
        spoken = tag.startswith(("<text", "<tspan", "</tspan", "<style")) and tag[-2] != "/"
        if tag == "</g>":
            tag = "" if groups.pop() == "<g>" else tag
        elif tag.startswith("<g") and tag[-2] != "/":
            groups.append(tag)
            tag = "" if tag == "<g>" else tag
        yield tag


def _short(tag: str, wanted: set[str]) -> str:
    tag = _DROPPED.sub("", tag)
    tag = re.sub(r' id="([^"]*)"', lambda id_: id_[0] if id_[1] in wanted else "", tag)
    tag = re.sub(r' style="([^"]*)"', lambda s: re.sub(r"([:;]) ", r"\1", s[0]), tag)
    return _PLACES.sub(lambda place: _tight(_NUMBER.sub(_rounded, place[0])), tag)


def _rounded(number: re.Match[str]) -> str:
    text = f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else re.sub(r"^(-?)0\.", r"\1.", text)


def _tight(attribute: str) -> str:
    """Drop the spaces of a path that separate nothing."""
    if not attribute.startswith('d="'):
        return attribute
    return re.sub(r"\s*([A-Za-z])\s*|\s+(?=\"$)", r"\1", attribute[3:]).join(('d="', ""))


def _edges_kept(text: str) -> str:
    """Keep a space before or after a text, and the one before a percent sign, as elsewhere."""
    return re.sub(r"^ | $", "\N{NO-BREAK SPACE}", spaced(text))
