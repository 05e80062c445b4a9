"""The published JSON schemas: what programs may rely on in a run's JSON files."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel

from seglib.errors import StudyError, unknown

NAMES = ("manifest", "summary")
"""Files of a run that have a schema; each is ``<name>.json`` in the run folder."""


def schema_text(name: str) -> str:
    """Return the JSON schema (draft 2020-12) of a file of a run.

    Parameters
    ----------
    name
        ``manifest`` or ``summary``.

    Raises
    ------
    StudyError
        For another name, with "did you mean".

    Examples
    --------
    >>> json.loads(schema_text("manifest"))["title"]
    'Manifest'
    """
    schema = _model(name).model_json_schema(mode="serialization")
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
    raise StudyError(unknown("schema", name, list(NAMES)))
