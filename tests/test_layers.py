"""Layers on top of each other: the last one to name a key wins, and every word stays on record."""

from __future__ import annotations

import pytest

from confkit import Entry, Layer, Origin, Source, stack
from confkit.layers import as_one, bare, printable


def layer(name: str, **values: object) -> Layer:
    entries = {
        key.replace("__", "."): Entry(value, Origin("code", name)) for key, value in values.items()
    }
    return Layer(name, entries)


@pytest.mark.parametrize(
    ("origin", "text"),
    [
        (Origin("file", "config/production.yaml", 7, 14), "config/production.yaml:7:14"),
        (Origin("file", ".env.production", 12), ".env.production:12"),
        (Origin("file", "a.yaml", 3, 4, "*base, set at 1:2"), "a.yaml:3:4 (*base, set at 1:2)"),
        (Origin("env", "DATABASE_POOL_SIZE"), "env DATABASE_POOL_SIZE"),
        (Origin("argv", "--database.pool-size"), "--database.pool-size"),
        (Origin("override", "tests/test_x.py", 31), "override at tests/test_x.py:31"),
        (Origin("default", "Database.pool_size"), "default Database.pool_size"),
        (Origin("code", "app.py", 5), "app.py:5"),
    ],
)
def test_an_origin_reads_as_its_source_spells_it(origin, text):
    assert str(origin) == text
    assert repr(origin) == f"<Origin {text}>"


def test_origins_are_equal_by_place_and_hashable():
    assert Origin("file", "a", 1, 2) == Origin("file", "a", 1, 2)
    assert len({Origin("file", "a", 1, 2), Origin("file", "a", 1, 2), Origin("file", "a", 1)}) == 2
    assert Origin("file", "a") != "a"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ü 漢 text", "plain ü 漢 text"),
        ("a\nb", "a\\nb"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("abc\u202edef", "abc\\u202edef"),
        ("a\u2028b\x85c", "a\\u2028b\\x85c"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_could_forge_an_output_is_escaped(text, shown):
    assert printable(text) == shown


def test_the_name_of_an_origin_forges_no_line():
    assert "\n" not in str(Origin("env", "A\nERROR all is lost"))


def test_every_layers_word_stays_on_record_lowest_first():
    layers = layer("a", db__url=1), layer("b", db=None), layer("c", db__url=3, dbx=1)
    assert [(s.layer.name, s.key) for s in stack(*layers).sets("db.url")] == [
        ("a", "db.url"),
        ("b", "db"),
        ("c", "db.url"),
    ]
    assert [s.layer.name for s in stack(*layers).sets("db")] == ["a", "b", "c"]


def test_stacks_are_stacked_flat():
    lower, middle, upper = layer("a"), layer("b"), layer("c")
    for stacked in (stack(stack(lower, middle), upper), stack(lower, stack(middle, upper))):
        assert [one.name for one in stacked] == ["a", "b", "c"]


def test_no_repr_shows_a_value():
    entry = Entry("hunter2", Origin("env", "PASSWORD"))
    table = Layer("environment", {"password": entry}, text="password: hunter2")
    assert repr(entry) == "<Entry at env PASSWORD>"
    assert repr(table) == "<Layer environment: 1 entries>"


def test_bare_takes_the_entries_out_of_a_raw_value():
    at = Origin("code", "x")
    raw = Entry([Entry(1, at), Entry({"a": Entry("b", at)}, at), 3], at)
    assert bare(raw) == [1, {"a": "b"}, 3]


def test_a_source_is_whatever_can_be_read():
    class Own:
        def read(self) -> Layer:
            return Layer("own")

    assert isinstance(Own(), Source)
    assert not isinstance(object(), Source)


def test_what_was_set_last_takes_the_place_of_what_is_above_and_below_it():
    origin = Origin("override", "x.py", 1)

    def one(key: str, raw: object) -> Layer:
        return Layer("runtime", {key: Entry(raw, origin)})

    (layer,) = as_one({"m": one("m", "x"), "m.a": one("m.a", 1), "n": one("n", 2)})
    assert {key: entry.raw for key, entry in layer.entries.items()} == {"m.a": 1, "n": 2}
    assert as_one({}) == []
