"""Credentials found by the plugins of detect-secrets, the only importer of it.

Its own scan of a file misses every value without quotes, so each variable is handed to the plugins
as ``name = "value"``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from confkit.errors import MissingExtra


@cache
def _plugins() -> tuple[Callable[..., Any], tuple[Any, ...]]:
    try:
        settings = import_module("detect_secrets.settings")
        plugins = import_module("detect_secrets.core.plugins.util")
    except ImportError:
        raise MissingExtra("detect-secrets", "scan") from None
    with settings.default_settings():
        kinds = plugins.get_mapping_from_secret_type_to_class()
        made = tuple(kind() for kind in kinds.values())
    return settings.default_settings, made


def scan(name: str, value: str) -> str:
    """What ``value`` looks like, in detect-secrets' words; empty for nothing.

    :raises MissingExtra: when detect-secrets is not installed.
    """
    _, plugins = _plugins()
    line = f'{name} = "{value}"'
    for plugin in plugins:
        for found in plugin.analyze_line(filename="", line=line, line_number=1):
            return f"a credential ({found.type})"
    return ""
