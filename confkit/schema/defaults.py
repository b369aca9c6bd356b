"""Which fields of a default instance are its own, and which its class makes from them.

``db: Db = field(default_factory=lambda: Db(host="a"))`` sets ``host``. A field that
``Db.__post_init__`` computes from ``host`` is not set: it is computed again from the values that
win.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING
from typing import Any

from confkit.errors import SchemaError
from confkit.schema.markers import REQUIRED


def own_default(field: dataclasses.Field[Any], where: str) -> Any:
    """The default that a class gives a field of its own, or REQUIRED.

    :raises SchemaError: when its ``default_factory`` fails.
    """
    if field.default is not MISSING:
        return field.default
    if field.default_factory is MISSING:
        return REQUIRED
    try:
        return field.default_factory()
    except Exception as error:
        raise SchemaError(
            f"{where}: its default cannot be made: {type(error).__name__}: {error}"
        ) from error


def counting(instance: Any, where: str) -> frozenset[str]:
    """The fields that ``instance`` sets: the class does not give them these values without it.

    :raises SchemaError: when the class, built from them, does not come out equal.
    """
    cls = type(instance)
    fields = [f for f in dataclasses.fields(cls) if f.init]
    values = {f.name: getattr(instance, f.name) for f in fields}
    counts = [
        f.name
        for f in fields
        if not _same(values[f.name], own_default(f, f"{cls.__name__}.{f.name}"))
    ]
    if hasattr(cls, "__post_init__"):
        for name in list(counts):
            others = [n for n in counts if n != name]
            without = _built(cls, {n: values[n] for n in others})
            if without is not None and _same(getattr(without, name), values[name]):
                counts = others
    rebuilt = _built(cls, {name: values[name] for name in counts})
    if rebuilt is None or not _same(rebuilt, instance):
        raise SchemaError(
            f"{where}: its default is not what {cls.__name__} makes of the same fields again; "
            f"let {cls.__name__} compute values from its fields alone"
        )
    return frozenset(counts)


def _built(cls: type, values: dict[str, Any]) -> Any:
    try:
        return cls(**values)
    except Exception:
        return None


def _same(one: Any, other: Any) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if dataclasses.is_dataclass(one):
        names = [f.name for f in dataclasses.fields(one)]
        return all(_same(getattr(one, n), getattr(other, n)) for n in names)
    return bool(one == other)
