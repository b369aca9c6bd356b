"""Settings that a program could declare for the variables that it reads today."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Mapping, Sequence
from typing import Any

from confkit.envreads.reads import Read
from confkit.redaction import sensitive_name

_TYPES = {"int": int, "float": float, "bool": bool, "Path": str, "Decimal": str, "list": str}
_TRUE, _FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def proposal(names: Mapping[str, Sequence[Read]]) -> str:
    """The source of a dataclass with a field, or a remark, for each variable."""
    fields, remarks = [], []
    used: set[str] = set()
    for name, reads in names.items():
        attribute = re.sub(r"\W", "_", name.lower())
        if not attribute.isidentifier() or attribute.startswith("_"):
            remarks.append(f"    # {name} ({reads[0].place}) is no name of a field")
            continue
        if keyword.iskeyword(attribute):
            attribute += "_"
        while attribute in used:
            attribute += "_"
        used.add(attribute)
        fields.append(_field(attribute, name, reads))
    body = [*fields, *remarks] or ["    pass"]
    text = "\n".join(body)
    typing = "from typing import Annotated\n\n" if "Annotated[" in text else ""
    ours = [n for n in ("REQUIRED", "Env", "Secret") if re.search(rf"\b{n}\b", text)]
    imports = f"from confkit import {', '.join(ours)}\n\n\n" if ours else "\n"
    path = "from pathlib import Path\n" if re.search(r"\bPath\b", text) else ""
    decimal = "from decimal import Decimal\n" if "Decimal" in text else ""
    head = f"from dataclasses import dataclass\n{decimal}{path}{typing}"
    gap = "" if typing else "\n"
    return f"{head}{gap}{imports}@dataclass(frozen=True)\nclass Settings:\n{text}\n"


def _field(attribute: str, name: str, reads: Sequence[Read]) -> str:
    kind = next((r.type for r in reads if r.type in _TYPES), "str")
    default = next((d for r in reads if (d := _literal(r.default)) is not _UNKNOWN), _UNKNOWN)
    required = default is _UNKNOWN and any(r.required for r in reads)
    if kind == "str" and isinstance(default, bool | int | float):
        kind = type(default).__name__
    secret = kind == "str" and sensitive_name(name)
    kind = "Secret" if secret else {"list": "list[str]"}.get(kind, kind)
    value = _value(kind, default)
    if required:
        annotation, text = kind, "REQUIRED"
    elif value is None:
        annotation, text = f"{kind} | None", "None"
    else:
        annotation, text = kind, value
    if attribute.upper() != name:
        annotation = f'Annotated[{annotation}, Env("{name}")]'
    return f"    {attribute}: {annotation} = {text}  # {reads[0].place}"


_UNKNOWN = object()


def _literal(text: str | None) -> Any:
    if text is None:
        return _UNKNOWN
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _UNKNOWN


def _value(kind: str, default: Any) -> str | None:
    """A default as source of the field's type; None where there is none that fits."""
    if default is _UNKNOWN or default is None:
        return None
    text = str(default).strip()
    if kind == "bool":
        return {**dict.fromkeys(_TRUE, "True"), **dict.fromkeys(_FALSE, "False")}.get(text.lower())
    if kind in ("int", "float"):
        try:
            return repr({"int": int, "float": float}[kind](text))
        except ValueError:
            return None
    if kind == "str":
        return repr(str(default))
    if kind in ("Path", "Decimal"):
        return f"{kind}({str(default)!r})"
    # A list needs a factory, and a secret that is written in code is none.
    return None
