"""Secrets in clear text: known values in every spelling, credentials, private keys."""

from __future__ import annotations

import base64
import subprocess
from urllib.parse import quote

import pytest

from confkit.redaction.known import known
from confkit.secrets.scan import files_of, scan, scan_file, scan_staged

SECRET = "hunter2/hunter2+x"
TOKEN = "ghp_" + "a1B2" * 9


def found(text: str) -> list[tuple[int, int, str]]:
    return [(leak.line, leak.column, leak.code) for leak in scan("x", text)]


@pytest.fixture(autouse=True)
def remembered():
    known.add(SECRET)


@pytest.mark.parametrize(
    "spell",
    [
        lambda s: s,
        lambda s: quote(s, safe=""),
        lambda s: base64.b64encode(s.encode()).decode(),
        lambda s: base64.b64encode(f"user:{s}".encode()).decode()[4:],
    ],
)
def test_the_value_of_a_known_secret_is_found_in_every_spelling(spell):
    (leak,) = scan("x", f"one\ntwo {spell(SECRET)} three")
    assert (leak.line, leak.code) == (2, "KnownSecret")
    assert leak.column >= 5
    assert "hunter2" not in str(leak) + repr(leak)


def test_credentials_and_private_keys_are_found_by_their_form():
    text = f"a {TOKEN}\n\n-----BEGIN EC PRIVATE KEY-----\nAKIAIOSFODNN7EXAMPLE\n"
    assert found(text) == [(1, 3, "Credential"), (3, 1, "PrivateKey")]
    assert found("nothing\n") == []
    assert found("") == []


def test_one_place_is_one_leak_and_a_known_secret_counts_most():
    known.add(TOKEN)
    assert found(TOKEN) == [(1, 1, "KnownSecret")]


def test_binary_files_are_left_out_and_odd_bytes_are_not(tmp_path):
    (tmp_path / "a").write_bytes(b"\0" + SECRET.encode())
    (tmp_path / "b").write_bytes(b"\xff\xfe " + SECRET.encode())
    assert scan_file(tmp_path / "a", "a") == []
    assert len(scan_file(tmp_path / "b", "b")) == 1
    with pytest.raises(OSError):
        scan_file(tmp_path / "missing", "missing")


def test_files_are_those_that_git_would_commit(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.txt", "sub/b.txt", "ignored.txt"):
        (tmp_path / name).write_text(SECRET)
    assert [p.name for p in files_of(tmp_path)] == ["a.txt", "ignored.txt", "b.txt"]
    with pytest.raises(ValueError, match="no index"):
        scan_staged(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    (tmp_path / ".gitignore").write_text("ignored.txt\n")
    assert sorted(p.name for p in files_of(tmp_path)) == [".gitignore", "a.txt", "b.txt"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "a.txt"], check=True)
    assert [leak.file for leak in scan_staged(tmp_path)] == ["a.txt"]
    subprocess.run(["git", "-C", str(tmp_path), "add", "sub"], check=True)
    assert [leak.file for leak in scan_staged(tmp_path)] == ["a.txt", "sub/b.txt"]
