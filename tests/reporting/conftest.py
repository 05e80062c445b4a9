"""Fixture studies and notebooks: tiny, so that a run takes a second a notebook."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seglib.artifacts import STEPS

PARAMETERS = (
    'study: str = "study.yaml"  # path of the study\nrun_dir: str = ""  # folder of the run'
)

MakeNotebooks = Callable[..., Path]


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    """The module ``sample.py`` beside this file: a run made without kernels."""
    spec = importlib.util.spec_from_file_location(
        "reporting_sample", Path(__file__).with_name("sample.py")
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study over one CSV file."""
    folder = tmp_path / "company"
    folder.mkdir()
    (folder / "orders.csv").write_text("order_id,amount\n1,5\n")
    path = folder / "study.yaml"
    path.write_text("name: tiny\nsource: .\n")
    return path


@pytest.fixture
def make_notebooks(tmp_path: Path) -> MakeNotebooks:
    """Write six notebooks; a step's last cell runs the code that is given for it."""

    def make(folder: str = "notebooks", **code: str) -> Path:
        place = tmp_path / folder
        place.mkdir(exist_ok=True)
        for number, name in STEPS.items():
            source = code.get(f"step{number}", "'all is well'")
            nbformat.write(_notebook(name, source), place / f"{number}_{name}.ipynb")
        return place

    return make


def _notebook(name: str, source: str) -> nbformat.NotebookNode:
    cells = [
        new_markdown_cell(f"# Do {name.replace('_', ' ')}\n\nWhy it is done."),
        new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        new_markdown_cell("## Look at the *result*"),
        new_code_cell(source, metadata={"tags": ["analyst"]}),
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


@pytest.fixture
def command() -> Callable[..., subprocess.Popen[str]]:
    """Start the command line in a session of its own, over the notebooks of a folder."""

    def start(notebooks: Path, *words: object) -> subprocess.Popen[str]:
        script = (
            # a job in the background of a shell is born deaf to SIGINT
            "import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "import sys\nfrom pathlib import Path\nimport seglib.reporting.plan as plan\n"
            f"plan.notebooks_folder = lambda: Path({str(notebooks)!r})\n"
            f"sys.argv = {['seglib', *map(str, words)]!r}\n"
            "from seglib.cli import main\nmain()\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", script],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    return start
