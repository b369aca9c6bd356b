"""Secrets in env files."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.secrets import check

REAL = "AKIA" + "QWERTYUIOPASDFG2"
LONG = "q8R2v7Lm4Zx1Tn6Wb3Yc5Kd9"


def codes(name: str, text: str, **options: object) -> list[tuple[str, int]]:
    return [(f.code, f.line) for f in check(EnvFile(name, text), **options)]  # type: ignore[arg-type]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    if shutil.which("git") is None:
        pytest.skip("needs git")
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    return tmp_path


def write(path: Path, text: str, mode: int = 0o600, *, track: bool = False) -> EnvFile:
    path.write_text(text)
    path.chmod(mode)
    if track:
        subprocess.run(["git", "-C", path.parent, "add", "-f", path.name], check=True)
    return EnvFile.load(path)


@pytest.mark.parametrize(
    "line",
    [
        f"API_KEY={LONG}",
        "DB_PASSWORD=hunter2",
        "URL=postgresql://user:hunter2@db/x",
        "NAME=hunter2",  # the settings say so
        "API_KEY='price$'",
        'API_KEY="insecure-not-a$b#c"',
    ],
)
def test_clear_text_where_a_reference_is_expected(line):
    secret = {"NAME": True}
    assert codes(".env.production", line + "\n", secret=secret) == [("ClearTextSecret", 1)]
    assert codes("production.env", line + "\n", secret=secret) == [("ClearTextSecret", 1)]
    assert codes("docker.env", line + "\n", secret=secret) == []
    assert codes(".env.development", line + "\n", secret=secret) == []
    assert codes(".env.production.local", line + "\n", secret=secret) == []
    assert codes(".env", line + "\n", secret=secret) == []
    assert codes(".env.example", line + "\n", secret=secret) == []


@pytest.mark.parametrize(
    "line",
    [
        "API_KEY=${API_KEY}",
        "API_KEY='${aws:api#key}'",
        "URL=postgresql://user:${PW}@db/x",
        "API_KEY=",
        "API_KEY_ENABLED=true",
        "TOKEN=false",
        "TOKEN_TTL=3600",
        "URL=postgresql://db/x",
        "NAME=sqlite:///app.db",  # a secret field without a password in it
    ],
)
def test_no_clear_text(line):
    assert codes(".env.production", line + "\n", secret={"NAME": True}) == []


def test_the_environments_with_clear_text_are_a_setting():
    text = "DB_PASSWORD=hunter2\n"
    assert codes(".env.qa", text, local=frozenset({"qa"})) == []
    assert codes(".env.development", text, local=frozenset()) == [("ClearTextSecret", 1)]


@pytest.mark.parametrize(
    "value",
    [
        REAL,
        "ghp_" + "a1B2" * 9,
        "sk_live_" + "a1B2c3D4" * 3,
        "xoxb-" + "123456789012-abc",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0x.abc_def",
        "glpat-" + "a1B2c3D4e5" * 2,
    ],
)
def test_real_looking_credentials(value):
    assert codes(".env.example", f"X={value}\n") == [("RealLookingSecret", 1)]


def test_a_private_key_is_found_in_its_lines():
    text = "A=1\nK='-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----'\n"
    assert ("RealLookingSecret", 2) in codes(".env", text)


@pytest.mark.parametrize("value", ["AKIAIOSFODNN7EXAMPLE", "AKIA", "skill_live", "abc", "x" * 40])
def test_not_real_looking(value):
    assert codes(".env", f"X={value}\n") == []


def test_a_scanner_is_asked_for_what_has_no_form_of_its_own():
    def scanner(name: str, value: str) -> str:
        return "a thing" if (name, value) == ("X", "zzzz") else ""

    assert codes(".env", "X=zzzz\nY=zzzz\nX=pass\n", scanner=scanner) == [("RealLookingSecret", 1)]


def test_tracked_by_git(repository):
    file = write(repository / ".env", f"A=1\nAPI_KEY={LONG}\nDB_PASSWORD={LONG}\n", track=True)
    (finding,) = check(file)
    assert (finding.code, finding.line) == ("TrackedByGit", 2)
    assert "API_KEY, DB_PASSWORD" in finding.message
    assert LONG not in finding.message


def test_placeholders_may_be_tracked(repository):
    text = "API_KEY=change-me\nURL=postgresql://user:pass@localhost/x\nDB_PASSWORD=<secret>\n"
    assert list(check(write(repository / ".env", text, track=True))) == []


def test_what_git_does_not_track_may_hold_real_credentials(repository):
    text = f"AWS_ACCESS_KEY_ID={REAL}\n"
    assert list(check(write(repository / ".env", text))) == []
    assert [f.code for f in check(write(repository / ".env", text, track=True))] == [
        "RealLookingSecret",
        "TrackedByGit",
    ]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX")
def test_readable_by_others(repository):
    text = f"API_KEY={LONG}\n"
    (finding,) = check(write(repository / ".env", text, 0o644))
    assert (finding.code, finding.level) == ("ReadableByOthers", "warning")
    assert "mode 644" in finding.message
    assert list(check(write(repository / ".env", text, 0o640))) == []
    assert list(check(write(repository / ".env", "A=1\n", 0o644))) == []


def test_without_git_nothing_is_said_about_it(tmp_path, monkeypatch):
    file = write(tmp_path / ".env", f"API_KEY={LONG}\nB={REAL}\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert [f.code for f in check(file)] == ["RealLookingSecret"]


def test_no_message_holds_a_value():
    text = f"API_KEY={LONG}\nX={REAL}\nURL=postgresql://user:{LONG}@h/x\n"
    messages = " ".join(f.message for f in check(EnvFile(".env.production", text)))
    assert LONG not in messages
    assert REAL not in messages
