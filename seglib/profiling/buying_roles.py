"""Who takes part in buying: the roles that are known at the accounts of each segment."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from scipy import stats

from seglib.intervals import holm, wilson
from seglib.profiling.frames import lengthened
from seglib.profiling.members import facts_of, segment_counts

UNKNOWN = "unknown"
"""Role of a contact whose job title says nothing."""


def role_coverage(facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame) -> pd.DataFrame:
    """Say at how many accounts of each segment a contact in each buying role is known.

    Parameters
    ----------
    facts
        ``contacts``: ``account_id``, ``role``, ``contacts`` and, where known, ``seniority``.
    assignments
        ``account_id`` and ``segment``.

    Returns
    -------
    DataFrame
        One row per segment × role: ``accounts`` (with such a contact), ``of`` (accounts of the
        segment, those without any contact among them), ``coverage`` with its Wilson interval
        ``low`` to ``high``, ``contacts`` (people), ``seniority`` (the most frequent level known),
        ``seniority_share`` and ``seniority_known`` (people whose level is known), ``p_holm`` (do
        the segments differ in this role: χ², Holm over the roles). Contacts of an unknown role
        are left out. Empty without data.

    Examples
    --------
    >>> contacts = pd.DataFrame({"account_id": ["a", "b"], "role": ["buyer", "user"],
    ...                          "contacts": [2, 1]})
    >>> given = pd.DataFrame({"account_id": ["a", "b", "c"], "segment": [1, 1, 2]})
    >>> found = role_coverage({"contacts": contacts}, given)
    >>> found[["segment", "role", "accounts", "of", "coverage"]]
       segment   role  accounts  of  coverage
    0        1  buyer         1   2       0.5
    1        1   user         1   2       0.5
    2        2  buyer         0   1       0.0
    3        2   user         0   1       0.0
    """
    people = facts_of(facts, "contacts", assignments, ("role", "contacts"))
    people = None if people is None else people[_known_role(people["role"])]
    if people is None or people.empty:
        return pd.DataFrame(columns=_COLUMNS)
    sizes = segment_counts(assignments)
    roles = sorted(people["role"].unique())
    grid = pd.MultiIndex.from_product([sizes.index, roles], names=["segment", "role"])
    by = people.groupby(["segment", "role"])
    found = pd.DataFrame(index=grid)
    found["accounts"] = by["account_id"].nunique().reindex(grid, fill_value=0)
    found["contacts"] = by["contacts"].sum().reindex(grid, fill_value=0)
    found = found.reset_index()
    found["of"] = found["segment"].map(sizes)
    found["coverage"] = found["accounts"] / found["of"]
    found["low"], found["high"] = wilson(found["accounts"], found["of"])
    tests = pd.Series({role: _p(found[found["role"] == role]) for role in roles})
    adjusted = pd.Series(holm(tests), index=tests.index)
    found["p_holm"] = found["role"].map(adjusted)
    return found.merge(_seniority(people), on=["segment", "role"], how="left")[_COLUMNS]


_COLUMNS = [
    "segment", "role", "accounts", "of", "coverage", "low", "high", "contacts",
    "seniority", "seniority_share", "seniority_known", "p_holm",
]  # fmt: skip


def _known_role(roles: pd.Series) -> pd.Series:
    return roles.notna() & (roles != UNKNOWN)


def _p(rows: pd.DataFrame) -> float:
    table = [rows["accounts"], rows["of"] - rows["accounts"]]
    if len(rows) < 2 or min(part.sum() for part in table) == 0:
        return float("nan")
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _seniority(people: pd.DataFrame) -> pd.DataFrame:
    columns = ["segment", "role", "seniority", "seniority_share", "seniority_known"]
    if "seniority" not in people or people["seniority"].isna().all():
        return pd.DataFrame(columns=columns).astype({"segment": "int64", "role": "str"})
    counts = people.groupby(["segment", "role", "seniority"])["contacts"].sum().reset_index()
    known = counts.groupby(["segment", "role"])["contacts"].transform("sum")
    counts["seniority_known"] = known
    counts["seniority_share"] = counts["contacts"] / known
    first = counts.sort_values(
        ["segment", "role", "contacts", "seniority"], ascending=[True, True, False, True]
    )
    return first.drop_duplicates(["segment", "role"])[columns]


def role_engagement(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, of: str = "topic"
) -> pd.DataFrame:
    """Say what the people in each buying role engage with, by segment.

    Parameters
    ----------
    facts
        ``engagements``: ``account_id``, ``role``, ``events`` and the column ``of``.
    assignments
        ``account_id`` and ``segment``.
    of
        ``topic`` or ``kind``.

    Returns
    -------
    DataFrame
        One row per segment × role × value: ``events``, ``accounts`` (of the segment, with any
        event of the role), ``role_events`` (all events of the role in the segment), ``share`` (mean
        over accounts of the share of the account's events, so that one busy account does not speak
        for all), ``overall`` (the same over all segments) and ``p_holm`` (do they differ: t test
        over the segment's accounts, Holm over all rows). Empty without data.
    """
    events = facts_of(facts, "engagements", assignments, ("role", "events", of))
    events = None if events is None else events[_known_role(events["role"]) & events[of].notna()]
    if events is None or events.empty:
        return pd.DataFrame(columns=[*_ENGAGED[:2], of, *_ENGAGED[2:]])
    per = events.pivot_table(
        index=["segment", "role", "account_id"], columns=of, values="events", aggfunc="sum",
        fill_value=0, observed=True,
    )  # fmt: skip
    shares = per.div(per.sum(axis=1), axis=0)
    groups = shares.groupby(["segment", "role"])
    long = lengthened(groups.mean(), "share")
    long["error"] = lengthened(groups.sem(), "error")["error"]
    long["events"] = lengthened(per.groupby(["segment", "role"]).sum(), "events")["events"]
    role = long.groupby(["segment", "role"])["events"].transform("sum")
    long["role_events"] = role
    accounts = groups.size().rename("accounts").reset_index()
    overall = lengthened(shares.groupby("role").mean(), "overall")
    found = long.merge(accounts, on=["segment", "role"]).merge(overall, on=["role", of])
    t = (found["share"] - found["overall"]) / found.pop("error").where(lambda e: e > 0)
    found["p_holm"] = holm(2 * stats.t.sf(t.abs(), found["accounts"] - 1))
    found = found[[*_ENGAGED[:2], of, *_ENGAGED[2:]]]
    return found.sort_values(["segment", "role", of], ignore_index=True)


_ENGAGED = ["segment", "role", "events", "role_events", "accounts", "share", "overall", "p_holm"]
