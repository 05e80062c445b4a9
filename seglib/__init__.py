"""seglib: B2B customer segmentation, from the business question to the measured result."""

from __future__ import annotations

from typing import Any

__version__ = "0.1.0"
__all__ = ["Run", "Study"]


def __getattr__(name: str) -> Any:
    """Load ``Study`` and ``Run`` when they are asked for: ``seglib --help`` needs neither."""
    if name == "Study":
        from seglib.study import Study

        return Study
    if name == "Run":
        from seglib.run import Run

        return Run
    raise AttributeError(f"module 'seglib' has no attribute '{name}'")
