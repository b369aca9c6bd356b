"""What flags and settings are known: those in use, and those of ``[tool.confkit]``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

_settings: dict[Path, Any] = {}
_flags: dict[Path, frozenset[str]] = {}


def check(change: Any, config: pytest.Config) -> None:
    """Refuse a slip in the names of an override that is not applied yet.

    :raises confkit.UnknownKey: for a key that is nearly a known one.
    :raises confkit.UnknownFlag: for a flag that is nearly a known one.
    """
    from confkit import testing

    if isinstance(change, testing.override_config):
        schema = _project_settings(config.rootpath)
        change.check_in_use(() if schema is None else (schema,))
    elif isinstance(change, testing.override_flags):
        check_names(change.values, config)


def check_names(values: Mapping[str, Any], config: pytest.Config) -> None:
    """Refuse a slip in the names or variants of flags.

    :raises confkit.UnknownFlag: for a flag that is nearly a known one.
    :raises confkit.InvalidFlag: for a variant that a flag does not have.
    """
    from confkit.testing.flags import check_in_use

    check_in_use(values, _project_flags(config.rootpath))


def known_flags(config: pytest.Config, *, collected: bool = False) -> frozenset[str]:
    """The names of all flags that a client in use or the project's flag file knows.

    :param collected: leave out the clients of earlier tests that nobody has any more: slow.
    """
    everywhere = sys.modules.get("confkit.flags.everywhere")
    clients = everywhere.clients(collected=collected) if everywhere is not None else ()
    names = {name for client in clients for name in client.known}
    return _project_flags(config.rootpath) | names


def _project_settings(root: Path) -> Any:
    """The schema of ``[tool.confkit] settings``, if it can be imported."""
    if root not in _settings:
        from confkit.project import tool_settings
        from confkit.schema.reading import read_schema

        target = tool_settings(root).get("settings")
        _settings[root] = None
        if isinstance(target, str) and ":" in target:
            module, _, name = target.partition(":")
            _settings[root] = read_schema(getattr(importlib.import_module(module), name))
    return _settings[root]


def _project_flags(root: Path) -> frozenset[str]:
    """The flags of ``[tool.confkit] flags``, where that is a file: no network is used."""
    if root not in _flags:
        from confkit.project import tool_settings

        url = tool_settings(root).get("flags")
        names: frozenset[str] = frozenset()
        if isinstance(url, str) and url.startswith("file:"):
            from confkit.flags.stores.file import FileStore

            found = FileStore(root / url.removeprefix("file:").removeprefix("//")).read()
            names = frozenset(found.flags if found is not None else ())
        _flags[root] = names
    return _flags[root]
