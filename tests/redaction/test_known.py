"""Secrets that were read are masked wherever they turn up, however they are spelled."""

from __future__ import annotations

import base64
import html
import json
import re
import threading
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from confkit import InvalidConfig, Secret, Values, load
from confkit.redaction.known import COMMON, KnownSecrets, known
from confkit.redaction.values import remember

SECRET = "hün/ter2 &<'\"\\\n+=?" + "x9"


def knowing(*values: str | bytes) -> KnownSecrets:
    made = KnownSecrets()
    for value in values:
        assert made.add(value)
    return made


SPELLINGS = {
    "plain": lambda s: s,
    "repr": repr,
    "ascii": ascii,
    "bytes": lambda s: repr(s.encode()),
    "json": json.dumps,
    "json in unicode": lambda s: json.dumps(s, ensure_ascii=False),
    "json in json": lambda s: json.dumps(json.dumps({"k": s})),
    "html": html.escape,
    "html text": lambda s: html.escape(s, quote=False),
    "percent": lambda s: quote(s, safe=""),
    "path": quote,
    "form": quote_plus,
    "lower percent": lambda s: re.sub("%..", lambda m: m[0].lower(), quote(s, safe="")),
    "hexadecimal": lambda s: s.encode().hex(),
    "upper hexadecimal": lambda s: s.encode().hex().upper(),
    "json in a page": lambda s: re.sub("[<>&']", lambda m: f"\\u{ord(m[0]):04x}", json.dumps(s)),
    "base64": lambda s: base64.b64encode(s.encode()).decode(),
    "base64 for urls": lambda s: base64.urlsafe_b64encode(s.encode()).decode(),
    "base64 in a pair": lambda s: base64.b64encode(f"user:{s}".encode()).decode(),
    "base64 in the middle": lambda s: base64.b64encode(f"{{a:{s}}} and more".encode()).decode(),
    "base64 anywhere": lambda s: base64.b64encode(b"abc1" + s.encode() + b"1").decode(),
}


def leaks(text: str, secret: str) -> bool:
    """Whether any spelling of the secret, or a third of it, can be read in ``text``."""
    core = secret.strip()
    third = core[: max(4, len(core) // 3)]
    return third in text or any(code in text for code in _base64s(core))


def _base64s(secret: str) -> list[str]:
    data = secret.encode()
    codes = []
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        codes.append(code[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6])
    return [code for code in codes if len(code) > 8]


@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_is_masked(spell):
    text = f"<< {spell(SECRET)} >>"
    masked = knowing(SECRET).mask(text)
    assert "***" in masked
    assert "ter2" not in masked
    assert not leaks(masked, SECRET)
    assert masked.startswith("<< ")
    assert masked.endswith(" >>")


PRINTABLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"))


@given(st.text(PRINTABLE, min_size=8, max_size=40), st.sampled_from(sorted(SPELLINGS)), st.text())
def test_every_spelling_of_any_secret_is_masked(secret, spelling, around):
    assume(secret.lower() not in COMMON and set(secret) != {"*"})
    masked = knowing(secret).mask(f"{around}|{SPELLINGS[spelling](secret)}|{around}")
    assert "***" in masked


def test_lines_of_a_key_are_masked_one_by_one():
    pem = "-----BEGIN X-----\nMIIEowIBAAKCAQEA\nu1SU1LfVLPHCozMx\n-----END X-----"
    masked = knowing(pem).mask("line 2 is MIIEowIBAAKCAQEA, then 'u1SU1LfVLPHCozMx'")
    assert masked == "line 2 is ***, then '***'"


def test_bytes_are_known_by_their_text():
    assert knowing(b"hunter2hunter2").mask("a hunter2hunter2 b") == "a *** b"
    assert "xff" not in knowing(b"\xffbinary\xfe").mask(repr(b"\xffbinary\xfe"))


def test_the_longest_is_masked_first():
    assert knowing("hunter2-long", "hunter2-long-and-more").mask("hunter2-long-and-more") == "***"


@pytest.mark.parametrize(
    "value",
    ["", "a", "abc", "   abc   ", "12345", "true", "password", "pass", "Postgres", "****", "***"],
)
def test_what_is_too_short_or_too_common_is_not_looked_for(value):
    made = KnownSecrets()
    assert not made.add(value)
    assert made.mask(f"postgresql://h {value} x") == f"postgresql://h {value} x"


def test_a_short_one_is_masked_as_a_whole_word_only():
    assert knowing("kitty").mask("kitty kittycat k.kitty kitty!") == "*** kittycat k.*** ***!"


def test_the_newest_are_kept():
    made = KnownSecrets(limit=3)
    for number in range(10):
        made.add(f"secret-number-{number}")
    assert made.mask("secret-number-6 secret-number-7") == "secret-number-6 ***"


def test_places_are_found_for_reports():
    made = knowing("hunter2hunter2", "hunter2hunter2-more")
    text = "a hunter2hunter2 b hunter2hunter2-more"
    assert list(made.find(text)) == [2, 19]


def test_it_does_not_print_what_it_knows():
    assert repr(knowing("hunter2hunter2")) == "<KnownSecrets: 1>"


def test_threads_add_and_mask_at_once():
    made = KnownSecrets(limit=1000)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for i in range(100):
                made.add(f"secret-{number}-{i}")
                assert made.mask(f"secret-{number}-{i}") == "***"
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_the_process_has_one_registry_that_mask_text_uses():
    from confkit import mask_text

    known.add("hunter2hunter2")
    assert mask_text("x hunter2hunter2") == "x ***"
    known.clear()
    assert mask_text("x hunter2hunter2") == "x hunter2hunter2"


def test_the_secrets_of_settings_are_known_from_the_first_load_on():
    @dataclass(frozen=True)
    class Settings:
        key: Secret = Secret("default-in-code")
        keys: list[Secret] = field(default_factory=list)
        plain: str = ""

    values = {"keys": ["first-hunter2", "second-hunter2"], "plain": "plain-hunter2"}
    load(Settings, Values(values))
    text = "default-in-code first-hunter2 second-hunter2 plain-hunter2"
    assert known.mask(text) == "default-in-code *** *** plain-hunter2"
    with pytest.raises(InvalidConfig):
        load(Settings, Values({"key": "third-hunter2", "plain": []}))
    assert known.mask("third-hunter2") == "***"


def test_the_password_of_an_address_is_known_by_itself():
    remember("redis://u:hunter2%2Fpassword@h and amqp://:other-hunter2@h")
    assert known.mask("hunter2%2Fpassword hunter2/password other-hunter2") == "*** *** ***"


@pytest.mark.parametrize(
    ("shortened", "masked"),
    [
        ("{'password': ...yond-measure'}", "{'password': ...***'}"),
        ("'hidden-bey...", "'***..."),
        ("hidden-...-measure", "***...***"),
        ("...ure and hid...", "...ure and hid..."),  # three characters are chance
        ("hidden-beyond", "hidden-beyond"),
        ("nothing...here", "nothing...here"),
    ],
)
def test_what_is_left_at_the_dots_of_a_shortened_text_is_masked(shortened, masked):
    secrets = KnownSecrets()
    secrets.add("hidden-beyond-measure")
    assert secrets.mask_ends(shortened) == masked
    assert KnownSecrets().mask_ends(shortened) == shortened
