"""Secrets answered from memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from confkit import InvalidConfig, Secret, load
from confkit.errors import SecretDenied, SecretError
from confkit.overriding import Owner, owned_by
from confkit.redaction.known import known
from confkit.secrets.front import SecretManager
from confkit.testing import override_secrets


@dataclass(frozen=True)
class Shop:
    password: Secret
    name: str = "shop"


def real(reference: str) -> str:
    if reference == "absent":
        raise LookupError(reference)
    return f"real-{reference}"


@pytest.fixture
def make(tmp_path):
    def made(reference: str = "${vault:db#password}") -> Any:
        (tmp_path / "config.yaml").write_text(f"password: {reference}\n")
        return load(Shop, root=tmp_path, environ={}, resolvers={"vault": real})

    return made


def test_a_configuration_made_before_and_one_made_inside(make):
    config = make()
    assert config.current.password.reveal() == "real-db#password"
    with override_secrets({"db": {"password": "from-memory"}}):
        assert config.current.password.reveal() == "from-memory"
        assert make().current.password.reveal() == "from-memory"
        config.reload()
        assert config.current.password.reveal() == "from-memory"
    assert config.current.password.reveal() == "real-db#password"


def test_one_that_needs_it_has_no_settings_afterwards(make):
    with override_secrets({"absent": "from-memory"}):
        config = make("${vault:absent}")
    with pytest.raises(InvalidConfig):
        _ = config.current


def test_the_front_too():
    manager = SecretManager(resolvers={"vault": real}, default="vault")
    with override_secrets({"vault:db": Secret("from-memory"), "other": {"a": "b"}}):
        assert manager.get("vault:db").reveal() == "from-memory"
        assert manager.get("vault:other", field="a").reveal() == "b"
    assert manager.get("vault:db").reveal() == "real-db"


@pytest.mark.parametrize("name", ["db", "vault:db"])
def test_what_is_not_there_is_told(make, name):
    with pytest.raises(InvalidConfig), override_secrets({name: {"user": "x"}}):
        make()
    with override_secrets({"elsewhere:db": "x", "dbx": "y"}):
        assert make().current.password.reveal() == "real-db#password"


def test_a_failure(make):
    config = make()
    with pytest.raises(InvalidConfig), override_secrets({"db": SecretDenied("no")}):
        pass
    assert config.current.password.reveal() == "real-db#password"


def test_the_nearer_owner_wins(make):
    config = make()
    with owned_by(Owner("test", 400)):
        near = override_secrets({"db": {"password": "near"}}).apply()
    with owned_by(Owner("module", 200)):
        far = override_secrets({"db": {"password": "far"}}).apply()
    assert config.current.password.reveal() == "near"
    near.remove()
    assert config.current.password.reveal() == "far"
    far.remove()


def test_values_are_masked_and_shown_nowhere(make):
    change = override_secrets({"db": {"password": "hunter2hunter2"}})
    assert "hunter2" not in repr(change) + change.what
    with change:
        assert known.mask("is hunter2hunter2 it") == "is *** it"


@pytest.mark.parametrize("value", [1, None, ["x"]])
def test_what_cannot_be_a_secret_is_refused(value):
    with pytest.raises(TypeError, match="db"):
        override_secrets({"db": value})


def test_a_field_of_plain_text():
    with override_secrets({"db": "text"}), pytest.raises(SecretError):
        SecretManager(resolvers={"vault": real}, default="vault").get("db", field="x")
