"""Notebooks for faults: stand-ins of a second each, and copies of the workbook's own."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from seglib.artifacts import STEPS
from seglib.reporting.plan import notebooks_folder

PARAMETERS = 'study: str = "study.yaml"  # path of the study\nrun_dir: str = ""  # the run folder'
WRITE = """import pathlib, time
for number in range(20):
    path = pathlib.Path(run_dir, 'figures', f'{step}_{number}.svg')
    path.parent.mkdir(exist_ok=True)
    path.write_text('<svg>' + step * 500 + '</svg>')
    time.sleep(0.02)"""
READ = """from seglib.source import connect
from seglib.study import Study
time.sleep(0.5)
connect(Study.load(study)).table('orders').count().to_pandas()"""


def stand_ins(folder: Path, **code: str) -> Path:
    """Write six small notebooks that write figures; the second reads the source.

    Parameters
    ----------
    folder
        Where they go.
    code
        Source of a step's last cell, such as ``step02="1 / 0"``.
    """
    folder.mkdir(parents=True)
    for step, name in STEPS.items():
        last = code.get(f"step{step}", READ if step == "02" else "'all is well'")
        cells = [
            new_markdown_cell(f"# Do {name.replace('_', ' ')}", id="head"),
            new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}, id="parameters"),
            new_code_cell(f"step = '{step}'\n{WRITE}", id="write"),
            new_code_cell(last, id="last"),
        ]
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        book = new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(book, folder / f"{step}_{name}.ipynb")
    return folder


def workbook(folder: Path) -> Path:
    """Copy the workbook's own notebooks."""
    shutil.copytree(notebooks_folder(), folder, ignore=shutil.ignore_patterns(".*"))
    return folder


def with_a_remark(source: Path, folder: Path, number: int) -> Path:
    """Copy notebooks, one of them with one more cell: it is executed anew, those before are not."""
    shutil.copytree(source, folder)
    path = next(folder.glob(f"{number:02d}_*.ipynb"))
    book = nbformat.read(path, as_version=4)
    book.cells.append(new_code_cell("import time\ntime.sleep(5)", id="remark"))
    nbformat.write(book, path)
    return folder
