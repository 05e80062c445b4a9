"""Open a study's source: a folder, a file, or an Ibis connection URL; always read only."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from seglib.errors import StudyError, did_you_mean
from seglib.source.explain import why_not_connected
from seglib.source.files import FILES, FileTables, find_files
from seglib.source.source import Source
from seglib.study import Study

_SECRET = re.compile(r"\$\{(\w+)\}")
_WAIT = "10"  # seconds until a server that does not answer counts as unreachable

DUCKDB_FILES = (".duckdb", ".ddb")


def connect(study: Study) -> Source:
    """Open a study's source.

    Parameters
    ----------
    study
        Its ``source`` is a folder, a file, or an Ibis connection URL in which ``${NAME}`` stands
        for an environment variable.

    Raises
    ------
    StudyError
        When the source is not there or cannot be connected to; no message shows a password.
    """
    location = study.location
    return _url(location) if isinstance(location, str) else _path(location, study.source)


def _path(location: Path, shown: str) -> Source:
    import ibis

    if not location.exists():
        near = [p.name for p in location.parent.iterdir()] if location.parent.is_dir() else []
        hint = did_you_mean(location.name, near) if near else ""
        raise StudyError(f"The source '{shown}' is not there.{hint}")
    if location.suffix in DUCKDB_FILES:
        return Source(_opened(shown, lambda: ibis.duckdb.connect(str(location), read_only=True)))
    files = find_files(location)
    if not files:
        raise StudyError(f"The source '{shown}' holds no table ({', '.join(FILES)}).")
    con = ibis.duckdb.connect()
    return Source(con, FileTables(con, files))


def _url(url: str) -> Source:
    absent = [name for name in _SECRET.findall(url) if name not in os.environ]
    if absent:
        raise StudyError([f"The source needs the environment variable '{n}'." for n in absent])
    if _SECRET.fullmatch(url):
        full = os.environ[url[2:-1]]
    else:
        full = _SECRET.sub(lambda match: quote(os.environ[match[1]], safe=""), url)
    shown = re.sub(r"//[^@/]*@", "//…@", url)
    scheme = full.partition("://")[0].replace("postgresql", "postgres")
    opener = _OPENERS.get(scheme, _other)
    return _opened(shown, lambda: opener(full))


def _opened(shown: str, opener: Callable[[], Any]) -> Any:
    try:
        return opener()
    except StudyError:
        raise
    except Exception as error:
        why = why_not_connected(error)
        raise StudyError(f"The source '{shown}' cannot be connected to: {why}.") from None


def _postgres(url: str) -> Source:
    """Open a session in which every transaction is read only unless it says otherwise."""
    import ibis

    from seglib.source.dialects import postgres_dialect

    given = dict(parse_qsl(url.partition("?")[2]))
    options = f"{given.get('options', '')} -c default_transaction_read_only=on".strip()
    wait = given.get("connect_timeout", _WAIT)
    con = ibis.connect(url, options=options, connect_timeout=wait)
    return Source(postgres_dialect(con))


def _spark(url: str) -> Source:
    """Join the Spark session that is there, or start one on the URL's master.

    ``pyspark://local[2]``, ``pyspark://HOST:7077``, or ``pyspark://`` for the session's own
    master; ``?files=FOLDER`` makes a view of each file of a folder, all else is Spark's.
    """
    import ibis
    from pyspark.sql import SparkSession

    from seglib.source.dialects import spark_dialect

    place, _, query = url.partition("://")[2].partition("?")
    given = dict(parse_qsl(query))
    folder = given.pop("files", "")
    running = SparkSession.getActiveSession()
    builder = SparkSession.builder.appName("seglib")
    if place and running is None:
        local = re.match(r"local\b|yarn\b", place)
        builder = builder.master(unquote(place) if local else f"spark://{place}")
    if running is None:
        for key, value in {"spark.ui.enabled": "false", **given}.items():
            builder = builder.config(key, value)
    session = running or builder.getOrCreate()
    con = spark_dialect(ibis.pyspark.connect(session))
    source = Source(con, shared=running is not None)
    if folder:
        _spark_views(session, Path(folder).expanduser().resolve())
    return source


def _spark_views(session: Any, folder: Path) -> None:
    """Make a view of each Parquet or text file; text is read as text, as everywhere."""
    if not folder.is_dir():
        raise StudyError(f"The folder '{folder}' named by 'files' is not there.")
    for name, paths in find_files(folder).items():
        places = [str(path) for path in paths]
        if paths[0].suffix == ".parquet":
            frame = session.read.parquet(*places)
        else:
            frame = session.read.csv(places, header=True, quote='"', escape='"', multiLine=True)
        frame.createOrReplaceTempView(name)


def _other(url: str) -> Source:
    import ibis

    return Source(ibis.connect(url))


_OPENERS: dict[str, Callable[[str], Source]] = {"postgres": _postgres, "pyspark": _spark}
