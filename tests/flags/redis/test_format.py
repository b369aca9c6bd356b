"""What confkit keeps in Redis, without a server: keys, documents, versions, records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from confkit.errors import StoreError
from confkit.flags.redis import format as formats
from confkit.flags.stores.port import Version


def test_all_keys_of_a_namespace_share_a_slot_of_a_cluster():
    keys = formats.Keys("shop")
    found = [keys.flags, keys.meta, keys.audit, keys.changed]
    assert all(key.startswith("{shop}:") for key in found)
    assert len(set(found)) == 4


@pytest.mark.parametrize("namespace", ["", "a b", "{a}", "a\n", "x" * 65])
def test_a_namespace_that_would_break_its_keys_is_refused(namespace):
    with pytest.raises(StoreError):
        formats.Keys(namespace)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values), st.integers(1, 2**53))
def test_an_entry_reads_back_as_it_was_written(document, revision):
    stored = formats.decode(formats.entry(revision, document).encode())
    assert (stored.document, stored.revision, stored.error) == (document, revision, "")


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"{", b"[]", b"5", b"\xff", b'{"rev":1}', b'{"rev":0,"flag":{}}',
        b'{"rev":true,"flag":{}}', b'{"rev":1,"flag":[]}', b'{"rev":1,"flag":{"a":NaN}}',
        b"[" * 100_000, b" " * (formats.LARGEST + 101),
    ],
    ids=range(12),
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_quotes_nothing(raw):
    stored = formats.decode(raw)
    assert stored.document is None
    assert stored.error


@pytest.mark.parametrize("value", [float("nan"), object(), "x" * formats.LARGEST])
def test_what_cannot_be_stored_is_refused(value):
    with pytest.raises(ValueError):
        formats.encode({"a": value})


def test_versions_of_empty_and_damaged_stores():
    assert formats.version(None, None) == Version("", 0)
    assert formats.version(b"e", b"7") == Version("e", 7)
    assert formats.version(b"\xff", b"x").number == 0


def test_a_record_has_the_time_of_the_server():
    fields = {b"flag": b"a", b"rev": b"2", b"epoch": b"e", b"version": b"9", b"by": b"ann"}
    entry = json.dumps({"rev": 2, "flag": {"enabled": True}}).encode()
    record = formats.revision(b"1700000000123-0", {**fields, b"new": entry, b"old": b""})
    assert (record.name, record.revision, record.version) == ("a", 2, Version("e", 9))
    assert record.at == "2023-11-14T22:13:20.123+00:00"
    assert (record.old, record.new) == (None, {"enabled": True})


def test_the_flat_lists_of_lua_become_mappings():
    assert formats.pairs([b"a", b"1", b"b", b"2"]) == {b"a": b"1", b"b": b"2"}
    with pytest.raises(ValueError):
        formats.pairs([b"a"])
