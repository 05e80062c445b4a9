"""Tidy up what runs left that were killed before they could do so themselves."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from pathlib import Path

from seglib.reporting.journal import read_journal

log = logging.getLogger(__name__)


def tidy_stale(home: Path) -> None:
    """Remove the half-made folders of runs that were killed; published runs are not touched.

    One in which a step had reached its end is kept until a run is done: ``--resume`` can use it.
    Only the holder of the folder's lock may call this: whatever is half-made is then nobody's.

    Parameters
    ----------
    home
        Folder of a study's runs.
    """
    for folder in _half_made(home):
        steps = read_journal(folder).steps
        if steps:
            log.warning(
                "Run %s was killed after step %s; its folder is kept for --resume until a run "
                "is done.",
                _name(folder),
                max(steps),
            )
        else:
            _remove(folder)


def remove_stale(home: Path) -> None:
    """Remove all half-made folders, once a run is done: nothing is left to resume.

    Parameters
    ----------
    home
        As for :func:`tidy_stale`, under the same lock.
    """
    for folder in _half_made(home):
        _remove(folder)


def _half_made(home: Path) -> Iterator[Path]:
    for folder in sorted(home.glob("*.partial")):
        if folder.is_dir() and not folder.is_symlink():
            yield folder


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():  # its kernel may not have noticed yet that the run is dead
        log.warning("Run %s was killed, and its folder cannot be removed yet.", _name(folder))
    else:
        log.warning("Run %s was killed; its half-made folder was removed.", _name(folder))


def _name(folder: Path) -> str:
    return folder.name.removesuffix(".partial")
