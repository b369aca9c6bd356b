"""An override of one task or thread is seen there only, and costs nobody else anything."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Annotated

import pytest

from confkit import Check, Config, Environ, InvalidConfig, Values, load


@dataclass(frozen=True)
class Settings:
    size: Annotated[int, Check(min=1)] = 5
    name: str = "shop"
    both: int = 0

    def __post_init__(self) -> None:
        if self.size + self.both > 100:
            raise ValueError("too much")


@pytest.fixture
def config() -> Config[Settings]:
    return load(Settings, Values({"name": "base"}))


def elsewhere(config: Config[Settings]) -> Settings:
    found: list[Settings] = []
    thread = threading.Thread(target=lambda: found.append(config.current))
    thread.start()
    thread.join()
    return found[0]


def test_only_this_thread_sees_it(config):
    with config.override({"size": 7}, scope="context") as inside:
        assert inside.size == config.current.size == config.snapshot.current.size == 7
        assert elsewhere(config).size == 5
        assert config.explain("size").winner.layer == "override"
        assert config.snapshot.value("size") == 7
    assert config.current.size == 5


def test_only_this_task_sees_it(config):
    async def one(size: int, entered: asyncio.Barrier) -> int:
        with config.override({"size": size}, scope="context"):
            await entered.wait()
            return config.current.size

    async def all_of_them() -> list[int]:
        entered = asyncio.Barrier(3)
        return await asyncio.gather(*(one(size, entered) for size in (1, 2, 3)))

    assert asyncio.run(all_of_them()) == [1, 2, 3]
    assert config.current.size == 5


def test_current_is_a_plain_attribute_while_none_is_in_force(config):
    assert type(config) is Config
    with config.override({"size": 7}, scope="context"):
        assert isinstance(config, Config)
        assert type(config) is not Config
    assert type(config) is Config


def test_they_nest_with_each_other_and_with_those_of_the_process(config):
    with config.override({"size": 7}, scope="context"):
        with config.override({"name": "process", "size": 8}):
            assert (config.current.name, config.current.size) == ("process", 7)
            assert elsewhere(config).size == 8
            with config.override({"size": 9}, scope="context"):
                assert config.current.size == 9
            assert config.current.size == 7
        assert (config.current.name, config.current.size) == ("base", 7)
    assert config.current == Settings(name="base")


def test_a_change_below_is_seen_under_it(config):
    with config.override({"size": 7}, scope="context"):
        config.set("name", "set")
        assert (config.current.name, config.current.size) == ("set", 7)
    assert (config.current.name, config.current.size) == ("set", 5)


def test_a_bad_value_is_refused_and_leaves_nothing_behind(config):
    with pytest.raises(InvalidConfig), config.override({"size": 0}, scope="context"):
        pytest.fail("must not be entered")
    assert type(config) is Config
    assert config.current.size == 5


def test_what_no_longer_fits_after_a_change_below_is_an_error_in_its_context_only(config):
    with config.override({"size": 90}, scope="context"):
        config.set("both", 50)
        with pytest.raises(InvalidConfig, match="too much"):
            _ = config.current
        assert elsewhere(config).both == 50
    assert config.current.both == 50


def test_another_scope_is_refused_by_name(config):
    refused = pytest.raises(ValueError, match="scope is 'process' or 'context'")
    with refused, config.override({"size": 1}, scope="thread"):
        pytest.fail("must not be entered")


def test_two_configurations_are_apart(config):
    other = load(Settings, Values({}))
    with (
        config.override({"size": 7}, scope="context"),
        other.override({"size": 8}, scope="context"),
    ):
        assert (config.current.size, other.current.size) == (7, 8)
    assert (config.current.size, other.current.size) == (5, 5)


def test_a_task_that_outlives_the_block_sees_the_override_until_it_ends():
    async def main() -> list[str]:
        config = load(Named, Environ(environ={}))
        seen, go = [], asyncio.Event()

        async def outlives() -> None:
            seen.append(config.current.name)
            await go.wait()
            seen.append(config.current.name)
            with config.override({"name": "other"}, scope="context"):
                seen.append(config.current.name)

        with config.override({"name": "inside"}, scope="context"):
            task = asyncio.ensure_future(outlives())
            await asyncio.sleep(0)
        with config.override({"name": "again"}, scope="context"):
            go.set()
            await task
        return seen

    assert asyncio.run(main()) == ["inside", "one", "other"]


@dataclass(frozen=True)
class Named:
    name: str = "one"
