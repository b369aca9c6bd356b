"""Questions: names, contexts, defaults, and what they never do."""

from __future__ import annotations

import logging
import threading
from collections import UserDict
from enum import Enum, StrEnum

import pytest

from confkit.flags.client import Flags
from confkit.flags.questions import WARNED
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore
from tests.flags.doubles import Distant

ON, OFF = {"enabled": True}, {"enabled": False}


class Names(StrEnum):
    CHECKOUT = "new-checkout"


class Members(Enum):
    CHECKOUT = Flag("new-checkout", default=True, owner="payments")


# Questions


@pytest.mark.parametrize(
    "flag", ["new-checkout", Names.CHECKOUT, Members.CHECKOUT, Members.CHECKOUT.value]
)
def test_a_question_takes_names_declarations_and_members(flags, flag):
    flags.set(flag, enabled=True, percentage=25)
    assert flags.enabled(flag, "user-1") is flags.decide("new-checkout", "user-1").value
    assert flags.decide(flag, "user-42").bucket == 27_318
    assert str(flags.decide(flag, "user-42")) == (
        "new-checkout=off (outside the rollout: bucket 27.318 >= 25, unit user-42)"
    )


def test_a_context_is_an_id_a_mapping_or_names(flags):
    flags.set(
        "a",
        enabled=True,
        allow=["42"],
        percentage=100,
        conditions=[{"attribute": "country", "in": ["DE"]}],
    )
    assert flags.enabled("a", 42)
    assert flags.enabled("a", user_id=42)
    assert flags.enabled("a", {"user_id": 42})
    assert flags.enabled("a", {"user_id": 7}, country="DE")
    assert flags.enabled("a", 7, country="DE")
    assert not flags.enabled("a", {"country": "DE"}, country="FR")
    assert not flags.enabled("a", 7)


def test_a_rollout_by_another_unit_is_not_fooled_by_a_user_id(flags):
    flags.set("a", enabled=True, percentage=50, unit="account")
    assert flags.decide("a", "42").reason is Reason.NO_UNIT
    assert flags.enabled("a", "42") is False
    answers = {flags.enabled("a", str(n), account="same") for n in range(50)}
    assert len(answers) == 1


def test_defaults(flags):
    assert flags.enabled("nothing") is False
    assert flags.enabled("nothing", default=True) is True
    assert flags.enabled(Members.CHECKOUT) is True
    assert flags.enabled(Members.CHECKOUT, default=False) is False
    decision = flags.decide(Members.CHECKOUT)
    assert (decision.reason, decision.revision) == (Reason.UNKNOWN, None)
    with Flags(MemoryStore(), Members) as declared:
        assert declared.enabled("new-checkout") is True


class Raises(UserDict):
    def __getitem__(self, key):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    "flag", [None, 5, [], {}, object(), b"a", "\ud800", "x" * 10_000, "", "a b"]
)
def test_no_flag_name_raises(flags, flag):
    assert flags.enabled(flag) is False
    assert flags.decide(flag).reason is Reason.UNKNOWN
    assert flags.variant(flag) is None


@pytest.mark.parametrize(
    "who",
    [1.5, True, b"x", None, "\ud800", [], {}, object(), 10**400, float("nan")],
    ids=lambda who: repr(who)[:20],
)
@pytest.mark.parametrize(
    "rule",
    [
        {"percentage": 50},
        {"deny": ["1"], "allow": ["2"]},
        {"percentage": 50, "scheme": "legacy-md5-100"},
        {"conditions": [{"attribute": "user_id", "prefix": "x"}]},
        {"variants": {"a": 100}},
    ],
)
def test_no_id_raises(flags, who, rule):
    flags.set("a", enabled=True, **rule)
    assert flags.enabled("a", who) is flags.decide("a", who).value
    assert flags.enabled("a", user_id=who) is flags.decide("a", user_id=who).value


def test_a_context_that_raises_gets_the_default(flags, caplog):
    flags.set("a", enabled=True, percentage=50)
    decision = flags.decide("a", Raises(user_id=1))
    assert (decision.value, decision.reason) == (False, Reason.ERROR)
    assert flags.enabled("a", Raises(user_id=1), default=True) is True
    assert "ZeroDivisionError" in caplog.text


def test_a_misspelt_name_is_warned_of_once(flags, caplog):
    flags.set("new-checkout", enabled=True)
    for _ in range(3):
        assert flags.enabled("new-chekout") is False
    assert [r.getMessage() for r in caplog.records] == [
        "flags: there is no flag 'new-chekout': did you mean new-checkout?"
    ]


def test_a_declared_flag_that_is_not_stored_is_no_misspelling(caplog):
    with Flags(MemoryStore(), Members) as flags:
        flags.enabled("new-checkout")
        flags.enabled(Flag("other"))
    assert caplog.records == []


def test_unknown_names_from_input_do_not_pile_up(flags, caplog):
    caplog.set_level(logging.CRITICAL, "confkit.flags")
    for n in range(5_000):
        flags.enabled(f"made-up-{n}" + "x" * 1000)
    assert len(flags._warned) == WARNED
    assert max(map(len, flags._warned)) <= 200


def test_all(flags):
    flags.set("b", enabled=True)
    flags.set("a", enabled=True, percentage=0)
    with flags.override({"c": "blue"}):
        found = flags.all("42")
    assert {name: d.value for name, d in found.items()} == {"a": False, "b": True, "c": True}
    assert found["c"].variant == "blue"


