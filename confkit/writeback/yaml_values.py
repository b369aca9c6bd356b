"""Values as YAML text: how each is written, and when bare text would be read as something else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from confkit.errors import SaveError

#: What YAML 1.2 reads as a number, and YAML 1.1 as text.
_NUMBER_1_2 = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z|0o[0-7]+\Z")
#: Text that needs no quotation marks anywhere in YAML.
_BARE = re.compile(r"[A-Za-z0-9_./+][A-Za-z0-9_./+@ -]*\Z")


@cache
def _resolve() -> Any:
    return yaml.SafeLoader("").resolve


def ambiguous(text: str) -> bool:
    """Whether YAML 1.1 or 1.2 reads the bare text as something else than itself."""
    tag = _resolve()(yaml.ScalarNode, text, (True, False))
    return tag != "tag:yaml.org,2002:str" or bool(_NUMBER_1_2.match(text))


def number(value: Any) -> str:
    """None, a boolean or a number as YAML text.

    :raises SaveError: for anything else.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        if value != value:
            return ".nan"
        if value in (float("inf"), float("-inf")):
            return ".inf" if value > 0 else "-.inf"
    if not isinstance(value, int | float):
        raise SaveError(f"a value of the type {type(value).__name__} has no form in YAML")
    text = repr(value)
    # YAML 1.1 wants a point in a number with an exponent.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text


def scalar(value: Any, quote: str) -> str:
    """The value on one line, in the quotation marks that the old one had where it can."""
    if not isinstance(value, str):
        return number(value)
    if quote == "'" and value.isprintable() and "$" not in value:  # a dollar sign is doubled
        return "'" + value.replace("'", "''") + "'"
    bare = _BARE.match(value) and not value.endswith(" ") and not ambiguous(value)
    if not quote and bare:
        return value
    dumped: str = yaml.safe_dump(value, default_style='"', width=float("inf"), allow_unicode=True)
    return dumped.rstrip("\n")


class _Dumper(yaml.SafeDumper):
    """Writes text in quotation marks where any version of YAML would read something else."""


def needs_quotes(text: str) -> bool:
    """Whether some reader or writer of YAML makes something else of the bare text."""
    return ambiguous(text) or not text.isprintable()


def _represent_text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if needs_quotes(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _represent_text)
#: Nothing is folded, and text stays as it is where it can.
LAYOUT: dict[str, Any] = {"allow_unicode": True, "width": float("inf")}


def dumped(value: Any) -> str:
    """A value as a YAML text in the usual layout."""
    made: str = yaml.dump(
        _native(value), Dumper=_Dumper, sort_keys=False, default_flow_style=False, **LAYOUT
    )
    return made


def _native(value: Any) -> Any:
    """Plain dictionaries and lists, all the way down; anything that is no value is refused."""
    if isinstance(value, Mapping):
        return {str(name): _native(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_native(item) for item in value]
    if isinstance(value, str):
        return str(value)
    number(value)
    return value
