"""A lock on the folder of a study's runs: two runs at once cannot mix."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import socket
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from seglib.errors import StudyError

LOCK_FILE = ".lock"
"""Name of the lock file within the folder of a study's runs."""

_HELD = (errno.EAGAIN, errno.EACCES)
_UNKNOWN = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class RunLocked(StudyError):
    """Another run of the same study has begun and not ended; nothing was started."""


@contextlib.contextmanager
def run_lock(home: Path) -> Iterator[bool]:
    """Hold the lock of a folder of runs.

    The operating system frees the lock when its holder ends, however it ends, so a lock file
    that a dead process left behind locks nobody out. The file itself stays.

    Parameters
    ----------
    home
        Folder of a study's runs; it is made where it is missing.

    Yields
    ------
    bool
        Whether the lock is held: False where the file system (or Windows) knows no such locks.

    Raises
    ------
    RunLocked
        When another process holds it; the message says which, and since when.
    StudyError
        When the folder cannot be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(home / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StudyError(f"Runs cannot be written to '{home}': {error.strerror}.") from None
    try:
        held = _take(descriptor, home)
        try:
            yield held
        finally:
            if held:
                _write_holder(descriptor, b"")
    finally:
        os.close(descriptor)


def _take(descriptor: int, home: Path) -> bool:
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            raise RunLocked(_under_way(descriptor, home)) from None
        if error.errno in _UNKNOWN:
            return False
        raise StudyError(f"Runs cannot be written to '{home}': {error.strerror}.") from None
    holder = {
        "pid": os.getpid(),
        "host": socket.gethostname(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _write_holder(descriptor, (json.dumps(holder) + "\n").encode())
    return True


def _write_holder(descriptor: int, text: bytes) -> None:
    with contextlib.suppress(OSError):  # on a full disk the lock holds without its holder's name
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text, 0)


def _under_way(descriptor: int, home: Path) -> str:
    """Say who holds the lock."""
    try:
        holder = json.loads(os.pread(descriptor, 4096, 0))
        who = f" (process {holder['pid']} on {holder['host']}, since {holder['started']})"
    except (OSError, ValueError, KeyError, TypeError):
        who = ""  # it has only just taken the lock
    return (
        f"A run into '{home}' is under way already{who}. "
        "Wait until it has ended, or give this one a folder of its own with --out."
    )
