"""Copies of large mappings."""

from __future__ import annotations

from types import MappingProxyType

from confkit.copies import copy_of


def test_a_copy_is_another_dictionary_with_the_same_items():
    given = {"a": 1, "b": 2}
    for mapping in (given, MappingProxyType(given), {}):
        made = copy_of(mapping)
        assert type(made) is dict
        assert made == mapping
        made["c"] = 3
        assert "c" not in mapping
