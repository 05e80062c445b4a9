"""Take folders of this machine and secrets out of what is published."""

from __future__ import annotations

import base64
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from seglib.reporting.escapes import any_escape
from seglib.reporting.folders import Folder
from seglib.study import Study

HIDDEN = "***"
"""What stands where a secret stood."""

_URL_PASSWORD = re.compile(r"://[^/\s:@'\"]*:([^@\s/'\"]+)@")
_URL_OPTION = re.compile(r"[?&](?:\w*(?:password|passwd|pwd|token|secret|key))=([^&\s'\"]+)", re.I)
_SECRET_NAME = re.compile(r"PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|CREDENTIAL|PRIVATE_?KEY", re.I)
_SVG = re.compile(r"(data:image/svg\+xml;base64,)([A-Za-z0-9+/=]+)")
_CELL_FILE = re.compile(r"/[^\s'\"]*ipykernel_\d+/\d+\.py")
_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]{6,}")
_SHORTEST_SECRET = 6


class Redactor:
    """Replaces what must not be published.

    Parameters
    ----------
    folders
        Absolute folder to the neutral words for it; longer paths are replaced first.
    secrets
        Texts that are hidden wherever they stand.

    Examples
    --------
    >>> redact = Redactor({"/home/ann/project": "."}, ["hunter22"])
    >>> redact("read /home/ann/project/data.csv with hunter22")
    'read ./data.csv with ***'
    >>> redact("%2Fhome%2Fann%2Fproject and \\\\u0068unter22")
    '. and ***'
    """

    def __init__(self, folders: Mapping[str, str], secrets: Iterable[str] = ()) -> None:
        by_length = sorted(folders, key=len, reverse=True)
        self._folders = [Folder.of(p, _harmless(folders[p])) for p in by_length if len(p) > 1]
        hidden = sorted({s for s in secrets if s}, key=len, reverse=True)
        self._secrets = [re.compile(any_escape(secret)) for secret in hidden]

    def __call__(self, text: str) -> str:
        """Return the text without folders of this machine and secrets."""
        text = _SVG.sub(self._inside_image, text)
        if "ipykernel_" in text:  # the search takes seconds in the base64 text of a picture
            text = _CELL_FILE.sub("<cell>", text)
        text = _ADDRESS.sub("at 0x…", text)
        for folder in self._folders:
            text = folder.out_of(text)
        return self.hide(text)

    def hide(self, text: str) -> str:
        """Return the text without secrets, however they stand escaped in it."""
        for secret in self._secrets:
            text = secret.sub(HIDDEN, text)
        return text

    def _inside_image(self, match: re.Match[str]) -> str:
        drawn = base64.b64decode(match[2]).decode("utf-8", "replace")
        hidden = self(drawn)
        if hidden == drawn:
            return match[0]
        return match[1] + base64.b64encode(hidden.encode()).decode()


def _harmless(words: str) -> str:
    """Leave out of the words for a folder what would have to be escaped where they are put."""
    return re.sub(r"[\"\\&]", "_", words)


def for_run(study: Study, folder: Path, root: Path) -> Redactor:
    """Return the redactor of a run: its folders by neutral words, its secrets hidden.

    Parameters
    ----------
    study
        What is run; passwords in its texts are secrets.
    folder
        The run folder.
    root
        The project's root.
    """
    folders = {str(study.folder): ".", str(folder): "."}
    if isinstance(study.location, Path):
        folders[str(study.location)] = study.location.name
    return Redactor(
        {**_machine(root), **_followed(folders)},
        [*secrets_in("\n".join(_texts(study.model_dump(mode="json")))), *environment_secrets()],
    )


def _texts(value: Any) -> Iterator[str]:
    """All texts within a plain value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from (*_texts(key), *_texts(part))
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def for_project(root: Path) -> Redactor:
    """Return the redactor of notebooks that belong to no run.

    Parameters
    ----------
    root
        The project's root.
    """
    return Redactor(_machine(root), environment_secrets())


def _machine(root: Path) -> dict[str, str]:
    """Folders of this machine, in neutral words."""
    return _followed(
        {
            sys.prefix: "<python>",
            sys.base_prefix: "<python>",
            tempfile.gettempdir(): "<temp>",
            str(Path.home()): "~",
            str(Path.cwd()): ".",
            str(root): ".",
        }
    )


def _followed(folders: Mapping[str, str]) -> dict[str, str]:
    """Add the folders that links stand for."""
    return {**{os.path.realpath(path): words for path, words in folders.items()}, **folders}


def secrets_in(text: str) -> list[str]:
    """Find passwords and tokens in the addresses that a text holds, as written and decoded.

    Examples
    --------
    >>> secrets_in("postgres://ann:s%20cret@host/db?sslkey=abc")
    ['s%20cret', 's cret', 'abc']
    """
    found = [m[1] for pattern in (_URL_PASSWORD, _URL_OPTION) for m in pattern.finditer(text)]
    return list(dict.fromkeys(form for secret in found for form in (secret, unquote(secret))))


def environment_secrets(environment: Mapping[str, str] | None = None) -> list[str]:
    """Find the secrets of the environment: variables named so, and passwords in addresses.

    Examples
    --------
    >>> environment_secrets({"DB_PASSWORD": "hunter22", "URL": "pg://a:tiger99@h", "LANG": "C"})
    ['hunter22', 'tiger99']
    """
    variables = os.environ if environment is None else environment
    named = [v for name, v in variables.items() if _SECRET_NAME.search(name)]
    within = [secret for value in variables.values() for secret in secrets_in(value)]
    return [secret for secret in [*named, *within] if len(secret) >= _SHORTEST_SECRET]
