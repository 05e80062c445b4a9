"""What an engine's error means, in one sentence for the person who ran the workbook."""

from __future__ import annotations

import re

_OURS = {"builtins", "numpy", "pandas", "pydantic", "seglib", "pyarrow"}

_CONNECTING = {
    r"password authentication failed|no password supplied|authentication": (
        "the user name or the password was not accepted"
    ),
    r"could not translate host|name or service not known|getaddrinfo|resolve host": (
        "there is no host of that name"
    ),
    r"timeout|timed out": "the server did not answer in time",
    r"connection refused|network is unreachable|no route to host|server closed": (
        "no server answers there"
    ),
    r"database .* does not exist": "the server has no such database",
    r"role .* does not exist": "the server has no such user",
}

_GONE = re.compile(
    r"relation \"?([\w.]+)\"? does not exist"
    r"|Table with name ([\w.]+) does not exist"
    r"|The table or view `?([\w.`]+?)`? cannot be found",
)


def why_not_connected(error: Exception) -> str:
    """Say why a connection failed, without a word of the error's own text (it may hold secrets).

    Examples
    --------
    >>> why_not_connected(OSError('password authentication failed for user "ann"'))
    'the user name or the password was not accepted'
    """
    text = str(error).lower()
    told = next((words for pattern, words in _CONNECTING.items() if re.search(pattern, text)), "")
    if isinstance(error, ImportError):
        return f"the driver '{error.name or 'of this engine'}' is not installed"
    return told or type(error).__name__


def from_engine(error: BaseException) -> bool:
    """Say whether an error comes from a database engine rather than from Python code."""
    return isinstance(error, Exception) and type(error).__module__.partition(".")[0] not in _OURS


def reason(error: BaseException) -> str:
    """Keep the sentence of an engine's error that says what and where.

    Examples
    --------
    >>> reason(RuntimeError('relation "orders" does not exist'))
    "the table 'orders' is no longer there"
    """
    text = str(error).strip()
    gone = _GONE.search(text)
    if gone:
        name = next(group for group in gone.groups() if group).replace("`", "")
        return f"the table '{name}' is no longer there"
    if re.search(r"No files found that match the pattern|PATH_NOT_FOUND|FILE_NOT_EXIST", text):
        return "a file is no longer there"
    line = re.search(r"(?:CSV Error on Line|Line): ?(\d+)", text)
    first = text.split("\n")[0].split(": ", 1)[-1]
    return f"line {line[1]}: {_csv_reason(text) or first}" if line else first


def _csv_reason(text: str) -> str:
    found = re.search(r"(Expected Number of Columns.*|Value with unterminated quote.*)", text)
    return found[1].strip() if found else ""
