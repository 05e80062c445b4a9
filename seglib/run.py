"""Run: a folder of named artifacts and a manifest, published whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field

from seglib.artifacts import ARTIFACTS, maker
from seglib.errors import DataError, MissingArtifact, StudyError, unknown
from seglib.study import Study

_COLUMNS_KEY = b"seglib.columns"


class StepRecord(BaseModel):
    """How one notebook went."""

    model_config = ConfigDict(extra="forbid")

    step: str
    notebook: str
    status: str
    seconds: float = 0.0
    message: str = ""
    heading: str = ""
    reused: str = Field("", description="The run that it was taken from; empty: it was executed.")


class Manifest(BaseModel):
    """What a run was made from and what it left; written last."""

    model_config = ConfigDict(extra="forbid")

    run_id: str = Field(description="The time at which the run began; names its folder.")
    study: str
    status: str = Field(description="done, failed, timed out, kernel died or interrupted.")
    started: str = Field(description="UTC, ISO 8601.")
    finished: str = Field("", description="UTC, ISO 8601.")
    parameters: dict[str, Any] = {}
    seed: int = 0
    effort: str = ""
    audience: str = ""
    inputs: dict[str, str] = Field({}, description="sha256 of each source file.")
    artifacts: dict[str, str] = Field({}, description="sha256 of each file of the run.")
    versions: dict[str, str] = {}
    git_revision: str = ""
    steps: list[StepRecord] = []
    peak_memory_mb: float = 0.0


class Run:
    """A run folder.

    Make one with :meth:`start` (it is built under ``<id>.partial`` and renamed by
    :meth:`publish`) or look into one with :meth:`open`.

    Parameters
    ----------
    folder
        The folder that holds the artifacts.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def __repr__(self) -> str:
        return f"Run({self.folder.name!r})"

    @classmethod
    def start(cls, study: Study, out: str | Path | None = None) -> Run:
        """Begin a run of a study in a new folder of its own.

        Parameters
        ----------
        study
            What is run.
        out
            Folder of this study's runs; ``reports/<study>`` when not given.
        """
        home = Path(out) if out is not None else Path("reports") / study.name
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        try:
            home.mkdir(parents=True, exist_ok=True)
            for attempt in range(1000):
                run_id = f"{stamp}-{attempt}" if attempt else stamp
                taken = any((home / f"{run_id}{end}").exists() for end in ("", ".failed"))
                partial = home / f"{run_id}.partial"
                if not taken and not partial.exists():
                    partial.mkdir()
                    return cls(partial)
        except OSError as error:
            raise StudyError(f"Runs cannot be written to '{home}': {error.strerror}.") from None
        raise StudyError(f"'{home}' already holds 1000 runs of this second.")

    @classmethod
    def open(cls, path: str | Path) -> Run:
        """Look into an existing run folder (a path to ``latest`` is followed).

        Raises
        ------
        StudyError
            When there is no such folder.
        """
        folder = Path(path).expanduser()
        if not folder.is_dir():
            raise StudyError(f"There is no run folder '{path}'.")
        return cls(folder.resolve())

    @property
    def id(self) -> str:
        """Identifier of the run: the time at which it began (UTC)."""
        return self.folder.name.removesuffix(".partial").removesuffix(".failed")

    def path(self, name: str) -> Path:
        """Path of an artifact, with its folder made."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def has(self, *names: str) -> bool:
        """Say whether all these artifacts are there."""
        return all((self.folder / name).is_file() for name in names)

    def write_table(
        self, name: str, frame: pd.DataFrame, columns: Mapping[str, Any] | None = None
    ) -> Path:
        """Write a frame as Parquet; ``columns`` travels in the file's metadata.

        The bytes depend on the content alone.
        """
        table = pa.Table.from_pandas(frame, preserve_index=False)
        metadata = {k: v for k, v in (table.schema.metadata or {}).items() if k == b"pandas"}
        if columns is not None:
            metadata[_COLUMNS_KEY] = json.dumps(columns, sort_keys=True).encode()
        path = self.path(self._known(name))
        _replace(path, lambda part: pq.write_table(table.replace_schema_metadata(metadata), part))
        return path

    def read_table(self, name: str) -> pd.DataFrame:
        """Read a Parquet artifact."""
        with self._reading(name) as path:
            return pd.read_parquet(path)

    def read_columns(self, name: str) -> dict[str, Any]:
        """Read the column descriptions that travel in a Parquet artifact."""
        with self._reading(name) as path:
            metadata = pq.read_schema(path).metadata or {}
            return json.loads(metadata.get(_COLUMNS_KEY, b"{}"))

    def write_json(self, name: str, content: BaseModel | Mapping[str, Any] | list[Any]) -> Path:
        """Write a model, mapping or list as JSON with stable bytes."""
        plain = content.model_dump(mode="json") if isinstance(content, BaseModel) else content
        text = json.dumps(plain, indent=2, sort_keys=False, ensure_ascii=False, allow_nan=False)
        return self.write_text(name, text + "\n")

    def read_json(self, name: str) -> Any:
        """Read a JSON artifact."""
        with self._reading(name) as path:
            return json.loads(path.read_text(encoding="utf-8"))

    def write_text(self, name: str, text: str) -> Path:
        """Write a text artifact (SQL, CSV, a figure)."""
        return self.write_bytes(name, text.encode("utf-8"))

    def write_bytes(self, name: str, content: bytes) -> Path:
        """Write an artifact that is no text (Excel)."""
        path = self.path(self._known(name))
        _replace(path, lambda part: part.write_bytes(content))
        return path

    def artifacts(self) -> dict[str, Path]:
        """All files of the run but the manifest, by name, sorted."""
        files = (p for p in self.folder.rglob("*") if p.is_file() and p.name != "manifest.json")
        return {p.relative_to(self.folder).as_posix(): p for p in sorted(files)}

    @property
    def manifest(self) -> Manifest:
        """The manifest of the run."""
        path = self.folder / "manifest.json"
        if not path.is_file():
            raise MissingArtifact(f"Run '{self.id}' has no manifest: it did not finish.")
        return Manifest.model_validate_json(path.read_text(encoding="utf-8"))

    def finish(self, manifest: Manifest) -> Run:
        """Write the manifest, rename the folder, and on success move ``latest``.

        Parameters
        ----------
        manifest
            Its status ``done`` publishes the run; any other keeps it under ``.failed``.
        """
        manifest.finished = datetime.now(UTC).isoformat(timespec="seconds")
        manifest.artifacts = hashes(self.artifacts().items())
        self.path("manifest.json").write_text(
            manifest.model_dump_json(indent=2) + "\n", encoding="utf-8"
        )
        done = manifest.status == "done"
        final = self.folder.with_name(self.id + ("" if done else ".failed"))
        _to_disk(self.folder)
        self.folder.rename(final)
        if done:
            _point(final.parent / "latest", final)
        _sync(final.parent)
        return Run(final)

    def discard(self) -> None:
        """Remove a run that never began (nothing in it is of use)."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _existing(self, name: str) -> Path:
        path = self.folder / self._known(name)
        if not path.is_file():
            raise MissingArtifact(
                f"'{name}' is not in this run yet; it is made by {maker(name)}."
                if name in ARTIFACTS
                else f"'{name}' is not in this run."
            )
        return path

    @contextmanager
    def _reading(self, name: str) -> Iterator[Path]:
        """Path of an artifact that is there; a file that cannot be read is an error of its own."""
        path = self._existing(name)
        try:
            yield path
        except (ValueError, OSError) as error:
            reason = str(error).splitlines()[0] if str(error) else type(error).__name__
            if isinstance(error, json.JSONDecodeError):
                reason = f"not valid JSON: {reason}"
            raise DataError(
                f"'{name}' of run '{self.id}' cannot be read: {reason.rstrip('.')}. "
                "Restore the file, or run it again."
            ) from None

    @staticmethod
    def _known(name: str) -> str:
        if name not in ARTIFACTS and not name.startswith(("figures/", "exports/")):
            raise StudyError(unknown("artifact", name, list(ARTIFACTS)))
        return name


def hashes(files: Iterable[tuple[str, Path]]) -> dict[str, str]:
    """Return the sha256 of each file, by name.

    Parameters
    ----------
    files
        Pairs of name and path.
    """
    return {name: file_hash(path) for name, path in files}


def file_hash(path: Path) -> str:
    """Return the sha256 of a file's bytes, as hexadecimal digits."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _replace(path: Path, write: Any) -> None:
    """Write beside the final name, then rename: a reader never sees half a file."""
    part = path.with_name(path.name + ".part")
    write(part)
    os.replace(part, path)


def _to_disk(folder: Path) -> None:
    """Have the disk hold all files before they are published: a power cut leaves no empty ones."""
    for path in (*folder.rglob("*"), folder):
        if not path.is_symlink():
            _sync(path)


def _sync(path: Path) -> None:
    if path.is_dir() and os.name != "posix":
        return  # folders cannot be opened there
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _point(link: Path, target: Path) -> None:
    """Move ``latest`` in one step; where links are not allowed, leave a text file instead."""
    fresh = link.with_name(".latest.new")
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(target.name, target_is_directory=True)
    except OSError:
        fresh.write_text(target.name, encoding="utf-8")
    os.replace(fresh, link)
