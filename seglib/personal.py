"""What a personal value looks like: e-mail addresses and telephone numbers."""

from __future__ import annotations

import re
from typing import Any

_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_PHONE = r"^(\+|00)[0-9][0-9 ()/.-]{6,}$"
_PHONE_WITHIN = r"(?<![0-9])(\+|00)[0-9][0-9 ()/.-]{6,}"


def looks_personal(text: Any) -> Any:
    """Tell e-mail addresses and telephone numbers from other texts.

    Parameters
    ----------
    text
        Ibis text column; a missing text is not personal.

    Notes
    -----
    The patterns are those that DuckDB, Postgres and Spark read alike. A person's name cannot be
    told from other words; a column that holds names must be mapped to one that the contract
    declares personal.

    Examples
    --------
    >>> import ibis
    >>> texts = ibis.memtable({"text": ["a.b@c.example", "+49 170 5550123", "Spare parts"]})
    >>> ibis.duckdb.connect().to_pandas(looks_personal(texts.text)).tolist()
    [True, True, False]
    """
    return (text.re_search(_EMAIL) | text.re_search(_PHONE)).fill_null(False)


def is_personal(text: str) -> bool:
    """Say the same of one text.

    Examples
    --------
    >>> [is_personal(text) for text in ("a.b@c.example", "Spare parts")]
    [True, False]
    """
    return bool(re.search(_EMAIL, text) or re.search(_PHONE, text))


def holds_personal(text: str) -> bool:
    """Find e-mail addresses and telephone numbers within a longer text.

    Examples
    --------
    >>> [holds_personal(text) for text in ("Call +49 170 5550123.", "They test 12 000 samples.")]
    [True, False]
    """
    return bool(re.search(_EMAIL, text) or re.search(_PHONE_WITHIN, text))
