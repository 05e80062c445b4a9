"""Which descriptors tell the segments apart, and how strongly."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.intervals import holm
from seglib.profiling.association import association, effect_interval
from seglib.profiling.frames import records
from seglib.profiling.intervals import generator, p_text
from seglib.profiling.members import members
from seglib.profiling.wording import small
from seglib.quotes import quote

_GRADES = {"V": (0.1, 0.3, 0.5), "ε²": (0.01, 0.06, 0.14)}
_WORDS = ("hardly", "weakly", "moderately", "strongly")


def descriptor_variables(accounts: AccountTable) -> list[str]:
    """Names of the descriptors: what describes the segments and did not form them."""
    return [
        name
        for name, info in accounts.columns.items()
        if info.role == "descriptor"
        and info.kind not in ("id", "date")
        and name in accounts.frame
        and name != "status"
    ]


def descriptor_tests(
    accounts: AccountTable,
    assignments: pd.DataFrame,
    names: Sequence[str] | None = None,
    *,
    seed: int,
) -> pd.DataFrame:
    """Test every descriptor against the segments.

    Parameters
    ----------
    accounts
        One row per account.
    assignments
        ``account_id`` and ``segment``; accounts without a segment (0) are left out.
    names
        Variables; :func:`descriptor_variables` when not given.
    seed
        Of the bootstrap and the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row a descriptor, the strongest first, those that cannot be tested last:
        ``variable``, ``label``, ``role``, ``test``, ``n``, ``missing_share``, ``statistic``,
        ``df``, ``p``, ``p_holm`` (Holm over all rows), ``effect``, ``effect_name`` (bias-corrected
        Cramér's V, or ε² adjusted for chance), its 95 % bootstrap interval ``low`` to ``high``,
        and a ``sentence``, which quotes its figures (:func:`seglib.quotes.quote`).

    Raises
    ------
    StudyError
        For names that the table does not have.

    Examples
    --------
    >>> from seglib.schema import ColumnInfo
    >>> info = ColumnInfo(name="country", role="descriptor", kind="category", label="Country",
    ...                   definition="Country")
    >>> frame = pd.DataFrame({"account_id": list("abcd"), "country": "Norway"})
    >>> given = pd.DataFrame({"account_id": list("abcd"), "segment": [1, 1, 2, 2]})
    >>> tests = descriptor_tests(AccountTable(frame, {"country": info}), given, seed=1)
    >>> tests["sentence"].item()
    'Country cannot be tested: it is the same for every account.'
    """
    chosen = list(names) if names is not None else descriptor_variables(accounts)
    accounts.require(chosen)
    placed = members(accounts, assignments)
    rows = []
    for name in chosen:
        info, values = accounts.columns[name], placed.frame[name]
        found = association(values, placed.segment, info.kind, generator(seed, "test", name))
        rng = generator(seed, "effect", name)
        low, high = effect_interval(values, placed.segment, info.kind, rng)
        # Corrected twice for chance, a nearly perfect association can lie above all its draws.
        low, high = min(low, found.effect), max(high, found.effect)
        said = f"'{info.label}'" if info.kind == "flag" else small(info.label)
        row = {
            "variable": name,
            "label": info.label,
            "role": info.role,
            "said": said,
            **vars(found),
        }
        rows.append({**row, "low": low, "high": high, "missing_share": values.isna().mean()})
    return _finished(rows)


_COLUMNS = {
    "variable": "str", "label": "str", "role": "str", "test": "str", "n": "int64",
    "missing_share": "float64", "statistic": "float64", "df": "int64", "p": "float64",
    "p_holm": "float64", "effect": "float64", "effect_name": "str", "low": "float64",
    "high": "float64", "sentence": "str",
}  # fmt: skip


def _finished(rows: list[dict[str, Any]]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=[*_COLUMNS, "reason", "said"])
    found["p_holm"] = holm(found["p"].to_numpy(dtype="float64"))
    found["sentence"] = [_sentence(row) for row in records(found)]
    grade = [_grade(r["effect_name"], r["effect"]) for r in records(found)]
    order = found.assign(grade=grade).sort_values(
        ["grade", "effect", "variable"], ascending=[False, False, True], kind="stable"
    )
    return order[list(_COLUMNS)].astype(_COLUMNS).reset_index(drop=True)


def _grade(effect_name: str, effect: float) -> int:
    """Grade an effect 0 to 3 by the usual marks, −1 where there is none."""
    return sum(effect >= mark for mark in _GRADES[effect_name]) if effect_name else -1


def strength_word(effect_name: str, effect: float) -> str:
    """Say how strong an effect is: hardly, weakly, moderately or strongly.

    Notes
    -----
    V: .1, .3, .5; ε²: .01, .06, .14 (Cohen 1988).

    Examples
    --------
    >>> strength_word("V", 0.35)
    'moderately'
    """
    return _WORDS[_grade(effect_name, effect)]


def _sentence(row: dict[str, Any]) -> str:
    label = str(row["label"])
    if row["reason"]:
        return f"{label} cannot be tested: {row['reason']}."
    p = row["p_holm"]
    p_said = p_text(p, "effect_p")
    effect, low, high = (
        quote(name, row[key], ".2f")
        for name, key in (("effect", "effect"), ("effect_low", "low"), ("effect_high", "high"))
    )
    size = f"{row['effect_name']} = {effect}, 95 % interval {low} to {high}"
    if p >= 0.05:
        return f"No difference in {row['said']} is shown ({size}; adjusted {p_said})."
    return (
        f"The segments differ {strength_word(row['effect_name'], row['effect'])} in {row['said']} "
        f"({size}; adjusted {p_said})."
    )
