"""Execute the workbook's notebooks in place, so that they can be kept with their outputs.

Used as ``python -m seglib.reporting.refresh notebooks``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from seglib.errors import SeglibError, StudyError
from seglib.reporting.console import shown_progress
from seglib.reporting.execute import execute
from seglib.reporting.failure import RunFailed
from seglib.reporting.kernel import kernel_surroundings
from seglib.reporting.plan import CELL_TIMEOUT
from seglib.reporting.progress import Listener, ignore
from seglib.reporting.redact import for_project
from seglib.reporting.warm import warm_kernels
from seglib.workbook import project_root


def refresh_notebooks(folder: Path, *, progress: Listener = ignore) -> None:
    """Execute each notebook of a folder as "Run All" would, and keep it with its outputs.

    Parameters
    ----------
    folder
        Holds the notebooks; each is replaced once it has reached its end.
    progress
        Is told of each notebook and cell.

    Raises
    ------
    StudyError
        When there is no notebook.
    RunFailed
        When a notebook did not reach its end; it and those after it stay as they were.
    """
    notebooks = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not notebooks:
        raise StudyError(f"There is no notebook in '{folder}'.")
    root = project_root() or Path.cwd()
    with kernel_surroundings(), warm_kernels(notebooks, root) as kernels:
        for number, path in enumerate(notebooks, start=1):
            part = path.with_suffix(".part")
            kernel = kernels.take()
            outcome = execute(
                path,
                part,
                {},
                kernel=kernel,
                folder=root,
                redact=for_project(root),
                timeout=CELL_TIMEOUT,
                place=(number, len(notebooks)),
                listen=progress,
            )
            kernels.stop(kernel)
            if outcome.failure:
                part.unlink(missing_ok=True)
                raise RunFailed(outcome.failure)
            os.replace(part, path)


def main(words: Sequence[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        with shown_progress() as progress:
            refresh_notebooks(Path(words[0] if words else "notebooks"), progress=progress)
    except SeglibError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
