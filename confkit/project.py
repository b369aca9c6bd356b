"""``[tool.confkit]`` of ``pyproject.toml``: what a project has settled once for every command."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from confkit.errors import InvalidConfig, Problem
from confkit.layers import Origin


def project_root() -> Path:
    """The directory that ``[tool.confkit] root`` names, else the working directory."""
    table = tool_settings()
    root = table.get("root")
    return Path(root) if isinstance(root, str) else Path()


def tool_settings(directory: Path = Path()) -> Mapping[str, object]:
    """``[tool.confkit]`` of a directory's ``pyproject.toml``; empty where there is none."""
    try:
        data = (directory / "pyproject.toml").read_bytes()
    except OSError:
        return {}
    if b"tool.confkit" not in data:
        return {}
    import tomllib

    try:
        table = tomllib.loads(data.decode()).get("tool", {}).get("confkit", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        origin = Origin("file", "pyproject.toml")
        problem = Problem("", "is not TOML", origin, code="toml")
        raise InvalidConfig("pyproject.toml", [problem]) from None
    return table if isinstance(table, dict) else {}
