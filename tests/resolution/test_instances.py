"""An instance in code makes its own class, or is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from confkit import Environ, InvalidConfig, Values, load, resolve


@dataclass(frozen=True)
class Base:
    a: int = 1


@dataclass(frozen=True)
class Derived(Base):
    def doubled(self) -> int:
        return self.a * 2


@dataclass(frozen=True)
class Other:
    a: int = 1


@dataclass(frozen=True)
class Holding:
    base: Base = field(default_factory=Base)
    derived: Base = field(default_factory=Derived)
    maybe: Base | None = None
    named: dict[str, Base] = field(default_factory=dict)
    several: list[Base] = field(default_factory=list)


@pytest.mark.parametrize(
    ("values", "broken"),
    [
        ({"base": Base(2)}, []),
        ({"base": Derived(2)}, ["base"]),
        ({"base": Other(2)}, ["base"]),
        ({"derived": Derived(2)}, []),
        ({"derived": Base(2)}, ["derived"]),
        ({"maybe": Base(2)}, []),
        ({"maybe": Derived(2)}, ["maybe"]),
        ({"named": {"x.y": Base(2)}}, []),
        ({"named": {"x.y": Derived(2)}}, ['named."x.y"']),
        ({"named.x": Other(2)}, ["named.x"]),
    ],
)
def test_an_instance_makes_its_own_class_or_is_refused(values, broken):
    """Only its fields are kept: another class with them would take its place in silence."""
    given = next(iter(values.values()))
    for resolution in (
        resolve(Holding, Values(values), Environ(environ={})),
        _overridden(values),
        _set(values),
    ):
        assert [(p.key, p.code) for p in resolution.problems] == [(key, "type") for key in broken]
        if not broken and not isinstance(given, dict) and "." not in next(iter(values)):
            assert getattr(resolution.value, next(iter(values))) == given
            assert type(getattr(resolution.value, next(iter(values)))) is type(given)


def _overridden(values):
    config = load(Holding, Environ(environ={}))
    try:
        with config.override(values):
            return config.resolution
    except InvalidConfig as error:
        return error.resolution


def _set(values):
    config = load(Holding, Environ(environ={}))
    ((key, value),) = values.items()
    try:
        config.set(key, value)
    except InvalidConfig as error:
        return error.resolution
    return config.resolution


@pytest.mark.parametrize("item", [Base(2), Derived(2)])
def test_an_instance_in_a_list_stays_what_it_is(item):
    assert load(Holding, Values({"several": [item]})).current.several == [item]
