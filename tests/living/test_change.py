"""Which keys differ between two snapshots."""

from __future__ import annotations

import pytest

from confkit.living.change import between, merged


def change(config, **values):
    before = config.snapshot
    for key, value in values.items():
        config.set(key, value)
    return between(before, config.snapshot)


@pytest.mark.parametrize(
    ("key", "value", "keys"),
    [
        ("name", "two", {"name"}),
        ("name", "one", set()),
        ("database", {"pool_size": 2}, {"database.pool_size"}),
        ("database.password", "x", {"database.password"}),
        ("hosts", ["a"], {"hosts"}),
        ("hosts", ["a", "b"], set()),
        ("levels", {"django.request": "INFO"}, {'levels."django.request"'}),
    ],
)
def test_the_keys_whose_values_differ(config, key, value, keys):
    assert change(config, **{key: value}).keys == keys


def test_a_name_that_goes_and_one_that_comes(config):
    config.set("levels", {"a": "1", "b": "2"})
    before = config.snapshot
    config.set("levels", {"a": "1", "c": "3"})
    assert between(before, config.snapshot).keys >= {"levels.c"}


def test_what_a_change_concerns(config):
    found = change(config, database={"pool_size": 7})
    assert found.concerns("database")
    assert found.concerns("database.pool_size")
    assert not found.concerns("data")
    assert not found.concerns("name")


def test_two_changes_become_one(config):
    first = change(config, name="two")
    second = change(config, name="one", **{"database.pool_size": 9})
    both = merged(first, second)
    assert (both.old, both.new) == (first.old, second.new)
    assert both.keys == {"database.pool_size"}


def test_a_change_shows_no_value(config):
    config.set("database.password", "hunter2")
    found = change(config, **{"database.password": "hunter3"})
    assert "hunter" not in repr(found)
