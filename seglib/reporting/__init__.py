"""Running the workbook and rendering its report: execution, publishing, comparing, verifying."""

from __future__ import annotations

from typing import Any

__all__ = ["compare_runs", "render_report", "run_study", "verify_run", "write_report"]

_PLACES = {
    "compare_runs": "compare",
    "render_report": "report",
    "run_study": "runner",
    "verify_run": "verify",
    "write_report": "report",
}


def __getattr__(name: str) -> Any:
    """Load a function when it is asked for: a refused parameter needs none of the packages."""
    if name not in _PLACES:
        raise AttributeError(f"module 'seglib.reporting' has no attribute '{name}'")
    from importlib import import_module

    return getattr(import_module(f"seglib.reporting.{_PLACES[name]}"), name)