def test_variants(flags):
    flags.set("a", enabled=True, variants={"red": 50, "blue": 50})
    seen = {flags.variant("a", n) for n in range(50)}
    assert seen == {"red", "blue"}
    assert flags.variant("a") is None


def test_a_question_takes_no_lock_and_does_no_io():
    store = Distant({"a": {"enabled": True, "percentage": 50}, "b": ON})
    with Flags(store, background=False) as flags:
        reads, answers = store.reads, []
        with flags._lock, flags._sync._lock, store.inner._lock:
            asker = threading.Thread(
                target=lambda: answers.extend(
                    [flags.enabled("b"), flags.decide("a", "1"), flags.all("1"), flags.enabled("?")]
                )
            )
            asker.start()
            asker.join(10)
        assert len(answers) == 4
        assert store.reads == reads


def test_readers_see_one_whole_generation():
    """Two flags that always change together in one set are never seen apart."""
    store = Distant({"a": ON, "b": ON})
    with Flags(store, background=False) as flags:
        stop, torn = threading.Event(), []

        def read():
            while not stop.is_set():
                found = flags.all()
                if found["a"].value is not found["b"].value:
                    torn.append(found)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for n in range(200):
            for name in "ab":
                document = OFF if n % 2 else ON
                store.inner.write(name, document, expect=None, by="", reason="")
            flags.refresh()
        stop.set()
        for reader in readers:
            reader.join()
        assert torn == []


def test_a_variant_may_have_a_default(flags):
    flags.set("a", enabled=True, percentage=0, variants={"red": 100})
    assert flags.variant("a", "1", default="control") == "control"
    assert flags.variant("nothing", default="control") == "control"
    flags.set("a", percentage=100)
    assert flags.variant("a", "1", default="control") == "red"


def test_an_id_that_is_none_is_warned_of_once_for_each_kind(flags, caplog):
    flags.set("a", enabled=True, percentage=50)
    for who in (1.5, 2.5, b"x", "\ud800", "\ud801"):
        assert not flags.enabled("a", who)
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 3
    assert all("an id is text or an integer" in message for message in messages)


def test_a_flag_whose_rule_cannot_be_read_answers_its_default_with_the_reason_error():
    with Flags(MemoryStore({"a": {"enabled": True, "from-the-future": 1}})) as flags:
        assert flags.decide("a").reason is Reason.ERROR
        assert flags.enabled("a", default=True)
        assert flags.all()["a"].reason is Reason.ERROR


def test_the_flags_that_are_known_can_be_listed_and_looked_for():
    declared = Flag("declared")
    with Flags(MemoryStore({"b": {"enabled": True}, "a": {"enabled": False}}), [declared]) as flags:
        assert list(flags) == ["a", "b", "declared"]
        assert len(flags) == 3
        assert "a" in flags
        assert declared in flags
        assert "c" not in flags
        assert 5 not in flags
        assert repr(flags) == "<Flags: 3 flags, store>"
    with Flags(MemoryStore({}), background=False) as empty:
        assert empty
        assert list(empty) == []


def test_the_first_look_at_all_flags_after_a_fork_builds_the_table_once(monkeypatch):
    rules = {f"f{n}": {"enabled": True} for n in range(200)}
    with Flags(MemoryStore(rules), background=False) as flags:
        built = []
        real = Flags.rebuild
        monkeypatch.setattr(Flags, "rebuild", lambda *given: built.append(1) or real(*given))
        flags.after_fork()
        assert not built, "a child that asks nothing builds nothing"
        assert all(flags.all("1").values())
        assert len(flags.all("1")) == 200
        assert len(built) == 1


# Values

THEME = {
    "enabled": True,
    "percentage": 50,
    "variants": {"dark": 50, "light": 50},
    "values": {"dark": {"c": 1}, "light": {"c": 2}, "plain": {"c": 0}},
    "off_variant": "plain",
}


def test_a_value_is_that_of_the_variant_typed_by_the_default(flags, caplog):
    flags.set("theme", **THEME)
    for unit in map(str, range(50)):
        decision = flags.decide("theme", unit)
        wanted = THEME["values"][decision.variant or "plain"]
        assert flags.value("theme", unit, default={}) == wanted
        assert flags.value("theme", user_id=unit, default=None) == wanted
    assert caplog.messages == []
    assert flags.value("theme", "1", default="light") == "light"
    assert flags.value("theme", "1", default=3) == 3
    assert flags.value("theme", "2", default="light") == "light"
    assert [m.partition(":")[0] for m in caplog.messages] == ["flags", "flags"]
    assert "gives a value of the type dict, and str is asked" in caplog.text


def test_a_flag_without_values_gives_on_and_off_and_a_variant_its_name(flags, caplog):
    flags.set("a", enabled=True)
    flags.set("b", enabled=True, variants={"red": 100})
    assert flags.value("a", default=False) is True
    assert flags.value("a", default=7) == 7
    assert flags.value("a", default="x") == "x"
    assert flags.value("b", default="x") == "red"
    assert flags.value("b", default=False) is True
    assert flags.value("b", default=None) == "red"
    assert caplog.messages == []


@pytest.mark.parametrize("default", [True, False, "x", 1, 1.5, {"a": 1}, None, [], object()])
def test_the_default_counts_where_nothing_is_known(flags, default):
    assert flags.value("nothing", default=default) is default


def test_a_number_is_a_float_where_one_is_asked_for(flags):
    flags.set("limit", enabled=True, variants={"a": 100}, values={"a": 5})
    found = flags.value("limit", default=0.5)
    assert (found, type(found)) == (5.0, float)
    assert flags.value("limit", default=0) == 5
    assert flags.value("limit", default=True) is True
