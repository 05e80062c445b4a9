"""Take a folder of this machine out of a text, glued to a word too, and leave what looks like it.

Within a path of another machine or of the project the same letters mean something else:
``https://example.org/tmp/x``, ``../../work/data``, the base64 text of a picture. A folder of
several names (``/home/ann``) is taken out wherever it stands but there. A folder of one name
(``/work``) may be a part of any relative path (``seglib/work``), so glued to a word it stays,
unless it is one that every such machine has and hardly any project (``/tmp``).
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from seglib.reporting.escapes import any_escape, longest_word

OF_SYSTEM = frozenset({"/tmp", "/root"})
"""Folders of one name that are taken out when glued to a word, as in ``secret/tmp/x``."""

_GLUE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/.~")
_NEAR = 300  # characters before a folder that are looked at, but for an address
_PICTURE = 60  # characters of base64 in one piece are no path
_SLASH = r"(?:\\*/|%2F)"
_ESCAPED = re.compile(r"(?:\\[nrt]|\\u[0-9a-fA-F]{4}|%[0-9A-Fa-f]{2})\Z")
_NO_HOST = re.compile(rf"[A-Za-z0-9](?::|%3A){_SLASH}{{2,}}\Z")
_ADDRESS = re.compile(rf"[A-Za-z0-9](?::|%3A){_SLASH}{_SLASH}[^\s\"'<>()\[\]?#=,;|]+")
_WORD = re.compile(r"[\w.+~%/\\@-]*\Z")
_RELATIVE = re.compile(r"(?:\.{1,2}|~\w*)(?:\\*/.*)?", re.DOTALL)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*")


@dataclass(frozen=True)
class Folder:
    """A folder of this machine.

    Attributes
    ----------
    path
        Absolute.
    words
        What stands in its place.
    literal
        What a text that holds it holds, however it is escaped.
    pattern
        Finds it, and more that looks like it.
    """

    path: str
    words: str
    literal: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, path: str, words: str) -> Folder:
        """Prepare a folder and the words for it."""
        pattern = re.compile(rf"(?:file://(?:localhost)?)?{any_escape(path)}(?![\w-])")
        return cls(path, words, longest_word(path), pattern)

    def out_of(self, text: str) -> str:
        """Return the text with the words in the folder's place.

        Examples
        --------
        >>> home = Folder.of("/home/ann", "~")
        >>> home.out_of("see/home/ann/x, https://example.org/home/ann, ../home/ann")
        'see~/x, https://example.org/home/ann, ../home/ann'
        """
        if self.literal not in text:
            return text
        addresses = _places(text)

        def said(match: re.Match[str]) -> str:
            return self.words if self._is_meant(match, addresses) else match[0]

        return self.pattern.sub(said, text)

    def _is_meant(self, match: re.Match[str], addresses: Sequence[tuple[int, int]]) -> bool:
        """Tell whether the folder itself was found, by what stands before it."""
        start = match.start()
        before = match.string[max(0, start - _NEAR) : start]
        if _ESCAPED.search(before) or _NO_HOST.search(before):
            return True
        word = _WORD.search(before)[0]  # type: ignore[index]
        if _is_within(start, addresses) or _RELATIVE.fullmatch(word):
            return False
        if before[-1:] not in _GLUE or self._has_several_names():
            return True
        return self.path in OF_SYSTEM and _is_glued(match, word)

    def _has_several_names(self) -> bool:
        return len(re.findall(r"[^\\/]+", self.path)) > 1


def _places(text: str) -> list[tuple[int, int]]:
    """Where the addresses of a text begin and end, in its order."""
    return [address.span() for address in _ADDRESS.finditer(text)]


def _is_within(start: int, addresses: Sequence[tuple[int, int]]) -> bool:
    """Tell whether a place lies inside an address."""
    before = bisect_left(addresses, (start, 0)) - 1
    return before >= 0 and start < addresses[before][1]


def _is_glued(match: re.Match[str], word: str) -> bool:
    """Tell whether a path begins here behind a word, outside of any other path or picture."""
    after = match.string[match.end() : match.end() + _PICTURE]
    piece = len(_BASE64.match(word[::-1])[0]) + len(_BASE64.match(after)[0])  # type: ignore[index]
    return after[:1] == "/" and re.fullmatch(r"[\w-]+", word) is not None and piece < _PICTURE
