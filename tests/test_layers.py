"""Layers on top of each other: the last one to name a key wins, and every word stays on record."""

from __future__ import annotations

import pytest

from confkit import Entry, Layer, Origin, Source, stack
from confkit.layers import bare, printable


def layer(name: str, **values: object) -> Layer:
    entries = {
        key.replace("__", "."): Entry(value, Origin("code", name)) for key, value in values.items()
    }
    return Layer(name, entries)


def winners(*layers: Layer) -> dict[str, tuple[str, object]]:
    return {k: (say.layer.name, say.entry.raw) for k, say in stack(*layers).winners.items()}


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


def test_the_last_layer_to_name_a_key_wins_and_the_others_keep_theirs():
    assert winners(layer("a", x=1, y=1), layer("b", x=2), layer("c", z=3)) == {
        "x": ("b", 2),
        "y": ("a", 1),
        "z": ("c", 3),
    }


def test_a_scalar_takes_away_the_mapping_that_lay_under_it():
    assert winners(layer("a", db__url=1, db__pool__size=2), layer("b", db=None)) == {
        "db": ("b", None)
    }


def test_a_mapping_takes_away_the_scalar_that_lay_under_it():
    assert winners(layer("a", db=None), layer("b", db__pool__size=2)) == {"db.pool.size": ("b", 2)}


def test_evicted_and_back_again():
    """What the scalar took away does not come back with the next mapping."""
    layers = layer("a", db__url=1, db__size=1), layer("b", db=None), layer("c", db__size=3)
    assert winners(*layers) == {"db.size": ("c", 3)}


def test_a_key_that_only_starts_alike_is_left_alone():
    assert winners(layer("a", db_old__url=1, db__url=2), layer("b", db=None)) == {
        "db_old.url": ("a", 1),
        "db": ("b", None),
    }


def test_an_empty_mapping_adds_nothing_to_one_that_has_keys_and_replaces_a_scalar():
    assert winners(layer("a", m__x=1), layer("b", m={})) == {"m.x": ("a", 1)}
    assert winners(layer("a", m=1), layer("b", m={})) == {"m": ("b", {})}
    assert winners(layer("a", m__x=1), layer("b", m=1), layer("c", m={})) == {"m": ("c", {})}


def test_every_layers_word_stays_on_record_lowest_first():
    layers = layer("a", db__url=1), layer("b", db=None), layer("c", db__url=3, dbx=1)
    assert [(s.layer.name, s.key) for s in stack(*layers).said("db.url")] == [
        ("a", "db.url"),
        ("b", "db"),
        ("c", "db.url"),
    ]
    assert [s.layer.name for s in stack(*layers).said("db")] == ["a", "b", "c"]


def test_stacking_changes_no_layer():
    lower, upper = layer("a", db__url=1), layer("b", db=None)
    assert stack(lower, upper).winners is not None
    assert list(lower.entries) == ["db.url"]
    assert [one.name for one in stack(stack(lower), upper)] == ["a", "b"]


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
