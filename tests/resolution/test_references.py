"""Who answers a reference: functions and resolvers, asked once, and together."""

from __future__ import annotations

import traceback
from dataclasses import dataclass

import pytest

from confkit import (
    DotEnv,
    Environ,
    File,
    InvalidConfig,
    MissingExtra,
    Secret,
    SecretError,
    SecretNotFound,
    load,
)
from confkit.redaction.known import known
from confkit.resolution.references import EnvironmentResolver, References
from confkit.stand_ins import stand_in


class Vault:
    """Counts what it is asked, one by one and together."""

    secret = True

    def __init__(self, **answers: object) -> None:
        self.answers = answers
        self.single: list[str] = []
        self.batches: list[list[str]] = []

    def fetch(self, references):
        self.batches.append(list(references))
        return {r: self.answers[r] for r in references if r in self.answers}

    def resolve(self, reference):
        self.single.append(reference)
        return self.answers[reference]


@dataclass(frozen=True)
class Settings:
    url: Secret = Secret("")
    user: Secret = Secret("")
    other: Secret = Secret("")
    plain: str = ""


def references(**resolvers: object) -> References:
    return References(resolvers, {}.get)  # type: ignore[arg-type]


def test_a_plain_function_is_a_resolver_of_secrets():
    asked = references(vault=lambda reference: f"<{reference}>")
    assert asked.secret("vault")
    assert asked.answer("vault", "db") == "<db>"


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (KeyError("hunter2"), "there is no answer", "secret-not-found"),
        (RuntimeError("hunter2"), "the resolver of vault failed with RuntimeError", None),
        (SecretError("sealed"), "sealed", "unresolved-reference"),
        (SecretNotFound("gone"), "gone", "secret-not-found"),
        (MissingExtra("x", "aws"), "pip install", None),
        (None, "there is no answer", "secret-not-found"),
        (5, "answered with int", "secret-garbled"),
        ({"password": "hunter2"}, "answered with dict", "secret-garbled"),
    ],
)
def test_what_is_no_answer_is_an_error_without_the_words_of_others(answer, error, code):
    def resolve(reference: str) -> object:
        if isinstance(answer, Exception):
            raise answer
        return answer

    with pytest.raises((SecretError, MissingExtra), match=error) as caught:
        references(vault=resolve).answer("vault", "db")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    if code:
        assert caught.value.code == code


def test_each_reference_is_asked_once_and_all_together():
    vault = Vault(a="1", b="2")
    asked = references(vault=vault)
    asked.fetch([("vault", "a"), ("vault", "b"), ("vault", "a"), ("nobody", "x")])
    assert [asked.answer("vault", r) for r in "abab"] == ["1", "2", "1", "2"]
    assert (vault.batches, vault.single) == ([["a", "b"]], [])


def test_what_a_batch_leaves_out_is_asked_for_alone():
    vault = Vault(a="1")
    asked = references(vault=vault)
    with pytest.raises(SecretNotFound):
        asked.answer("vault", "c")
    assert vault.single == ["c"]


def test_one_that_fails_in_a_batch_fails_alone():
    vault = Vault(a="1", b=SecretError("sealed"))
    asked = references(vault=vault)
    asked.fetch([("vault", "a"), ("vault", "b")])
    assert asked.answer("vault", "a") == "1"
    with pytest.raises(SecretError, match="sealed"):
        asked.answer("vault", "b")


@pytest.mark.parametrize("error", [SecretError("sealed"), RuntimeError("hunter2")])
def test_a_batch_that_fails_fails_for_all(error):
    class Sealed(Vault):
        def fetch(self, references):
            raise error

    with pytest.raises(SecretError) as caught:
        references(vault=Sealed(a="1")).answer("vault", "a")
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_answers_are_known_secrets_from_then_on():
    references(vault=lambda reference: "hunter2-known").answer("vault", "db")
    assert known.mask("x hunter2-known") == "x ***"


def test_answers_of_a_resolver_that_holds_no_secrets_are_not():
    class Public:
        secret = False

        def resolve(self, reference):
            return "eu-central-1"

    references(region=Public()).answer("region", "x")
    assert known.mask("eu-central-1") == "eu-central-1"


def test_a_load_asks_for_all_references_of_the_winners_together(tmp_path):
    (tmp_path / "a.yaml").write_text("url: ${vault:lost}\nuser: ${vault:user}\nother: ${VIA}\n")
    env = "URL='postgresql://${vault:user}:${vault:password}@${vault:host}/db'\nVIA=${vault:via}\n"
    (tmp_path / ".env").write_text(env)
    vault = Vault(user="u", password="hunter2", host="h", via="v", lost="l")
    sources = File(tmp_path / "a.yaml"), DotEnv(tmp_path / ".env")
    config = load(Settings, *sources, resolvers={"vault": vault})
    assert config.current.url.reveal() == "postgresql://u:hunter2@h/db"
    assert config.current.other.reveal() == "v"
    assert [sorted(batch) for batch in vault.batches] == [["host", "password", "user", "via"]]
    assert vault.single == []


def test_an_override_asks_nobody_and_a_reload_asks_again(tmp_path):
    (tmp_path / "a.yaml").write_text("url: ${vault:url}\n")
    vault = Vault(url="first-hunter2")
    config = load(Settings, File(tmp_path / "a.yaml"), resolvers={"vault": vault})
    vault.answers["url"] = "second-hunter2"
    with config.override({"plain": "x"}):
        config.set("plain", "y")
        assert config.current.url.reveal() == "first-hunter2"
    assert len(vault.batches) == 1
    config.reload()
    assert config.current.url.reveal() == "second-hunter2"
    assert len(vault.batches) == 2


def test_a_failure_is_asked_for_again(tmp_path):
    (tmp_path / "a.yaml").write_text("url: ${vault:url}\n")
    vault = Vault(url=SecretError("sealed"))
    with pytest.raises(InvalidConfig, match=r"\$\{vault:url\}: sealed") as caught:
        load(Settings, File(tmp_path / "a.yaml"), resolvers={"vault": vault})
    assert caught.value.problems[0].code == "unresolved-reference"


def test_no_resolver_is_made_where_there_is_no_reference(monkeypatch):
    def fail(root):
        raise AssertionError("made")

    monkeypatch.setattr("confkit.secrets.defaults.default_resolvers", fail)
    assert load(Settings, Environ(environ={"PLAIN": "x"})).current.plain == "x"


def test_the_environment_resolver_looks_names_up():
    assert EnvironmentResolver({"A": "a"}.get).resolve("A") == "a"
    assert EnvironmentResolver().with_variables({"A": "b"}.get).resolve("A") == "b"
    for resolver in (EnvironmentResolver({}.get), EnvironmentResolver()):
        assert not resolver.secret
        with pytest.raises(LookupError):
            resolver.resolve("B")


def test_a_stand_in_answers_before_the_resolvers(tmp_path):
    (tmp_path / "a.yaml").write_text("url: ${vault:url}\nuser: ${vault:user}\n")
    vault = Vault(user="u")
    undo = stand_in(lambda scheme, reference: "stood in" if reference == "url" else None)
    try:
        config = load(Settings, File(tmp_path / "a.yaml"), resolvers={"vault": vault})
    finally:
        undo()
    assert (config.current.url.reveal(), config.current.user.reveal()) == ("stood in", "u")
    assert vault.batches == [["user"]]
