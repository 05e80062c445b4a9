"""Read YAML that people edit: checked against a model, with errors that name the file and key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from seglib.errors import StudyError, did_you_mean

Model = TypeVar("Model", bound=BaseModel)

LARGEST = 2_000_000
"""Bytes above which a YAML file is not one that people edit."""


class _UniqueLoader(yaml.SafeLoader):
    """A safe loader that refuses a key written twice and aliases (a small file can grow huge)."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()
            raise yaml.YAMLError(f"line {event.start_mark.line + 1}: aliases (*name) are not read")
        return super().compose_node(parent, index)


def _mapping_without_repeats(loader: _UniqueLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int | float | bool):
            line = key_node.start_mark.line + 1
            raise yaml.YAMLError(f"line {line}: a key must be a plain name")
        if key in seen:
            raise yaml.YAMLError(f"line {key_node.start_mark.line + 1}: '{key}' stands twice")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_UniqueLoader.add_constructor("tag:yaml.org,2002:map", _mapping_without_repeats)
# YAML 1.1 reads 01234 as octal, NO as false and 2026-13-01 as a crash; here each is plain text.
_READ_AS_TEXT = {"timestamp", "int", "bool"}
_UniqueLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag.split(":")[-1] not in _READ_AS_TEXT]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_UniqueLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9_]*)$"), list("-+0123456789")
)
_UniqueLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(true|false)$", re.IGNORECASE), list("tTfF")
)


def parse_yaml(text: str) -> Any:
    """Parse one YAML value; what looks like a code, a date or a country stays text.

    Examples
    --------
    >>> [parse_yaml(text) for text in ("false", "01234", "2026-09-30", "NO", "5")]
    [False, '01234', '2026-09-30', 'NO', 5]
    """
    return yaml.load(text, Loader=_UniqueLoader)  # a SafeLoader


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a YAML mapping; a missing file, broken syntax or another shape is a StudyError.

    Parameters
    ----------
    path
        The file.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise StudyError(f"'{path}' is larger than the {LARGEST / 1e6:g} MB that are read.")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise StudyError(f"There is no file '{path}'.{_near_files(path)}") from None
    except IsADirectoryError:
        raise StudyError(f"'{path}' is a folder; name the YAML file in it.") from None
    except UnicodeDecodeError:
        raise StudyError(f"'{path}' is not UTF-8 text; save it as UTF-8.") from None
    except OSError as error:
        raise StudyError(f"'{path}' cannot be read: {error.strerror}.") from None
    try:
        content = parse_yaml(text)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise StudyError(f"not valid YAML: {line}{error.problem}.", where=path.name) from None
    except RecursionError:
        raise StudyError("not valid YAML: it is nested too deeply.", where=path.name) from None
    except (yaml.YAMLError, ValueError) as error:
        raise StudyError(f"not valid YAML: {error}.", where=path.name) from None
    if not isinstance(content, dict):
        raise StudyError("the file must hold 'key: value' lines.", where=path.name)
    return content


def _near_files(path: Path) -> str:
    folder = path.parent
    names = sorted(p.name for p in folder.glob("*.y*ml")) if folder.is_dir() else []
    return did_you_mean(path.name, names) if names else ""


def check(model: type[Model], content: Mapping[str, Any], *, where: str) -> Model:
    """Validate content against a model and say all that is wrong, one sentence each.

    Parameters
    ----------
    model
        The pydantic model that says what is allowed.
    content
        What was read.
    where
        Name of the file, for the message.

    Raises
    ------
    StudyError
        With every problem.

    Examples
    --------
    >>> class Point(BaseModel, extra="forbid"):
    ...     across: int
    >>> check(Point, {"acros": 1}, where="point.yaml")
    Traceback (most recent call last):
    seglib.errors.StudyError: 2 problems in point.yaml:
      - 'across' is missing.
      - Unknown key 'acros'. Did you mean 'across'?
    """
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise StudyError(
            (_sentence(detail, model) for detail in error.errors()), where=where
        ) from None


def load_knowledge(path: Path, model: type[Model], *, under: str | None = None) -> Model:
    """Read a knowledge file and check it against its model.

    Parameters
    ----------
    path
        The YAML file.
    model
        Its pydantic model.
    under
        Put the whole file under this one key before checking it.
    """
    content = read_yaml(path)
    return check(model, {under: content} if under else content, where=path.name)


def _sentence(detail: ErrorDetails, model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden":
        name = str(detail["loc"][-1])
        return f"Unknown key '{key}'.{did_you_mean(name, _fields_at(model, detail['loc'][:-1]))}"
    if kind == "missing":
        return f"'{key}' is missing."
    given = repr(detail["input"])
    given = given if len(given) <= 60 else given[:57] + "…"
    if kind == "literal_error":
        allowed = [part.strip(" '") for part in _options(str(context["expected"]))]
        return f"'{key}' is {given}.{did_you_mean(str(detail['input']), allowed)}"
    message = detail["msg"].removeprefix("Value error, ")
    if message.startswith("Unknown "):
        return message
    message = message[0].lower() + message[1:].rstrip(".")
    return f"'{key}': {message}, got {given}." if key else f"{message[0].upper()}{message[1:]}."


def _options(expected: str) -> Iterable[str]:
    return expected.replace(" or ", ", ").split(",")


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Walk a model down a location and return the names that are allowed there."""
    current: Any = model
    for part in location:
        candidates = (
            _models_in(current.model_fields[part].annotation)
            if (
                isinstance(current, type)
                and issubclass(current, BaseModel)
                and part in current.model_fields
            )
            else [current]
        )
        if not candidates:
            return []
        current = candidates[0]
    is_model = isinstance(current, type) and issubclass(current, BaseModel)
    return list(current.model_fields) if is_model else []


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for arg in getattr(annotation, "__args__", ()) for found in _models_in(arg)]
