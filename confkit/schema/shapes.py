"""An annotation as a tree of shapes: what is supported, what stands inside, which marks hold where.

Everything that reads types works on shapes: the readers of values, the rules, the JSON Schema. A
type or a mark that cannot be honoured is refused here, when the class is read.
"""

from __future__ import annotations

import datetime as dt
import re
import types
import typing
from collections import deque
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    MutableSet,
    Sequence,
)
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePath
from typing import Any, Literal, get_args, get_origin

from confkit.forking import cached_property
from confkit.schema.markers import (
    Alias,
    Check,
    Doc,
    Env,
    Open,
    Public,
    Read,
    RelativePath,
    Renamed,
    Seconds,
    Sensitive,
)
from confkit.schema.type_hints import (
    Unsupported,
    dataclass_of,
    discriminator,
    field_types,
    holds_secret,
    strip_marks,
    type_name,
    union_members,
)
from confkit.schema.urls import Url
from confkit.secret import Secret, SecretBytes

Kind = Literal[
    "any", "dict", "enum", "list", "literal", "named", "own", "record", "scalar", "tuple", "typed",
    "union",
]  # fmt: skip

_SCALARS = {
    *(str, bool, int, float, bytes, Secret, SecretBytes, types.NoneType),
    *(dt.datetime, dt.date, dt.time, dt.timedelta, re.Pattern),
}
#: By name, so that their modules are imported by programs with such fields only.
_BY_NAME = {
    ("decimal", "Decimal"),
    ("uuid", "UUID"),
    ("zoneinfo", "ZoneInfo"),
    *(
        ("ipaddress", f"IPv{version}{what}")
        for version in "46"
        for what in ("Address", "Network", "Interface")
    ),
}
#: What is made for the abstract kinds of a container.
_LISTS: dict[Any, Callable[[Iterable[Any]], Any]] = {
    **dict.fromkeys((list, Sequence, MutableSequence, Iterable, Collection), list),
    **dict.fromkeys((set, AbstractSet, MutableSet), set),
    frozenset: frozenset,
    deque: deque,
    tuple: tuple,
}
_DICTS = (dict, Mapping, MutableMapping)
#: Marks that belong to a field, so that they mean nothing on a type inside the field's type.
FIELD_MARKS = (Env, Renamed, Alias)
_MARKS = (Check, Doc, Open, Public, Read, RelativePath, Seconds, Sensitive, Url, *FIELD_MARKS)


@dataclass(eq=False, repr=False)
class Shape:
    """One type, read: its ``kind``, the class of its values, and the shapes inside it.

    ``inside`` holds the items of a list, the places of a tuple, key and value of a dict, the
    members of a union, the fields of a named tuple or ``TypedDict`` (named by ``names``).
    """

    kind: Kind
    type: Any
    inside: tuple[Shape, ...] = ()
    names: tuple[str, ...] = ()
    #: the values of a ``Literal``
    values: tuple[Any, ...] = ()
    #: what is called with the items of a list or tuple
    made: Callable[[Iterable[Any]], Any] = list
    rules: dict[str, Any] = field(default_factory=dict)
    url: Url | None = None
    relative: bool = False
    seconds: bool = False
    read: Callable[[Any], Any] | None = None
    doc: str = ""
    #: True for Sensitive, False for Public
    masked: bool | None = None
    #: the dict field that takes unknown keys of a dataclass; "*" on that dict itself
    rest: str = ""
    #: names of a ``TypedDict`` that may be left out, defaults of a named tuple
    optional: Mapping[str, Any] = field(default_factory=dict)
    #: the field by which the dataclasses of a union are told apart
    tag: str = ""

    def __repr__(self) -> str:
        return f"<Shape {self.name}>"

    def walk(self) -> Iterator[Shape]:
        """This shape and all shapes inside it; the fields of dataclasses are not inside."""
        yield self
        for inner in self.inside:
            yield from inner.walk()

    @property
    def name(self) -> str:
        """The type as people write it."""
        return type_name(self.type)

    @cached_property
    def secret(self) -> bool:
        """Whether a Secret is a part of its values."""
        return holds_secret(self.type)

    @property
    def members(self) -> tuple[Shape, ...]:
        """The members of a union without None; of any other type the type itself."""
        every = self.inside if self.kind == "union" else (self,)
        return tuple(m for m in every if m.type is not types.NoneType)

    @property
    def nullable(self) -> bool:
        """Whether None is one of its values."""
        if self.kind == "union":
            return len(self.members) < len(self.inside)
        return self.kind == "any" or self.type is types.NoneType

    @property
    def mapping(self) -> bool:
        """Whether a mapping can be its value in a source, with keys below the field's own."""
        kinds = ("any", "dict", "named", "own", "record", "typed")
        return any(m.kind in kinds for m in self.members)


