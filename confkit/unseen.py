"""A mapping that a traceback with locals does not print."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, Mapping
from typing import Any


class Unseen(Mapping[str, str]):
    """Variables as they are, behind a ``repr`` that shows how many there are and none of them."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Mapping[str, str]) -> None:
        self._inner = inner

    def __repr__(self) -> str:
        return f"<{len(self._inner)} variables>"

    def __getitem__(self, name: str) -> str:
        return self._inner[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._inner)

    def __len__(self) -> int:
        return len(self._inner)

    def __contains__(self, name: object) -> bool:
        return name in self._inner

    def get(self, name: str, default: Any = None) -> Any:
        """The text of a variable, else ``default``."""
        return self._inner.get(name, default)

    def items(self) -> ItemsView[str, str]:
        """Names and texts, as fast as those of the mapping itself."""
        return self._inner.items()
