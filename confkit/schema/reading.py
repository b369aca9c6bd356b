"""A dataclass as settings: its leaves, their defaults and environment names.

A schema is read once per class, and everything that is wrong with a declaration is said then,
not when a value arrives. Types themselves are read by :mod:`confkit.resolution.coercion`.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, field
from functools import cache, cached_property
from typing import Any

from confkit.errors import SchemaError
from confkit.layers import Entry, Layer, Origin
from confkit.schema.markers import REQUIRED, Check, Doc, Env, RelativePath, Renamed
from confkit.schema.type_hints import (
    can_change,
    holds_secret,
    open_value,
    section_type,
    strip_marks,
)


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One field that holds a value: everything known about it before any value arrives."""

    key: str
    type: Any
    owner: type
    name: str
    default: Any  # a value, or REQUIRED
    default_origin: Origin
    env_names: tuple[str, ...]  # the canonical name first
    rules: Mapping[str, Any]
    doc: str
    secret: bool
    renamed: tuple[str, ...]
    relative: bool
    #: the schema of the values of an open mapping of dataclasses: ``dict[str, Database]``
    items: Schema | None
    #: true for a mapping whose keys are the user's: ``dict[str, ...]``
    open: bool

    @property
    def mutable(self) -> bool:
        """Whether its value can change in place, as a list or a mapping does."""
        return self.open or can_change(self.type)

    @property
    def required(self) -> bool:
        """Whether some layer has to set it."""
        return self.default is REQUIRED


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """One dataclass in the tree: how to build it from leaves and further sections."""

    key: str
    type: type
    leaves: tuple[Leaf, ...]
    sections: tuple[tuple[str, Section], ...]
    env_names: tuple[str, ...]
    #: ``Database | None`` with the default None: None until some layer says a word below it
    optional: bool = False
    default_origin: Origin | None = None
    doc: str = ""

    def walk(self) -> Iterator[Leaf]:
        """Every leaf below, in the order of declaration."""
        yield from self.leaves
        for _, section in self.sections:
            yield from section.walk()

    def below(self) -> Iterator[Section]:
        """This section and every section below it."""
        yield self
        for _, section in self.sections:
            yield from section.below()


