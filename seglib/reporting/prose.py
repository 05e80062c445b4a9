"""Markdown of a notebook to HTML: raw HTML is shown as text, no address leads outside."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from typing import Any

import mistune
from mistune.plugins.formatting import strikethrough
from mistune.plugins.table import table

from seglib.charts.style import spaced

_NOTEBOOK = re.compile(r"(?:\./)?(\d\d)_\w+\.ipynb(?:#.*)?")


@dataclass(frozen=True)
class Heading:
    """A heading of a notebook: its level there, and its text as HTML and as plain words."""

    level: int
    html: str
    text: str


@dataclass(frozen=True)
class Prose:
    """Text of a notebook between two headings, as HTML."""

    html: str


class _Renderer(mistune.HTMLRenderer):
    """Writes links within the report only: to another step, or as plain words."""

    def __init__(self) -> None:
        super().__init__(escape=True)
        self.NAME = "html"  # type: ignore[misc]

    def link(self, text: str, url: str, title: str | None = None) -> str:
        notebook = _NOTEBOOK.fullmatch(url)
        if notebook:
            return f'<a href="#step-{notebook[1]}">{text}</a>'
        return re.sub(r"^(https?|ftp)://", "", text)

    def text(self, text: str) -> str:
        return super().text(spaced(text))

    def image(self, text: str, url: str, title: str | None = None) -> str:
        return f"<em>{text}</em>" if text else ""


def _markdown() -> tuple[mistune.Markdown, _Renderer]:
    renderer = _Renderer()
    writer = mistune.create_markdown(renderer=renderer, plugins=[table, strikethrough])
    reader = mistune.create_markdown(renderer=None, plugins=[table, strikethrough])
    return reader, writer.renderer  # type: ignore[return-value]


_READER, _RENDERER = _markdown()


def parse_markdown(text: str) -> list[Heading | Prose]:
    """Split Markdown into its headings and the prose between them.

    Parameters
    ----------
    text
        Source of a Markdown cell.

    Examples
    --------
    >>> parse_markdown("## Choose *k*\\nWhy <b>now</b>?")[0]
    Heading(level=2, html='Choose <em>k</em>', text='Choose k')
    >>> parse_markdown("Why <b>now</b>?")
    [Prose(html='<p>Why &lt;b&gt;now&lt;/b&gt;?</p>')]
    """
    tokens, state = _READER.parse(text)
    parts: list[Heading | Prose] = []
    between: list[dict[str, Any]] = []

    def close() -> None:
        html = _RENDERER(between, state).strip()
        if html:
            parts.append(Prose(html))
        between.clear()

    for token in tokens:
        if not isinstance(token, dict) or token["type"] != "heading":
            between.append(token)  # type: ignore[arg-type]
            continue
        close()
        html = _RENDERER.render_tokens(token["children"], state)
        parts.append(Heading(token["attrs"]["level"], html, _plain(token["children"])))
    close()
    return parts


def _plain(tokens: list[dict[str, Any]]) -> str:
    return "".join(_plain(t["children"]) if "children" in t else t.get("raw", "") for t in tokens)


def preformatted(text: str) -> str:
    """Show plain text as it stands.

    Examples
    --------
    >>> preformatted("1 < 2")
    '<pre tabindex="0">1 &lt; 2</pre>'
    """
    return f'<pre tabindex="0">{escape(text.rstrip(), quote=False)}</pre>'
