"""The memory store, which is the reference: the contract, and its call-backs."""

from __future__ import annotations

import pytest

from confkit.flags.stores.memory import MemoryStore
from confkit.flags.stores.port import Announcing, Store
from pytest_confkit.contracts import ON, StoreContract


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self) -> Store:
        return MemoryStore()


def test_it_starts_with_documents():
    store = MemoryStore({"a": ON})
    assert store.read().flags["a"].document == ON
    assert repr(store) == "<MemoryStore: 1 flags>"


def test_it_announces_each_change_until_told_otherwise():
    store, heard = MemoryStore(), []
    assert isinstance(store, Announcing)
    undo = store.announce(lambda: heard.append(len(store.read().flags)))
    store.write("a", ON, expect=0, by="", reason="")
    undo()
    undo()
    store.write("b", ON, expect=0, by="", reason="")
    assert heard == [1]


def test_a_forked_child_gets_a_lock_of_its_own():
    store = MemoryStore({"a": ON})
    store._lock.acquire()  # as another thread may hold it at the moment of the fork
    store.after_fork()
    assert store.read().flags["a"].revision == 1