def shape_of(annotation: Any) -> tuple[Shape, tuple[Any, ...]]:
    """The shape of a field's type, and the marks that belong to the field itself.

    :raises Unsupported: for a type that cannot be read and a mark that cannot be honoured.
    """
    bare, given = strip_marks(annotation)
    marks = [_instance(mark) for mark in given]
    own = tuple(m for m in marks if isinstance(m, FIELD_MARKS))
    return _marked(bare, tuple(m for m in marks if not isinstance(m, FIELD_MARKS))), own


def _instance(mark: Any) -> Any:
    """A mark of ours that is given as the class itself: ``Annotated[Path, RelativePath]``."""
    if not (isinstance(mark, type) and mark in _MARKS):
        return mark
    if mark in (Open, Public, RelativePath, Seconds, Sensitive):
        return mark()
    raise Unsupported(f"{mark.__name__} is a mark with a value: write {mark.__name__}(...)")


def _inner(annotation: Any) -> Shape:
    shape, own = shape_of(annotation)
    if own:
        raise Unsupported(f"{own[0]!r} names a field, and here it is on a type inside the field's")
    return shape


def _marked(bare: Any, marks: tuple[Any, ...]) -> Shape:
    if reading := [m for m in marks if isinstance(m, Read)]:
        shape = Shape("own", bare, read=reading[-1].function)
    else:
        shape = _plain(bare)
    for mark in marks:
        _apply(mark, shape)
    return shape


def _apply(mark: Any, shape: Shape) -> None:
    if isinstance(mark, Check):
        shape.rules.update(mark.rules)
    elif isinstance(mark, Doc):
        shape.doc = f"{shape.doc} {mark.text}".strip()
    elif isinstance(mark, Public | Sensitive):
        shape.masked = isinstance(mark, Sensitive)
    elif isinstance(mark, Url):
        for one in _scalars(mark, shape, (str, Secret), "a text or Secret"):
            one.url = mark
    elif isinstance(mark, Seconds):
        for one in _scalars(mark, shape, (dt.timedelta,), "a timedelta"):
            one.seconds = True
    elif isinstance(mark, RelativePath):
        for one in _scalars(mark, shape, PurePath, "a Path"):
            one.relative = True
    elif isinstance(mark, Open):
        wanted = "record" if mark.field else "dict"
        if [m.kind for m in shape.members] != [wanted]:
            what = "a dataclass" if mark.field else "a dict, or the name of a field"
            raise Unsupported(f"{mark!r} needs {what}, and not {shape.name}")
        shape.members[0].rest = mark.field or "*"


def _scalars(mark: Any, shape: Shape, kinds: Any, what: str) -> list[Shape]:
    """The scalars of some types that a mark on ``shape`` means, also inside a container."""
    found = [
        one
        for one in shape.walk()
        if one.kind == "scalar"
        and (one.type in kinds if isinstance(kinds, tuple) else issubclass(one.type, kinds))
    ]
    if not found:
        raise Unsupported(f"{mark!r} needs {what}, and there is none in {shape.name}")
    return found


