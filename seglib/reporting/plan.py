"""Check everything that a run needs before a kernel starts, and say all problems at once."""

from __future__ import annotations

import ast
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from seglib.artifacts import STEPS
from seglib.errors import StudyError, unknown
from seglib.study import Study

Audience = Literal["executive", "analyst", "learner"]
"""Who reads the report: a director, an analyst, or someone who learns how it is done."""

CELL_TIMEOUT = 900
"""Seconds that one cell may take when nothing else is asked for."""

Result = TypeVar("Result")
_NEEDED = ("study", "run_dir")


@dataclass(frozen=True)
class Plan:
    """A run that may begin.

    Attributes
    ----------
    study
        The study with its overrides.
    notebooks
        Step to notebook, in order.
    root
        Working directory of the kernels.
    home
        Folder of this study's runs.
    """

    study: Study
    notebooks: Mapping[str, Path]
    root: Path
    home: Path
    audience: Audience
    pdf: bool


def make_plan(
    study_path: str | Path,
    *,
    out: str | Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    until: str | None = None,
    effort: str | None = None,
    audience: str = "analyst",
    pdf: bool = False,
    notebooks: Path | None = None,
) -> Plan:
    """Check a run's parameters.

    Raises
    ------
    StudyError
        With every problem of the study, its overrides, the step, the audience, the source and
        the notebooks.
    """
    given = dict(overrides or {}) | ({"effort": effort} if effort else {})
    problems: list[str] = []
    study = _try(problems, lambda: _load(study_path, given))
    last = _try(problems, lambda: parse_step(until))
    _try(problems, lambda: _known_audience(audience))
    if pdf:
        _try(problems, _require_weasyprint)
    if study is None or problems:
        raise StudyError(problems, where=Path(study_path).name)
    found = find_notebooks(notebooks, last or "06")
    root = _root() or Path.cwd()
    home = Path(out).expanduser().resolve() if out else _default_home(root) / study.name
    study = _with_previous(study, home)
    return Plan(study, found, root, home, audience, pdf)  # type: ignore[arg-type]


def _try(problems: list[str], check: Callable[[], Result]) -> Result | None:
    try:
        return check()
    except StudyError as error:
        problems.extend(error.problems)
        return None


def _load(path: str | Path, overrides: Mapping[str, Any]) -> Study:
    if not Path(path).is_file():
        from seglib.workbook import find_file  # slow: it brings the data packages with it

        path = find_file(path)
    study = Study.load(path, overrides)
    place = study.location
    if isinstance(place, Path) and not place.exists():
        raise StudyError(f"'source' names '{study.source}', and there is no such file or folder.")
    return study


def parse_step(text: str | None) -> str | None:
    """Read the number or the name of a step.

    Raises
    ------
    StudyError
        With "did you mean".

    Examples
    --------
    >>> [parse_step(text) for text in ("03", "3", "profiling", "04_profiling", None)]
    ['03', '03', '04', '04', None]
    """
    if text is None:
        return None
    plain = text.strip().lower().replace(" ", "_").replace("-", "_").removesuffix(".ipynb")
    for number, name in STEPS.items():
        if plain in (number, number.lstrip("0"), name, f"{number}_{name}"):
            return number
    raise StudyError(unknown("step", text, [f"{n}_{name}" for n, name in STEPS.items()]))


def _known_audience(audience: str) -> None:
    if audience not in get_args(Audience):
        raise StudyError(unknown("audience", audience, get_args(Audience)))


def _require_weasyprint() -> None:
    from seglib.reporting.pdf import require_weasyprint

    require_weasyprint()


def _root() -> Path | None:
    from seglib.workbook import project_root

    return project_root()


def notebooks_folder() -> Path:
    """Return the folder of the notebooks: the project's, else the one inside the package."""
    root = _root()
    return root / "notebooks" if root else Path(__file__).resolve().parents[1] / "_notebooks"


def find_notebooks(folder: Path | None = None, last: str = "06") -> dict[str, Path]:
    """Return the notebook of each step up to the last one.

    Parameters
    ----------
    folder
        Where they stand; the workbook's own when not given.
    last
        Number of the last step.

    Raises
    ------
    StudyError
        For each that is missing or does not take the parameters of a run.
    """
    place = folder or notebooks_folder()
    found = {n: place / f"{n}_{name}.ipynb" for n, name in STEPS.items() if n <= last}
    problems = [problem for path in found.values() if (problem := _notebook_problem(path))]
    if problems:
        raise StudyError(problems)
    return found


def _notebook_problem(path: Path) -> str:
    if not path.is_file():
        return f"The notebook '{path.name}' is not in '{path.parent}'."
    try:
        # nbformat would take a second to import, and no kernel is to start yet.
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
        names = _assigned("".join(tagged[0]["source"])) if tagged else set()
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        return f"'{path.name}' is not a Jupyter notebook that can be read."
    lacking = [name for name in _NEEDED if name not in names]
    return f"'{path.name}' has no parameter '{lacking[0]}'." if lacking else ""


def _assigned(source: str) -> set[str]:
    """Names that a parameters cell sets."""
    try:
        lines = ast.parse(source).body
    except SyntaxError:
        return set()
    targets = [t for line in lines for t in getattr(line, "targets", [getattr(line, "target", 0)])]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _default_home(root: Path) -> Path:
    here = Path.cwd()
    return (root if root in (here, *here.parents) else here) / "reports"


def study_in(folder: Path, study: Study) -> Study:
    """Return the study as it is written into a run folder: its paths start from that folder.

    Parameters
    ----------
    folder
        The run folder; its final name stands beside it, so the paths stay true.
    study
        The study as it was loaded.
    """
    changes: dict[str, Any] = {}
    if isinstance(study.location, Path):
        changes["source"] = relative(study.location, folder)
    if study.measurement.previous_run:
        earlier = relative(Path(study.measurement.previous_run), folder)
        changes["measurement"] = study.measurement.model_copy(update={"previous_run": earlier})
    return study.model_copy(update=changes)


def _with_previous(study: Study, home: Path) -> Study:
    """Find the run that the study is compared with; ``latest`` becomes the run it stands for now.

    Raises
    ------
    StudyError
        When it is not to be found from the study file, the working directory or the runs' folder.
    """
    named = study.measurement.previous_run
    if not named:
        return study
    places = (study.folder, Path.cwd(), home)
    found = next((p for place in places if (p := place / Path(named).expanduser()).is_dir()), None)
    if found is None:
        raise StudyError(f"'measurement.previous_run' names '{named}', and there is no such run.")
    measurement = study.measurement.model_copy(update={"previous_run": str(found.resolve())})
    return study.model_copy(update={"measurement": measurement})


def relative(path: Path, start: Path) -> str:
    """Write a path as seen from a folder, with forward slashes; links are followed."""
    return Path(os.path.relpath(path.resolve(), start.resolve())).as_posix()
