"""What a type annotation says: its marks, the members of a union, and what stands inside."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterable, Mapping, MutableSequence, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from confkit.errors import SchemaError
from confkit.secret import Secret


def strip_marks(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Part an annotation into the type and the marks of its ``Annotated``."""
    annotation = unalias(annotation)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        inner, more = strip_marks(inner)
        return inner, (*more, *marks)
    return annotation, ()


def unalias(annotation: Any) -> Any:
    """See through ``NewType`` and ``type X = ...``."""
    while True:
        if isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        else:
            return annotation


def union_members(annotation: Any) -> tuple[Any, ...] | None:
    """The members of ``A | B`` or ``Union[A, B]``, else None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return None


def section_type(annotation: Any) -> tuple[type | None, bool]:
    """The dataclass of ``D`` or ``D | None``, and whether None is allowed."""
    members = union_members(annotation) or (annotation,)
    real = [m for m in members if m is not type(None)]
    if len(real) == 1 and isinstance(real[0], type) and dataclasses.is_dataclass(real[0]):
        return real[0], len(members) > 1
    return None, False


def open_value(annotation: Any) -> Any:
    """The value type of ``dict[str, V]``, also behind ``| None``; else None."""
    for member in union_members(annotation) or (annotation,):
        origin = get_origin(member) or member
        if isinstance(origin, type) and issubclass(origin, Mapping):
            args = get_args(member)
            return args[1] if len(args) == 2 else Any
    return None


def takes_bool(annotation: Any) -> bool:
    """Whether a boolean is a value of this type, as an option without a value is one."""
    for member in union_members(annotation) or (annotation,):
        kind = unalias(member)
        if kind in (bool, Any, object):
            return True
        if get_origin(kind) is Literal and any(isinstance(value, bool) for value in get_args(kind)):
            return True
    return False


_CAN_CHANGE = (list, set, Sequence, MutableSequence, Iterable, AbstractSet, Any, object)


def can_change(annotation: Any) -> bool:
    """Whether a value of this type can change in place, as a list does."""
    members = union_members(annotation) or (annotation,)
    return any((get_origin(unalias(m)) or unalias(m)) in _CAN_CHANGE for m in members)


def holds_secret(annotation: Any, seen: frozenset[type] = frozenset()) -> bool:
    """Whether a Secret stands in it, also inside containers and dataclasses."""
    annotation = strip_marks(annotation)[0]
    if annotation is Secret:
        return True
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        if annotation in seen:
            raise SchemaError(f"{annotation.__name__} contains itself")
        hints = typing.get_type_hints(annotation, include_extras=True)
        return any(holds_secret(h, seen | {annotation}) for h in hints.values())
    if get_origin(annotation) is typing.Literal:
        return False
    return any(holds_secret(a, seen) for a in get_args(annotation))


def type_name(annotation: Any) -> str:
    """A type as people write it: ``int``, ``str | None``, ``dict[str, Database]``."""
    annotation = unalias(annotation)
    if members := union_members(annotation):
        return " | ".join(type_name(member) for member in members)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_name(args[0])
    if origin is Literal:
        return f"one of {', '.join(map(str, args))}"
    if annotation in (types.NoneType, ...):
        return "None" if annotation is not ... else "..."
    name = str(getattr(origin or annotation, "__name__", annotation))
    return f"{name}[{', '.join(map(type_name, args))}]" if args else name
