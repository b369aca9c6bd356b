"""Flags forced and answers observed in every client."""

from __future__ import annotations

import gc
import threading

import pytest

from confkit.errors import InvalidFlag
from confkit.flags import everywhere
from confkit.flags.client import Flags
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore
from confkit.live import apart
from confkit.overriding import Owner, active, owned_by

OFF = {"enabled": False}


def client(**flags):
    return Flags(MemoryStore(flags or {"a": OFF}), [Flag("declared", default=True)])


def force(values, **options):
    return everywhere.force(values, site="test_x.py:7", **options)


def test_it_holds_in_every_client_and_in_those_made_later():
    first = client()
    with force({"a": True}):
        assert first.enabled("a")
        decision = client().decide("a")
        assert decision.reason is Reason.FORCED
        assert "test_x.py:7" in decision.detail
    assert not first.enabled("a")


def test_it_holds_in_every_thread():
    flags = client()
    answers = []
    with force({"a": True}):
        thread = threading.Thread(target=lambda: answers.append(flags.enabled("a")))
        thread.start()
        thread.join()
    assert answers == [True]


def test_clients_made_apart_take_no_part():
    seen = []
    with apart():
        alone = client()
    stop = everywhere.observe(seen.append)
    with force({"a": True}):
        assert not alone.enabled("a")
        assert not alone.enabled("unknown")
        assert alone not in everywhere.clients()
    stop()
    # Clients that other tests left may be asked about their own flags meanwhile.
    assert not {decision.name for decision in seen} & {"a", "unknown"}


def test_a_client_is_not_kept_alive():
    gc.collect()
    known = len(everywhere.clients())
    made = client()
    assert len(everywhere.clients()) == known + 1
    made.close()
    del made
    gc.collect()
    assert len(everywhere.clients()) == known


def test_the_nearer_owner_wins_over_the_later_one():
    flags = client()
    with owned_by(Owner("function", 4)):
        near = force({"a": True}).apply()
    with owned_by(Owner("module", 2)):
        far = flags.override({"a": False}).apply()
    assert flags.enabled("a")
    near.remove()
    assert not flags.enabled("a")
    far.remove()


def test_where_forces_for_some_contexts_only():
    flags = client(a={"enabled": True, "deny": ["7"]})
    with force({"a": False, "declared": False, "new": True}, where={"user_id": "42"}):
        assert not flags.enabled("a", "42")
        assert not flags.enabled("a", user_id=42)
        assert flags.enabled("a", "8")
        assert flags.decide("a", "7").reason is Reason.DENIED
        assert not flags.enabled("declared", "42")
        assert flags.decide("declared", "8").reason is Reason.UNKNOWN
        assert flags.enabled("declared", "8")
        assert flags.enabled("new", "42")
        assert not flags.enabled("new", "8")
    assert flags.enabled("a", "42")


def test_where_compares_other_attributes_as_they_are():
    flags = client()
    with flags.override({"a": True}, where={"plan": "pro", "admin": True}):
        assert flags.enabled("a", plan="pro", admin=True)
        assert not flags.enabled("a", plan="pro", admin=False)
        assert not flags.enabled("a", plan="free", admin=True)
        assert not flags.enabled("a", "42")


def test_several_wheres_stand_on_each_other():
    flags = client()
    with force({"a": True}, where={"user_id": "1"}), force({"a": "blue"}, where={"user_id": "2"}):
        assert flags.enabled("a", "1")
        assert flags.variant("a", "1") is None
        assert flags.variant("a", "2") == "blue"
        assert not flags.enabled("a", "3")


def test_subscribers_hear_of_it():
    flags = client()
    heard = []
    flags.subscribe(heard.append)
    with force({"a": True}):
        pass
    assert [set(change.names) for change in heard] == [{"a"}, {"a"}]


def test_every_question_is_observed_unknown_flags_too():
    flags = client(a=OFF, half={"enabled": True, "percentage": 50})
    seen = []
    stop = everywhere.observe(seen.append)
    flags.enabled("a")
    flags.enabled("half", "42")
    flags.variant("half", "42")
    flags.enabled("declared")
    flags.enabled("nothing")
    client().decide("a")
    stop()
    flags.enabled("a")
    assert [d.name for d in seen] == ["a", "half", "half", "declared", "nothing", "a"]


def test_what_cannot_be_forced_leaves_nothing_behind():
    before = active()
    with pytest.raises(InvalidFlag):
        force({"no name": True})
    with pytest.raises(TypeError):
        force({"a": [1]})
    assert active() == before


def test_an_override_that_is_in_force_is_known_with_its_line():
    with force({"a": True}):
        token = active()[-1]
        assert token.site == "test_x.py:7"
        assert token.what == "override of a"
        token.undo()
        assert token not in active()
        assert not client().enabled("a")
