"""A file of flags, and the command run on it."""

from __future__ import annotations

import json

import pytest

from confkit.cli import main

TEXT = """\
# ours
new-checkout:
  enabled: true
  percentage: 10
  owner: payments

dark_mode: true
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    file = tmp_path / "flags.yaml"
    file.write_text(TEXT)
    monkeypatch.setenv("CONFKIT_FLAGS_URL", f"file:{file}")
    monkeypatch.chdir(tmp_path)
    return file


@pytest.fixture
def run(capsys):
    def run(*argv, code=0):
        assert main(["flags", *argv]) == code, capsys.readouterr()
        return capsys.readouterr().out

    return run


@pytest.fixture
def answer(run, capsys):
    """A command's answer as JSON."""

    def answer(*argv, code=0):
        capsys.readouterr()
        return json.loads(run(*argv, "--json", code=code))

    return answer
