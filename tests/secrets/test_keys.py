"""Key rings: five errors that are told apart, tokens of every kind, and rotation."""

from __future__ import annotations

import base64
import time
import traceback

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from confkit import (
    BrokenToken,
    EmptyKey,
    ExpiredToken,
    MalformedKey,
    MissingKey,
    Secret,
    SecretError,
    SecretGarbled,
    WrongKey,
)
from confkit.redaction.known import known
from confkit.secrets.keys import KeyRing, new_key

OLD, NEW, OTHER = new_key(), new_key(), new_key()
CANARY = "C4n4ry-ünd-Geheim"


def variables(**values: str) -> KeyRing:
    return KeyRing.from_variables(values.get)


@given(st.text())
def test_what_is_encrypted_is_decrypted(text):
    assert KeyRing([NEW]).decrypt(KeyRing([NEW]).encrypt(text)) == text


def test_bytes_are_encrypted_too_and_are_no_text():
    ring = KeyRing([NEW])
    token = ring.encrypt(b"\xff\x00")
    assert ring.decrypt_bytes(token) == b"\xff\x00"
    with pytest.raises(SecretGarbled, match="no UTF-8"):
        ring.decrypt(token)


def test_the_newest_key_encrypts_and_all_decrypt():
    ring = KeyRing([NEW, Secret(OLD)])
    token = ring.encrypt("x")
    assert Fernet(NEW).decrypt(token) == b"x"
    assert ring.decrypt(KeyRing([OLD]).encrypt("y")) == "y"
    assert (ring.position(token), ring.position(KeyRing([OLD]).encrypt("y"))) == (0, 1)
    assert len(ring) == 2


def test_keys_come_from_two_variables_newest_first():
    ring = variables(ENCRYPTION_KEYS=f"{NEW}, {OLD}", ENCRYPTION_KEY=OTHER)
    assert [ring.position(KeyRing([key]).encrypt("x")) for key in (NEW, OLD, OTHER)] == [0, 1, 2]
    assert len(variables(ENCRYPTION_KEYS=f"{NEW},{OLD}", ENCRYPTION_KEY=OLD)) == 2
    assert len(variables(ENCRYPTION_KEY=f" {OLD}\n")) == 1


@pytest.mark.parametrize(
    ("values", "kind", "names"),
    [
        ({}, MissingKey, "ENCRYPTION_KEYS or ENCRYPTION_KEY"),
        ({"ENCRYPTION_KEY": ""}, EmptyKey, "ENCRYPTION_KEY is empty"),
        ({"ENCRYPTION_KEY": "  \n"}, EmptyKey, "ENCRYPTION_KEY is empty"),
        ({"ENCRYPTION_KEYS": ""}, EmptyKey, "ENCRYPTION_KEYS is empty"),
        ({"ENCRYPTION_KEYS": f"{NEW},"}, EmptyKey, r"ENCRYPTION_KEYS \(key 2 of 2\) is empty"),
        ({"ENCRYPTION_KEY": CANARY}, MalformedKey, "ENCRYPTION_KEY is no Fernet key"),
        ({"ENCRYPTION_KEY": NEW[:-1]}, MalformedKey, "ENCRYPTION_KEY is no Fernet key"),
        ({"ENCRYPTION_KEY": f'"{NEW}"'}, MalformedKey, "without quotes"),
        ({"ENCRYPTION_KEY": f"'{NEW}'"}, MalformedKey, "without quotes"),
        ({"ENCRYPTION_KEY": NEW[:20] + " " + NEW[20:]}, MalformedKey, "ENCRYPTION_KEY"),
        ({"ENCRYPTION_KEY": f"{NEW},{OLD}"}, MalformedKey, "ENCRYPTION_KEY"),
        ({"ENCRYPTION_KEYS": f"{NEW},{CANARY}"}, MalformedKey, r"ENCRYPTION_KEYS \(key 2 of 2\)"),
        ({"ENCRYPTION_KEYS": NEW, "ENCRYPTION_KEY": ""}, EmptyKey, "ENCRYPTION_KEY is empty"),
    ],
    ids=range(13),
)
def test_each_fault_of_a_key_has_an_error_that_names_the_variable(values, kind, names):
    with pytest.raises(SecretError, match=names) as caught:
        variables(**values)
    assert type(caught.value) is kind
    shown = traced(caught.value)
    assert CANARY not in shown
    assert NEW not in shown
    assert OLD not in shown


def traced(error: BaseException) -> str:
    """The error and its traceback, with the locals of our frames."""
    made = traceback.TracebackException.from_exception(error, capture_locals=True)
    made.stack = traceback.StackSummary.from_list(
        [frame for frame in made.stack if "/confkit/" in frame.filename]
    )
    return "".join(made.format()) + str(error) + repr(error)


