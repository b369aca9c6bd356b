"""One version of a secret: its fields, and what of it is masked everywhere."""

from __future__ import annotations

import json

import pytest

from confkit import Secret, SecretBytes, SecretGarbled, SecretNotFound
from confkit.redaction.known import known
from confkit.secrets.payload import Payload

FIELDS = {
    "username": "shop-user",
    "password": "hunter2-hunter2",
    "host": "db.example.com",
    "port": 5432,
    "tls": True,
    "none": None,
    "tags": ["a", "b"],
}


def payload(value: object = FIELDS) -> Payload:
    text = value if isinstance(value, str) else json.dumps(value)
    return Payload(Secret(text), "v1", "db")


def test_fields_are_secrets_and_other_types_are_json_text():
    shown = {name: value.reveal() for name, value in payload().fields.items()}
    assert shown == {
        "username": "shop-user",
        "password": "hunter2-hunter2",
        "host": "db.example.com",
        "port": "5432",
        "tls": "true",
        "tags": '["a", "b"]',
    }
    with pytest.raises(TypeError):
        payload().fields["new"] = Secret("x")


@pytest.mark.parametrize("text", ["plain", "", "[1]", '"x"', "{", "[" * 100_000])
def test_what_is_no_object_has_no_fields(text):
    with pytest.raises(SecretGarbled, match="db is no JSON object"):
        payload(text).field("password")
    with pytest.raises(SecretGarbled):
        _ = Payload(SecretBytes(b"\xff"), "v1", "db").fields


def test_a_field_that_is_not_there_is_named_with_a_near_miss():
    with pytest.raises(SecretNotFound, match="db has no field pasword: did you mean password"):
        payload().field("pasword")
    with pytest.raises(SecretNotFound, match="has no field none"):
        payload().field("none")


def test_it_does_not_print_itself():
    assert repr(payload()) == "<Payload of db, version v1>"


def test_secrets_are_remembered_and_addresses_are_not():
    payload().remember()
    text = "hunter2-hunter2 at db.example.com as shop-user"
    assert known.mask(text) == "*** at db.example.com as shop-user"
    payload("plain-hunter2").remember()
    assert known.mask("plain-hunter2") == "***"
    Payload(SecretBytes(b"bytes-hunter2"), "v1", "x").remember()
    assert known.mask("bytes-hunter2") == "***"
