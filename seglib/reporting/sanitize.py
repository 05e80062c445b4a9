"""Let through of a cell's HTML only what a report needs: no script, no handler, no address."""

from __future__ import annotations

import re
from html import escape
from html.parser import HTMLParser

from seglib.charts.style import spaced

_VOID = {"img", "source", "br", "hr", "col", "wbr"}
_TAGS = frozenset(
    re.findall(
        r"\w+",
        """a abbr article aside b blockquote br caption cite code col colgroup data dd details dfn
        div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img kbd li mark ol p picture pre q s
        samp section small source span strong sub summary sup table tbody td tfoot th thead tr u ul
        var wbr""",
    )
)
_WORDS = 14
_SENTENCE = 36
_SILENT = {"script", "style", "template", "iframe", "object", "noscript", "head", "title"}
_ATTRIBUTES = frozenset(
    re.findall(
        r"\w+",
        """alt class colspan dir headers height lang media open role rowspan scope span start
        tabindex title value width""",
    )
)
_AS_IT_IS = (["text-align:left"], ["background:#fff"])
"""What a notebook must say of a cell or a picture and a report need not."""

_PICTURES = (("img", "src"), ("source", "srcset"))
_PICTURE = re.compile(r"data:image/(svg\+xml|png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_STYLES = re.compile(
    r"\s*(?:--[\w-]+|color|background|background-color|border-left-color|width|height|left|"
    r"text-align|font-weight|flex-grow)\s*:\s*(?:#[0-9a-fA-F]{3,8}|[\w-]+|-?[\d.]+(?:%|px|em|rem)?)\s*"
)


def sanitize(html: str, taken: set[str] | None = None) -> str:
    """Return HTML with known tags and attributes only.

    Headings inside are shown as bold paragraphs, so that they cannot upset the report's order of
    headings; an ``id`` that is taken gets a number.

    Parameters
    ----------
    html
        What a cell displayed.
    taken
        Anchors already used in the report; new ones are added to it.

    Examples
    --------
    >>> sanitize('<p onclick="x()">a<script>b</script><img src="http://c.d/e.png" alt="f"></p>')
    '<p>a</p>'
    """
    cleaner = _Cleaner(set() if taken is None else taken)
    cleaner.feed(html)
    cleaner.close()
    return cleaner.result()


class _Cleaner(HTMLParser):
    def __init__(self, taken: set[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._taken = taken
        self._out: list[str] = []
        self._cell = 0
        self._open: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        if self._silent or tag not in _TAGS:
            return
        kept = self._attributes(tag, attrs)
        if any(tag == shown and name not in kept for shown, name in _PICTURES):
            return
        tag, kept = _heading_as_paragraph(tag, kept)
        written = "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
        if tag in ("td", "th"):
            self._cell = len(self._out)
        self._out.append(f"<{tag}{written}>")
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
            return
        tag, _ = _heading_as_paragraph(tag, {})
        if self._silent or tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            if last in ("td", "th"):
                self._mark_wordy()
            self._out.append(f"</{last}>")
            if last == tag:
                return

    def handle_data(self, data: str) -> None:
        if not self._silent:
            as_it_stands = "pre" in self._open or "code" in self._open
            self._out.append(escape(data if as_it_stands else spaced(data), quote=False))

    def result(self) -> str:
        ends = "".join(f"</{tag}>" for tag in reversed(self._open))
        return "".join(self._out).strip() + ends

    def _mark_wordy(self) -> None:
        """Mark a cell with words in it, so that its column is not squeezed to one word."""
        if "thead" in self._open:
            return
        start, length = self._out[self._cell], sum(map(len, self._out[self._cell + 1 :]))
        if length > _WORDS and " class=" not in start:
            kind = "sentence" if length > _SENTENCE else "words"
            self._out[self._cell] = f'{start[:-1]} class="{kind}">'

    def _attributes(self, tag: str, attrs: list[tuple[str, str | None]]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for name, value in attrs:
            text = value or ""
            if name == "id":
                kept["id"] = self._anchor(text)
            elif name in ("src", "srcset"):
                if (tag, name) in _PICTURES and _PICTURE.fullmatch(text):
                    kept[name] = text
            elif name == "href":
                if text.startswith("#"):
                    kept["href"] = text
            elif name == "style":
                declarations = [p.strip() for p in text.split(";") if _STYLES.fullmatch(p)]
                if declarations and declarations not in _AS_IT_IS:
                    kept["style"] = ";".join(declarations)
            elif name in _ATTRIBUTES or name == "data-from" or name.startswith("aria-"):
                kept[name] = text
        return kept

    def _anchor(self, wanted: str) -> str:
        return free_anchor(re.sub(r"[^\w-]+", "-", wanted) or "part", self._taken)


def free_anchor(wanted: str, taken: set[str]) -> str:
    """Return an anchor that is not taken, and take it.

    Examples
    --------
    >>> taken = {"size"}
    >>> free_anchor("size", taken), free_anchor("size", taken)
    ('size-2', 'size-3')
    """
    anchor, number = wanted, 1
    while anchor in taken:
        number += 1
        anchor = f"{wanted}-{number}"
    taken.add(anchor)
    return anchor


def without_dead_links(html: str) -> str:
    """Keep the words of a link whose anchor is not on the page.

    Examples
    --------
    >>> without_dead_links('<p id="a"><a href="#a">one</a> <a href="#b">two</a></p>')
    '<p id="a"><a href="#a">one</a> two</p>'
    """
    there = set(re.findall(r'\sid="([^"]+)"', html))
    return re.sub(
        r'<a href="#([^"]+)">(.*?)</a>',
        lambda link: link[0] if link[1] in there else link[2],
        html,
        flags=re.DOTALL,
    )


def _heading_as_paragraph(tag: str, kept: dict[str, str]) -> tuple[str, dict[str, str]]:
    if re.fullmatch(r"h[1-6]", tag):
        return "p", {**kept, "class": f"{kept.get('class', '')} heading".strip()}
    return tag, kept
