"""Lists as an Excel workbook: no cell is a formula, and the same rows give the same bytes."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from seglib.archive import pack, unpack
from seglib.strategy.exports import RISKY, plain_text

MOST_ROWS = 1_048_575
"""Rows under the heading that a sheet can hold."""

_LONGEST = 32_767
_WIDEST = 60
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TIME = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_ROWS = re.compile(rb"<sheetData ?/>|<sheetData></sheetData>")


def to_safe_xlsx(sheets: Mapping[str, pd.DataFrame]) -> bytes:
    """Write frames as the sheets of an Excel workbook in which no cell is a formula.

    Parameters
    ----------
    sheets
        Name of the sheet → rows; columns are written by name, the index is not.

    Returns
    -------
    bytes
        The workbook. Every text is stored as text, so that ``00123`` keeps its zeros; one that
        begins as a formula would (see :data:`~seglib.strategy.exports.RISKY`) carries Excel's
        mark for quoted text besides, and stays text when it is edited. Dates are ISO texts,
        missing values are empty, characters that XML forbids become ``�``. Times are fixed:
        the same frames give the same bytes.

    Raises
    ------
    ValueError
        When a frame has more rows than a sheet can hold.

    Notes
    -----
    openpyxl writes the workbook, its styles and widths. The rows are put in by hand, which takes
    a tenth of the time.

    Examples
    --------
    >>> from openpyxl import load_workbook
    >>> made = to_safe_xlsx({"List": pd.DataFrame({"id": ["007"], "play": ["=cmd()"]})})
    >>> cells = load_workbook(io.BytesIO(made))["List"][2]
    >>> [(cell.value, cell.data_type) for cell in cells]
    [('007', 's'), ('=cmd()', 's')]
    """
    members, heading, quoted = _empty_book(sheets)
    for number, frame in enumerate(sheets.values(), start=1):
        if len(frame) > MOST_ROWS:
            raise ValueError(f"{len(frame):,} rows do not fit a sheet, which holds {MOST_ROWS:,}")
        name = f"xl/worksheets/sheet{number}.xml"
        rows = f"<sheetData>{_rows(frame, heading, quoted)}</sheetData>".encode()
        members[name] = _ROWS.sub(lambda _, rows=rows: rows, members[name])  # type: ignore[misc]
    # openpyxl writes the time of saving, whatever the properties say.
    core = _TIME.sub(rb"\g<1>2000-01-01T00:00:00Z", members["docProps/core.xml"])
    return pack({**members, "docProps/core.xml": core})


def _empty_book(sheets: Mapping[str, pd.DataFrame]) -> tuple[dict[str, bytes], int, int]:
    """The files of a workbook without rows, and the styles of headings and of quoted text."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    book.properties.creator = "seglib"
    for name, frame in sheets.items():
        sheet = book.create_sheet(name)
        bold, literal = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
        bold.font, literal.quotePrefix = Font(name="Calibri", size=11, bold=True), True
        heading, quoted = bold.style_id, literal.style_id  # which registers them
        sheet.freeze_panes = "A2"
        for number, column in enumerate(frame.columns, start=1):
            texts = frame[column].head(200).astype("str")
            widest = min(max([len(str(column)), *texts.str.len()]) + 2, _WIDEST)
            sheet.column_dimensions[get_column_letter(number)].width = widest
        if len(frame):
            sheet.auto_filter.ref = f"A1:{get_column_letter(frame.shape[1])}{len(frame) + 1}"
    with io.BytesIO() as out:
        book.save(out)
        return unpack(out.getvalue()), heading, quoted


def _rows(frame: pd.DataFrame, heading: int, quoted: int) -> str:
    """All rows as XML, the heading first."""
    head = "".join(_cell(str(name), f' s="{heading}"') for name in frame.columns)
    columns = [_cells(frame[name], quoted) for name in frame.columns]
    body = "".join(f"<row>{''.join(cells)}</row>" for cells in zip(*columns, strict=True))
    return f"<row>{head}</row>{body}"


def _cells(values: Iterable[Any], quoted: int) -> list[str]:
    """The cells of a column; equal texts are written once."""
    written: dict[str, str] = {}
    cells = []
    for value in values:
        content = _content(value)
        if isinstance(content, str):
            if content not in written:
                style = f' s="{quoted}"' if content.startswith(RISKY) else ""
                written[content] = _cell(content, style)
            cells.append(written[content])
        else:
            cells.append("<c/>" if content is None else _number(content))
    return cells


def _cell(text: str, style: str) -> str:
    clean = escape(_FORBIDDEN.sub("\ufffd", text)[:_LONGEST], {"\r": "&#13;"})
    return f'<c t="inlineStr"{style}><is><t xml:space="preserve">{clean}</t></is></c>'


def _number(value: float | bool) -> str:
    if isinstance(value, bool):
        return f'<c t="b"><v>{int(value)}</v></c>'
    return f"<c><v>{value!r}</v></c>"


def _content(value: Any) -> str | int | float | bool | None:
    """A value as a cell takes it."""
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    plain = value.item() if isinstance(value, np.number) else value
    return plain if isinstance(plain, int | float) and np.isfinite(plain) else plain_text(plain)
