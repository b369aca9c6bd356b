"""No error that leaves the library has a secret in a local variable, an attribute or a cause.

Tools such as Sentry, rich and ``pytest -l`` print the locals of every frame.
"""

from __future__ import annotations

import base64
import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import confkit
from confkit import (
    Argv,
    Directory,
    DotEnv,
    Environ,
    File,
    Secret,
    SecretBytes,
    SecretManager,
    load,
    redact,
)
from confkit.secrets.payload import Payload

keys = pytest.importorskip(
    "confkit.secrets.keys", reason="needs cryptography", exc_type=ImportError
)
rotation = pytest.importorskip("confkit.secrets.rotation", exc_type=ImportError)

CANARY = "C4n4ry-Geheim-0815"
KEY = keys.new_key()
RING = keys.KeyRing([KEY])
TOKEN = RING.encrypt(CANARY)


def chained(error: BaseException | None) -> Iterator[BaseException]:
    if error is not None:
        yield error
        yield from chained(error.__cause__)
        yield from chained(error.__context__)


def held(error: BaseException, *canaries: str) -> list[str]:
    """Where a canary is in what an error holds."""
    found: list[str] = []

    def look(where: str, value: Any) -> None:
        shown = repr(value)
        if any(c in shown for c in (*canaries, CANARY, KEY)):
            found.append(f"{where}: {shown[:80]}")

    for one in chained(error):
        kind = type(one).__name__
        look(f"{kind}.args", one.args)
        look(f"{kind}.str", str(one))
        look(f"{kind} attributes", {k: getattr(one, k, None) for k in ("object", "doc", "reason")})
        look(f"{kind} attributes", getattr(one, "__dict__", {}))
        trace = one.__traceback__
        while trace is not None:
            frame = trace.tb_frame
            if frame.f_code.co_filename != __file__:
                for name, value in frame.f_locals.items():
                    look(f"{kind}: {frame.f_code.co_qualname}.{name}", value)
            trace = trace.tb_next
    return found


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")
    limit: int = 1


def gone(reference: str) -> str:
    raise RuntimeError(f"{CANARY} of {reference}")


def listed(reference: str) -> Any:
    return [CANARY]


def manager(**environ: str) -> SecretManager:
    return SecretManager(environ=environ, resolvers={"vault": gone, "listed": listed})


def old_token(seconds: int) -> str:
    return RING._ciphers[0].encrypt_at_time(CANARY.encode(), seconds).decode()


def binary_token() -> str:
    return RING.encrypt(CANARY.encode() + b"\xff")


def audit(access: Any) -> None:
    raise OSError("the audit log is full")


