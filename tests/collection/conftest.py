"""Engines for the tests of collection: a temporary Postgres cluster and a local Spark session."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SPARK = (
    "pyspark://local[2]?spark.sql.shuffle.partitions=2&spark.ui.showConsoleProgress=false"
    "&spark.log.level=ERROR&spark.sql.execution.arrow.pyspark.enabled=true"
)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a throw-away Postgres on loopback, ``postgres://seg:${PGPASSWORD}@…``."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries or not (binaries[-1] / "initdb").exists():
        pytest.skip("Debian's postgresql is not installed")
    pytest.importorskip("psycopg", reason="the extra 'postgres' is not installed")
    with tempfile.TemporaryDirectory(prefix="seglib-pg-", ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        (place / "password").write_text("s3cret@word", encoding="utf-8")
        as_user = _other_user(place)
        tool = binaries[-1]
        data = ["-D", str(place / "data")]
        init = [*data, "-U", "seg", "-A", "scram-sha-256", "--pwfile", str(place / "password")]
        _run([*as_user, str(tool / "initdb"), *init, "-N", "-E", "UTF8", "--locale=C"])
        port = _free_port()
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off"
        )
        log = ["-l", str(place / "log")]
        _run([*as_user, str(tool / "pg_ctl"), *data, *log, "-w", "-o", options, "start"])
        try:
            yield f"postgres://seg:${{PGPASSWORD}}@127.0.0.1:{port}/postgres"
        finally:
            _run([*as_user, str(tool / "pg_ctl"), *data, "-m", "immediate", "stop"])


@pytest.fixture
def password(monkeypatch: pytest.MonkeyPatch) -> str:
    """Set the environment variable that the address of :func:`postgres` names."""
    monkeypatch.setenv("PGPASSWORD", "s3cret@word")
    return "s3cret@word"


@pytest.fixture(scope="session")
def spark() -> Iterator[str]:
    """Address of a Spark session that lasts as long as the tests."""
    pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs a JDK")
    from seglib.source import connect
    from seglib.study import Study

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    source = connect(Study(name="spark", source=SPARK))
    try:
        yield SPARK
    finally:
        source.close()


def _other_user(place: Path) -> list[str]:
    """Postgres refuses to run as root: give the folder to another user, and become that one."""
    if getpass.getuser() != "root":
        return []
    user = "postgres"
    try:
        shutil.chown(place, user, user)
    except LookupError:
        pytest.skip("there is no user 'postgres' to run the server as")
    for path in place.iterdir():
        shutil.chown(path, user, user)
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