@dataclass(frozen=True, eq=False)
class Schema:
    """A settings class, read: ``leaves`` by key, and the tree of sections they stand in."""

    type: type
    root: Section
    leaves: Mapping[str, Leaf] = field(init=False)
    sections: Mapping[str, Section] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "leaves", {leaf.key: leaf for leaf in self.root.walk()})
        object.__setattr__(self, "sections", {s.key: s for s in self.root.below() if s.key})

    @property
    def name(self) -> str:
        """The name of the settings class."""
        return self.type.__name__

    @cached_property
    def variables(self) -> Mapping[str, str]:
        """Environment name -> key, for leaves and for sections given as a JSON object.

        :raises SchemaError: when two fields claim one name.
        """
        claims: dict[str, str] = {}
        for key, names in self._names():
            for name in names:
                if claims.setdefault(name, key) != key:
                    raise SchemaError(
                        f"{self.name}: {claims[name]} and {key} both claim the environment "
                        f'variable {name}; rename one of them with Env("...")'
                    )
        return claims

    @cached_property
    def renamed(self) -> Mapping[str, str]:
        """Old key -> key."""
        old: dict[str, str] = {}
        for leaf in self.leaves.values():
            for one in leaf.renamed:
                if old.setdefault(one, leaf.key) != leaf.key:
                    both = f"{old[one]} and {leaf.key}"
                    raise SchemaError(f"{self.name}: {both} are both Renamed({one!r})")
        for one, key in old.items():
            name = one.replace(".", "_").upper()
            if one in self.leaves or one in self.sections or self.variables.get(name, key) != key:
                raise SchemaError(f"{self.name}: Renamed({one!r}) is the name of a field in use")
        return old

    @cached_property
    def defaults(self) -> Layer:
        """What the code says: one entry for every leaf that has a default."""
        entries: dict[str, Entry] = {}
        _fill_defaults(self.root, entries)
        return Layer("defaults", entries)

    @cached_property
    def mutable(self) -> tuple[str, ...]:
        """The keys whose values can change in place."""
        return tuple(leaf.key for leaf in self.leaves.values() if leaf.mutable)

    def _names(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        for section in self.root.below():
            if section.key:
                yield section.key, section.env_names
            for leaf in section.leaves:
                yield leaf.key, leaf.env_names

    def find(self, key: str) -> Leaf | None:
        """The leaf of ``key``, also inside open mappings (``databases.main.url``)."""
        if leaf := self.leaves.get(key):
            return leaf
        for leaf in self.leaves.values():
            if leaf.open and key.startswith(leaf.key + "."):
                if leaf.items is None:
                    return leaf
                _, rest = split_item(leaf, key)
                return leaf.items.find(rest)
        return None

    def holds(self, key: str) -> bool:
        """Whether ``key`` can be the name of an item: ``main`` in ``dict[str, Database]``."""
        return any(
            leaf.items is not None and key.startswith(leaf.key + ".")
            for leaf in self.leaves.values()
        )


def _fill_defaults(section: Section, entries: dict[str, Entry]) -> None:
    for leaf in section.leaves:
        if leaf.default is not REQUIRED:
            entries[leaf.key] = Entry(leaf.default, leaf.default_origin)
    for _, child in section.sections:
        if child.default_origin is not None:
            entries[child.key] = Entry(None, child.default_origin)
        else:
            _fill_defaults(child, entries)


def split_item(leaf: Leaf, key: str) -> tuple[str, str]:
    """Part ``databases.example.com.url`` into the item's name and the key inside the item.

    A name may hold dots: the first split whose rest the item's dataclass knows is taken.
    """
    parts = key[len(leaf.key) + 1 :].split(".")
    if leaf.items is None:
        return ".".join(parts), ""
    for i in range(1, len(parts)):
        rest = ".".join(parts[i:])
        if leaf.items.find(rest) or rest in leaf.items.sections:
            return ".".join(parts[:i]), rest
    return parts[0], ".".join(parts[1:])


def read_schema(settings: type) -> Schema:
    """Read a frozen dataclass as settings.

    :raises SchemaError: naming the field and the mend, for everything that cannot work.
    """
    if not (isinstance(settings, type) and dataclasses.is_dataclass(settings)):
        raise SchemaError(f"{settings!r} is not a dataclass")
    return _read_schema(settings)


@cache
def _read_schema(settings: Any) -> Schema:
    schema = Schema(settings, _Reader().section(settings, "", (), MISSING, settings.__name__))
    # Claims are checked now: a clash that waits for the first variable is found in production.
    _ = schema.variables, schema.renamed
    return schema


class _Reader:
    """One walk over a class and the classes of its fields."""

    def __init__(self) -> None:
        self.open: list[type] = []  # the classes being read, to refuse recursion

    def section(
        self, cls: type, key: str, prefixes: tuple[str, ...], default: Any, where: str
    ) -> Section:
        if not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
            raise SchemaError(
                f"{cls.__name__} is not frozen: write @dataclass(frozen=True), "
                "since a snapshot of settings must not change under its readers"
            )
        if cls in self.open:
            raise SchemaError(f"{where}: {cls.__name__} contains itself")
        self.open.append(cls)
        try:
            hints = typing.get_type_hints(cls, include_extras=True)
        except Exception as error:
            raise SchemaError(f"{cls.__name__}: a type cannot be resolved: {error}") from error
        for name, hint in hints.items():
            if isinstance(hint, dataclasses.InitVar) and not hasattr(cls, name):
                raise SchemaError(f"{cls.__name__}.{name}: an InitVar needs a default here")
        leaves: list[Leaf] = []
        sections: list[tuple[str, Section]] = []
        for f in dataclasses.fields(cls):
            if not f.init:
                continue
            place = f"{cls.__name__}.{f.name}"
            annotation, marks = strip_marks(hints[f.name])
            child_key = f"{key}.{f.name}" if key else f.name
            names = _names(prefixes, f.name, marks)
            value, origin = _default(f, default, cls, where)
            nested, optional = section_type(annotation)
            if nested is None:
                leaves.append(
                    self.leaf(child_key, annotation, marks, cls, f.name, value, origin, names)
                )
                continue
            if lost := [m for m in marks if isinstance(m, Check | Renamed | RelativePath)]:
                raise SchemaError(
                    f"{place}: {type(lost[0]).__name__} says nothing about a nested dataclass; "
                    f"mark the fields of {nested.__name__}"
                )
            if value is not REQUIRED and value is not None and not isinstance(value, nested):
                raise SchemaError(f"{place}: the default is not a {nested.__name__}")
            inherited = value if isinstance(value, nested) else MISSING
            child = self.section(nested, child_key, names, inherited, place)
            child = dataclasses.replace(
                child,
                optional=optional,
                default_origin=origin if optional and value is None else None,
                doc=_doc(marks),
            )
            sections.append((f.name, child))
        self.open.pop()
        return Section(key, cls, tuple(leaves), tuple(sections), prefixes)

    def leaf(
        self,
        key: str,
        annotation: Any,
        marks: tuple[Any, ...],
        owner: type,
        name: str,
        default: Any,
        origin: Origin,
        names: tuple[str, ...],
    ) -> Leaf:
        rules: dict[str, Any] = {}
        for mark in marks:
            if isinstance(mark, Check):
                rules.update(mark.rules)
        secret = holds_secret(annotation)
        if secret and isinstance(default, str):
            raise SchemaError(f'{owner.__name__}.{name}: write the default as Secret("...")')
        value_type = open_value(annotation)
        item = None
        if value_type is not None:
            nested, _ = section_type(strip_marks(value_type)[0])
            if nested is not None:
                item = Schema(
                    nested, self.section(nested, "", (), MISSING, f"{owner.__name__}.{name}")
                )
        return Leaf(
            key=key,
            type=annotation,
            owner=owner,
            name=name,
            default=default,
            default_origin=origin,
            env_names=names,
            rules=rules,
            doc=_doc(marks),
            secret=secret,
            renamed=tuple(m.old for m in marks if isinstance(m, Renamed)),
            relative=any(isinstance(m, RelativePath) or m is RelativePath for m in marks),
            items=item,
            open=value_type is not None,
        )


def _doc(marks: tuple[Any, ...]) -> str:
    return " ".join(m.text for m in marks if isinstance(m, Doc))


def _names(prefixes: tuple[str, ...], name: str, marks: tuple[Any, ...]) -> tuple[str, ...]:
    """The environment names of a field: ``DATABASE_POOL_SIZE`` and ``DATABASE__POOL_SIZE``."""
    for mark in marks:
        if isinstance(mark, Env):
            if not mark.name.replace("_", "a").isalnum() or mark.name[0].isdigit():
                raise SchemaError(f"Env({mark.name!r}): letters, digits and underscores only")
            return (mark.name,)
    if not prefixes:
        return (name.upper(),)
    single = f"{prefixes[0]}_{name.upper()}"
    double = f"{prefixes[-1]}__{name.upper()}"
    return (single, double)


def _default(f: dataclasses.Field[Any], default: Any, cls: type, where: str) -> tuple[Any, Origin]:
    """The default of a field, and whether the class or an instance further up says so."""
    own: Any = REQUIRED
    if f.default is not MISSING:
        own = f.default
    elif f.default_factory is not MISSING:
        own = f.default_factory()
    origin = Origin("default", f"{cls.__name__}.{f.name}")
    if default is MISSING:
        return own, origin
    value = getattr(default, f.name)
    same = value is own or (type(value) is type(own) and value == own)
    return value, (origin if same else Origin("default", where))
