"""What holds for all layers and all settings, on random ones."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from contextlib import suppress
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from confkit import Entry, Environ, InvalidConfig, Layer, Origin, Secret, Values, load
from confkit.resolution.coercion import coercer
from confkit.resolution.scalars import Refused
from confkit.schema.shapes import shape_of
from confkit.sources.json import read_json
from confkit.sources.yaml import read_yaml

NAMES = st.sampled_from(["a", "b", "ab", "c_d", "e"])
RAW = st.one_of(st.none(), st.integers(), st.just({}), st.text(max_size=3))


# -- random settings, random layers --------------------------------------------------------------

LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (int, st.integers(-9, 99)),
    (bool, st.booleans()),
    (str, st.text(alphabet="abc é漢", max_size=4)),
    (float, st.floats(allow_nan=False, allow_infinity=False, width=32)),
    (list[int], st.lists(st.integers(0, 9), max_size=3)),
    (int | None, st.none() | st.integers(0, 9)),
    (dict[str, int], st.dictionaries(NAMES, st.integers(0, 9), max_size=3)),
]


@st.composite
def classes(draw: st.DrawFn, depth: int = 2) -> tuple[type, dict[str, Any]]:
    """A settings class, and for each field how to make values: a strategy or a nested table."""
    fields: list[Any] = []
    makers: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(["one", "two", "six"]), unique=True, min_size=1)):
        if depth and draw(st.booleans()):
            kind, maker = draw(classes(depth - 1))
            optional = draw(st.booleans())
            default: Any = (
                dataclasses.field(default=None)
                if optional
                else dataclasses.field(default_factory=kind)
            )
            fields.append((name, kind | None if optional else kind, default))
            makers[name] = maker
        else:
            annotation, values = draw(st.sampled_from(LEAVES))
            value = draw(values)
            default = dataclasses.field(default_factory=lambda value=value: value)
            fields.append((name, annotation, default))
            makers[name] = values
    # Unique names, as the environment names of all fields have to differ.
    made = dataclasses.make_dataclass("Made", fields, frozen=True)
    return made, makers


def tables(draw: st.DrawFn, makers: dict[str, Any]) -> dict[str, Any]:
    return {
        name: tables(draw, maker) if isinstance(maker, dict) else draw(maker)
        for name, maker in makers.items()
        if draw(st.booleans())
    }


@st.composite
def cases(draw: st.DrawFn) -> tuple[type, list[dict[str, Any]]]:
    kind, makers = draw(classes())
    return kind, [tables(draw, makers) for _ in range(draw(st.integers(0, 3)))]


class Text:
    """A source that says a table as the text of a file would."""

    def __init__(self, name: str, table: dict[str, Any], suffix: str) -> None:
        self.name, self.text, self.suffix = name, json.dumps(table, ensure_ascii=False), suffix

    def read(self) -> Layer:
        reader = read_json if self.suffix == "json" else read_yaml
        return Layer(self.name, reader(self.text, self.name), text=self.text)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(cases(), st.data())
def test_what_explain_calls_the_winner_is_the_current_value(case, data):
    """The layer that explain credits has, for every key, said the very value that counts."""
    kind, said = case
    sources: list[Any] = []
    for i, table in enumerate(said):
        form = data.draw(st.sampled_from(["values", "json", "yaml"]))
        name = f"{i}.{form}"
        sources.append(Values(table, name=name) if form == "values" else Text(name, table, form))
    config = load(kind, *sources or [Values({})])
    for key in config.snapshot.keys:
        explanation = config.explain(key)
        winner = config.resolution.setting(key)
        assert explanation.winner is not None
        assert explanation.winner.layer == winner.layer.name
        assert explanation.origin == winner.entry.origin
        assert [row.won for row in explanation.rows].count(True) == 1
        value = config.snapshot.value(key)
        if winner.layer.name == "defaults":
            continue
        here: Any = said[int(winner.layer.name[0])]
        for part in key.split("."):
            here = here[part]
        assert value == here or (here == {} and not isinstance(value, int))
        # Nobody above the winner has said anything that would count.
        above = sources[int(winner.layer.name[0]) + 1 :]
        for source in above:
            assert key not in source.read().entries or source.read().entries[key].raw == {}


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(cases())
def test_all_text_sources_say_the_same(case):
    kind, said = case
    forms = [
        load(kind, *([Text(f"{i}", t, form) for i, t in enumerate(said)] or [Values({})])).current
        for form in ("json", "yaml")
    ]
    assert forms[0] == forms[1]
    assert forms[0] == load(kind, *([Values(t) for t in said] or [Values({})])).current


# -- coercion round trips ------------------------------------------------------------------------


class Color(Enum):
    RED = "red"
    BLUE = "blue"


ROUND_TRIPS: list[tuple[Any, st.SearchStrategy[Any], Any]] = [
    (bool, st.booleans(), str),
    (int, st.integers(-(10**30), 10**30), str),
    (float, st.floats(allow_nan=False, allow_infinity=False), repr),
    (Decimal, st.decimals(allow_nan=False, allow_infinity=False), str),
    (str, st.text(), str),
    (Secret, st.text().map(Secret), Secret.reveal),
    (Path, st.from_regex(r"[a-z/.]{1,9}", fullmatch=True).map(Path), str),
    (UUID, st.uuids(), str),
    (Color, st.sampled_from(Color), lambda c: c.value),
    (dt.date, st.dates(), dt.date.isoformat),
    (dt.time, st.times(), dt.time.isoformat),
    (dt.datetime, st.datetimes(timezones=st.just(dt.UTC) | st.none()), dt.datetime.isoformat),
    (
        dt.timedelta,
        st.timedeltas(dt.timedelta(0), dt.timedelta(days=999)),
        lambda d: f"{d.days}d{d.seconds}s{d.microseconds}us",
    ),
    (list[int], st.lists(st.integers()), lambda v: ",".join(map(str, v))),
    (list[str], st.lists(st.text()), json.dumps),
    (set[int], st.sets(st.integers()), lambda v: json.dumps(list(v))),
    (tuple[int, str], st.tuples(st.integers(), st.text()), json.dumps),
    (dict[str, int], st.dictionaries(st.text(), st.integers()), json.dumps),
]


@given(st.sampled_from(ROUND_TRIPS), st.data())
def test_a_value_written_as_text_is_read_as_itself(trip, data):
    annotation, values, write = trip
    value = data.draw(values)
    made = coercer(shape_of(annotation)[0])(Entry(write(value), Origin("env", "X")))
    assert made == value
    assert type(made) is type(value)


@given(st.sampled_from(ROUND_TRIPS), st.data())
def test_a_value_of_the_type_is_taken_as_it_is(trip, data):
    annotation, values, _ = trip
    value = data.draw(values)
    assert coercer(shape_of(annotation)[0])(Entry(value, Origin("code", "x"))) == value


@given(st.sampled_from(ROUND_TRIPS), st.text(max_size=20) | RAW)
def test_any_raw_value_is_read_or_refused(trip, raw):
    annotation, _, _ = trip
    with suppress(Refused):
        coercer(shape_of(annotation)[0])(Entry(raw, Origin("env", "X")))


@dataclasses.dataclass(frozen=True)
class Few:
    a: int = 1
    b: list[int] = dataclasses.field(default_factory=list)


@given(st.dictionaries(st.sampled_from(["A", "B", "C", "A__B"]), st.text(max_size=9)))
def test_any_environment_is_loaded_or_refused_with_its_variables(environ):
    try:
        found = load(Few, Environ(environ=environ)).current
    except InvalidConfig as error:
        named = {problem.key.partition("[")[0].upper() for problem in error}
    else:
        assert type(found.a) is int
        return
    assert named <= {"A", "B"} & environ.keys()
