"""A dataclass as settings: its leaves, their defaults and environment names.

A schema is read once per class, and everything that is wrong with a declaration is an error then,
not when a value arrives.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from typing import Any, get_origin

from confkit.errors import SchemaError
from confkit.forking import RenewedLock
from confkit.keypath import child as child_of
from confkit.layers import Origin
from confkit.schema.defaults import counting, own_default
from confkit.schema.markers import REQUIRED, Alias, Env, Renamed
from confkit.schema.shapes import Shape, shape_of
from confkit.schema.tree import Leaf, Schema, Section
from confkit.schema.type_hints import (
    Unsupported,
    dataclass_of,
    field_types,
    strip_marks,
)

_schemas: dict[Any, Schema] = {}


class _Reading(RenewedLock):
    """Held by the one thread that reads classes now; ``classes`` are those it is at."""

    def after_fork(self) -> None:
        """In a forked child: the parent's thread does not go on here."""
        super().after_fork()
        self.classes: dict[Any, Schema] = {}


_reading = _Reading()


def read_schema(settings: Any) -> Schema:
    """Read a frozen dataclass, or one with its type variables given, as settings.

    :raises SchemaError: naming the field and the fix, for everything that cannot work.
    """
    cls = dataclass_of(settings)
    if cls is None:
        raise SchemaError(f"{settings!r} is not a dataclass")
    found = _schemas.get(settings)
    if found is not None:
        return found
    with _reading:
        known = set(_schemas)
        try:
            return _read(settings, cls)
        except SchemaError:
            # Classes that were read on the way may contain the one that cannot work.
            for other in _schemas.keys() - known:
                del _schemas[other]
            raise


def _read(settings: Any, cls: type) -> Schema:
    if settings in _reading.classes:
        return _reading.classes[settings]
    schema = Schema(cls, _Reader().section(settings, "", (), MISSING, cls.__name__))
    # Known from here on, so that a class that contains itself finds itself.
    _reading.classes[settings] = schema
    try:
        # Claims are checked now: a clash that waits for the first variable is found in production.
        _ = schema.variables, schema.renamed
        _read_inside(schema)
    finally:
        del _reading.classes[settings]
    _schemas[settings] = schema
    return schema


def _read_inside(schema: Schema) -> None:
    """Read the dataclasses inside types as well, so that what is wrong with them is found now."""
    for leaf in schema.leaves.values():
        for shape in leaf.shape.walk():
            if shape.kind != "record":
                continue
            fields = read_schema(shape.type).leaves.values()
            if named := [inner for inner in fields if inner.named]:
                raise SchemaError(
                    f"{leaf.place}: Env on {named[0].place} names one variable, and inside "
                    f"{leaf.shape.name} it cannot be honoured"
                )
        if leaf.items is not None:
            _read_inside(leaf.items)


class _Reader:
    """One walk over a class and the classes of its fields."""

    def __init__(self) -> None:
        self.open: list[Any] = []  # the classes being read, to find recursion

    def section(
        self,
        annotation: Any,
        key: str,
        prefixes: tuple[str, ...],
        default: Any,
        where: str,
        *,
        exact: bool = False,
    ) -> Section:
        cls: Any = get_origin(annotation) or annotation
        _refuse_thawed(cls)
        self.open.append(annotation)
        hints = field_types(annotation)
        for name, hint in hints.items():
            if isinstance(hint, dataclasses.InitVar) and not hasattr(cls, name):
                raise SchemaError(f"{cls.__name__}.{name}: an InitVar needs a default here")
        counts = counting(default, where) if default is not MISSING else frozenset()
        leaves: list[Leaf] = []
        sections: list[tuple[str, Section]] = []
        rest = ""
        for f in dataclasses.fields(cls):
            if not f.init:
                continue
            place = f"{cls.__name__}.{f.name}"
            shape, marks = _shape(hints[f.name], place)
            env = next((m for m in marks if isinstance(m, Env)), Env())
            names = _names(prefixes, f.name, env, place)
            if f.name in counts:
                value, origin = getattr(default, f.name), Origin("default", where)
            else:
                value, origin = own_default(f, place), Origin("default", place)
            made = _Field(
                key=child_of(key, f.name),
                name=f.name,
                place=place,
                owner=cls,
                shape=shape,
                marks=marks,
                names=names,
                exact=exact or env.exact,
                value=value,
                origin=origin,
            )
            if any(m.kind == "dict" and m.rest for m in shape.members):
                rest = f.name
            record = self._nested(made)
            if record is None:
                leaves.append(self._leaf(made, hints[f.name]))
            else:
                sections.append((f.name, self._section(made, record)))
        self.open.pop()
        section = Section(key, cls, tuple(leaves), tuple(sections), prefixes, rest=rest)
        _refuse_aliases(section)
        return section

    def _nested(self, f: _Field) -> Shape | None:
        """The dataclass of a field that is a section: ``D`` or ``D | None``, else None."""
        shape = f.shape
        if len(shape.members) != 1 or shape.members[0].kind != "record":
            return None
        record = shape.members[0]
        if record.type in self.open:
            if not shape.nullable:
                raise SchemaError(f"{f.place}: {record.name} contains itself, without end")
            return None  # a value of its own, which ends where a source ends
        return record

    def _section(self, f: _Field, record: Shape) -> Section:
        nested: Any = get_origin(record.type) or record.type
        value = f.value
        if value is not REQUIRED and value is not None and not isinstance(value, nested):
            raise SchemaError(f"{f.place}: the default is not a {nested.__name__}")
        if value is None and not f.shape.nullable:
            raise SchemaError(f"{f.place}: the default is None: write {nested.__name__} | None")
        annotation = record.type
        if isinstance(value, nested) and type(value) is not nested:
            annotation = type(value)  # a default of a subclass builds the subclass
        inherited = value if isinstance(value, nested) else MISSING
        child = self.section(annotation, f.key, f.names, inherited, f.place, exact=f.exact)
        rest = record.rest or child.rest
        if rest:
            _refuse_rest(rest, child, f.place)
        return dataclasses.replace(
            child,
            optional=f.shape.nullable,
            default_origin=f.origin if f.shape.nullable and value is None else None,
            doc=f.doc,
            rest=rest,
            renamed=tuple(m.old for m in f.marks if isinstance(m, Renamed)),
            aliases=tuple(m.name for m in f.marks if isinstance(m, Alias)),
            exact=f.exact,
        )

    def _leaf(self, f: _Field, annotation: Any) -> Leaf:
        shape = f.shape
        bare = strip_marks(annotation)[0]
        secret = shape.secret
        if secret and isinstance(f.value, str):
            raise SchemaError(f'{f.place}: write the default as Secret("...")')
        masked = [s.masked for s in shape.walk() if s.masked is not None]
        return Leaf(
            key=f.key,
            type=bare,
            owner=f.owner,
            name=f.name,
            default=f.value,
            default_origin=f.origin,
            env_names=f.names,
            shape=shape,
            doc=f.doc,
            secret=secret,
            renamed=tuple(m.old for m in f.marks if isinstance(m, Renamed)),
            aliases=tuple(m.name for m in f.marks if isinstance(m, Alias)),
            # The fields of a dataclass inside may be relative: its schema is read later.
            relative=any(s.relative or s.kind == "record" for s in shape.walk()),
            masked=None if not masked else any(masked),
            items=self._items(shape),
            exact=f.exact,
            named=any(isinstance(m, Env) and m.name for m in f.marks),
            file=secret or any(isinstance(m, Env) and m.file for m in f.marks),
        )

    def _items(self, shape: Shape) -> Schema | None:
        """The schema of the values of ``dict[str, D]``, whose fields have keys of their own."""
        if len(shape.members) != 1 or shape.members[0].kind != "dict":
            return None
        key, value = shape.members[0].inside
        records = value.members
        if key.type is not str or key.rules or len(records) != 1 or records[0].kind != "record":
            return None
        if records[0].type in self.open:
            return None
        section = self.section(records[0].type, "", (), MISSING, records[0].name)
        made: Any = get_origin(records[0].type) or records[0].type
        return Schema(made, dataclasses.replace(section, rest=records[0].rest or section.rest))


