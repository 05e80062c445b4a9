"""The published JSON schemas: what a study may say, what programs may rely on in a run's files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from seglib.errors import StudyError, unknown

RUN_FILES = ("manifest", "summary")
"""Files of a run that have a schema; each is ``<name>.json`` in the run folder."""

NAMES = (*RUN_FILES, "study")
"""Files that have a schema: those of a run, and ``study.yaml``."""


def schema_text(name: str) -> str:
    """Return the JSON schema (draft 2020-12) of a file.

    Parameters
    ----------
    name
        ``manifest``, ``summary`` or ``study``.

    Raises
    ------
    StudyError
        For another name, with "did you mean".

    Examples
    --------
    >>> json.loads(schema_text("manifest"))["title"]
    'Manifest'
    """
    mode: Literal["validation", "serialization"] = "validation"  # a study is read, the rest written
    schema = _model(name).model_json_schema(mode=mode if name == "study" else "serialization")
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**dialect, **schema}, indent=2, ensure_ascii=False) + "\n"


def schema_file(name: str) -> Path:
    """Return the place of the published copy, for editors and programs without Python."""
    return Path(__file__).with_name("published") / f"{name}.schema.json"


def _model(name: str) -> type[BaseModel]:
    if name == "manifest":
        from seglib.run import Manifest

        return Manifest
    if name == "summary":
        from seglib.reporting.summary import Summary

        return Summary
    if name == "study":
        from seglib.study import Study

        return Study
    raise StudyError(unknown("schema", name, list(NAMES)))
