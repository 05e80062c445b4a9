"""Shared by all tests: where the real data are, and a study made of small files."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import settings

from seglib.study import Study

settings.register_profile("seglib", deadline=None)  # a slow machine is no failed property
settings.load_profile("seglib")


@pytest.fixture
def real_data() -> Path:
    """Folder of the real data; its tests are skipped, with the reason, where it is unset."""
    folder = os.environ.get("SEGLIB_REAL_DATA")
    if not folder:
        pytest.skip("SEGLIB_REAL_DATA is not set")
    return Path(folder).resolve()


@pytest.fixture
def write_study(tmp_path: Path) -> Callable[..., Study]:
    """Write files and a study beside them, and load the study."""

    def write(files: dict[str, str | bytes], **fields: object) -> Study:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        study = {"name": "small", "as_of": "2026-01-31", **fields}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(study), encoding="utf-8")
        return Study.load(tmp_path / "study.yaml")

    return write


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    """Where everything optional is switched on (CI), a skipped test is a failed one."""
    outcome = yield
    report = outcome.get_result()
    if os.environ.get("SEGLIB_NO_SKIPS") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
