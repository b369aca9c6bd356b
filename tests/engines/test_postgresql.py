"""PostgreSQL computes what Python does: a server of our own, on a socket, without a port."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

pa = pytest.importorskip("pyarrow")
from pyarrow import csv  # noqa: E402


def program(name):
    """A program of PostgreSQL; Debian keeps the server's apart from the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(debian[-1]) if debian else None)


@pytest.fixture(scope="module")
def place():
    """A directory of the server's own: it refuses to run as root, or where others may write."""
    with tempfile.TemporaryDirectory(prefix="confkit-postgresql-") as found:
        if os.geteuid() == 0:
            shutil.chown(found, "postgres", "postgres")
        yield Path(found)


@pytest.fixture(scope="module")
def ask(units, place):
    if program("initdb") is None or program("psql") is None:
        said = "PostgreSQL is not installed: apt-get install postgresql"
        pytest.fail(said) if os.environ.get("CONFKIT_ENGINES") else pytest.skip(said)
    user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    data = place / "data"

    def run(*words, **options):
        found = subprocess.run(words, capture_output=True, cwd=place, **user, **options)
        assert found.returncode == 0, found.stderr.decode()
        return found.stdout

    run(program("initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
        "--locale=C.UTF-8", "--no-sync")  # fmt: skip
    settings = f"-k {place} -c listen_addresses='' -c fsync=off -c max_wal_size=4GB"
    run(program("pg_ctl"), "-D", data, "-w", "-o", settings, "-l", place / "log", "start")

    def psql(query, text=None):
        words = (program("psql"), "-X", "-q", "-h", place, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "-c")  # fmt: skip  # noqa: E501
        return run(*words, query, input=text)

    try:
        psql("CREATE TABLE users (n bigint, user_id text, country text, mail text, age int)")
        out = pa.BufferOutputStream()
        csv.write_csv(units, out, csv.WriteOptions(include_header=False, quoting_style="needed"))
        psql("COPY users FROM STDIN (FORMAT csv)", out.getvalue().to_pybytes())

        def answer(query):
            found = psql(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)")
            options = csv.ConvertOptions(strings_can_be_null=True, quoted_strings_can_be_null=False)
            return csv.read_csv(pa.BufferReader(found), convert_options=options)

        yield answer
    finally:
        run(program("pg_ctl"), "-D", data, "-w", "-m", "immediate", "stop")


def test_postgresql(ask, check):
    check(ask, "postgresql")
