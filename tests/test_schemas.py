"""The published JSON schemas are those of the models, and runs keep to them."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from seglib.cli import app
from seglib.errors import StudyError
from seglib.knowledge import read_yaml
from seglib.schemas import NAMES, schema_file, schema_text


@pytest.mark.parametrize("name", NAMES)
def test_the_published_copy_is_the_models(name):
    assert schema_file(name).read_text(encoding="utf-8") == schema_text(name)
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


@pytest.mark.parametrize("name", NAMES)
def test_the_command_prints_it(name):
    answer = CliRunner().invoke(app, ["schema", name])
    assert (answer.exit_code, answer.stdout) == (0, schema_text(name))


def test_another_name_is_refused():
    with pytest.raises(StudyError, match="Did you mean 'manifest'"):
        schema_text("manifests")
    assert CliRunner().invoke(app, ["schema", "manifests"]).exit_code == 2


@pytest.mark.parametrize("place", sorted(Path(__file__).parents[1].glob("data/*/study.yaml")))
def test_the_studies_keep_to_the_schema_and_a_slip_does_not(place):
    study = json.loads(json.dumps(read_yaml(place), default=str))
    schema = jsonschema.Draft202012Validator(json.loads(schema_text("study")))
    assert [error.message for error in schema.iter_errors(study)] == []
    assert list(schema.iter_errors(study | {"objectiv": "retention"}))
