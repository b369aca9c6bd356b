"""A dataclass as settings: its leaves, their defaults and environment names.

A schema is read once per class, and everything that is wrong with a declaration is said then,
not when a value arrives. Types themselves are read by :mod:`confkit.resolution.coercion`.
"""

from __future__ import annotations

import dataclasses
import typing
from dataclasses import MISSING
from functools import cache
from typing import Any

from confkit.errors import SchemaError
from confkit.keypath import child as child_of
from confkit.layers import Origin
from confkit.schema.markers import REQUIRED, Check, Doc, Env, RelativePath, Renamed
from confkit.schema.tree import Leaf, Schema, Section
from confkit.schema.type_hints import holds_secret, open_value, section_type, strip_marks


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
            child_key = child_of(key, f.name)
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
