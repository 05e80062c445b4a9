"""Where a run's results come from: inputs, versions, revision, memory."""

from __future__ import annotations

import hashlib
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from seglib.run import hashes
from seglib.source.connect import DUCKDB_FILES
from seglib.source.files import find_files
from seglib.study import Study

_PACKAGES = (
    "seglib",
    "numpy",
    "pandas",
    "scipy",
    "scikit-learn",
    "statsmodels",
    "ibis-framework",
    "duckdb",
    "pyarrow",
    "matplotlib",
    "papermill",
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that results depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def git_revision(root: Path) -> str:
    """Return the git revision of a folder, with ``-dirty`` when files differ from it; else empty.

    Parameters
    ----------
    root
        The project's root.
    """
    if not (root / ".git").exists():
        return ""
    command = ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude", "*"]
    try:
        answer = subprocess.run(
            command, cwd=root, capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()


def input_hashes(study: Study) -> dict[str, str]:
    """Return the sha256 of each source file, by its name relative to the source.

    A source that is an address (a database, a warehouse) has no files: the answer is empty.

    Parameters
    ----------
    study
        Names the source.
    """
    return hashes(input_files(study).items())


def input_files(study: Study) -> dict[str, Path]:
    """Return the source files by their name relative to the source; an address has none."""
    place = study.location
    if not isinstance(place, Path):
        return {}
    if place.suffix in DUCKDB_FILES:
        return {place.name: place}
    root = place if place.is_dir() else place.parent
    files = sorted(path for parts in find_files(place).values() for path in parts)
    return {path.relative_to(root).as_posix(): path for path in files}


def fingerprint(hashes: dict[str, str]) -> str:
    """Return one short hash of many, the same for the same files.

    Examples
    --------
    >>> fingerprint({"b.csv": "2", "a.csv": "1"}) == fingerprint({"a.csv": "1", "b.csv": "2"})
    True
    """
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def peak_memory_mb() -> float:
    """Return the most memory that this process and its largest kernel held, added up, in MB.

    Windows does not say; there it is 0.
    """
    try:
        import resource
    except ImportError:
        return 0.0
    unit = 1e6 if sys.platform == "darwin" else 1e3  # macOS counts bytes, Linux kilobytes
    both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return round(sum(resource.getrusage(who).ru_maxrss for who in both) / unit, 1)
