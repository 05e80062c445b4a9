"""Write a market to a folder: a CSV file per table, the truth apart, and what it all means."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from seglib.demo.dictionary import readme
from seglib.demo.market import Market
from seglib.errors import StudyError

STUDY = Path(__file__).with_name("study.yaml")
"""The study of the demo market, if there is one."""


def write_market(market: Market, folder: Path | str, *, study: bool = True) -> list[Path]:
    """Write a market to a folder.

    Parameters
    ----------
    market
        What ``generate_market`` returned.
    folder
        Where to; made if it does not exist. Files of the same names are replaced.
    study
        Also copy the demo's ``study.yaml``, as it is, so that the folder can be run.

    Returns
    -------
    list of Path
        The files written: one ``<table>.csv`` per contract table, ``truth/<name>.csv``,
        ``README.md`` and ``study.yaml``.

    Raises
    ------
    StudyError
        When the folder cannot be written to.

    Notes
    -----
    UTF-8, line feeds, ISO dates, at most twelve significant digits: the same market gives the same
    bytes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from seglib.demo import generate_market
    >>> with TemporaryDirectory() as folder:
    ...     written = write_market(generate_market(20), folder, study=False)
    >>> len(written), written[0].name, written[-1].name
    (22, 'accounts.csv', 'README.md')
    """
    target = Path(folder)
    files = {f"{name}.csv": _csv(table) for name, table in market.tables.items()}
    files |= {f"truth/{name}.csv": _csv(table) for name, table in market.truth.items()}
    files["README.md"] = readme(market)
    if study and STUDY.is_file():
        files["study.yaml"] = STUDY.read_text(encoding="utf-8")
    try:
        (target / "truth").mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (target / name).write_text(content, encoding="utf-8", newline="\n")
    except OSError as error:
        raise StudyError(f"The demo cannot be written to '{target}': {error.strerror}.") from None
    return [target / name for name in files]


def _csv(table: pd.DataFrame) -> str:
    text: str = table.to_csv(
        index=False, lineterminator="\n", date_format="%Y-%m-%d", float_format="%.12g"
    )
    return text
