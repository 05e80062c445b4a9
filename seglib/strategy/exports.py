"""Lists that a person can use next: target list and CRM import, safe to open in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Number
from typing import Any

import numpy as np
import pandas as pd

from seglib.strategy.market import SegmentedMarket

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a text begins that a spreadsheet would take for a formula."""

_QUOTED = frozenset('",\r\n')


def to_safe_csv(frame: pd.DataFrame) -> str:
    """Write a frame as CSV that a spreadsheet does not execute.

    Parameters
    ----------
    frame
        Columns are written by name, the index is not.

    Returns
    -------
    str
        RFC 4180 quoting, one LF a row. A text (or heading) that begins with ``=``, ``+``, ``-``,
        ``@``, their full-width forms, a tab or a line break gets an apostrophe in front, because a
        spreadsheet would take it for a formula. Numbers stay numbers, dates are ISO dates, missing
        values are empty.

    Notes
    -----
    The rule is that of the OWASP page on CSV injection.

    Examples
    --------
    >>> print(to_safe_csv(pd.DataFrame({"name": ["=cmd()", 'A "B", C'], "change": [-1.5, 2]})))
    name,change
    '=cmd(),-1.5
    "A ""B"", C",2.0
    <BLANKLINE>
    """
    lines = [[str(name) for name in frame.columns]]
    lines += [list(row) for row in frame.itertuples(index=False, name=None)]
    return "".join(_line(line) for line in lines)


def _line(cells: list[Any]) -> str:
    written = [_cell(value) for value in cells]
    # A row with a single empty cell would be an empty line, which readers skip.
    return ('""' if written == [""] else ",".join(written)) + "\n"


def _cell(value: Any) -> str:
    if isinstance(value, bool | np.bool_):
        return str(bool(value))
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return ""
    if isinstance(value, Number):
        return str(value.item() if isinstance(value, np.number) else value)
    text = plain_text(value)
    text = "'" + text if text.startswith(RISKY) else text
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if _QUOTED & set(text) else text


def plain_text(value: Any) -> str:
    """Write a value as text; a date is an ISO date.

    Examples
    --------
    >>> plain_text(pd.Timestamp("2026-09-30"))
    '2026-09-30'
    """
    if isinstance(value, pd.Timestamp):
        whole_day = value == value.normalize()
        return value.date().isoformat() if whole_day else value.isoformat()
    return str(value)


def crm_import(market: SegmentedMarket, plays: Mapping[int, str], cells: pd.Series) -> pd.DataFrame:
    """Make the list that a CRM reads: one row an account that has a segment.

    Parameters
    ----------
    market
        Accounts with segments.
    plays
        Segment → the play in a few words.
    cells
        Test cell of each account, as :func:`~seglib.strategy.experiments.draw_cells` draws it.

    Returns
    -------
    DataFrame
        ``account_id``, ``segment``, ``segment_name``, ``confidence``, ``play``, ``cell``. No
        personal data: nothing but the account's identifier is carried over from the accounts.
    """
    accounts = market.accounts
    return pd.DataFrame(
        {
            "account_id": accounts["account_id"],
            "segment": accounts["segment"],
            "segment_name": accounts["segment"].map(market.names).astype("str"),
            "confidence": accounts["confidence"].astype(float).round(3),
            "play": accounts["segment"].map(dict(plays)).fillna("").astype("str"),
            "cell": cells,
        }
    ).sort_values(["segment", "account_id"], ignore_index=True)


def target_list(market: SegmentedMarket, crm: pd.DataFrame, targets: list[int]) -> pd.DataFrame:
    """Make the list of accounts to address: the chosen segments, best first, surest first.

    Parameters
    ----------
    market
        Says the status of each account.
    crm
        From :func:`crm_import`.
    targets
        Numbers of the chosen segments, best first.
    """
    status = market.accounts.set_index("account_id")["status"]
    chosen = crm[crm["segment"].isin(targets)]
    chosen = chosen.assign(
        status=chosen["account_id"].map(status).astype("str"),
        _rank=chosen["segment"].map({s: rank for rank, s in enumerate(targets)}),
    )
    ranked = chosen.sort_values(
        ["_rank", "confidence", "account_id"], ascending=[True, False, True], ignore_index=True
    )
    columns = ["account_id", "status", "segment", "segment_name", "confidence", "play", "cell"]
    return ranked[columns]
