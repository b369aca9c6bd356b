"""No log at DEBUG and no report of a test shows a canary."""

from __future__ import annotations

import logging
import os
import subprocess
import sys

import pytest

import confkit
from confkit import (
    SecretManager,
    load,
)
from tests.canaries import CANARIES, RESOLVERS, Settings, leaks, plant
from tests.secrets.aws_server import refusal
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

# -- logs and reports --------------------------------------------------------------------------


def test_no_log_at_debug_shows_a_canary_botocores_included(tmp_path, monkeypatch, aws, caplog):  # noqa: F811
    with caplog.at_level(logging.DEBUG):
        for name in ("botocore", "boto3", "urllib3"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        sources = plant(tmp_path, monkeypatch, aws)
        config = load(Settings, *sources, resolvers=RESOLVERS)
        secrets = SecretManager()
        secrets.get("aws:db")
        aws.answer = lambda operation, document: refusal("AccessDeniedException")
        config.reload()
        with pytest.raises(confkit.SecretError):
            secrets.refresh("aws:db")
    records = "\n".join(str(vars(record)) for record in caplog.records)
    assert leaks(caplog.text + records) == []


TEST_FILE = """
import os
from dataclasses import dataclass
import confkit
from confkit import Environ, Secret

@dataclass(frozen=True)
class Settings:
    environ: Secret = Secret("")

def test_fails():
    config = confkit.load(Settings, Environ())
    value = config.current.environ.reveal()
    print("printed", value)
    assert config.current.environ == Secret("other"), value
"""


def test_no_test_report_shows_a_canary(tmp_path):
    (tmp_path / "test_it.py").write_text(TEST_FILE)
    canary = CANARIES["environ"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-l", "-vv", "-p", "no:cacheprovider", "-p", "no:randomly",
         "--junitxml=report.xml", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "ENVIRON": canary},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    report = (tmp_path / "report.xml").read_text()
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    assert "printed ***" in done.stdout
    assert leaks(done.stdout + done.stderr) == []
    assert leaks(report) == []
