"""Other conditions under which a run must give the same bytes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_MAX_THREADS")
ELSEWHERE = {"TZ": "Asia/Kathmandu", "LC_ALL": "C", "LANG": "C"}
"""A time zone a quarter of an hour off, and the locale that every machine has."""


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process and of the kernels that it starts, for a while.

    Examples
    --------
    >>> with environment({"TZ": "UTC"}):
    ...     os.environ["TZ"]
    'UTC'
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    _read_time_zone()
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        _read_time_zone()


@contextmanager
def cores(number: int) -> Iterator[None]:
    """Use so many of this machine's cores and threads, where it has as many and says which.

    Examples
    --------
    >>> with cores(1):
    ...     os.environ["OMP_NUM_THREADS"]
    '1'
    """
    with environment(dict.fromkeys(THREADS, str(number))):
        if not hasattr(os, "sched_setaffinity"):
            yield
            return
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, sorted(before)[:number])
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)


def _read_time_zone() -> None:
    if hasattr(time, "tzset"):
        time.tzset()


Condition = Callable[[], AbstractContextManager[None]]

AS_IT_IS: Condition = nullcontext
CONDITIONS: dict[str, Condition] = {
    "with one thread": partial(cores, 1),
    "with two threads": partial(cores, 2),
    "in another time zone and locale": partial(environment, ELSEWHERE),
}