def test_a_wrong_key_and_a_broken_token_are_told_apart():
    token = KeyRing([OTHER]).encrypt(CANARY)
    with pytest.raises(WrongKey, match="none of the 2 keys of ENCRYPTION_KEYS opens this token"):
        variables(ENCRYPTION_KEYS=f"{NEW},{OLD}").decrypt(token)
    with pytest.raises(WrongKey, match="the key of ENCRYPTION_KEY does not open this token"):
        variables(ENCRYPTION_KEY=NEW).decrypt(token)
    changed = token[:40] + ("A" if token[40] != "A" else "B") + token[41:]
    with pytest.raises(WrongKey):
        KeyRing([OTHER]).decrypt(changed)


def test_every_part_of_a_token_is_a_broken_token_and_shows_nothing():
    token = KeyRing([NEW]).encrypt(CANARY)
    ring = KeyRing([NEW])
    for end in range(len(token)):
        with pytest.raises(SecretError) as caught:
            ring.decrypt(token[:end])
        # A part of whole blocks looks like a token, and its signature is not there any more.
        assert type(caught.value) in (BrokenToken, WrongKey)
        assert CANARY not in traced(caught.value)
    assert isinstance(_error(ring, token[:-5]), BrokenToken)


def _error(ring: KeyRing, token: str) -> SecretError | None:
    try:
        ring.decrypt(token)
    except SecretError as error:
        return error
    return None


@pytest.mark.parametrize(
    "token",
    ["", "gAAAAA", "plain text", "gAAAAAü", "gAAAAA" + "=" * 9, CANARY, "Z0FBQUFB", "Z0FBQUFB!!"],
)
def test_what_is_no_token_is_a_broken_token(token):
    with pytest.raises(BrokenToken) as caught:
        KeyRing([NEW]).decrypt(token)
    assert CANARY not in str(caught.value)


@given(st.text() | st.binary().map(lambda b: base64.urlsafe_b64encode(b).decode()))
def test_no_text_is_anything_but_a_secret_error(text):
    with pytest.raises((BrokenToken, WrongKey)):
        KeyRing([NEW]).decrypt(text)


def test_every_flipped_byte_is_refused():
    token = KeyRing([NEW]).encrypt("x")
    data = base64.urlsafe_b64decode(token)
    for i in range(len(data)):
        flipped = bytes(b ^ (1 if j == i else 0) for j, b in enumerate(data))
        with pytest.raises((WrongKey, BrokenToken)):
            KeyRing([NEW]).decrypt(base64.urlsafe_b64encode(flipped).decode())


def test_tokens_in_base64_twice_and_with_a_prefix_are_read():
    token = KeyRing([NEW]).encrypt("x")
    twice = base64.b64encode(token.encode()).decode()
    for text in (token, twice, f"enc:{token}", f" {token}\n", f"enc:{twice}"):
        assert KeyRing([NEW]).decrypt(text) == "x"


def test_rotation_writes_plain_tokens_under_the_newest_key_with_the_time_kept():
    old = Fernet(OLD).encrypt_at_time(b"x", 1_000_000).decode()
    ring = KeyRing([NEW, OLD])
    for text in (old, base64.b64encode(old.encode()).decode(), f"enc:{old}"):
        rotated = ring.rotate(text)
        assert rotated.startswith("gAAAA")
        assert ring.position(rotated) == 0
        assert KeyRing([NEW]).decrypt(rotated) == "x"
        assert Fernet(NEW).extract_timestamp(rotated) == 1_000_000
    current = ring.encrypt("y")
    assert ring.rotate(current) == current
    with pytest.raises(WrongKey):
        ring.rotate(KeyRing([OTHER]).encrypt("z"))


def test_a_time_to_live_is_kept():
    ring = KeyRing([NEW])
    old = Fernet(NEW).encrypt_at_time(b"x", int(time.time()) - 100).decode()
    assert ring.decrypt(old) == ring.decrypt(old, ttl=1000) == "x"
    with pytest.raises(ExpiredToken, match="older than 10 s"):
        ring.decrypt(old, ttl=10)
    future = Fernet(NEW).encrypt_at_time(b"x", int(time.time()) + 10_000).decode()
    with pytest.raises(ExpiredToken):
        ring.decrypt(future, ttl=10)


def test_a_ring_does_not_print_its_keys():
    ring = KeyRing([NEW, OLD], "the test")
    assert repr(ring) == "<KeyRing of the test: 2>"
    assert known.mask(f"{NEW} and {OLD}") == "*** and ***"
    with pytest.raises(MissingKey, match="the test has no key"):
        KeyRing([], "the test")
