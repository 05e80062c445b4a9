"""Tidy up what runs left that were killed before they could do so themselves."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

log = logging.getLogger(__name__)


def tidy_stale(home: Path) -> None:
    """Remove the half-made folders of runs that were killed; published runs are not touched.

    Only the holder of the folder's lock may call this: whatever is half-made is then nobody's.

    Parameters
    ----------
    home
        Folder of a study's runs.
    """
    for folder in sorted(home.glob("*.partial")):
        if folder.is_symlink() or not folder.is_dir():
            continue
        name = folder.name.removesuffix(".partial")
        shutil.rmtree(folder, ignore_errors=True)
        if folder.exists():  # its kernel may not have noticed yet that the run is dead
            log.warning("Run %s was killed, and its folder cannot be removed yet.", name)
        else:
            log.warning("Run %s was killed; its half-made folder was removed.", name)
