"""``confkit secrets drill`` as a user runs it, on moto."""

from __future__ import annotations

import json

from confkit.cli import main
from tests.secrets.conftest import credentials, moto  # noqa: F401 - fixtures
from tests.secrets.test_drill import rotated


def test_the_command(moto, capsys):  # noqa: F811
    rotated(moto)
    words = ["secrets", "drill", "db", "--rotations", "2", "--ttl", "0.1"]
    assert main(words) == 0
    assert "2 rotations" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["ok"] is True
    assert main(["secrets", "drill", "nowhere"]) == 1
    assert "nowhere: there is no such secret" in capsys.readouterr().err


def test_without_a_region_it_is_said_what_is_missing(monkeypatch, capsys):
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert main(["secrets", "drill", "db"]) == 1
    assert "db: no AWS region: set AWS_REGION" in capsys.readouterr().err
