"""What begins with ``enc:`` is decrypted or refused: no text that is encrypted is ever a value."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Annotated, Any

import pytest

from confkit import (
    Argv,
    Environ,
    File,
    InvalidConfig,
    SchemaError,
    Secret,
    SecretBytes,
    SecretError,
    SecretManager,
    Sensitive,
    load,
)

keys = pytest.importorskip(
    "confkit.secrets.keys", reason="needs cryptography", exc_type=ImportError
)

KEY = keys.new_key()
TOKEN = keys.KeyRing([KEY]).encrypt("hunter2-hunter2")
TWICE = base64.b64encode(TOKEN.encode()).decode()


@dataclass(frozen=True)
class Settings:
    key: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")
    several: list[Secret] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    maybe: Secret | None = None
    api_password: str = ""
    marked: Annotated[str, Sensitive()] = ""


#: Ways to write a token that stand for what was encrypted.
READ = [
    f"enc:{TOKEN}", f"ENC:{TOKEN}", f"Enc:{TOKEN}", f"enc: {TOKEN}", f" enc:{TOKEN}",
    f"enc:{TOKEN}  ", f"\tenc:\t{TOKEN}\n", f"enc:{TWICE}", f"enc :{TOKEN}",
]  # fmt: skip
#: Texts that are encrypted, or meant to be, and cannot be decrypted.
REFUSED = [
    "enc:", "enc: ", "ENC:", "enc:x", "enc:gAAAA", "enc:gAAAAAB", f"enc:{TOKEN[:40]}",
    f"enc:{TOKEN[:-1]}", f"enc:{TOKEN}x", f"enc:enc:{TOKEN[:30]}", "enc:hunter2", "Enc:hunter2",
    f'"enc:{TOKEN}"', f"'enc:{TOKEN}'", f"enc:'{TOKEN}'", f'enc:"{TOKEN}"', f"“enc:{TOKEN}”",
    f"\ufeffenc:{TOKEN}", f"\u200benc:{TOKEN}", "\xa0enc:x", f"enc:{TOKEN[:50]} {TOKEN[50:]}",
    f"redis://:enc:{TOKEN}@h", f"user enc:{TOKEN}", f"(enc:{TOKEN})", f"enc:{TOKEN} # why",
    f"enc:{TOKEN},enc:{TOKEN}", f'["enc:{TOKEN}"]', f"=enc:{TOKEN}", f"enc:{TOKEN.lower()}",
]  # fmt: skip
#: The same by way of variables, where they are looked for.
BUILT = [
    "${NOTHING:-enc:gAAAA}", f"${{NOTHING:-enc:{TOKEN[:70]}}}", "enc:${PART}", "${ENC}", "${MARK}x",
    "${ENC:+enc:}", " ${MARK}", "${MARK}${PART}", f"a,${{NOTHING:-enc:{TOKEN[:70]}}}",
]  # fmt: skip
BEHIND = {"PART": TOKEN[:70], "ENC": f"enc:{TOKEN[:70]}", "MARK": "enc:"}


def value_of(text: str, place: str, tmp_path: Any) -> Any:
    """What a field gets whose text is ``text``, by way of one kind of source."""
    environ = {"ENCRYPTION_KEY": KEY, **BEHIND}
    around = Environ(environ=environ)
    if place == "env":
        return load(Settings, Environ(environ={**environ, "KEY": text})).current.key
    if place == "optional":
        return load(Settings, Environ(environ={**environ, "MAYBE": text})).current.maybe
    if place == "argv":
        return load(Settings, around, Argv([f"--key={text}"])).current.key
    if place == "json":
        (tmp_path / "a.json").write_text(json.dumps({"key": text}))
        return load(Settings, File(tmp_path / "a.json"), around).current.key
    if place == "yaml list":
        (tmp_path / "a.yaml").write_text(json.dumps({"several": ["a", text]}))
        return load(Settings, File(tmp_path / "a.yaml"), around).current.several[1]
    if place == "json in a variable":
        environ |= {"NAMED": json.dumps({"a": text})}
        return load(Settings, Environ(environ=environ)).current.named["a"]
    if place == "json list in a variable":
        environ |= {"SEVERAL": json.dumps(["a", text])}
        return load(Settings, Environ(environ=environ)).current.several[1]
    if place == "bytes":
        return load(Settings, Environ(environ={**environ, "DATA": text})).current.data
    assert place == "sensitive text"
    load(Settings, Environ(environ={**environ, "API_PASSWORD": text}))
    return load(Settings, Environ(environ={**environ, "MARKED": text})).current.marked


TEXTS = ["env", "optional", "argv", "json", "yaml list", "json in a variable"]
PLACES = [*TEXTS, "json list in a variable", "bytes", "sensitive text"]


@pytest.mark.parametrize("place", [*TEXTS, "json list in a variable"])
def test_every_spelling_of_a_token_is_decrypted(place, tmp_path):
    for text in READ:
        if "\t" in text and place == "json list in a variable":
            continue  # escaped there: refused, as the next test shows
        assert value_of(text, place, tmp_path).reveal() == "hunter2-hunter2", text


@pytest.mark.parametrize("place", PLACES)
def test_every_other_text_that_begins_so_is_refused(place, tmp_path):
    names = place in ("json", "yaml list")
    for text in REFUSED + BUILT * names:
        with pytest.raises(InvalidConfig) as caught:
            value_of(text, place, tmp_path)
        (code,) = {problem.code for problem in caught.value.problems}
        listed = text.startswith("[") or "," in text
        assert code in ("broken-token", "wrong-key") or (
            code == "type" and (place == "bytes" or listed)
        ), (text, code)
        assert TOKEN[:30] not in str(caught.value), text


@pytest.mark.parametrize(
    "value",
    ["enc:x", Secret(f"enc:{TOKEN}"), f"ENC:{TOKEN}"],
    ids=["word", "secret", "capitals"],
)
def test_code_decrypts_nothing_and_so_gives_no_encrypted_text(value):
    config = load(Settings, Environ(environ={"ENCRYPTION_KEY": KEY}))
    with pytest.raises(InvalidConfig) as caught, config.override({"key": value}):
        pass
    assert [p.code for p in caught.value.problems] == ["broken-token"]
    with pytest.raises(InvalidConfig), config.override({"data": SecretBytes(b"enc:gAAAA")}):
        pass

    @dataclass(frozen=True)
    class Default:
        key: Secret = Secret(f"enc:{TOKEN}")

    with pytest.raises((SchemaError, InvalidConfig)):
        load(Default, Environ(environ={}))


@pytest.mark.parametrize(
    "text", ["enc:x", "an enc: here", "enc", "encoding:x", "fenc:gA", "x:enc:y"]
)
def test_text_of_a_plain_field_is_encrypted_only_where_a_token_begins(text):
    @dataclass(frozen=True)
    class Plain:
        text: str = ""

    assert load(Plain, Environ(environ={"TEXT": text})).current.text == text


@pytest.mark.parametrize("scheme", ["", "file:", "vault:"])
def test_a_secret_manager_gives_no_encrypted_text(scheme, tmp_path):
    def manager(text: str) -> SecretManager:
        (tmp_path / "S").write_text(text)
        return SecretManager(
            environ={"ENCRYPTION_KEY": KEY, "S": text},
            resolvers={"vault": lambda _: text},
        )

    name = f"file:{tmp_path}/S" if scheme == "file:" else f"{scheme}S"
    for text in READ:
        assert manager(text).get(name).reveal() == "hunter2-hunter2", text
        assert manager(text).get_bytes(name).reveal() == b"hunter2-hunter2", text
        if scheme:
            held = manager(json.dumps({"a": text, "b": "plain"}))
            assert {k: v.reveal() for k, v in held.fields(name).items()} == {
                "a": "hunter2-hunter2", "b": "plain",
            }  # fmt: skip
            assert held.get(name, field="a").reveal() == "hunter2-hunter2"
    for text in REFUSED:
        if text.startswith("\ufeff") and scheme == "file:":
            continue  # no part of the text: files may begin so
        for read in (
            lambda m: m.get(name),
            lambda m: m.get(name, default="d"),
            lambda m: m.get(name, encrypted=True),
            lambda m: m.get_bytes(name),
        ):
            with pytest.raises(SecretError) as caught:
                read(manager(text))
            assert caught.value.code in ("broken-token", "wrong-key"), text


def test_what_a_resolver_answers_is_no_encrypted_text_either(tmp_path):
    (tmp_path / "good").write_text(f"enc:{TOKEN}\n")
    (tmp_path / "bad").write_text("enc:x\n")
    environ = {"ENCRYPTION_KEY": KEY, "KEY": f"${{file:{tmp_path}/good}}"}
    assert load(Settings, Environ(environ=environ)).current.key.reveal() == "hunter2-hunter2"
    environ["KEY"] = f"${{file:{tmp_path}/bad}}"
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Environ(environ=environ))
    assert [p.code for p in caught.value.problems] == ["broken-token"]
