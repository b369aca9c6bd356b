"""What a declaration says beside the type: ``Annotated[int, Check(min=1), Doc("seconds")]``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


class _Required:
    """The default of a field that has none: some layer has to set it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "REQUIRED"


#: ``secret_key: Secret = REQUIRED``: a field without a default that may stand behind others.
REQUIRED: Any = _Required()


class Check:
    """Cerberus rules on a field, by Cerberus's own names: ``Check(min=1, max=100)``."""

    def __init__(self, **rules: Any) -> None:
        self.rules = rules

    def __repr__(self) -> str:
        return f"Check({', '.join(f'{k}={v!r}' for k, v in self.rules.items())})"


@dataclass(frozen=True, slots=True)
class Doc:
    """What a field means, for help texts, schemas and examples: ``Doc("seconds")``."""

    text: str


@dataclass(frozen=True, slots=True)
class Env:
    """The environment name of a field, or the prefix of a nested dataclass: ``Env("API_KEY")``."""

    name: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """The key this field had before. It still works, and warns with the place that uses it."""

    old: str


@dataclass(frozen=True, slots=True)
class RelativePath:
    """A path relative to the file that names it, instead of to the working directory."""
