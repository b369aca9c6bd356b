"""The default of ``SecretManager.get``: for what is not there, and for nothing else."""

from __future__ import annotations

import pytest

from confkit import (
    BrokenToken,
    CredentialsExpired,
    EmptyKey,
    ExpiredToken,
    MalformedKey,
    MissingKey,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretManager,
    SecretNotFound,
    SecretThrottled,
    SecretUnavailable,
    WrongKey,
)
from confkit.secrets.keys import KeyRing, new_key


def token(text: str) -> str:
    return KeyRing([new_key()]).encrypt(text)


FAILURES = [
    SecretError, MissingKey, EmptyKey, MalformedKey, WrongKey, BrokenToken, ExpiredToken,
    SecretDeleted, SecretDenied, CredentialsExpired, SecretUnavailable, SecretThrottled,
    SecretGarbled,
]  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES)
def test_no_failure_but_an_absence_gives_the_default(failure):
    def fail(reference: str) -> str:
        raise failure("no")

    secrets = SecretManager(resolvers={"vault": fail}, environ={"A": "${vault:a}"})
    for name in ("vault:a", "A"):
        with pytest.raises(SecretError):
            secrets.get(name, default="d")
    with pytest.raises(failure):
        secrets.get("vault:a", field="f", default="d")


def test_the_default_is_for_what_is_not_there_and_for_no_mistake(tmp_path):
    def answer(reference: str) -> str:
        return {"a": '{"f": "x"}', "text": "no json"}[reference]

    environ = {"SET": "${vault:none}", "T": token("x"), "KEYLESS": f"enc:{token('x')}"}
    secrets = SecretManager(resolvers={"vault": answer}, environ=environ)
    for name, field in (("UNSET", None), ("vault:none", None), ("vault:a", "g")):
        assert secrets.get(name, field=field, default="d").reveal() == "d"
    assert secrets.get(f"file:{tmp_path}/none", default="d").reveal() == "d"
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    mistakes = [
        ("SET", None), ("vault:text", "f"), ("valt:a", None), ("", None), ("file:", None),
        ("file:a\0b", None), (f"file:{tmp_path}", None), (f"file:{tmp_path}/link", None),
        ("KEYLESS", None),
    ]  # fmt: skip
    for name, field in mistakes:
        with pytest.raises(SecretError) as caught:
            secrets.get(name, field=field, default="d")
        assert not isinstance(caught.value, SecretNotFound), name
    with pytest.raises(SecretError):
        secrets.get("T", encrypted=True, default="d")
    for wrong in (None, 5, b"d"):
        with pytest.raises(TypeError, match="default"):
            secrets.get("SET", default=wrong)
