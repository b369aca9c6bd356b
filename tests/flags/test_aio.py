"""One contract for ``Flags`` and ``AsyncFlags``: the same changes, refusals and records."""

from __future__ import annotations

import asyncio

import pytest

from confkit.errors import FlagConflict, InvalidFlag, StoreUnavailable, UnknownFlag
from confkit.flags.aio import AsyncFlags
from confkit.flags.client import Flags
from confkit.flags.stores.memory import MemoryStore
from tests.flags.doubles import Distant

ON = {"enabled": True}


class Awaited:
    """A store of this process as one that is awaited."""

    def __init__(self, store):
        self.inner = store

    async def write(self, name, document, **how):
        await asyncio.sleep(0)
        return self.inner.write(name, document, **how)

    async def history(self, name=None, *, limit=100):
        return self.inner.history(name, limit=limit)


class Driven:
    """``AsyncFlags`` with every call run to its end."""

    def __init__(self, flags):
        self._changing = AsyncFlags(flags, Awaited(flags.store))

    def __getattr__(self, name):
        return lambda *given, **named: asyncio.run(getattr(self._changing, name)(*given, **named))


@pytest.fixture(params=[lambda flags: flags, Driven], ids=["Flags", "AsyncFlags"])
def driven(request):
    """Makes what changes the flags of a client."""
    return request.param


def test_changes_and_their_record(driven):
    with Flags(MemoryStore()) as flags:
        changing = driven(flags)
        made = changing.set("a", enabled=True, percentage=5, by="ann", reason="pilot")
        assert (made.revision, made.new) == (1, {"enabled": True, "percentage": 5})
        assert flags.decide("a", "42").revision == 1
        changing.set("a", percentage=None, expect=1)
        assert flags.enabled("a")
        changing.delete("a")
        assert not flags.enabled("a")
        assert changing.rollback("a", 1).reason == "rollback to revision 1"
        assert [r.revision for r in changing.history("a")] == [4, 3, 2, 1]


def test_what_is_refused(driven):
    with Flags(MemoryStore({"a": ON})) as flags:
        changing = driven(flags)
        for wrong in ({"percentage": 101}, {"colour": "red"}, {"prerequisites": ["b"]}):
            with pytest.raises(InvalidFlag):
                changing.set("a", **wrong)
        with pytest.raises(FlagConflict):
            changing.set("a", enabled=False, expect=7)
        for missing in (lambda: changing.delete("b"), lambda: changing.rollback("a", 9)):
            with pytest.raises(UnknownFlag):
                missing()
        assert flags.history("b") == []
        assert flags.view.flags["a"].revision == 1


def test_a_change_that_cannot_be_read_back_was_still_made(driven, caplog):
    store = Distant({"a": ON})
    with Flags(store, background=False) as flags:
        real = store.write

        def write(*given, **named):
            made = real(*given, **named)
            store.down = True
            return made

        store.write = write
        assert driven(flags).set("a", percentage=5).revision == 2
        assert "a was written and not read back" in caplog.text


def test_a_store_that_is_down_refuses_changes(driven):
    store = Distant({"a": ON})
    with Flags(store, background=False) as flags:
        store.down = True
        with pytest.raises(StoreUnavailable):
            driven(flags).set("a", percentage=5)


def test_a_change_is_decided_again_when_somebody_was_faster(driven):
    store = Distant({"a": ON})
    with Flags(store, background=False) as flags:
        real, others = store.write, [2, 1]

        def write(*given, **named):
            if others:
                document = {"enabled": True, "owner": f"other {others.pop()}"}
                store.inner.write("a", document, expect=None, by="", reason="")
            return real(*given, **named)

        store.write = write
        made = driven(flags).set("a", percentage=5)
        assert made.new == {"enabled": True, "owner": "other 2", "percentage": 5}
