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


def test_the_state_of_empty_and_damaged_stores():
    assert formats.Meta.of([None] * 8).state == Version("", 0)
    damaged = formats.Meta.of([b"\xff", b"x", b"", b"-", None, b"1", b"2", b"3"])
    assert (damaged.version, damaged.size, damaged.confirmed, damaged.readers) == (0, 0, True, 3)


@pytest.mark.parametrize(
    "data",
    [b"", b"a", b"e 1 2 3 4 5 6 =", b"e x 2 3 4 5 6 = a\n", b"e -1 2 3 4 5 6 = a\n", b"\n" * 50],
)
def test_what_somebody_else_publishes_is_no_message(data):
    assert formats.Message.of(data) is None


def test_a_message_has_the_change_itself():
    found = formats.Message.of(b'e 1 2 3 4 5 6 = a\n{"rev":6,"flag":{}}')
    assert (found.epoch, found.previous, found.version, found.digest) == ("e", 1, 2, 3)
    assert (found.size, found.readers, found.op, found.name) == (4, 5, "=", b"a")
    assert found.entry == b'{"rev":6,"flag":{}}'


def test_scores_are_read_from_both_protocols():
    wanted = [(b"a", 1764000000000001), (b"b", 2)]
    assert formats.scored([b"a", b"1764000000000001", b"b", b"2"]) == wanted
    assert formats.scored([[b"a", 1764000000000001.0], [b"b", 2.0]]) == wanted
    assert formats.scored([]) == []


def test_a_flag_is_read_with_its_record():
    raw = b'{"rev":3,"flag":{"enabled":true}}'
    mark = formats.fingerprint(b"a", raw)
    assert mark == formats.fingerprint(b"a", b'{"rev":9,"flag":{"enabled":true}}')
    flag, counts = formats.read(b"a", raw, b"3 %d" % mark, 7)
    assert (flag.revision, flag.error, flag.changed, flag.digest) == (3, "", 7, mark)
    assert counts == mark
    changed, counts = formats.read(b"a", raw, b"5 123", 7)
    assert (changed.revision, counts) == (5, 123)
    assert "changed past confkit" in changed.error
    assert formats.read(b"a", b"{{", b"4 123", 7)[0].revision == 4
    assert formats.read(b"a", raw, None, 7)[0].error == ""


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
