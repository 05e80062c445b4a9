"""Blocking: which pairs of company records are worth comparing at all."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_LARGEST_BLOCK = 50
_WINDOW = 4


def candidate_pairs(records: pd.DataFrame) -> tuple[Integers, Integers, int]:
    """Pair the records that share a key.

    Parameters
    ----------
    records
        ``plain`` (see :func:`~seglib.collection.names.plain_name`), and ``domain`` and
        ``postcode`` where known; the index is not used.

    Returns
    -------
    left, right, left_out : array of int, array of int, int
        Places of the two records, left < right, each pair once; and the blocks that were left
        out because more than fifty records share the key.

    Notes
    -----
    Keys: the name without spaces, also with any one letter taken out (so that one letter swapped,
    dropped, doubled or wrong still meets); every word; the domain; the postcode with the first
    letter. Two sorted-neighbourhood passes (forwards and backwards, Hernández & Stolfo 1995) add
    what has more than one slip. Work and memory grow as the number of records.

    Examples
    --------
    >>> names = pd.DataFrame({"plain": ["acme labs", "acme lasb", "zenith"]})
    >>> left, right, _ = candidate_pairs(names)
    >>> (0, 1) in set(zip(left.tolist(), right.tolist()))
    True
    """
    plain = records["plain"].reset_index(drop=True)
    joined = plain.str.replace(" ", "", regex=False)
    nothing = pd.Series(None, index=records.index, dtype="str")
    postcode, domain = (
        records.get(c, nothing).reset_index(drop=True) for c in ("postcode", "domain")
    )
    letters, _ = _within_blocks(_one_letter_out(joined), len(plain))
    found, left_out = [letters, _neighbours(joined), _neighbours(joined.str[::-1])], 0
    for key in (plain.str.split().explode(), joined.str[:3] + postcode, domain):
        pairs, large = _within_blocks(key.dropna(), len(plain))
        found.append(pairs)
        left_out += large
    codes = np.unique(np.concatenate(found))
    return codes // len(plain), codes % len(plain), left_out


def _one_letter_out(names: pd.Series) -> pd.Series:
    keys = [[n, *{n[:i] + n[i + 1 :] for i in range(len(n))} - {n}] for n in names]
    return pd.Series(keys, index=names.index, dtype="object").explode()


def _within_blocks(key: pd.Series, count: int) -> tuple[Integers, int]:
    """Every pair of places that share a key, and the number of blocks that are too large."""
    if key.empty:
        return np.empty(0, dtype=np.int64), 0
    codes, _ = pd.factorize(key)
    places = key.index.to_numpy(dtype=np.int64)
    order = np.lexsort((places, codes))
    codes, places = codes[order], places[order]
    sizes = np.bincount(codes)
    small = sizes[codes] <= _LARGEST_BLOCK
    codes, places, found = codes[small], places[small], [np.empty(0, dtype=np.int64)]
    for shift in range(1, _LARGEST_BLOCK):
        same = codes[shift:] == codes[:-shift]
        if not same.any():
            break
        found.append(_as_number(places[:-shift][same], places[shift:][same], count))
    return np.unique(np.concatenate(found)), int((sizes > _LARGEST_BLOCK).sum())


def _neighbours(names: pd.Series) -> Integers:
    """Pairs that stand near one another when the names are sorted."""
    order = np.argsort(names.to_numpy(dtype="U"), kind="stable").astype(np.int64)
    pairs = [_as_number(order[:-s], order[s:], len(order)) for s in range(1, _WINDOW + 1)]
    return np.unique(np.concatenate(pairs))


def _as_number(one: Integers, other: Integers, count: int) -> Integers:
    left, right = np.minimum(one, other), np.maximum(one, other)
    return (left * count + right)[left != right]
