"""What the config explorer exports, secrets masked: YAML, JSON, .env.example, Markdown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from confkit.envcheck.example import env_example
from confkit.reports.difference import Diff
from confkit.reports.exports import to_json, to_markdown, to_yaml
from confkit.resolution.snapshot import Resolution
from confkit.widgets.export_bar import ExportBar, write_content

KINDS = {
    "the values as YAML, redacted": ".yaml",
    "keys, layers and problems as JSON": ".json",
    "an example of .env": ".env.example",
    "Markdown for a review": ".md",
}


def resolution_exports(asked: Callable[[], tuple[Resolution[Any], Diff | None]]) -> ExportBar:
    """The bar of a page; ``asked`` gives the resolution, and what it is compared with."""

    def write(kind: str, path: Path) -> str:
        resolution, compared = asked()
        end = KINDS[kind]
        if end == ".yaml":
            text = to_yaml(resolution)
        elif end == ".json":
            text = to_json(resolution)
        elif end == ".md":
            text = to_markdown(resolution, compared)
        else:
            text = env_example(resolution.schema)
        return write_content(path, text.encode())

    return ExportBar(KINDS, lambda: "settings", write)
