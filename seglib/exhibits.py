"""What a notebook shows and a report keeps: figures, tables and notes, each with its words.

All text that comes from data is escaped here and nowhere else.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from io import StringIO
from typing import TYPE_CHECKING, Any

import pandas as pd
from jinja2 import Environment

from seglib.quotes import Quote, bare, marked_up, renamed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FIGURE = """<figure class="chart" id="{{ anchor }}">
{% if claim %}<p class="claim"><strong>{{ claim }}</strong></p>
{% endif %}<div class="plot{% if not narrow %} broad{% endif %}"
 role="group" aria-label="{{ label }}" tabindex="0">
<picture>{% if narrow %}<source media="(max-width: 40rem)" srcset="{{ narrow }}">{% endif %}
<img alt="{{ alt }}" src="{{ wide }}" style="background:#fff"></picture></div>
<figcaption>{{ caption }}</figcaption>
</figure>"""

_TABLE = """<div class="table{% if rows|length > long %} long{% endif %}" id="{{ anchor }}"
 role="region" tabindex="0" aria-label="{{ label }}">
<table>
<caption>{{ caption }}</caption>
<thead><tr>{% for head in heads %}<th scope="col"{{ head.align|safe }}>
{{- head.text }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}<tr>{% for cell in row %}
{%- if loop.first %}<th scope="row"{{ heads[0].align|safe }}>{{ cell }}</th>
{%- else %}<td{{ heads[loop.index0].align|safe }}>{{ cell }}</td>{% endif %}
{%- endfor %}</tr>
{% endfor %}</tbody>
</table>{% if note %}
<p class="note">{{ note }}</p>{% endif %}
</div>"""

_TWICE = 25_000
"""Bytes up to which a picture is drawn twice; the whole report has to stay a small file."""

_LONG = 16
"""Rows from which a report lets a table scroll inside the page."""

# JupyterLab sets every cell to the right unless the cell itself says otherwise.
_TEXT, _NUMBER = ' style="text-align:left"', ' class="number"'

_WRITTEN_NUMBER = re.compile(r"[<+\N{MINUS SIGN}-]?\s*\d[\d,.]*\s*[%×]?|–|")
"""A cell that reads as a number: ``43 %``, ``+1.2``; a gap counts as one."""

_NOTE = (
    """<p class="{{ kind }}"{% if source %} data-from="{{ source }}"{% endif %}>{{ text }}</p>"""
)


@cache
def _environment() -> Environment:
    return Environment(autoescape=True, trim_blocks=False, keep_trailing_newline=False)


def render(template: str, **values: Any) -> str:
    """Fill an HTML template; every value is escaped."""
    return _environment().from_string(template).render(**values)


def slug(text: str) -> str:
    """Make an anchor of a text.

    Examples
    --------
    >>> slug("Size & value, by segment")
    'size-value-by-segment'
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


_TERMS = {"ari": "ARI", "k": "k", "p_holm": "p (Holm)", "bic": "BIC", "psi": "PSI", "cpa": "CPA"}
"""Column names that are not written like a word."""

_P_VALUES = frozenset({"p", "p_holm"})
"""Columns of p-values: no reader needs the power of ten of one."""


