"""``confkit secrets check``: every reference is named and no value; green means all was checked."""

from __future__ import annotations

import json

import pytest

from confkit.cli import main
from confkit.secrets.keys import KeyRing, new_key

KEY = new_key()
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


def test_references_are_resolved_and_listed(capsys, place):
    (place / "pw").write_text(CANARY)
    (place / "pw").chmod(0o600)
    token = KeyRing([KEY]).encrypt(CANARY)
    (place / ".env").write_text(
        f"ENCRYPTION_KEY={KEY}\nKEY=enc:{token}\nURL='redis://:${{file:pw}}@h'\n"
    )
    code, out = run(capsys, "check")
    assert code == 0
    assert "${fernet:...}  resolved" in out
    assert "${file:pw}" in out
    assert "2 references, 0 not resolved." in out
    (place / "pw").chmod(0o644)
    assert "every user can read this file" in run(capsys, "check")[1]


def test_what_cannot_be_resolved_is_named_with_its_reason(capsys, place):
    (place / ".env").write_text("KEY='${file:nowhere}'\nURL=enc:gAAAAnotoken\nPLAIN='${valt:x}'\n")
    code, out = run(capsys, "check")
    assert code == 1
    assert "there is no file" in out
    assert "no encryption key" in out
    assert "nothing answers ${valt:...}" in out
    assert "2 references, 2 not resolved, 1 other problem." in out
    code, out = run(capsys, "check", "--json")
    document = json.loads(out)
    assert {one["reference"] for one in document["references"]} == {
        "${file:nowhere}",
        "${fernet:...}",
    }
    assert all(one["error"] for one in document["references"])
    assert [one["code"] for one in document["problems"]] == ["unknown-scheme"]


def test_settings_without_references_are_fine(capsys, place):
    (place / "config.yaml").write_text("plain: x\n")
    assert run(capsys, "check") == (0, "0 references, 0 not resolved.\n")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("config.yaml", b"key: [${file:pw}\n", "yaml"),
        ("config.yaml", b"key: a\xff\n", "encoding"),
        ("config.yaml", b"key: ${file:pw\n", "interpolation"),
        ("config.yaml", b"key: ${NOPE}\n", "unset-variable"),
        ("config.yaml", b"kye: ${file:nowhere}\n", "unknown-key"),
        ("config.yaml", b"key: a${file64:pw}\n", "binary-in-text"),
        ("config.yaml", b"plain: ${file:pw}\n", "secret-in-plain"),
        ("config.yaml", b"key: ${valt:x}\n", "unknown-scheme"),
        ("config.yaml", b"key: [1]\n", "type"),
        ("config.json", b"{", "json"),
        (".env", b"KEY=a\xff\n", "encoding"),
        (".env", b"KEY='${file:pw}\n", "syntax"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
def test_what_keeps_a_reference_from_being_checked_is_no_success(
    capsys, place, name, content, code
):
    (place / "pw").write_text(CANARY)
    (place / name).write_bytes(content)
    status, out = run(capsys, "check", "--json")
    assert [one["code"] for one in json.loads(out)["problems"]] == [code]
    assert status == 1
    status, out = run(capsys, "check")
    assert status == 1
    assert out.endswith("not resolved, 1 other problem.\n")


def test_without_a_file_nothing_is_checked_and_that_is_said(capsys, place):
    status, out = run(capsys, "check")
    assert status == 1
    assert "no configuration file was found" in out
    (place / "pw").write_text(CANARY)


def test_settings_that_come_from_the_environment_only_need_no_file(capsys, place, monkeypatch):
    (place / "pw").write_text(CANARY)
    monkeypatch.setenv("KEY", f"${{file:{place}/pw}}")
    status, out = run(capsys, "check")
    assert (status, out.splitlines()[-1]) == (0, "1 reference, 0 not resolved.")
    assert "env KEY" in out


def test_other_problems_do_not_hide_the_references(capsys, place):
    (place / "pw").write_text(CANARY)
    (place / "config.yaml").write_text("key: ${file:pw}\nunknown: 1\nplain: [1]\n")
    code, out = run(capsys, "check")
    assert code == 1
    assert out.splitlines()[-1] == "1 reference, 0 not resolved, 2 other problems."


def test_each_token_has_its_own_row_with_the_place_that_it_is_in(capsys, place):
    good, bad = KeyRing([KEY]).encrypt(CANARY), KeyRing([new_key()]).encrypt(CANARY)
    (place / ".env").write_text(f"ENCRYPTION_KEY={KEY}\nKEY=enc:{good}\nOTHER=enc:{bad}\n")
    (place / "config.yaml").write_text("url: x${OTHER}${fernet:" + good + "}\n")
    code, out = run(capsys, "check", "--json")
    assert code == 1
    rows = {tuple(one["set_by"]): one for one in json.loads(out)["references"]}
    assert set(rows) == {("config.yaml:1:6", ".env:2"), (".env:3",)}
    assert {one["reference"] for one in rows.values()} == {"${fernet:...}"}
    assert rows["config.yaml:1:6", ".env:2"]["error"] is None
    assert "does not open" in rows[".env:3",]["error"]
    assert json.loads(out)["problems"] == []
    code, out = run(capsys, "check")
    assert out.splitlines()[-1] == "2 references, 1 not resolved."
    assert "gAAAA" not in out


def test_a_reference_that_only_a_resolver_asks_for_is_listed_too(capsys, place):
    (place / "k").write_text(KEY)
    (place / "k").chmod(0o600)
    token = KeyRing([KEY]).encrypt(CANARY)
    (place / ".env").write_text(f"ENCRYPTION_KEY='${{file:k}}'\nKEY=enc:{token}\n")
    code, out = run(capsys, "check", "--json")
    assert code == 0
    assert [(one["reference"], one["set_by"]) for one in json.loads(out)["references"]] == [
        ("${file:k}", [".env:1"]),
        ("${fernet:...}", [".env:2"]),
    ]
