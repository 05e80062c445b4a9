"""Kernels that begin ahead of time: while one notebook runs, the next one's kernel imports."""

from __future__ import annotations

import ast
import asyncio
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_core.paths import jupyter_runtime_dir
from jupyter_core.utils import run_sync
from zmq.asyncio import Context

_IMPORT = """exec('''
import contextlib, gc, importlib
for name in {names}:
    with contextlib.suppress(Exception):
        importlib.import_module(name)
gc.freeze()  # what was imported stays: looking for garbage in it takes a second a run
''', {{}})"""


class _Manager(AsyncKernelManager):
    """Remembers its clients, so that their sockets can be closed when the kernel ends.

    All share one context that is never terminated: termination waits without end for a socket
    that an interruption left half-made.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(context=Context.instance(), **options)
        self.clients: list[Any] = []

    def client(self, **options: Any) -> Any:
        client = super().client(context=self.context, **options)
        self.clients.append(client)
        return client


class WarmKernels:
    """Hands out one kernel a notebook, each started while the notebook before it ran.

    Start-up and imports are most of what a short notebook costs, and they need nothing but the
    list of notebooks. A kernel serves one notebook only.

    Parameters
    ----------
    notebooks
        In the order in which they are executed.
    folder
        Working directory of the kernels.
    """

    def __init__(self, notebooks: Iterable[Path], folder: Path) -> None:
        self._waiting: Iterator[Path] = iter(list(notebooks))
        self._folder = folder
        self._alive: list[Any] = []
        self._count = 0
        self._next: Any = None

    def take(self) -> Any:
        """Return the kernel manager for the next notebook and begin the one after it."""
        taken, self._next = self._next or self._start(), self._start()
        return taken

    def skip(self) -> None:
        """Pass over the next notebook: it is not executed."""
        if self._next is None:
            next(self._waiting, None)
        else:
            self.stop(self._next)
            self._next = None

    def stop(self, manager: Any) -> None:
        """End a kernel at once; nothing in it is needed any more."""
        if manager in self._alive:
            self._alive.remove(manager)
        for client in manager.clients:
            client.stop_channels()
        with suppress(RuntimeError):  # it is gone already
            run_sync(manager.shutdown_kernel)(now=True)
        run_sync(manager.cleanup_resources)()

    def stop_all(self) -> None:
        """End every kernel that was begun."""
        _drop_unfinished()
        for manager in list(self._alive):
            self.stop(manager)

    def _start(self) -> Any:
        notebook = next(self._waiting, None)
        if notebook is None:
            return None
        manager = _Manager(kernel_name="python3", **self._sockets())
        arguments = [
            "--log-level=50",  # what a kernel logs as it ends would land on the user's terminal
            "--HistoryManager.hist_file=:memory:",
            f"--IPKernelApp.exec_lines={_IMPORT.format(names=imported_modules(notebook))}",
        ]
        run_sync(manager.start_kernel)(extra_arguments=arguments, cwd=str(self._folder))
        self._alive.append(manager)
        return manager

    def _sockets(self) -> dict[str, str]:
        """Say where the kernel's sockets stand.

        Over TCP ipykernel prints a warning on each start, and ports can be taken. Without a path
        of their own the sockets of all kernels would be the same files in the working directory.
        """
        if os.name == "nt":
            return {}
        self._count += 1
        return {"transport": "ipc", "ip": str(Path(jupyter_runtime_dir(), f"k{self._count}"))}


@contextmanager
def warm_kernels(notebooks: Iterable[Path], folder: Path) -> Iterator[WarmKernels]:
    """Begin kernels for notebooks; whatever happens, none is left behind."""
    kernels = WarmKernels(notebooks, folder)
    try:
        yield kernels
    finally:
        kernels.stop_all()


def _drop_unfinished() -> None:
    """Cancel what an interruption left waiting: it would complain later that its kernel is gone."""

    async def cancel() -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    try:
        asyncio.get_running_loop()  # somebody else's, with tasks of their own
    except RuntimeError:
        run_sync(cancel)()


def imported_modules(notebook: Path) -> list[str]:
    """Name the modules that a notebook's cells import, in order.

    Parameters
    ----------
    notebook
        The notebook file.
    """
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    sources = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    names = (name for source in sources for name in _imports(source))
    return list(dict.fromkeys(names))


def _imports(source: str) -> Iterator[str]:
    """Name the modules that a cell imports.

    Examples
    --------
    >>> list(_imports("import seglib.charts as charts\\nfrom seglib.run import Run"))
    ['seglib.charts', 'seglib.run']
    """
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return  # the notebook itself will say so
    for line in lines:
        if isinstance(line, ast.Import):
            yield from (alias.name for alias in line.names)
        elif isinstance(line, ast.ImportFrom) and line.module and not line.level:
            yield line.module
