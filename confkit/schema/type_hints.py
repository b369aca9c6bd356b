"""Taking type annotations apart: aliases, marks, unions, and the variables of generic classes."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from confkit.errors import SchemaError
from confkit.secret import Secret, SecretBytes

#: An alias may name itself (``type Json = dict[str, Json]``), which has no end.
_MOST_ALIASES = 50


class Unsupported(TypeError):
    """A type or a mark that cannot be honoured; the reader of the class adds the field's name."""


def strip_marks(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """Part an annotation into the type and the marks of its ``Annotated``."""
    annotation = unalias(annotation)
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        inner, more = strip_marks(inner)
        return inner, (*more, *marks)
    return annotation, ()


def unalias(annotation: Any) -> Any:
    """See through ``NewType``, ``type X = ...`` and ``type X[T] = ...``."""
    for _ in range(_MOST_ALIASES):
        origin = get_origin(annotation)
        if isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":
            annotation = annotation.__value__
        elif type(origin).__name__ == "TypeAliasType":
            given = dict(zip(origin.__type_params__, get_args(annotation), strict=True))
            annotation = substitute(origin.__value__, given)
        else:
            return annotation
    raise Unsupported(f"the type {annotation} has no end")


def union_members(annotation: Any) -> tuple[Any, ...] | None:
    """The members of ``A | B`` or ``Union[A, B]``, else None."""
    if get_origin(annotation) in (Union, types.UnionType):
        return get_args(annotation)
    return None


def dataclass_of(annotation: Any) -> type | None:
    """The class of ``D`` or of a generic ``D[int]`` where it is a dataclass, else None."""
    kind = get_origin(annotation) or annotation
    return kind if isinstance(kind, type) and dataclasses.is_dataclass(kind) else None


def substitute(annotation: Any, given: Mapping[Any, Any]) -> Any:
    """Put types for the type variables in an annotation."""
    if isinstance(annotation, TypeVar):
        return given.get(annotation, annotation)
    parameters = getattr(annotation, "__parameters__", ())
    if not parameters or isinstance(annotation, type):
        return annotation
    return annotation[tuple(given.get(p, p) for p in parameters)]


def field_types(annotation: Any) -> dict[str, Any]:
    """The annotations of a class's fields, with the types that stand for its type variables.

    :raises SchemaError: for a name that cannot be resolved.
    """
    cls = get_origin(annotation) or annotation
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except Exception as error:
        raise SchemaError(f"{cls.__name__}: a type cannot be resolved: {error}") from error
    given: dict[Any, Any] = {}
    _variables(annotation, given)
    return {name: substitute(hint, given) for name, hint in hints.items()} if given else hints


def _variables(annotation: Any, given: dict[Any, Any]) -> None:
    cls = get_origin(annotation) or annotation
    if args := get_args(annotation):
        given.update(zip(cls.__parameters__, args, strict=True))
    for base in (
        types.get_original_bases(cls)
        if hasattr(types, "get_original_bases")
        else getattr(cls, "__orig_bases__", ())
    ):
        if get_origin(base) is not None and get_origin(base) is not typing.Generic:
            _variables(substitute(base, given), given)


def takes_bool(annotation: Any) -> bool:
    """Whether a boolean is a value of this type, as an option without a value is one."""
    annotation = strip_marks(annotation)[0]
    if members := union_members(annotation):
        return any(takes_bool(member) for member in members)
    if get_origin(annotation) is Literal:
        return any(isinstance(value, bool) for value in get_args(annotation))
    return annotation in (bool, Any, object)


def holds_secret(annotation: Any, seen: frozenset[Any] = frozenset()) -> bool:
    """Whether a Secret stands in it, also inside containers and classes with fields."""
    annotation = strip_marks(annotation)[0]
    if annotation in (Secret, SecretBytes):
        return True
    if get_origin(annotation) is Literal or annotation in seen:
        return False
    cls = get_origin(annotation) or annotation
    if dataclass_of(annotation) or hasattr(cls, "_fields") or typing.is_typeddict(cls):
        hints = field_types(annotation)
        return any(holds_secret(hint, seen | {annotation}) for hint in hints.values())
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


def tags(annotation: Any) -> dict[str, tuple[Any, ...]]:
    """The fields of a dataclass that are a ``Literal``, each with its values."""
    hints = {name: strip_marks(hint)[0] for name, hint in field_types(annotation).items()}
    return {n: get_args(hint) for n, hint in hints.items() if get_origin(hint) is Literal}


def discriminator(records: Sequence[Any]) -> str:
    """The name of the ``Literal`` field whose values tell the dataclasses of a union apart.

    :raises Unsupported: when there is none.
    """
    every = [tags(record) for record in records]
    for name in every[0]:
        if all(name in one for one in every):
            values = [str(v) for one in every for v in one[name]]
            if len(set(values)) == len(values):
                return name
    names = " and ".join(type_name(record) for record in records)
    raise Unsupported(
        f"nothing tells {names} apart: give each a field of one name with a Literal of its own, "
        'as in kind: Literal["s3"] = "s3"'
    )