SURROGATE = CANARY + "\udcff"
CALLS: dict[str, Callable[[Path], Any]] = {
    "secret of bytes": lambda _: Secret(CANARY.encode()),  # type: ignore[arg-type]
    "secret of a list": lambda _: Secret([CANARY]),  # type: ignore[arg-type]
    "secret bytes of text": lambda _: SecretBytes(CANARY),  # type: ignore[arg-type]
    "secret of secret": lambda _: Secret(Secret(CANARY).reveal().encode()),  # type: ignore[arg-type]
    "secret pickled": lambda _: Secret(CANARY).__reduce__(),
    "secret formatted": lambda _: format(Secret(CANARY), "d"),
    "secret set": lambda _: setattr(Secret(CANARY), "_Sealed__value", CANARY),
    "secret other": lambda _: setattr(Secret("x"), "other", CANARY),
    "ring of no key": lambda _: keys.KeyRing([CANARY]),
    "ring of a second": lambda _: keys.KeyRing([KEY, CANARY]),
    "ring of an empty one": lambda _: keys.KeyRing([KEY, " "]),
    "ring of bytes": lambda _: keys.KeyRing([KEY.encode()]),
    "ring of variables": lambda _: keys.KeyRing.from_variables(
        {"ENCRYPTION_KEYS": f"{KEY},{CANARY}"}.get
    ),
    "ring of an empty variable": lambda _: keys.KeyRing.from_variables(
        {"ENCRYPTION_KEYS": f"{KEY},"}.get
    ),
    "encrypt surrogates": lambda _: RING.encrypt(SURROGATE),
    "encrypt a list": lambda _: RING.encrypt([CANARY]),
    "decrypt text": lambda _: RING.decrypt(CANARY),
    "decrypt blanks": lambda _: RING.decrypt(CANARY + " " + CANARY),
    "decrypt bytes": lambda _: RING.decrypt(CANARY.encode()),
    "decrypt by another": lambda _: keys.KeyRing([keys.new_key()]).decrypt(TOKEN),
    "decrypt old": lambda _: RING.decrypt(old_token(1), ttl=1),
    "decrypt new": lambda _: RING.decrypt(old_token(2**33), ttl=1),
    "decrypt binary": lambda _: RING.decrypt(binary_token()),
    "decrypt twice": lambda _: RING.decrypt(base64.b64encode(b"gAAAAA" + CANARY.encode()).decode()),
    "payload without fields": lambda _: Payload(Secret(CANARY), "", "n").fields,
    "payload of bytes": lambda _: Payload(SecretBytes(CANARY.encode()), "", "n").field("x"),
    "payload of broken json": lambda _: Payload(Secret('{"a": "' + CANARY), "", "n").fields,
    "payload of deep json": lambda _: Payload(Secret("[" * 99999 + CANARY), "", "n").fields,
    "payload without a field": lambda _: (
        Payload(Secret(json.dumps({"a": CANARY})), "", "n").field("b")
    ),
    "front, not set": lambda _: manager(A=CANARY).get("B"),
    "front, no token": lambda _: manager(A=CANARY, ENCRYPTION_KEY=KEY).get("A", encrypted=True),
    "front, no key": lambda _: manager(A=TOKEN, B=CANARY).get("A", encrypted=True),
    "front, bad key": lambda _: manager(A=TOKEN, ENCRYPTION_KEY=CANARY).get("A", encrypted=True),
    "front, no field": lambda _: manager(A=json.dumps({"x": CANARY})).get("A", field="y"),
    "front, no json": lambda _: manager(A=CANARY).get("A", field="y"),
    "front, fields": lambda _: manager(A=CANARY).fields("A"),
    "front, reference": lambda _: manager(A=f"{CANARY}${{env:NO}}").get("A"),
    "front, unknown": lambda _: manager(A=f"{CANARY}${{no:x}}").get("A"),
    "front, broken": lambda _: manager(A=f"{CANARY}${{env:{{").get("A"),
    "front, function": lambda _: manager(B=CANARY).get("vault:x"),
    "front, function's list": lambda _: manager(B=CANARY).get("listed:x"),
    "front, default": lambda _: manager(B=CANARY).get("A", default=[CANARY]),  # type: ignore[arg-type]
    "front, default of bytes": lambda _: manager().get("A", default=CANARY.encode()),  # type: ignore[arg-type]
    "front, rejected": lambda _: manager(B=CANARY).rejected("A", Secret(CANARY)),
    "front, encrypt": lambda _: manager(B=CANARY).encrypt(CANARY),
    "front, encrypt surrogates": lambda _: manager(ENCRYPTION_KEY=KEY).encrypt(SURROGATE),
    "front, audit": lambda _: SecretManager(environ={"A": CANARY}, audit=audit).get("A"),
    "front, scheme": lambda _: SecretManager(default="no", environ={"A": CANARY}),
    "rotate another's": lambda p: rotation.plan(
        [env(p)], keys.KeyRing([keys.new_key()])
    ),
    "rotate without key": lambda p: rotation.plan([env(p)], None),
    "rotate a part": lambda p: rotation.plan([env(p, f"A={CANARY}\nB={TOKEN[:60]}\n")], RING),
    "rotate latin": lambda p: rotation.plan([env(p, CANARY.encode() + b"\xff")], RING),
    "rotate a changed file": lambda p: changed(p),
    "new key beside a bad one": lambda p: rotation.store_new_key(
        written(p / "k", f"ENCRYPTION_KEY={CANARY}\n")
    ),
    "new key beside an empty one": lambda p: rotation.store_new_key(
        written(p / "k", f"ENCRYPTION_KEY={KEY}\nENCRYPTION_KEYS=\n")
    ),
    "new key in latin": lambda p: rotation.store_new_key(
        written(p / "k", f"ENCRYPTION_KEY={KEY}\n# \xff".encode("latin-1"))
    ),
    "new key nowhere": lambda p: rotation.store_new_key(p / "no" / "k"),
    "keys in latin": lambda p: rotation.keys_in(
        written(p / "k", f"ENCRYPTION_KEY={CANARY}\n# \xff".encode("latin-1"))
    ),
    "yaml in latin": lambda p: File(
        written(p / "a.yaml", f"key: {CANARY}\xff".encode("latin-1"))
    ).read(),
    "yaml in utf-16": lambda p: File(
        written(p / "a.yaml", f"key: {CANARY}".encode("utf-16"))
    ).read(),
    "yaml with nul": lambda p: File(written(p / "a.yaml", f"key: {CANARY}\0")).read(),
    "yaml broken": lambda p: File(written(p / "a.yaml", f"key: {CANARY}\n- x: [")).read(),
    "yaml quoted": lambda p: File(written(p / "a.yaml", f'key: "{CANARY}\\q"')).read(),
    "yaml tag": lambda p: File(written(p / "a.yaml", f"key: !x {CANARY}")).read(),
    "json broken": lambda p: File(written(p / "a.json", f'{{"key": "{CANARY}",}}')).read(),
    "json string": lambda p: File(written(p / "a.json", f'{{"key": "{CANARY}')).read(),
    "toml broken": lambda p: File(written(p / "a.toml", f"key = '{CANARY}'\nx = ")).read(),
    "toml bare": lambda p: File(written(p / "a.toml", f"key = {CANARY}")).read(),
    "env broken": lambda p: DotEnv(env(p, f"KEY='{CANARY}\n")).read(),
    "env in latin": lambda p: DotEnv(env(p, f"KEY={CANARY}\xff".encode("latin-1"))).read(),
    "directory writable": lambda p: Directory(open_to_all(p)).read(),
    "argv": lambda _: Argv(["--key", CANARY, "--", CANARY]).read(),
    "argv twice": lambda _: load(Settings, Argv(["--key", CANARY, "--key", CANARY])),
    "load, type": lambda _: load(Settings, Environ(environ={"KEY": CANARY, "LIMIT": CANARY})),
    "load, reference": lambda _: load(Settings, Environ(environ={"KEY": f"{CANARY}${{no:x}}"})),
    "load, function": lambda _: load(
        Settings, Environ(environ={"KEY": "${vault:x}"}), resolvers={"vault": gone}
    ),
    "load, base64": lambda _: load(Settings, Environ(environ={"DATA": CANARY + "!"})),
}  # fmt: skip


