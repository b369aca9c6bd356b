"""The front for direct use: names, fields, decryption, defaults, refreshes, audit, status."""

from __future__ import annotations

import base64
import json
import threading
import time
import traceback

import pytest

from confkit import (
    BrokenToken,
    MissingKey,
    Secret,
    SecretBytes,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretManager,
    SecretNotFound,
    WrongKey,
)
from confkit.redaction.known import known
from confkit.secrets.aws import AwsResolver
from confkit.secrets.front import Access
from confkit.secrets.keys import KeyRing, new_key
from confkit.stand_ins import stand_in
from tests.secrets.aws_server import ok, refusal, version

KEY = new_key()


def token(text: str, key: str = KEY) -> str:
    return KeyRing([key]).encrypt(text)


def test_a_variable():
    secrets = SecretManager(environ={"DATABASE_PASSWORD": "hunter2-hunter2"})
    found = secrets.get("DATABASE_PASSWORD")
    assert found == Secret("hunter2-hunter2")
    assert secrets.get("env:DATABASE_PASSWORD") == found
    assert known.mask("x hunter2-hunter2") == "x ***"


def test_the_process_environment_is_read_each_time(monkeypatch):
    secrets = SecretManager()
    monkeypatch.setenv("CONFKIT_TEST_SECRET", "first")
    assert secrets.get("CONFKIT_TEST_SECRET").reveal() == "first"
    monkeypatch.setenv("CONFKIT_TEST_SECRET", "second")
    assert secrets.get("CONFKIT_TEST_SECRET").reveal() == "second"


def test_a_token_as_the_source_document_makes_it_and_plain():
    twice = base64.b64encode(token("jwt").encode()).decode()
    environ = {
        "ENCRYPTION_KEY": KEY,
        "TWICE": twice,
        "PLAIN": token("a"),
        "ENC": f"enc:{token('b')}",
    }
    secrets = SecretManager(environ=environ)
    assert secrets.get("TWICE", encrypted=True).reveal() == "jwt"
    assert secrets.get("PLAIN", encrypted=True).reveal() == "a"
    assert secrets.get("ENC").reveal() == secrets.get("ENC", encrypted=True).reveal() == "b"
    assert SecretManager(keys=KeyRing([KEY]), environ=environ).get("ENC").reveal() == "b"


def test_the_key_may_be_in_a_file(tmp_path):
    (tmp_path / "key").write_text(KEY)
    environ = {"ENCRYPTION_KEY": f"${{file:{tmp_path}/key}}", "X": f"enc:{token('x')}"}
    assert SecretManager(environ=environ).get("X").reveal() == "x"


@pytest.mark.parametrize(
    ("environ", "kind"),
    [
        ({"X": token("x")}, MissingKey),
        ({"X": token("x"), "ENCRYPTION_KEY": new_key()}, WrongKey),
        ({"X": token("x")[:-9], "ENCRYPTION_KEY": KEY}, BrokenToken),
        ({"X": "hunter2-in-clear", "ENCRYPTION_KEY": KEY}, BrokenToken),
    ],
    ids=["missing", "wrong", "broken", "clear"],
)
def test_what_cannot_be_decrypted_never_gives_a_default_nor_the_text(environ, kind):
    secrets = SecretManager(environ=environ)
    with pytest.raises(kind) as caught:
        secrets.get("X", encrypted=True, default="default")
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    ours = [frame for frame in shown.stack if "/confkit/" in frame.filename]
    assert "hunter2" not in "".join(traceback.StackSummary.from_list(ours).format())
    assert "hunter2" not in str(caught.value)


def test_a_default_is_for_what_is_not_there_and_only_for_that(moto):
    secrets = SecretManager(resolvers={"aws": AwsResolver(moto)}, environ={})
    assert secrets.get("NOWHERE", default="x") == Secret("x")
    assert secrets.get("aws:nowhere", default=Secret("y")) == Secret("y")
    with pytest.raises(SecretNotFound, match="the variable NOWHERE is not set"):
        secrets.get("NOWHERE")
    moto.create_secret(Name="db", SecretString=json.dumps({"user": "u"}))
    assert secrets.get("aws:db", field="password", default="z").reveal() == "z"
    moto.create_secret(Name="gone", SecretString="x")
    moto.delete_secret(SecretId="gone")
    with pytest.raises(SecretDeleted):
        secrets.get("aws:gone", default="x")


