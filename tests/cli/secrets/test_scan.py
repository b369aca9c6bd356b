"""``confkit secrets scan``: every leak is named, no value is shown."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest

from confkit.cli import main

CANARY = "C4n4ry-hunter2-Geheim"
SETTINGS = """
from dataclasses import dataclass, field
from confkit import Secret

@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("")
    url: Secret = Secret("")
    plain: str = ""
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in ("ENCRYPTION_KEY", "ENCRYPTION_KEYS", "KEY", "URL", "PLAIN"):
        monkeypatch.delenv(name, raising=False)
    name = f"settings_{tmp_path.name}".replace("-", "_")
    (tmp_path / f"{name}.py").write_text(SETTINGS)
    (tmp_path / "pyproject.toml").write_text(f'[tool.confkit]\nsettings = "{name}:Settings"\n')
    return tmp_path


def run(capsys, *words: str) -> tuple[int, str]:
    code = main(["secrets", *words])
    out = capsys.readouterr()
    assert CANARY not in out.out + out.err
    return code, out.out + out.err


@pytest.fixture
def repository(place):
    subprocess.run(["git", "init", "-q"], check=True)
    (place / ".gitignore").write_text(".env\n")
    (place / ".env").write_text(f"KEY={CANARY}\n")
    return place


def test_staged_files_are_searched_for_the_values_of_known_secrets(capsys, repository):
    (repository / "notes.md").write_text(f"# notes\nthe key is {CANARY}\n")
    (repository / "dump.json").write_text(
        json.dumps({"k": base64.b64encode(CANARY.encode()).decode()})
    )
    (repository / "clean.md").write_text("nothing\n")
    (repository / "binary").write_bytes(b"\0" + CANARY.encode())
    subprocess.run(["git", "add", "-A"], check=True)
    (repository / "notes.md").write_text("clean in the work tree, staged as it was\n")
    code, out = run(capsys, "scan", "--staged")
    assert code == 1
    assert out.splitlines() == [
        "dump.json:1:8: KnownSecret holds the value of a secret of these settings",
        "notes.md:2:12: KnownSecret holds the value of a secret of these settings",
        "2 secrets in clear text.",
    ]
    code, out = run(capsys, "scan", "--staged", "--json")
    assert [leak["file"] for leak in json.loads(out)["leaks"]] == ["dump.json", "notes.md"]


def test_files_and_directories_are_searched_for_credentials_too(capsys, repository):
    (repository / "logs").mkdir()
    (repository / "logs" / "a.log").write_text("token ghp_" + "a1B2" * 9 + "\n")
    (repository / "logs" / "key.pem").write_text("-----BEGIN RSA PRIVATE KEY-----\nx\n")
    (repository / "logs" / "ok.log").write_text("AKIAIOSFODNN7EXAMPLE\n")
    code, out = run(capsys, "scan", "logs")
    assert code == 1
    assert out.splitlines() == [
        "logs/a.log:1:7: Credential looks like a real credential",
        "logs/key.pem:1:1: PrivateKey holds a private key",
        "2 secrets in clear text.",
    ]
    code, out = run(capsys, "scan", ".env")
    assert (code, out.splitlines()[0][:21]) == (1, ".env:1:5: KnownSecret")
    assert run(capsys, "scan", "logs/ok.log") == (0, "0 secrets in clear text.\n")


def test_without_a_file_what_git_would_add_is_searched_and_not_what_it_ignores(capsys, repository):
    assert run(capsys, "scan") == (0, "0 secrets in clear text.\n")
    (repository / "new.txt").write_text(CANARY)
    assert run(capsys, "scan")[0] == 1


def test_settings_that_are_broken_or_not_named_are_said(capsys, repository):
    (repository / "config.yaml").write_text("unknown: 1\n")
    assert "not all of their secrets are known" in run(capsys, "scan", ".gitignore")[1]
    (repository / "pyproject.toml").write_text("")
    assert "No settings are named" in run(capsys, "scan", ".gitignore")[1]


def test_wrong_usage(capsys, place):
    (place / ".env").write_text("")
    assert run(capsys, "scan", "--staged")[0] == 2
    assert run(capsys, "scan", "--staged", "pyproject.toml")[0] == 2
