"""What a client holds, and what it would put back."""

from __future__ import annotations

import pytest

from confkit.errors import StoreDoubted, StoreError
from confkit.flags import Flags
from confkit.flags.replica.copy import Copy
from confkit.flags.stores.port import FlagSet, Stored, Version
from tests.flags.doubles import Distant

ON, OFF = {"enabled": True}, {"enabled": False}


def answer(number, flags, **rest):
    made = {name: Stored(document, at, changed=at) for name, (document, at) in flags.items()}
    return FlagSet(Version("e", number), made, **rest)


@pytest.fixture
def told():
    return []


@pytest.fixture
def copy(told):
    made = Copy(
        lambda before, view, names: told.append(names),
        backup=None,
        bootstrap={},
        clock=lambda: 0.0,
    )
    made.take(answer(3, {"a": (ON, 1), "b": (ON, 2), "c": (ON, 3)}))
    return made


def test_only_what_differs_is_told_and_compiled_again(copy, told):
    before = copy.view
    copy.take(answer(4, {"a": (ON, 1), "b": (OFF, 4)}, deleted={"c": 4}))
    assert told == [{"a", "b", "c"}, {"b", "c"}]
    assert copy.view.flags["a"] is before.flags["a"]
    assert set(copy.view.flags) == {"a", "b"}


def test_what_is_put_back_has_the_last_good_documents_and_their_changes(copy):
    copy.take(answer(5, {"a": (ON, 1), "b": ({"enabled": "perhaps"}, 5)}, deleted={"c": 4}))
    good = copy.good()
    assert good.flags == {"a": Stored(ON, 1, changed=1), "b": Stored(ON, 5, changed=5)}
    assert good.deleted == {"c": 4}
    assert good.version.number == 5


def test_a_change_on_the_ground_of_what_was_lost_is_refused_by_name(copy):
    copy.take(answer(4, {"a": (ON, 1), "b": (ON, 2)}))
    assert copy.in_doubt
    copy.check("a")
    with pytest.raises(StoreDoubted, match=r"the last change of c.*confirm\(\).*reseed\(\)"):
        copy.check("c")
    copy.accept()
    assert not copy.in_doubt
    assert set(copy.view.flags) == {"a", "b"}


def test_an_answer_that_is_refused_changes_nothing(copy, told):
    view = copy.view
    copy.take(FlagSet(Version("", 0)))
    assert copy.view is view
    assert len(told) == 1
    for name in ("a", "new"):
        with pytest.raises(StoreDoubted, match="the store is empty"):
            copy.check(name)


def test_an_error_is_cleared_by_a_rule_and_kept_by_another_step(copy):
    copy.take(answer(4, {"a": (ON, 1), "b": ({"enabled": 1}, 4), "c": (ON, 3)}))
    step = answer(5, {"a": (OFF, 5), "b": ({"enabled": 1}, 4), "c": (ON, 3)})
    copy.take(step)
    assert set(copy.view.errors) == {"b"}
    copy.take(answer(6, {"a": (OFF, 5), "b": (OFF, 6), "c": (ON, 3)}))
    assert copy.view.errors == {}


def test_what_a_store_holds_is_logged_as_text(caplog):
    evil = "\x1b[2J\nforged"
    store = Distant({"a": {"enabled": True}, "b": {"enabled": True}})
    with Flags(store, background=False) as flags:
        store.inner.write("a", {"enabled": True, evil: 1}, expect=1, by="", reason="")
        flags.refresh()
        assert evil.encode("unicode_escape").decode() in flags.status.errors["a"]
        store.fault, store.down = StoreError(f"no answer but {evil}"), True
        with pytest.raises(StoreError):
            flags.refresh()
    assert len(caplog.records) == 2
    texts = [*caplog.messages, flags.status.last_error, *flags.status.errors.values()]
    assert all(text.isprintable() for text in texts)