def test_denied_access_gives_no_default(aws):
    aws.answer = lambda operation, document: refusal("AccessDeniedException")
    with pytest.raises(SecretDenied):
        SecretManager().get("aws:db", default="x")


def test_fields_and_default_scheme(aws):
    secrets = SecretManager(default="aws")
    assert secrets.get("db", field="password").reveal() == "hunter2-1"
    assert secrets.get("aws:db#password").reveal() == "hunter2-1"
    fields = secrets.fields("db")
    assert {name: value.reveal() for name, value in fields.items()} == {
        "username": "user-1",
        "password": "hunter2-1",
    }
    arn = "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf"
    assert secrets.get(arn, field="username").reveal() == "user-1"
    with pytest.raises(ValueError, match="nothing answers the scheme 'asw'"):
        SecretManager(default="asw")


def test_fields_of_a_variable_and_of_a_function():
    text = json.dumps({"password": "hunter2"})
    secrets = SecretManager(environ={"DB": text}, resolvers={"vault": lambda reference: text})
    assert secrets.get("DB", field="password").reveal() == "hunter2"
    assert secrets.get("vault:x", field="password").reveal() == "hunter2"
    assert secrets.fields("vault:x")["password"].reveal() == "hunter2"
    with pytest.raises(SecretGarbled):
        SecretManager(environ={"DB": "x"}).fields("DB")


def test_files_and_bytes(tmp_path, moto):
    (tmp_path / "key").write_bytes(b"\xff\x00")
    moto.create_secret(Name="bin", SecretBinary=b"\xff\x00")
    secrets = SecretManager(resolvers={"aws": AwsResolver(moto)}, environ={"X": "text"})
    assert secrets.get_bytes(f"file64:{tmp_path}/key") == SecretBytes(b"\xff\x00")
    assert secrets.get_bytes("aws:bin") == SecretBytes(b"\xff\x00")
    assert secrets.get_bytes("X") == SecretBytes(b"text")
    with pytest.raises(SecretGarbled, match="get_bytes"):
        secrets.get("aws:bin")
    with pytest.raises(SecretNotFound):
        secrets.get_bytes("file:/nowhere")
    with pytest.raises(SecretNotFound):
        secrets.fields("file:/nowhere")


def test_a_reference_in_a_variable_is_resolved_as_in_a_load(tmp_path):
    (tmp_path / "pw").write_text("hunter2\n")
    environ = {"URL": f"postgresql://u:${{file:{tmp_path}/pw}}@h/db", "PLAIN": "a${B}$$"}
    secrets = SecretManager(environ=environ)
    assert secrets.get("URL").reveal() == "postgresql://u:hunter2@h/db"
    assert secrets.get("PLAIN").reveal() == "a${B}$$"
    with pytest.raises(SecretError, match=r"nothing answers \$\{valt"):
        SecretManager(environ={"X": "${valt:x}"}).get("X")


def test_it_encrypts_and_stores_nothing():
    secrets = SecretManager(environ={"ENCRYPTION_KEY": KEY})
    made = secrets.encrypt(Secret("x"))
    assert KeyRing([KEY]).decrypt(made) == "x"
    with pytest.raises(MissingKey):
        SecretManager(environ={}).encrypt("hunter2")


def test_a_refresh_sees_a_rotation_at_once_and_is_limited(aws):
    secrets = SecretManager()
    assert secrets.get("aws:db", field="password").reveal() == "hunter2-1"
    aws.answer = lambda operation, document: ok(**version(2))
    assert secrets.get("aws:db", field="password").reveal() == "hunter2-1"
    assert secrets.refresh("aws:db")
    assert secrets.get("aws:db", field="password").reveal() == "hunter2-2"
    assert not secrets.refresh("aws:db")
    assert len(aws.requests) == 2
    assert not SecretManager(environ={"X": "x"}).refresh("X")


