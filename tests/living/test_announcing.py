"""Subscribers are told after the swap, in order, outside of locks."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import aclosing

import pytest

from confkit import UnknownKey
from confkit.living import announcing


def test_each_hears_of_its_keys(config):
    told: dict[str, list[frozenset[str]]] = {"any": [], "database": [], "pool": [], "name": []}
    config.subscribe(lambda change: told["any"].append(change.keys))
    config.subscribe(lambda change: told["database"].append(change.keys), "database")
    config.subscribe(lambda change: told["pool"].append(change.keys), "database.pool_size", "name")
    undo = config.subscribe(lambda change: told["name"].append(change.keys), "name")
    config.set("database.pool_size", 2)
    config.set("name", "two")
    undo()
    config.set("name", "three")
    pool, name = frozenset({"database.pool_size"}), frozenset({"name"})
    assert told == {
        "any": [pool, name, name],
        "database": [pool],
        "pool": [pool, name, name],
        "name": [name],
    }


def test_what_changes_nothing_is_told_to_nobody(config):
    told = []
    config.subscribe(told.append)
    config.set("name", "one")
    config.reload()
    assert told == []


def test_every_way_to_change_is_told(config, path):
    told: list[tuple[str, str]] = []
    config.subscribe(lambda c: told.append((c.old.current.name, c.new.current.name)))
    with config.override({"name": "override"}):
        pass
    config.set("name", "set")
    config.unset("name")
    path.write_text("name: file\n")
    config.reload()
    config.rollback(1)
    assert told == [
        ("one", "override"),
        ("override", "one"),
        ("one", "set"),
        ("set", "one"),
        ("one", "file"),
        ("file", "one"),
    ]


def test_a_subscriber_sees_the_new_settings_and_holds_no_lock(config):
    seen = []

    def reads_elsewhere(change):
        thread = threading.Thread(target=lambda: config.set("hosts", [config.current.name]))
        thread.start()
        thread.join(5)
        seen.append((thread.is_alive(), change.new.current.name))

    config.subscribe(reads_elsewhere, "name")
    config.set("name", "two")
    assert seen == [(False, "two")]
    assert config.current.hosts == ["two"]


def test_a_change_from_inside_a_subscriber_is_told_after_the_first(config):
    told: list[tuple[str, str]] = []

    def again(change):
        if change.new.current.name == "two":
            config.set("name", "three")

    config.subscribe(again)
    config.subscribe(lambda c: told.append((c.old.current.name, c.new.current.name)))
    config.set("name", "two")
    assert told == [("one", "two"), ("two", "three")]


def test_one_that_raises_is_logged_without_values_and_keeps_it_from_no_other(config, caplog):
    told = []

    def fails(_):
        raise RuntimeError("no")

    config.subscribe(fails)
    config.subscribe(told.append)
    with caplog.at_level(logging.ERROR, "confkit.config"):
        config.set("name", "two")
    assert len(told) == 1
    assert len(caplog.records) == 1


def test_a_change_that_is_refused_is_told_to_nobody(config, path):
    told = []
    config.subscribe(told.append)
    path.write_text("name: [")
    with pytest.raises(ValueError, match="YAML"):
        config.reload()
    with pytest.raises(ValueError, match="pool_size"):
        config.set("database.pool_size", 500)
    assert told == []


def test_background_and_coroutines(config):
    heard = threading.Event()
    config.subscribe(lambda _: heard.set(), background=True)

    async def main() -> list[str]:
        told: list[str] = []
        done = asyncio.Event()

        async def listen(change) -> None:
            told.append(change.new.current.name)
            done.set()

        undo = config.subscribe(listen, "name")
        await asyncio.to_thread(config.set, "name", "two")
        await asyncio.wait_for(done.wait(), 5)
        undo()
        async with aclosing(config.changes("name")) as changes:
            waiting = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            await asyncio.to_thread(config.set, "hosts", ["x"])
            await asyncio.to_thread(config.set, "name", "three")
            told.append((await asyncio.wait_for(waiting, 5)).new.current.name)
        return told

    assert asyncio.run(main()) == ["two", "three"]
    assert heard.wait(5)


def test_a_coroutine_function_needs_a_loop(config):
    async def listen(_): ...

    with pytest.raises(RuntimeError):
        config.subscribe(listen)


def test_a_key_that_the_settings_do_not_have_is_refused(config):
    with pytest.raises(UnknownKey, match="did you mean database"):
        config.subscribe(print, "databse")
    with pytest.raises(UnknownKey):
        config.changes("nme")
    config.subscribe(print, 'levels."django.request"')  # may come later


def test_values_that_refuse_to_be_compared_do_not_fail_who_changed_them(
    config, caplog, monkeypatch
):
    def refuse(*_):
        raise ValueError("ambiguous")

    config.subscribe(print)
    monkeypatch.setattr(announcing, "between", refuse)
    with caplog.at_level(logging.ERROR, "confkit.config"):
        config.set("name", "two")
    assert config.current.name == "two"
    assert len(caplog.records) == 1


def test_an_object_that_is_called_as_a_coroutine_is_awaited(config):
    class Listener:
        told = 0

        async def __call__(self, _):
            self.told += 1

    async def main() -> int:
        listener = Listener()
        config.subscribe(listener)
        config.set("name", "two")
        await asyncio.sleep(0.05)
        return listener.told

    assert asyncio.run(main()) == 1


def test_a_coroutine_function_takes_no_thread(config):
    async def listen(_): ...

    async def main() -> None:
        with pytest.raises(TypeError, match="background"):
            config.subscribe(listen, background=True)

    asyncio.run(main())


def test_changes_that_took_each_other_back_are_not_told(config):
    busy, go, told = threading.Event(), threading.Event(), []

    def slow(change):
        told.append(change.keys)
        busy.set()
        assert go.wait(5)

    config.subscribe(slow, background=True)
    config.set("hosts", ["x"])
    assert busy.wait(5)
    config.set("name", "two")
    config.set("name", "one")
    go.set()
    for thread in threading.enumerate():
        if thread.name == "confkit-subscriber":
            thread.join(5)
    assert told == [frozenset({"hosts"})]