@dataclass(frozen=True)
class Chart:
    """A figure with its claim.

    Claim and caption may quote figures (:func:`seglib.quotes.quote`).

    Attributes
    ----------
    figure
        The matplotlib figure; its title states the claim.
    name
        Name of the file under ``figures/`` and of the anchor.
    alt
        The finding in words, for those who cannot see it.
    caption
        What is shown, source, n and date.
    said
        The title with its figures under other names; as the figure has it when empty.
    """

    figure: Figure
    name: str
    alt: str
    caption: str
    said: str = ""

    @property
    def claim(self) -> str:
        """The title, in one line and as it is read."""
        return bare(self._claim)

    @property
    def _claim(self) -> str:
        """The same with its figures' names; the drawn title has none."""
        said = self.said or str(self.figure.get_label()) or self.figure.get_suptitle()
        return " ".join(said.replace(r"\$", "$").split())

    @property
    def key(self) -> str:
        """Under which its figures are kept."""
        return self.name

    def named(self, names: Callable[[Quote], str]) -> Chart:
        """Give the figures in its words other names."""
        said, caption = renamed(self._claim, names), renamed(self.caption, names)
        return replace(self, said=said, caption=caption)

    def __repr__(self) -> str:
        return f"{self.claim}\n{bare(self.caption)}".strip()

    def svg(self) -> str:
        """Draw as SVG on white with text as text; the bytes depend on the content alone."""
        from seglib.charts.slim import titled

        return titled(self._pictures[0], self.claim)

    def _repr_html_(self) -> str:
        from seglib.charts.style import spaced

        wide, narrow = self._pictures
        return render(
            _FIGURE,
            anchor=slug(self.name),
            claim=marked_up(self._claim),
            label=self.claim or slug(self.name),
            alt=spaced(bare(self.alt)),
            caption=marked_up(self.caption),
            wide=_address(wide),
            narrow=_address(narrow) if narrow else "",
        )

    @cached_property
    def _pictures(self) -> tuple[str, str]:
        """Without the title: as wide as it is, and for a phone where it fits and is not large."""
        from seglib.charts.narrow import narrowed

        title = [t for t in self.figure.texts if t.get_text() == self.figure.get_suptitle()]
        for text in title:
            text.set(visible=False, in_layout=False)
        try:
            wide = self._draw()
            if len(wide) > _TWICE:
                return wide, ""
            with narrowed(self.figure) as fits:
                return wide, self._draw() if fits else ""
        finally:
            for text in title:
                text.set(visible=True, in_layout=True)

    def _draw(self) -> str:
        import matplotlib as mpl

        from seglib.charts.slim import slim

        settings: dict[str, Any] = {"svg.hashsalt": self.name, "svg.fonttype": "none"}
        with mpl.rc_context(settings), StringIO() as out:  # type: ignore[arg-type]
            # Without a ground of its own: the page's card is the ground, light or dark around it.
            self.figure.savefig(
                out, format="svg", metadata={"Date": None}, bbox_inches="tight", transparent=True
            )
            return slim(out.getvalue())


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first column heads each row.

    A column without any value is left out; a table without rows becomes one line.

    Attributes
    ----------
    frame
        The values.
    caption
        What the table says.
    formats
        Column to format: a :func:`str.format` pattern such as ``"{:,.0f}"``, or a function.
    labels
        Column to heading; others are shown with spaces for underscores.
    note
        A line under the table.
    limit
        Rows shown at most; what is left out is said.
    """

    frame: pd.DataFrame
    caption: str
    formats: Mapping[str, str | Callable[[Any], str]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    limit: int = 40

    def _repr_html_(self) -> str:
        if self.frame.empty:
            return render(_NOTE, kind="missing", text=f"{bare(self.caption)}: none.")
        shown = self.frame.head(self.limit)
        shown = shown[[c for c in shown.columns if not (shown[c].isna() | (shown[c] == "")).all()]]
        heads = [{"text": self._label(str(c)), "align": _align(shown[c])} for c in shown.columns]
        cells = [[self._cell(str(c), value) for value in shown[c]] for c in shown.columns]
        left_out = len(self.frame) - len(shown)
        rows = "row is" if left_out == 1 else "rows are"
        more = f"{left_out:,} more {rows} not shown." if left_out else ""
        return render(
            _TABLE,
            anchor=self.key,
            label=bare(self.caption),
            caption=marked_up(self.caption),
            heads=heads,
            long=_LONG,
            rows=list(zip(*cells, strict=True)),
            note=marked_up(" ".join(part for part in (self.note, more) if part)),
        )

    @property
    def key(self) -> str:
        """Under which its figures are kept; its anchor too."""
        return "table-" + slug(bare(self.caption))[:60].strip("-")

    def named(self, names: Callable[[Quote], str]) -> Table:
        """Give the figures in its words other names."""
        return replace(self, caption=renamed(self.caption, names), note=renamed(self.note, names))

    def __repr__(self) -> str:
        return f"{bare(self.caption)}\n{self.frame.head(self.limit).to_string(index=False)}"

    def _label(self, name: str) -> str:
        if name in self.labels or name not in _TERMS:
            text = self.labels.get(name, name.replace("_", " "))
            return text[:1].upper() + text[1:]
        return _TERMS[name]

    def _cell(self, column: str, value: Any) -> str:
        if not isinstance(value, list | tuple | dict) and pd.isna(value):
            return "–"
        chosen = self.formats.get(column, format_p if column in _P_VALUES else None)
        if callable(chosen):
            return chosen(value)
        return chosen.format(value) if chosen else format_value(value)


def _align(column: pd.Series) -> str:
    """Numbers to the right, also those that are written out, such as percentages."""
    if pd.api.types.is_bool_dtype(column):
        return _TEXT
    if pd.api.types.is_numeric_dtype(column):
        return _NUMBER
    words = [str(value) for value in column.dropna()]
    return _NUMBER if words and all(map(_WRITTEN_NUMBER.fullmatch, words)) else _TEXT


@dataclass(frozen=True)
class Note:
    """A sentence computed from the results.

    Attributes
    ----------
    text
        The sentence; it may quote figures (:func:`seglib.quotes.quote`).
    kind
        ``finding``, ``warning`` or ``missing``.
    """

    text: str
    kind: str = "finding"

    @property
    def key(self) -> str:
        """Under which its figures are kept, together with those of the step's other notes."""
        return "notes"

    def named(self, names: Callable[[Quote], str]) -> Note:
        """Give the figures in its words other names."""
        return replace(self, text=renamed(self.text, names))

    def _repr_html_(self) -> str:
        return render(_NOTE, kind=self.kind, text=marked_up(self.text))

    def __repr__(self) -> str:
        return bare(self.text)


def missing(section: str, tables: Sequence[str]) -> Note:
    """Say in one line that a section cannot be said, and which table it wants.

    Examples
    --------
    >>> missing("The buying season", ["orders", "opportunities"])
    The buying season: not shown, the table 'orders' or 'opportunities' is needed.
    """
    wanted = " or ".join(f"'{table}'" for table in tables)
    return Note(f"{section}: not shown, the table {wanted} is needed.", kind="missing")


def format_p(value: float) -> str:
    """Write a p-value.

    Examples
    --------
    >>> format_p(5.4e-113), format_p(0.04)
    ('< 0.001', '0.040')
    """
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def format_value(value: Any) -> str:
    """Write a value as a person would: three significant digits, thousands apart.

    Examples
    --------
    >>> [format_value(v) for v in (1234567.8, 0.1234, 12, True, "text")]
    ['1,234,568', '0.123', '12', 'yes', 'text']
    """
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return "yes" if value else "no"
    if pd.api.types.is_integer(value):
        return f"{int(value):,}"
    if pd.api.types.is_float(value):
        size = abs(float(value))
        return f"{value:,.0f}" if size >= 100 else f"{value:,.1f}" if size >= 10 else f"{value:.3g}"
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, list | tuple):
        return ", ".join(format_value(part) for part in value)
    return str(value)