def test_a_value_that_was_rejected_is_replaced_with_one_request(aws):
    secrets = SecretManager()
    old = secrets.get("aws:db", field="password")
    aws.answer = lambda operation, document: ok(**version(2))
    answers: list[bool] = []
    threads = [
        threading.Thread(
            target=lambda: answers.append(secrets.rejected("aws:db", old, field="password"))
        )
        for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 16
    assert len(aws.requests) == 2
    new = secrets.get("aws:db", field="password")
    assert new.reveal() == "hunter2-2"
    for _ in range(10):  # the password is wrong for another reason: no storm of requests
        assert not secrets.rejected("aws:db", new, field="password")
    assert len(aws.requests) == 2


def test_every_read_is_seen_by_the_audit_and_no_value_is(aws):
    seen: list[Access] = []
    secrets = SecretManager(audit=seen.append, environ={"X": "hunter2"})
    secrets.get("aws:db", field="password")
    secrets.get("X")
    secrets.get_bytes("X")
    secrets.fields("aws:db")
    secrets.get("NOWHERE", default="y")
    with pytest.raises(BrokenToken):
        SecretManager(audit=seen.append, environ={"X": "hunter2", "ENCRYPTION_KEY": KEY}).get(
            "X", encrypted=True
        )
    assert [(a.name, a.field, a.version, a.error) for a in seen] == [
        ("aws:db", "password", "version-1", None),
        ("X", None, None, None),
        ("X", None, None, None),
        ("aws:db", None, "version-1", None),
        ("NOWHERE", None, None, "secret-not-found"),
        ("X", None, None, "broken-token"),
    ]
    assert all(abs(a.time.timestamp() - time.time()) < 60 for a in seen)
    assert "hunter2" not in repr(seen)


def test_a_read_that_cannot_be_recorded_does_not_happen():
    def refuse(access: Access) -> None:
        raise PermissionError("the audit log is full")

    with pytest.raises(PermissionError):
        SecretManager(environ={"X": "x"}, audit=refuse).get("X")


def test_the_status_has_the_names_to_ask_with(aws):
    secrets = SecretManager()
    secrets.get("aws:db")
    (one,) = secrets.status()
    assert (one.name, one.version, one.error) == ("aws:db", "version-1", None)
    assert "hunter2" not in repr(one) + repr(secrets)


def test_a_stand_in_answers_first():
    secrets = SecretManager(environ={"X": "real"})
    undo = stand_in(
        lambda scheme, reference: f"fake {scheme}" if reference in ("X", "db") else None
    )
    try:
        assert secrets.get("X").reveal() == "fake env"
        assert secrets.get("aws:db").reveal() == "fake aws"
    finally:
        undo()
    assert secrets.get("X").reveal() == "real"


def test_references_in_variables_are_resolved_by_the_managers_own_keys_and_variables(tmp_path):
    (tmp_path / "key").write_text(KEY)
    environ = {
        "REFERENCE": f"a${{fernet:{token('b')}}}c",
        "ENCRYPTED": f"enc:{token('d')}",
        "OTHER": "${env:PLAIN}-${env:ENCRYPTED}",
        "PLAIN": "e",
        "AROUND": "${env:NOWHERE}",
    }
    for given in (
        {"keys": KeyRing([KEY]), "environ": environ},
        {"environ": {**environ, "ENCRYPTION_KEY": KEY}},
        {"environ": {**environ, "ENCRYPTION_KEYS": f"${{file:{tmp_path}/key}}"}},
    ):
        secrets = SecretManager(**given)
        names = ("REFERENCE", "ENCRYPTED", "OTHER", f"fernet:{token('f')}")
        assert [secrets.get(name).reveal() for name in names] == ["abc", "d", "e-d", "f"]
        with pytest.raises(SecretError, match="NOWHERE"):
            secrets.get("AROUND", default="d")


def test_a_managers_variables_are_those_of_its_resolvers(monkeypatch):
    monkeypatch.setenv("REGION", "of the process")

    class Reader:
        secret = True

        def __init__(self, look_up=None):
            self.look_up = look_up

        def with_variables(self, look_up):
            return Reader(look_up)

        def resolve(self, reference):
            return self.look_up(reference)

    secrets = SecretManager(resolvers={"vault": Reader()}, environ={"REGION": "its own"})
    assert secrets.get("vault:REGION").reveal() == "its own"
    with pytest.raises(SecretNotFound):
        secrets.get("vault:OTHER")