class Unprintable:
    def __str__(self) -> str:
        raise ValueError(CANARY)

    __repr__ = __str__


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def env(path: Path, content: str | bytes = f"A={CANARY}\nB={TOKEN}\n") -> Path:
    return written(path / "a.env", content)


def open_to_all(path: Path) -> Path:
    written(path / "key", CANARY)
    path.chmod(path.stat().st_mode | stat.S_IWOTH)
    return path


def changed(path: Path) -> None:
    other = keys.KeyRing([keys.new_key(), KEY])
    planned = rotation.plan([written(path / "a.env", f"A={CANARY}\nB={TOKEN}\n")], other)
    written(path / "a.env", f"A={CANARY}\nB={TOKEN}\nC=1\n")
    rotation.write(planned)


@pytest.mark.parametrize("call", CALLS)
def test_what_an_error_holds(call, tmp_path):
    usage = (TypeError, AttributeError, ValueError, OSError)
    with pytest.raises((confkit.ConfkitError, *usage)) as caught:
        CALLS[call](tmp_path)
    assert held(caught.value) == []
    if not call.startswith(("secret", "front, audit", "front, scheme")):
        assert isinstance(caught.value, confkit.ConfkitError | TypeError)
    assert not isinstance(caught.value, UnicodeError)


def test_what_cannot_be_printed_is_masked():
    assert redact([Unprintable(), {"a": Unprintable()}, 1]) == ["***", {"a": "***"}, 1]
    assert confkit.redaction.show(Unprintable()) == "***"


def test_a_disk_that_is_full_while_keys_are_written(tmp_path, monkeypatch):
    path = written(tmp_path / "k", f"ENCRYPTION_KEY={KEY}\n")
    document = written(tmp_path / "a.env", f"A={CANARY}\nB={TOKEN}\n")
    planned = rotation.plan([document], keys.KeyRing([keys.new_key(), KEY]))

    def full(*args: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    for failing in (lambda: rotation.store_new_key(path), lambda: rotation.write(planned)):
        with pytest.raises(confkit.SecretDenied) as caught:
            failing()
        assert held(caught.value) == []
