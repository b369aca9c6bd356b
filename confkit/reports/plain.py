"""Settings as nested mappings, with everything secret masked or as it is."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from confkit.layers import FAILED
from confkit.reports.explanation import Resolved, Shown
from confkit.schema.tree import Section

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


def as_dict(resolved: Resolved, *, masked: bool = True) -> dict[str, Any]:
    """The values of a configuration by field, sections as mappings; broken ones are left out.

    :param masked: with ``***`` for what is secret, and values as JSON has them. Without, values are
        typed, and secrets are of the type ``Secret``.
    """
    resolution = resolved.resolution
    return _section(resolution, resolution.schema.root, masked)


def _section(resolution: Resolution[Any], section: Section, masked: bool) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for leaf in section.leaves:
        try:
            value = resolution.typed(leaf.key)
        except LookupError:  # below a section that could not be built
            continue
        if value is not FAILED:
            shown = Shown(resolution, leaf.key).value()[0] if masked else _plain(value)
            made[leaf.name] = shown
    for name, inner in section.sections:
        if resolution.merged.is_null(inner):
            made[name] = None
        else:
            made[name] = _section(resolution, inner, masked)
    order = [f.name for f in dataclasses.fields(section.type)]
    return {name: made[name] for name in order if name in made}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple) and not hasattr(value, "_fields"):
        return type(value)(_plain(item) for item in value)
    return value
