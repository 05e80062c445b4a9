"""Add the variables that are made after the engine has answered: need states, models, rules."""

from __future__ import annotations

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.collect import Tables
from seglib.collection.features import DERIVED
from seglib.collection.value.lifetime import LifetimeValue, lifetime_value
from seglib.errors import StudyError, unknown
from seglib.objectives.brief import Brief
from seglib.schema import ColumnInfo, Role
from seglib.study import Rule, Study
from seglib.variables import identifier, variables


def derive(
    accounts: AccountTable, tables: Tables, study: Study, brief: Brief
) -> tuple[AccountTable, LifetimeValue]:
    """Add derived variables to the account table.

    Parameters
    ----------
    accounts
        As the engine made it.
    tables
        The cleaned tables, for models that need more than one row an account.
    study
        Its ``need_states`` become flags.
    brief
        Says which variables form segments.

    Returns
    -------
    tuple of AccountTable and LifetimeValue
        The table with more columns, and how well value is foretold.

    Raises
    ------
    StudyError
        When a need state names a variable that the table does not have.
    """
    frame, columns = accounts.frame.copy(), dict(accounts.columns)
    there = {name: set(table.columns) for name, table in tables.tables.items()}
    worth = lifetime_value(tables)
    for name, make in DERIVED.items():
        variable = variables()[name]
        if not variable.can_build(there) or (name == "clv" and worth.value.empty):
            continue
        frame[name] = _clv(frame, worth) if make is None else make(frame)
        columns[name] = variable.info(_role(name, brief), study.currency)
    for state in study.need_states:
        info = _need_state_info(state)
        frame[info.name] = need_state(frame, state)
        columns[info.name] = info
    return AccountTable(frame, columns), worth


def _role(name: str, brief: Brief) -> Role:
    if name in brief.variables:
        return "base"
    return "outcome" if variables()[name].role == "outcome" else "descriptor"


def _clv(frame: pd.DataFrame, worth: LifetimeValue) -> pd.Series:
    return frame["account_id"].map(worth.value).fillna(0.0).astype("float64")


def need_state(frame: pd.DataFrame, state: Rule) -> pd.Series:
    """Say for each account whether it is in a need state: 1, 0, or missing where it is not known.

    Parameters
    ----------
    frame
        The account table.
    state
        Name and conditions (``min``, ``max``, ``in``), all of which must hold.

    Examples
    --------
    >>> state = Rule(name="Enterprise", when={"employees": {"min": 1000}})
    >>> need_state(pd.DataFrame({"employees": [5.0, 5000.0, None]}), state).tolist()
    [0.0, 1.0, nan]
    """
    known = list(frame.columns)
    wrong = [unknown("variable", name, known) for name in state.when if name not in frame]
    if wrong:
        raise StudyError(wrong, where=f"the need state '{state.name}'")
    holds = pd.Series(1.0, index=frame.index)
    for name, limits in state.when.items():
        values = frame[name]
        inside = pd.Series(True, index=frame.index)
        if "min" in limits:
            inside &= values >= limits["min"]
        if "max" in limits:
            inside &= values <= limits["max"]
        if "in" in limits:
            inside &= values.isin(list(limits["in"]))  # type: ignore[arg-type]
        holds = (holds * inside.astype("float64")).where(values.notna())
    return holds


def _need_state_info(state: Rule) -> ColumnInfo:
    words = " and ".join(
        f"{name} {'in' if word == 'in' else word} {value}"
        for name, limits in state.when.items()
        for word, value in limits.items()
    )
    return ColumnInfo(
        name=f"need_state_{identifier(state.name)}",
        role="descriptor",
        kind="flag",
        label=f"Need state: {state.name}",
        definition=f"1 if {words}",
        family="needs",
        source=", ".join(state.when),
        observable=True,
    )
