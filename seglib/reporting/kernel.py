"""The surroundings of a kernel: environment variables and folders of its own."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from seglib.reporting.conditions import environment

_VARIABLES = {
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}
_ONE_THREAD = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What is worth several cores shares itself out (seglib.clustering.threads): further threads of the
linear algebra library cost a cell more than they bring. Whoever sets these himself has his way."""

_OWN_FOLDERS = ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
_LOGGERS = ("papermill", "papermill.translators", "traitlets")


@contextmanager
def kernel_surroundings() -> Iterator[None]:
    """Give kernels fixed variables and empty folders, and keep the framework's log quiet.

    Connection files and the profile stand in a temporary folder, so neither a person's start-up
    files nor a home folder that cannot be written changes a run.
    """
    threads = {name: os.environ.get(name, "1") for name in _ONE_THREAD}
    levels = {name: logging.getLogger(name).level for name in _LOGGERS}
    # The name is short because a socket's path may hold only 107 characters.
    with (
        tempfile.TemporaryDirectory(prefix="seg", ignore_cleanup_errors=True) as folder,
        environment(_VARIABLES | threads | dict.fromkeys(_OWN_FOLDERS, folder)),
    ):
        for name in _LOGGERS:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            for name, level in levels.items():
                logging.getLogger(name).setLevel(level)


@contextmanager
def terminating() -> Iterator[None]:
    """Turn SIGTERM into :class:`Terminated`, so that a run ends in order and says so."""
    import signal
    import threading

    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set a handler
        return

    def stop(number: int, frame: object) -> None:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class Terminated(KeyboardInterrupt):
    """The run was asked to end by SIGTERM (asyncio lets only its kin through at once)."""

    exit_code = 143
