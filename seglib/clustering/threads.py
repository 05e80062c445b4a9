"""Run independent pieces of array work on all cores, with the same result on any number of them.

The pieces are cut by the size of the problem and never by the number of threads, and the linear
algebra library is held to one thread inside them, so that neither can change a bit of a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from threadpoolctl import ThreadpoolController

Item = TypeVar("Item")
Result = TypeVar("Result")


def available_cores() -> int:
    """Count the cores that this process may use.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def run_all(
    work: Callable[[Item], Result], items: Iterable[Item], *, n_jobs: int | None = None
) -> list[Result]:
    """Apply `work` to every item on several threads; results in the order of the items.

    Parameters
    ----------
    work
        A function that spends its time in numpy, which lets other threads run meanwhile.
    items
        Independent pieces of work.
    n_jobs
        Threads to use; all available cores by default.

    Examples
    --------
    >>> run_all(abs, [-2, -1, 3])
    [2, 1, 3]
    """
    pieces = list(items)
    threads = min(n_jobs or available_cores(), len(pieces))
    with _controller().limit(limits=1):
        if threads <= 1:
            return [work(piece) for piece in pieces]
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, pieces))
