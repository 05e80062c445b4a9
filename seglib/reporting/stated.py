"""Hold a report against its own run: every figure in its prose stands in an artifact, by name.

A figure names its artifact, its field and its rows (``<data>``), and must equal what stands there.
A text that is taken over whole (``data-from`` on any other tag) must stand in the field that it
names. There is no other number in a sentence of the report, but for the few kinds in
:data:`ALLOWED` and what is part of a name in the data. That a number stands *somewhere* in a run
would say little: of 303 figures of the demo's report 295 would have passed with their last digit
changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from seglib.errors import SeglibError
from seglib.reporting.numbers import NUMBER, read_number
from seglib.reporting.plain import without_statistics
from seglib.reporting.reference import read_reference, words_of
from seglib.run import Run

NO_RESULTS = {
    "prose": "written by hand in the notebook: a threshold, an example or a step, never a result",
    "provenance": "taken from the manifest: versions, parameters, hashes",
}
"""Parts of the page whose numbers are no results, with the reason."""

ALLOWED: tuple[tuple[str, str], ...] = (
    (r"\d{4}-\d{2}(-\d{2})?", "a date"),
    (r"\d{4} (Q\d|H\d)|Q\d|(?<![\d,.])(19|20)\d\d(?![\d,.])", "a period or a year"),
    (
        r"9[05] % (interval|band|bootstrap|from\b|of the (pairs|positions))",
        "the level of an interval",
    ),
    (r"step \d\d|Step \d", "the number of a step"),
    (r"(\d+)?[Ss]egment \d+|\d+: '", "the number of a segment, which is its name"),
    (r"[\d,]+ more rows? (is|are) not shown", "rows of the table above the words"),
    (r"12 (whole )?months", "a year"),
    (r"1 − (exp|loss|E)|minus 1\b|not to 1\b", "a formula"),
    (r"k = \d+(, \d+)*( and \d+)?", "numbers of segments that were tried"),
    (
        r"\bof 10?(?=[);,.]|$)|from [01] to (1|10|20)\b"
        r"|1: the same|1 is the same|0 nothing|0 is what no|below 0:|\b(below|near) 1\b",
        "a scale",
    ),
    (r"at least 80 % of the trials|confidence of 80 % or more", "the confidence that counts"),
    (r"p < 0\.05|p < 0\.001", "a level of significance"),
)
"""Words with numbers that are no results, each with its reason."""

_NAMES = ("segments.json:name", "profiles.parquet:label", "profiles.parquet:level")
"""Where names stand that the data bring along; a digit in them is no figure."""

_IN_NAME = re.compile(r"[^\W\d].*\d|\d.*[^\W\d]")

_SENTENCES = frozenset({"p", "li", "figcaption", "caption", "dd", "dt", "h1", "h2", "h3", "h4"})
_VOID = frozenset({"meta", "link", "img", "source", "br", "hr", "wbr", "col"})
_SILENT = frozenset({"style", "script", "pre", "code", "svg", "nav", "title"})


@dataclass
class _Sentence:
    """A sentence of the page: its text, and what in it is quoted."""

    part: str
    text: str = ""
    quotes: list[tuple[str, str, str]] = field(default_factory=list)


def check_report(run: Run, html: str = "") -> list[str]:
    """Say which figures of a report do not stand in the artifacts of its run; none is good.

    Parameters
    ----------
    run
        The run that the report tells of.
    html
        The report; read from the run where it is empty.
    """
    page = _Page()
    page.feed(html or (run.folder / "report.html").read_text(encoding="utf-8"))
    names = _names_with_digits(run)
    return [wrong for sentence in page.found for wrong in _wrong(sentence, run, names)]


def _names_with_digits(run: Run) -> list[str]:
    """List the words of the data in which a digit is no figure, the longest first."""
    found = {word for source in _NAMES if run.has(source.partition(":")[0])
             for word in words_of(run, source)}  # fmt: skip
    return sorted(filter(_IN_NAME.search, found), key=len, reverse=True)


def _wrong(sentence: _Sentence, run: Run, names: list[str]) -> Iterator[str]:
    for source, value, text in sentence.quotes:
        said = _about_figure(run, source, value, text) if value else _about_words(run, source, text)
        if said:
            yield said
    left = sentence.text.replace("\N{NO-BREAK SPACE}", " ")
    left = left if sentence.part not in NO_RESULTS else ""
    for name in names:
        left = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", " ", left, flags=re.IGNORECASE)
    for pattern, _ in ALLOWED:
        left = re.sub(pattern, " ", left)
    for number in NUMBER.finditer(left):
        yield f"{number[0]} names no artifact: {' '.join(sentence.text.split())}"


def _about_words(run: Run, source: str, text: str) -> str:
    try:
        held = words_of(run, source)
        read = [*held, *map(without_statistics, held)]  # as an executive reads them
        known = any(_plain(text) in _plain(words) for words in read)
    except (KeyError, SeglibError) as error:
        return f"{source} cannot be read: {error}"
    return "" if known else f"{source} does not hold the words: {text}"


def _about_figure(run: Run, source: str, value: str, text: str) -> str:
    try:
        there = read_reference(source).value(run)
    except (ValueError, KeyError, SeglibError) as error:
        return f"{source} cannot be read: {error}"
    if abs(float(value) - there) > 1e-9 * max(1.0, abs(there)):
        return f"{source} is {there:.10g}, and the report has {value}"
    return (
        "" if _rounds_to(text, there) else f"{source} is {there:.10g}, and the report says {text}"
    )


def _rounds_to(text: str, value: float) -> bool:
    """Tell whether a text is a value with its last digits rounded away."""
    number = NUMBER.search(text)
    if number is None:
        return False
    written, size = read_number(number[0]), abs(value)
    scale = 0.01 if "%" in text else 1e6 if written.value < 1000 and size >= 1e6 else 1.0
    if "million" in text:
        scale = 1.0
    away = abs(written.value * scale - size)
    if away <= written.half * scale * 1.000001:
        return True
    if scale != 1.0 or "million" in text or written.value < 1000:
        return False
    # an amount as a person says it: its first three digits, and zeros
    unit = 10.0 ** (len(f"{written.value:.0f}") - 3)
    return written.value % unit == 0 and away <= 0.5 * unit * 1.000001


def _plain(text: str) -> str:
    return " ".join(text.replace("\N{NO-BREAK SPACE}%", "%").replace(" %", "%").split())


class _Page(HTMLParser):
    """The sentences of a report, outside of its tables, its code and its contents."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[_Sentence] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._quote: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        known = {name: value or "" for name, value in attrs}
        self._open.append((tag, known))
        if tag in _SENTENCES:
            self.found.append(_Sentence(self._part()))
        if "data-from" in known:
            self._quote = []

    def handle_endtag(self, tag: str) -> None:
        if tag in _VOID or not self._open:
            return
        _, known = self._open.pop()
        if "data-from" in known and self.found:
            quote = (known["data-from"], known.get("value", ""), "".join(self._quote))
            self.found[-1].quotes.append(quote)

    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self._open}
        if any("data-from" in known for _, known in self._open):
            self._quote.append(data)
        elif tags & _SENTENCES and not tags & _SILENT:
            self.found[-1].text += data

    def _part(self) -> str:
        """The class of the nearest part that has a rule of its own."""
        classes = (known.get("class", "").split() for _, known in reversed(self._open))
        return next((name for names in classes for name in names if name in NO_RESULTS), "")
