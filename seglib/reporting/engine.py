"""papermill's engine, except that it does not write the notebook twice for every cell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from papermill.engines import NBClientEngine, papermill_engines

NAME = "seglib"
_SAVE_EVERY = timedelta(seconds=10)


class SeldomSaving(NBClientEngine):
    """Runs cells as papermill does.

    The kernel waits while the whole notebook is written, which takes longer than most cells do. It
    is written when it begins, every ten seconds, and when it ends, however it ends.
    """

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        """Run the cells."""
        with _seldom(nb_man):
            return super().execute_managed_notebook(nb_man, kernel_name, **options)


@contextmanager
def _seldom(manager: Any) -> Iterator[None]:
    save = manager.save

    def save_if_due(**changed: Any) -> None:
        if manager.now() - manager.last_save_time >= _SAVE_EVERY:
            save(**changed)

    manager.save = save_if_due
    try:
        yield
    finally:
        del manager.save


papermill_engines.register(NAME, SeldomSaving)