def _plain(annotation: Any) -> Shape:
    if annotation in (Any, object):
        return Shape("any", annotation)
    if members := union_members(annotation):
        return _union(annotation, members)
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return Shape("literal", annotation, values=args)
    if isinstance(annotation, typing.TypeVar):
        raise Unsupported(f"{annotation} has no type here: write it, as in Box[int]")
    kind = origin or annotation
    if dataclass_of(annotation):
        return Shape("record", annotation)
    if not isinstance(kind, type):
        raise _unsupported(annotation)
    if kind in _SCALARS or (kind.__module__, kind.__qualname__) in _BY_NAME:
        if args and args != (str,):
            raise _unsupported(annotation)
        return Shape("scalar", kind)
    if issubclass(kind, PurePath):
        return Shape("scalar", kind)
    if issubclass(kind, Enum):
        return Shape("enum", kind)
    if kind in _LISTS:
        return _list(kind, annotation, args)
    if kind in _DICTS:
        return _dict(annotation, args)
    if typing.is_typeddict(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")):
        return _named(kind, annotation)
    raise _unsupported(annotation)


def _unsupported(annotation: Any) -> Unsupported:
    return Unsupported(
        f"the type {type_name(annotation)} is not supported: "
        "Annotated[..., Read(function)] reads a type of your own"
    )


def _list(kind: Any, annotation: Any, args: tuple[Any, ...]) -> Shape:
    made = _LISTS[kind]
    if kind is tuple and not (len(args) == 2 and args[1] is Ellipsis):
        if get_origin(annotation) is None:
            return Shape("list", annotation, (Shape("any", Any),), made=made)
        return Shape("tuple", annotation, tuple(map(_inner, args)), made=tuple)
    item = _inner(args[0]) if args else Shape("any", Any)
    if made in (set, frozenset):
        _hashable(item, annotation)
    return Shape("list", annotation, (item,), made=made)


def _dict(annotation: Any, args: tuple[Any, ...]) -> Shape:
    key, value = (_inner(args[0]), _inner(args[1])) if args else (_plain(str), Shape("any", Any))
    if any(one.kind not in ("scalar", "enum", "literal", "own") for one in key.members):
        raise Unsupported(f"the keys of {type_name(annotation)} are no plain values")
    return Shape("dict", annotation, (key, value))


def _hashable(item: Shape, annotation: Any) -> None:
    for one in item.members:
        if one.kind in ("dict", "typed") or (one.kind == "list" and one.made in (list, set, deque)):
            raise Unsupported(f"the items of {type_name(annotation)} cannot be in a set")


def _named(kind: Any, annotation: Any) -> Shape:
    hints = field_types(annotation)
    if not typing.is_typeddict(kind):
        names = kind._fields
        hints = {name: hints.get(name, Any) for name in names}
        return Shape(
            "named", kind, tuple(map(_inner, hints.values())), names, optional=kind._field_defaults
        )
    missing = set(kind.__optional_keys__)
    for name, hint in hints.items():
        while (wrapper := get_origin(hint)) is not None and str(wrapper) in _WRAPPERS:
            missing.discard(name)
            if str(wrapper) == "typing.NotRequired":
                missing.add(name)
            hint = get_args(hint)[0]
        hints[name] = hint
    optional = dict.fromkeys(missing)
    return Shape("typed", kind, tuple(map(_inner, hints.values())), tuple(hints), optional=optional)


_WRAPPERS = ("typing.Required", "typing.NotRequired", "typing.ReadOnly")


def _union(annotation: Any, members: tuple[Any, ...]) -> Shape:
    inside: list[Shape] = []
    for member in members:
        shape = _inner(member)
        # A union behind an alias is a part of this one, unless it has rules of its own.
        flat = shape.kind == "union" and not shape.rules
        inside.extend(shape.inside if flat else (shape,))
    made = Shape("union", annotation, tuple(inside))
    tables = [m for m in made.members if m.kind in ("dict", "record", "typed", "named")]
    if len(tables) > 1:
        if any(m.kind != "record" for m in tables):
            names = " and ".join(m.name for m in tables)
            raise Unsupported(f"{names} are both mappings in a file, and nothing tells them apart")
        made.tag = discriminator([m.type for m in tables])
    return made
