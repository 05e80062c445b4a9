"""Identity of segments across two runs: which is still the same, split, merged, new or gone."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.intervals import Floats, Z

ABSENT = -1
"""Segment of an account in a run in which it was not."""


def paired(previous: pd.DataFrame, current: pd.DataFrame) -> pd.DataFrame:
    """Put the segments of both runs side by side, one row an account.

    Parameters
    ----------
    previous, current
        ``account_id`` and ``segment`` of each run.

    Returns
    -------
    DataFrame
        ``account_id``, ``before``, ``now``; :data:`ABSENT` where it was not in a run.
    """
    columns = ["account_id", "segment"]
    both = previous[columns].merge(
        current[columns], on="account_id", how="outer", suffixes=("_before", "_now")
    )
    both = both.rename(columns={"segment_before": "before", "segment_now": "now"})
    return both.fillna({"before": ABSENT, "now": ABSENT}).astype({"before": int, "now": int})


def match_segments(pairs: pd.DataFrame, *, same_from: float, part_from: float) -> pd.DataFrame:
    """Match the segments of two runs by the accounts that they share.

    Parameters
    ----------
    pairs
        From :func:`paired`.
    same_from
        Jaccard index (shared accounts / accounts of either) from which two are the same.
    part_from
        Share of a segment's accounts that makes another one its part.

    Returns
    -------
    DataFrame
        One row a segment of either run: ``before``, ``now`` (:data:`ABSENT`: none), ``jaccard``,
        ``kind`` (``same``, ``split``, ``merged``, ``new``, ``gone``) and ``parts``: the segments
        that it came from or went to.

    Notes
    -----
    Optimal one-to-one assignment (Hungarian method) on the Jaccard index over the accounts of
    both runs; segment 0 (no segment) is not matched.

    Examples
    --------
    >>> pairs = pd.DataFrame({"before": [1, 1, 2, 2], "now": [2, 2, 1, 1]})
    >>> match_segments(pairs, same_from=0.5, part_from=0.3)[["before", "now", "kind"]]
       before  now  kind
    0       1    2  same
    1       2    1  same
    """
    shared = pairs[(pairs["before"] > 0) & (pairs["now"] > 0)]
    table = pd.crosstab(shared["before"], shared["now"])
    olds = sorted({int(s) for s in pairs["before"] if s > 0})
    news = sorted({int(s) for s in pairs["now"] if s > 0})
    counts = table.reindex(index=olds, columns=news, fill_value=0).to_numpy(dtype=float)
    either = counts.sum(axis=1)[:, None] + counts.sum(axis=0)[None, :] - counts
    jaccard = counts / np.maximum(either, 1)
    left, right = linear_sum_assignment(jaccard, maximize=True)
    kept = [(i, j) for i, j in zip(left, right, strict=True) if jaccard[i, j] >= same_from]
    rows: list[tuple[int, int, float, str, tuple[int, ...]]] = [
        (olds[i], news[j], float(jaccard[i, j]), "same", ()) for i, j in kept
    ]
    old_left = [i for i in range(len(olds)) if i not in {i for i, _ in kept}]
    new_left = [j for j in range(len(news)) if j not in {j for _, j in kept}]
    from_old = counts / np.maximum(counts.sum(axis=0, keepdims=True), 1)
    to_new = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    for j in new_left:
        rows.append(_newcomer(j, olds, news, jaccard, from_old, to_new, part_from))
    for i in old_left:
        parts = tuple(news[j] for j in range(len(news)) if to_new[i, j] >= part_from)
        kind = "split" if len(parts) > 1 else "merged" if parts else "gone"
        rows.append((olds[i], ABSENT, float(jaccard[i].max(initial=0)), kind, parts))
    return pd.DataFrame(rows, columns=["before", "now", "jaccard", "kind", "parts"])


def _newcomer(
    j: int,
    olds: list[int],
    news: list[int],
    jaccard: Floats,
    from_old: Floats,
    to_new: Floats,
    part_from: float,
) -> tuple[int, int, float, str, tuple[int, ...]]:
    """A segment of now that is none of before: of several parts, a part of one, or new."""
    parts = tuple(olds[i] for i in range(len(olds)) if from_old[i, j] >= part_from)
    kind = "merged" if len(parts) > 1 else "split" if parts else "new"
    return ABSENT, news[j], float(jaccard[:, j].max(initial=0)), kind, parts


def migration(
    pairs: pd.DataFrame, before: Mapping[int, str], now: Mapping[int, str]
) -> pd.DataFrame:
    """Count where the accounts of each previous segment are now.

    Parameters
    ----------
    pairs
        From :func:`paired`.
    before, now
        Names of the segments of each run.

    Returns
    -------
    DataFrame
        One row a pair of segments that occurs: ``before``, ``before_name``, ``now``, ``now_name``,
        ``accounts`` and ``share`` of those that were in the previous one.
    """
    counts = pairs.groupby(["before", "now"]).size().rename("accounts").reset_index()
    total = counts.groupby("before")["accounts"].transform("sum")
    return counts.assign(
        before_name=[_name(s, before, "New accounts") for s in counts["before"]],
        now_name=[_name(s, now, "No longer there") for s in counts["now"]],
        share=counts["accounts"] / total,
    )[["before", "before_name", "now", "now_name", "accounts", "share"]]


def _name(segment: int, names: Mapping[int, str], absent: str) -> str:
    if segment == ABSENT:
        return absent
    return names.get(segment, f"Segment {segment}" if segment else "No segment")


def moved_share(pairs: pd.DataFrame, matched: pd.DataFrame) -> float:
    """Share of the accounts in both runs that are not in their segment's successor."""
    shared = pairs[(pairs["before"] != ABSENT) & (pairs["now"] != ABSENT)]
    same = matched[matched["kind"] == "same"]
    after = {0: 0, **dict(zip(same["before"], same["now"], strict=True))}
    stayed = shared["before"].map(after) == shared["now"]
    return float(1 - stayed.mean()) if len(shared) else float("nan")


def share_shifts(pairs: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """Compare each segment's share of the accounts in the two runs.

    Parameters
    ----------
    pairs, matched
        From :func:`paired` and :func:`match_segments`.

    Returns
    -------
    DataFrame
        One row a segment that is the same: ``before``, ``now``, ``share_before``, ``share_now``,
        ``shift`` with its 95 % interval (``low``, ``high``).

    Notes
    -----
    Over the accounts of both runs; the difference of two paired shares, Wald interval with the
    variance of the difference between those who came and those who left.
    """
    shared = pairs[(pairs["before"] != ABSENT) & (pairs["now"] != ABSENT)]
    n = max(len(shared), 1)
    rows = []
    for row in matched[matched["kind"] == "same"].to_dict("records"):
        was, is_ = shared["before"] == row["before"], shared["now"] == row["now"]
        came, left = int((is_ & ~was).sum()), int((was & ~is_).sum())
        shift = (came - left) / n
        half = Z * np.sqrt(max(came + left - (came - left) ** 2 / n, 0.0)) / n
        rows.append(
            (row["before"], row["now"], was.mean(), is_.mean(), shift, shift - half, shift + half)
        )
    columns = ["before", "now", "share_before", "share_now", "shift", "low", "high"]
    return pd.DataFrame(rows, columns=columns)
