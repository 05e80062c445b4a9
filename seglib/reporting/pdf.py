"""The report as PDF, by WeasyPrint, where that is installed."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path

from seglib.errors import StudyError

_ADVICE = (
    "Install it with the extra 'pdf' (it also needs the system library Pango), or leave out --pdf."
)


def require_weasyprint() -> None:
    """Say how to get WeasyPrint when it is not there.

    Raises
    ------
    StudyError
        Before a run begins, so that nobody waits for a report that cannot be written.
    """
    if find_spec("weasyprint") is None:
        raise StudyError(f"--pdf needs the package WeasyPrint. {_ADVICE}")


def write_pdf(report: Path) -> Path:
    """Write the PDF of a page beside it: tagged, with bookmarks, the same bytes each time.

    Parameters
    ----------
    report
        The HTML report, or another page that loads nothing.

    Raises
    ------
    StudyError
        When WeasyPrint cannot find its libraries.
    """
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except OSError as error:
        raise StudyError(f"WeasyPrint cannot start: {error}. {_ADVICE}") from None
    for name in ("weasyprint", "fontTools"):
        logging.getLogger(name).setLevel(logging.ERROR)  # it warns of every rule for screens
    path = report.with_suffix(".pdf")
    page = HTML(
        string=report.read_text(encoding="utf-8"),
        url_fetcher=URLFetcher(allowed_protocols={"data"}),
    )
    page.write_pdf(path, pdf_tags=True, pdf_variant="pdf/ua-1", pdf_identifier=b"seglib")
    return path
