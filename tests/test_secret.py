"""A secret never prints itself, whatever prints it."""

from __future__ import annotations

import copy
import dataclasses
import io
import json
import logging
import pickle
import pprint
import traceback

import pytest

from confkit import Secret, SecretBytes

TEXT = "hunter2-ünïcödé"


@dataclasses.dataclass(frozen=True)
class Holder:
    key: Secret


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r}".format,
        "{:>40}".format,
        lambda s: f"{s!s:.2}",
        lambda s: "%s %r" % (s, s),  # noqa: UP031 - the old way has to be safe as well
        lambda s: str([s, {"k": s}, (s,)]),
        lambda s: repr(Holder(s)),
        lambda s: str(dataclasses.asdict(Holder(s))),
        lambda s: json.dumps({"k": s}, default=str),
        lambda s: str(vars(Holder(s))),
    ],
)
def test_no_way_of_printing_shows_it(show):
    shown = show(Secret(TEXT))
    assert TEXT not in shown
    assert "hunter" not in shown


def test_the_mask_says_nothing_of_the_length():
    assert repr(Secret("a")) == repr(Secret("a" * 100)) == "Secret('***')"
    assert str(Secret("")) == "***"


def test_only_reveal_gives_the_text():
    assert Secret(TEXT).reveal() == TEXT


@pytest.mark.parametrize(
    "use",
    [
        lambda s: "x" + s,
        lambda s: s + "x",
        lambda s: "".join([s]),
        lambda s: json.dumps(s),
        lambda s: len(s),
        lambda s: s[0],
        lambda s: list(s),
        lambda s: "h" in s,
        lambda s: s < s,
        lambda s: vars(s),
        lambda s: int(s),
    ],
)
def test_it_is_no_text_and_the_refusal_shows_nothing(use):
    with pytest.raises(TypeError) as caught:
        use(Secret(TEXT))
    assert "hunter" not in "".join(traceback.format_exception(caught.value))


def test_secrets_are_equal_by_their_text_and_never_equal_to_a_text():
    assert Secret(TEXT) == Secret(TEXT)
    assert Secret(TEXT) != Secret(TEXT + "x")
    assert Secret(TEXT) != TEXT
    assert len({Secret(TEXT), Secret(TEXT), Secret("other")}) == 2
    assert Secret("\udc80") == Secret("\udc80")


def test_an_empty_secret_is_false():
    assert Secret("x")
    assert not Secret("")


def test_copies_are_the_same_object():
    secret = Secret(TEXT)
    assert copy.copy(secret) is secret
    assert copy.deepcopy([secret])[0] is secret
    assert dataclasses.asdict(Holder(secret))["key"] is secret


def test_a_secret_does_not_change():
    secret = Secret(TEXT)
    with pytest.raises(AttributeError, match="does not change"):
        secret.other = 1
    with pytest.raises(AttributeError, match="does not change"):
        secret.__init__("other")
    with pytest.raises(AttributeError, match="does not change"):
        del secret._Sealed__value
    assert secret.reveal() == TEXT


@pytest.mark.parametrize("value", [None, 5, b"bytes", Secret("x")])
def test_only_a_text_can_be_a_secret(value):
    with pytest.raises(TypeError, match="a Secret holds str"):
        Secret(value)


@pytest.mark.parametrize("value", [None, 5, "text", bytearray(b"x"), SecretBytes(b"x")])
def test_only_bytes_can_be_secret_bytes(value):
    with pytest.raises(TypeError, match="a SecretBytes holds bytes"):
        SecretBytes(value)


def test_bytes_are_as_secret_as_text():
    data = b"hunter2\xff"
    secret = SecretBytes(data)
    for shown in (
        repr(secret),
        str(secret),
        f"{secret:>20}",
        str([secret]),
        pprint.pformat(secret),
    ):
        assert "hunter" not in shown
    assert repr(secret) == "SecretBytes('***')"
    assert secret.reveal() == data
    assert secret == SecretBytes(data)
    assert secret != SecretBytes(b"other")
    assert secret != data
    assert SecretBytes(b"x") != Secret("x")
    assert len({secret, SecretBytes(data)}) == 1
    assert not SecretBytes(b"")
    assert copy.deepcopy(secret) is secret
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)
    with Secret.pickling_allowed():
        assert pickle.loads(pickle.dumps(secret)) == secret


def test_no_inspector_lists_what_is_inside():
    assert not [name for name in dir(Secret(TEXT)) if "value" in name]
    assert TEXT not in str(
        [getattr(Secret(TEXT), n, "") for n in dir(Secret(TEXT)) if n != "reveal"]
    )


def test_rich_shows_nothing():
    rich = pytest.importorskip("rich")
    from rich.console import Console

    out = Console(file=io.StringIO(), width=200)
    rich.inspect(Secret(TEXT), console=out, all=True, value=True)
    out.print(Secret(TEXT), [Secret(TEXT)], Holder(Secret(TEXT)))
    assert TEXT[:9] not in out.file.getvalue()


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickling_is_refused_unless_it_is_asked_for(protocol):
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(TEXT), protocol)
    with Secret.pickling_allowed():
        data = pickle.dumps(Holder(Secret(TEXT)), protocol)
    assert pickle.loads(data).key == Secret(TEXT)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(Secret(TEXT), protocol)
    with pytest.raises(TypeError, match="not pickled"):
        Secret(TEXT).__getstate__()


def test_it_does_not_reach_a_log(caplog):
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("t").debug("key %s %r", Secret(TEXT), Secret(TEXT))
    assert caplog.messages == ["key *** Secret('***')"]
