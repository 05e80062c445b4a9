"""Find a text however it stands escaped: in JSON, HTML, addresses, YAML, CSV or SQL."""

from __future__ import annotations

import json
import re
from html.entities import codepoint2name

_DOUBLED = "\"'"
_LETTERS = {"\n": "n", "\r": "r", "\t": "t", "\b": "b", "\f": "f"}


def any_escape(text: str) -> str:
    """Return the source of a pattern that finds a text in any mixture of escapes.

    Each character may stand as itself, behind backslashes, as ``\\u00e9`` or ``\\xe9``, as an HTML
    entity, or as percent-encoded UTF-8; escapes may themselves be escaped again (JSON within
    JSON, an address within HTML).

    Parameters
    ----------
    text
        What is looked for.

    Examples
    --------
    >>> pattern = re.compile(any_escape('pa"s&s'))
    >>> texts = ['pa"s&s', 'pa\\\\"s&s', "pa&quot;s&amp;s", "pa%22s%26s", "pa&#x22;s\\\\u0026s"]
    >>> [bool(pattern.fullmatch(text)) for text in texts]
    [True, True, True, True, True]
    >>> bool(pattern.search("pass"))
    False
    """
    return "".join(map(_character, text))


def _character(character: str) -> str:
    """Alternatives for one character; each begins with a literal, so that a search is fast."""
    if character == "\\":
        plain = [r"\\+"]
    elif character in " \t\r\n":
        plain = [r"[\s\\][\s\\]*", r"\+"]  # YAML folds long lines at spaces
    elif character in _DOUBLED:
        plain = [character * 2, character]
    else:
        plain = [re.escape(character)]
    # The longer forms come first, so that no end of one is left over.
    both = [] if character.isalnum() else [rf"\\+{_entity(character)}"]  # JSON within HTML
    escapes = [_backslashed(character), *both, _entity(character), _percent(character)]
    alternatives = [*escapes, *plain]
    return f"(?:{'|'.join(alternatives)})"


def _backslashed(character: str) -> str:
    point = ord(character)
    forms = [f"[uU]0*{_hex(point)}"]
    if point > 0xFFFF:  # JSON writes two halves
        first, second = re.findall(r"u([0-9a-f]{4})", json.dumps(character))
        forms.append(rf"u{_hex(int(first, 16))}\\+u{_hex(int(second, 16))}")
    if point < 0x100:
        forms.append(f"x{_hex(point, 2)}")
    if character in _LETTERS:
        forms.append(_LETTERS[character])
    elif not character.isalnum():
        forms.append(re.escape(character))
    return rf"\\(?:\\)*(?:{'|'.join(forms)})"


def _entity(character: str) -> str:
    point = ord(character)
    forms = [f"#0*{point}", f"#[xX]0*{_hex(point)}"]
    name = "apos" if character == "'" else codepoint2name.get(point)
    return f"&(?:amp;)*(?:{'|'.join([*forms, *([name] if name else [])])});"


def _percent(character: str) -> str:
    octets = character.encode("utf-8", "surrogatepass")
    return "".join(f"%(?:25)*{_hex(octet, 2)}" for octet in octets)


def _hex(number: int, width: int = 1) -> str:
    """Hexadecimal digits, large or small."""
    digits = f"{number:0{width}x}"
    return "".join(f"[{d}{d.upper()}]" if d.isalpha() else d for d in digits)


def longest_word(text: str) -> str:
    """Return the longest run of ASCII letters and digits: what no usual escape changes.

    Examples
    --------
    >>> longest_word("/srv/ann smith/project-2")
    'project'
    """
    return max(re.findall(r"[A-Za-z0-9]+", text), key=len, default="")
