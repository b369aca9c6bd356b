"""ruamel.yaml as an editor of other people's files: what is not changed keeps its spelling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from confkit.errors import MissingExtra
from confkit.writeback.yaml_values import needs_quotes, number

try:
    from ruamel.yaml import YAML
    from ruamel.yaml.constructor import RoundTripConstructor
    from ruamel.yaml.representer import RoundTripRepresenter
    from ruamel.yaml.scalarstring import DoubleQuotedScalarString, PlainScalarString
except ImportError:
    raise MissingExtra("ruamel.yaml", "write") from None

_CORE = "tag:yaml.org,2002:"


class _Kept(PlainScalarString):
    """A number, boolean, null or time as it is written: ruamel.yaml changes 5.140336259719905e-206.

    The type of it is never needed here.
    """

    __slots__ = ()
    tag = ""


_KEPT = {
    kind: type(f"_Kept_{kind}", (_Kept,), {"tag": _CORE + kind})
    for kind in ("int", "float", "bool", "null", "timestamp")
}


class _Constructor(RoundTripConstructor):
    pass


class _Representer(RoundTripRepresenter):
    pass


def _register(kind: str, kept: type[_Kept]) -> None:
    def construct(_: Any, node: Any) -> Any:
        return kept(node.value, anchor=node.anchor)

    def represent(representer: Any, value: _Kept) -> Any:
        anchor = value.yaml_anchor(any=True)
        return representer.represent_scalar(kept.tag, str(value), anchor=anchor)

    _Constructor.add_constructor(_CORE + kind, construct)
    _Representer.add_representer(kept, represent)


for _kind, _kept in _KEPT.items():
    _register(_kind, _kept)


class Ruamel(YAML):
    """A round trip that keeps quotes, spellings and long lines."""

    def __init__(self) -> None:
        super().__init__(typ="rt")
        self.Constructor = _Constructor
        self.Representer = _Representer
        self.preserve_quotes = True
        self.width = 1 << 20


def is_nothing(value: Any) -> bool:
    """Whether there is no value, or a null."""
    return value is None or isinstance(value, _KEPT["null"])


def as_node(value: Any) -> Any:
    """A value as ruamel.yaml is to write it.

    :raises confkit.SaveError: for a value that YAML has no form for.
    """
    if isinstance(value, Mapping):
        return {as_node(str(name)): as_node(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_node(item) for item in value]
    if isinstance(value, str):
        # A plain text would take the quotation marks of the value that was there.
        quoted = needs_quotes(value) or "$" in value
        return DoubleQuotedScalarString(value) if quoted else str(value)
    text, kind = number(value), _KIND.get(type(value), "float")
    return _KEPT[kind](text)


_KIND = {type(None): "null", bool: "bool", int: "int"}
