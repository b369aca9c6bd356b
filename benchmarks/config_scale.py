"""How the configuration grows: each row compares a large case with a small one of the same work."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

from confkit import Config, File, InvalidConfig, Values, load

#: The fields of one section.
SECTION = 25


def wide(leaves: int, section: int = SECTION) -> tuple[type, list[str]]:
    """A settings class of sections with integers, and its keys."""
    fields: list[Any] = []
    keys: list[str] = []
    for i in range(leaves // section):
        names = [(f"f{j}", int, j) for j in range(section)]
        made = dataclasses.make_dataclass(f"S{i}", names, frozen=True)
        fields.append((f"s{i}", made, dataclasses.field(default_factory=made)))
        keys += [f"s{i}.f{j}" for j in range(section)]
    return dataclasses.make_dataclass("Wide", fields, frozen=True), keys


def layered(leaves: int, layers: int, section: int = SECTION) -> Callable[[], Config[Any]]:
    """A load of so many leaves that each of so many layers sets."""
    kind, keys = wide(leaves, section)
    sources = [Values(dict.fromkeys(keys, i)) for i in range(layers)]
    return lambda: load(kind, *sources)


def overridden(config: Config[Any]) -> Callable[[], None]:
    """An override of one key."""

    def override() -> None:
        with config.override({"s0.f0": 7}):
            pass

    return override


def in_yaml(directory: Path, leaves: int, value: str) -> Callable[[], int]:
    """A load of a YAML file with one value everywhere; gives the number of problems, printed."""
    kind, keys = wide(leaves)
    path = directory / f"wide-{value}.yaml"
    sections = dict.fromkeys(key.partition(".")[0] for key in keys)
    below = "".join(f"  f{j}: {value}\n" for j in range(SECTION))
    path.write_text("".join(f"{name}:\n{below}" for name in sections))

    def loaded() -> int:
        try:
            load(kind, File(path))
        except InvalidConfig as error:
            return len(str(error).splitlines())
        return 0

    return loaded