@dataclasses.dataclass(eq=False, repr=False)
class _Field:
    """One field of a class while it is read."""

    key: str
    name: str
    place: str
    owner: type
    shape: Shape
    marks: tuple[Any, ...]
    names: tuple[str, ...]
    exact: bool
    value: Any
    origin: Origin

    @property
    def doc(self) -> str:
        return self.shape.doc


def _refuse_thawed(cls: Any) -> None:
    if not cls.__dataclass_params__.frozen:
        raise SchemaError(
            f"{cls.__name__} is not frozen: write @dataclass(frozen=True), "
            "since a snapshot of settings must not change under its readers"
        )


def _shape(annotation: Any, place: str) -> tuple[Shape, tuple[Any, ...]]:
    try:
        shape, marks = shape_of(annotation)
        if any(s.rules for s in shape.walk()):
            from confkit.schema.rules import settle  # only for classes that have rules

            settle(shape)
    except RecursionError:
        raise SchemaError(f"{place}: its type contains itself: write Any") from None
    except (Unsupported, TypeError) as error:
        raise SchemaError(f"{place}: {error}") from None
    if any(s.kind == "dict" and s.rest and s not in shape.members for s in shape.walk()):
        raise SchemaError(f"{place}: Open() is for a field of a class, and takes its unknown keys")
    return shape, marks


def _refuse_aliases(section: Section) -> None:
    parts: list[tuple[str, Leaf | Section]] = [(leaf.name, leaf) for leaf in section.leaves]
    parts += section.sections
    taken = {name: name for name, _ in parts}
    for name, part in parts:
        for alias in part.aliases:
            if alias in taken:
                raise SchemaError(
                    f"{section.type.__name__}.{name}: Alias({alias!r}) is also a name of "
                    f"{taken[alias]}"
                )
            taken[alias] = name


def _refuse_rest(rest: str, section: Section, place: str) -> None:
    leaf = next((leaf for leaf in section.leaves if leaf.name == rest), None)
    if leaf is None or not any(m.kind == "dict" for m in leaf.shape.members):
        raise SchemaError(
            f"{place}: Open({rest!r}) needs a field {rest} of {section.type.__name__} "
            "whose type is dict[str, ...]"
        )


def _names(prefixes: tuple[str, ...], name: str, env: Env, place: str) -> tuple[str, ...]:
    """The environment names of a field: ``DATABASE_POOL_SIZE`` and ``DATABASE__POOL_SIZE``."""
    if env.name:
        if not env.name.replace("_", "a").isalnum() or env.name[0].isdigit():
            raise SchemaError(f"{place}: Env({env.name!r}): letters, digits and underscores only")
        return (env.name,)
    if env.exact:
        raise SchemaError(f'{place}: Env(exact=True) needs the name: Env("NAME", exact=True)')
    if not prefixes:
        return (name.upper(),)
    single = f"{prefixes[0]}_{name.upper()}"
    double = f"{prefixes[-1]}__{name.upper()}"
    return (single, double)
