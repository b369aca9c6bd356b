"""What the tests of situations share: small classes, files, and what is wrong with them."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from confkit import (
    REQUIRED,
    File,
    InvalidConfig,
    load,
    resolve,
)


@dataclass(frozen=True)
class P:
    host: str = "h"
    port: int = 80


def made(annotation: Any, default: Any = REQUIRED, *, name: str = "x") -> type:
    """A class with one field."""
    return of((name, annotation, field(default_factory=lambda: default)))


def of(*fields: Any) -> type:
    """A class of fields."""
    return dataclasses.make_dataclass("Settings", fields, frozen=True)


def written(directory: Path, text: str, name: str = "config.yaml") -> File:
    (directory / name).write_text(text)
    return File(directory / name, root=directory)


def codes(settings: type, *sources: Any, **arguments: Any) -> dict[str, str]:
    return {p.key: p.code for p in resolve(settings, *sources, **arguments).problems}


def text_of(settings: type, *sources: Any, **arguments: Any) -> str:
    with pytest.raises(InvalidConfig) as caught:
        load(settings, *sources, **arguments)
    return str(caught.value)
