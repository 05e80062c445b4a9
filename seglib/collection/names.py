"""Company names, reduced to what tells companies apart."""

from __future__ import annotations

import re
import unicodedata

_LEGAL = {
    "ab", "ag", "aps", "as", "asa", "bv", "bvba", "co", "company", "corp", "corporation", "cv",
    "doo", "eg", "ek", "eurl", "ev", "gbr", "gmbh", "group", "holding", "inc", "incorporated",
    "kft", "kg", "kgaa", "kk", "lda", "limited", "llc", "llp", "lp", "ltd", "ltda", "mbh", "nv",
    "ohg", "ou", "oy", "oyj", "plc", "pte", "pty", "sa", "sarl", "sas", "se", "sia", "sl", "slu",
    "snc", "spa", "spzoo", "srl", "srls", "sro", "uab", "ug", "zrt",
}  # fmt: skip
_SPELT_APART = ((r"\ba/s\b", "as"), (r"\bsp\.? ?z ?o\.?o\.?", "spzoo"), (r"\bs ?\. ?a\b", "sa"))
_UMLAUTS = re.compile(r"(?<=[aou])e(?=[^aeiou\s])")


def plain_name(name: str) -> str:
    """Reduce a company name to what tells companies apart: no accents, punctuation, legal form.

    Parameters
    ----------
    name
        As written; a name of nothing but legal forms keeps them.

    Examples
    --------
    >>> plain_name("Müller & Söhne G.m.b.H."), plain_name("MUELLER & SOEHNE GMBH")
    ('muller sohne', 'muller sohne')
    """
    text = name.casefold()
    for pattern, form in _SPELT_APART:
        text = re.sub(pattern, form, text)
    text = unicodedata.normalize("NFKD", text)
    text = "".join(c for c in text if not unicodedata.combining(c)).replace(".", "")
    words = re.sub(r"[^\w]+", " ", _UMLAUTS.sub("", text)).split()
    kept = [word for word in words if word not in _LEGAL]
    return " ".join(kept or words)
