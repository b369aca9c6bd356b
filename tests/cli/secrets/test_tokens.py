"""``confkit secrets keygen``, ``encrypt``, ``decrypt`` and ``rotate`` as a user runs them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys

import pytest

from confkit.cli import main
from confkit.secrets import rotation
from confkit.secrets.keys import KeyRing, new_key

OLD, NEW = new_key(), new_key()


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ENCRYPTION_KEY", "ENCRYPTION_KEYS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def run(capsys, *words: str, stdin: str | None = None) -> tuple[int, str, str]:
    before = sys.stdin
    if stdin is not None:
        sys.stdin = io.StringIO(stdin)
    try:
        code = main(["secrets", *words])
    finally:
        sys.stdin = before
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_key_is_printed_or_stored(capsys, place):
    code, out, _ = run(capsys, "keygen")
    assert code == 0
    assert len(KeyRing([out.strip()])) == 1
    code, out, _ = run(capsys, "keygen", "--keys", ".env.local")
    assert (code, out) == (0, "A new key is in .env.local.\n")
    code, out, _ = run(capsys, "keygen", "--keys", ".env.local")
    assert out == "A new key is in .env.local, in front of 1 other.\n"
    assert place.joinpath(".env.local").stat().st_mode & 0o777 == 0o600
    code, out, _ = run(capsys, "keygen", "--keys", ".env.local", "--json")
    assert json.loads(out) == {"file": ".env.local", "keys": 3}
    assert len(json.loads(run(capsys, "keygen", "--json")[1])["key"]) == 44


def test_a_text_is_encrypted_from_standard_input_and_back(capsys, monkeypatch):
    monkeypatch.setenv("ENCRYPTION_KEY", OLD)
    code, out, _ = run(capsys, "encrypt", stdin="hunter2\n")
    assert code == 0
    token = out.strip()
    assert token.startswith("enc:gAAAA")
    assert KeyRing([OLD]).decrypt(token) == "hunter2"
    for text in (token, f"{token}\n", f"'${{fernet:{token[4:]}}}'", f'"{token[4:]}"'):
        assert run(capsys, "decrypt", stdin=text)[:2] == (0, "hunter2\n")
    out = run(capsys, "decrypt", "--json", stdin=token)[1]
    assert json.loads(out) == {"text": "hunter2"}
    assert json.loads(run(capsys, "encrypt", "--json", stdin="x")[1])["token"].startswith("enc:")


@pytest.mark.parametrize("locale", ["C.UTF-8", "C"])
@pytest.mark.parametrize("command", ["encrypt", "decrypt"])
def test_bytes_that_are_no_text_are_refused(command, locale):
    done = subprocess.run(
        [sys.executable, "-m", "confkit", "secrets", command],
        input=b"hunter2\xff",
        env={**os.environ, "ENCRYPTION_KEY": OLD, "LC_ALL": locale},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert b"not UTF-8" in done.stderr
    assert b"hunter2" not in done.stdout + done.stderr


def test_a_text_is_never_an_argument(capsys, monkeypatch):
    monkeypatch.setenv("ENCRYPTION_KEY", OLD)
    code, _, err = run(capsys, "encrypt", "hunter2", stdin="")
    assert code == 2
    assert "a text is not taken from the arguments" in err
    assert "hunter2" not in err


def test_a_person_is_asked_twice_and_the_text_is_not_shown(capsys, monkeypatch):
    monkeypatch.setenv("ENCRYPTION_KEY", OLD)
    asked = []

    def prompt(what: str, **options: object) -> str:
        asked.append((what, options))
        return "hunter2"

    terminal = io.StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr("click.prompt", prompt)
    monkeypatch.setattr(sys, "stdin", terminal)
    assert main(["secrets", "encrypt"]) == 0
    assert KeyRing([OLD]).decrypt(capsys.readouterr().out) == "hunter2"
    expected = {"hide_input": True, "confirmation_prompt": True, "err": True}
    assert asked == [("Text", expected)]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, "no encryption key: set ENCRYPTION_KEYS or ENCRYPTION_KEY"),
        ("", "ENCRYPTION_KEY is empty"),
        ("short", "ENCRYPTION_KEY is no Fernet key"),
        (NEW, "the key of ENCRYPTION_KEY does not open this token"),
    ],
    ids=["missing", "empty", "malformed", "wrong"],
)
def test_errors_name_the_variable_and_show_nothing(capsys, monkeypatch, key, message):
    if key is not None:
        monkeypatch.setenv("ENCRYPTION_KEY", key)
    code, out, err = run(capsys, "decrypt", stdin=KeyRing([OLD]).encrypt("hunter2"))
    assert (code, out) == (1, "")
    assert message in err
    assert "Traceback" not in err


def test_keys_come_from_the_file_that_is_named_else_the_environment_else_env(
    capsys, place, monkeypatch
):
    place.joinpath(".env").write_text(f"ENCRYPTION_KEY={OLD}\n")
    place.joinpath("k.env").write_text(f"ENCRYPTION_KEYS={NEW}\n")
    token = KeyRing([OLD]).encrypt("x")
    assert run(capsys, "decrypt", stdin=token)[:2] == (0, "x\n")
    assert run(capsys, "decrypt", "--keys", "k.env", stdin=token)[0] == 1
    monkeypatch.setenv("ENCRYPTION_KEY", NEW)
    assert run(capsys, "decrypt", stdin=token)[0] == 1
    assert run(capsys, "decrypt", "--keys", ".env", stdin=token)[0] == 0


def files(place) -> None:
    token = KeyRing([OLD]).encrypt("hunter2")
    place.joinpath(".env.production").write_text(f"# keep\nKEY=enc:{token}  # why\n")
    place.joinpath("config.yaml").write_text(f"key:   ${{fernet:{token}}}\nother: x\n")
    place.joinpath("keys.env").write_text(f"ENCRYPTION_KEY={OLD}\n")


def test_a_rehearsal_writes_nothing(capsys, place):
    files(place)
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    words = ("rotate", ".env.production", "config.yaml", "--keys", "keys.env", "--dry-run")
    code, out, _ = run(capsys, *words)
    assert code == 0
    assert out.splitlines() == [
        ".env.production: 0 of 1 tokens would be rotated",
        "config.yaml: 0 of 1 tokens would be rotated",
    ]
    code, out, _ = run(capsys, *words, "--new-key")
    assert ".env.production: 1 of 1 tokens would be rotated" in out
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_a_rotation_with_a_new_key(capsys, place):
    files(place)
    words = ("rotate", ".env.production", "config.yaml", "--keys", "keys.env", "--new-key")
    code, out, _ = run(capsys, *words, "--json")
    assert code == 0
    assert json.loads(out) == {
        "files": [
            {"file": ".env.production", "tokens": 1, "rotated": 1},
            {"file": "config.yaml", "tokens": 1, "rotated": 1},
        ],
        "written": True,
    }
    text = place.joinpath(".env.production").read_text()
    assert text.startswith("# keep\nKEY=enc:gAAAA")
    assert text.endswith("  # why\n")
    token = text.partition("enc:")[2].partition(" ")[0]
    assert run(capsys, "decrypt", "--keys", "keys.env", stdin=token)[1] == "hunter2\n"
    assert run(capsys, "rotate", ".env.production", "--keys", "keys.env")[1] == (
        ".env.production: 0 of 1 tokens rotated\n"
    )


def test_a_new_key_needs_a_place(capsys, place):
    files(place)
    code, _, err = run(capsys, "rotate", "config.yaml", "--new-key")
    assert code == 2
    assert "--keys FILE" in err


def test_no_new_key_is_made_where_a_token_cannot_be_opened(capsys, place):
    files(place)
    place.joinpath("bad.env").write_text(f"A=enc:{KeyRing([new_key()]).encrypt('x')}\n")
    before = place.joinpath("keys.env").read_bytes()
    code, _, err = run(capsys, "rotate", "bad.env", "--keys", "keys.env", "--new-key")
    assert code == 1
    assert "bad.env:1: " in err
    assert place.joinpath("keys.env").read_bytes() == before


@pytest.mark.parametrize("there", [False, True], ids=["no file", "no key in it"])
def test_no_first_key_is_made_where_there_are_tokens_already(capsys, place, there):
    files(place)
    keys = place / "first.env"
    if there:
        keys.write_text("A=1\n")
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    for more in ((), ("--dry-run",)):
        words = ("rotate", "config.yaml", "--keys", "first.env", "--new-key", *more)
        code, out, err = run(capsys, *words)
        assert (code, out) == (1, "")
        assert "config.yaml:1: " in err
        assert "first.env" in err
        assert {path.name: path.read_bytes() for path in place.iterdir()} == before


def test_a_first_key_is_made_where_there_are_no_tokens_yet(capsys, place):
    place.joinpath("a.env").write_text("A=1\n")
    words = ("rotate", "a.env", "--keys", "first.env", "--new-key")
    code, out, _ = run(capsys, *words, "--dry-run")
    assert (code, out) == (0, "a.env: 0 of 0 tokens would be rotated\n")
    assert not place.joinpath("first.env").exists()
    code, out, _ = run(capsys, *words)
    assert (code, out) == (0, "a.env: 0 of 0 tokens rotated\n")
    assert place.joinpath("first.env").stat().st_mode & 0o777 == 0o600


def test_a_key_that_another_run_stored_meanwhile_opens_its_tokens(capsys, place, monkeypatch):
    files(place)
    store = rotation.store_new_key

    def late(path):
        store(path)  # as another run does, after this one has looked
        return store(path)

    monkeypatch.setattr(rotation, "store_new_key", late)
    words = ("rotate", ".env.production", "config.yaml", "--keys", "keys.env", "--new-key")
    assert run(capsys, *words)[0] == 0
    assert len(KeyRing.from_variables(lambda n: _keys(place).get(n))) == 3


def _keys(place) -> dict[str, str]:
    found = rotation.keys_in(place / "keys.env")
    return {name: held.reveal() for name, held in found.items()}
