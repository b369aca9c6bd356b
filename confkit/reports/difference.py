"""What differs between two snapshots, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from confkit.layers import FAILED, Origin, printable
from confkit.reports.explanation import BROKEN, Resolved, Shown
from confkit.tables import cut, html_table, text_table

Kind = Literal["added", "removed", "changed", "moved", "broken"]

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


@dataclass(frozen=True, slots=True)
class Difference:
    """One key that differs between two snapshots; secrets are masked.

    :ivar key: the key.
    :ivar kind: ``added``, ``removed``, ``changed``, ``broken`` on one side, or ``moved``: the value
        is the same and comes from elsewhere.
    :ivar old: the value before as text, None where there was none; ``new`` the value now.
    :ivar old_origin: where the value before was set; ``new_origin`` where the value now is.
    """

    key: str
    kind: Kind
    old: str | None
    new: str | None
    old_origin: Origin | None
    new_origin: Origin | None

    def as_dict(self) -> dict[str, Any]:
        """The difference as JSON values."""
        return {
            "key": self.key,
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "old_origin": None if self.old_origin is None else str(self.old_origin),
            "new_origin": None if self.new_origin is None else str(self.new_origin),
        }


@dataclass(frozen=True, slots=True)
class Diff:
    """What differs between two snapshots; true when a value does.

    :ivar old_name: how the first one is called, ``new_name`` how the second one is.
    :ivar differences: every :class:`Difference`, in the order of the keys.
    """

    old_name: str
    new_name: str
    differences: tuple[Difference, ...]

    def __bool__(self) -> bool:
        return any(d.kind != "moved" for d in self.differences)

    def __iter__(self) -> Iterator[Difference]:
        return iter(self.differences)

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the table."""
        return ("key", "kind", self.old_name, self.new_name, "from", "to")

    def _cells(self) -> list[list[str]]:
        return [
            [
                printable(d.key),
                d.kind,
                "·" if d.old is None else cut(d.old),
                "·" if d.new is None else cut(d.new),
                str(d.old_origin or "·"),
                str(d.new_origin or "·"),
            ]
            for d in self.differences
        ]

    def __str__(self) -> str:
        if not self.differences:
            return f"{self.old_name} and {self.new_name} do not differ"
        return text_table(self.columns, self._cells())

    def _repr_html_(self) -> str:
        return html_table(self.columns, self._cells())

    def as_dict(self) -> dict[str, Any]:
        """The differences as JSON values."""
        return {
            "old": self.old_name,
            "new": self.new_name,
            "differences": [d.as_dict() for d in self.differences],
        }


def diff(
    old: Resolved,
    new: Resolved,
    *,
    names: tuple[str, str] = ("old", "new"),
    moved: bool = False,
) -> Diff:
    """Compare two snapshots, resolutions or configurations, key by key and by typed value.

    Secrets are compared and never shown. A key that is broken on one side is listed as ``broken``.

    :param old: what was before, ``new`` what is now.
    :param names: how the two are called in the result.
    :param moved: also list the keys whose value is the same and comes from elsewhere.

    ::

        print(confkit.diff(before, config.snapshot))
    """
    before, after = _sides(old.resolution), _sides(new.resolution)
    found = []
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        kind = _kind(was, now, moved)
        if kind is not None:
            found.append(
                Difference(
                    key,
                    kind,
                    None if was is None else was.shown,
                    None if now is None else now.shown,
                    None if was is None else was.origin,
                    None if now is None else now.origin,
                )
            )
    return Diff(*names, tuple(found))


class _Side:
    """One key on one side."""

    def __init__(self, resolution: Resolution[Any], key: str, origin: Origin | None) -> None:
        self.resolution, self.key, self.origin = resolution, key, origin
        self.typed = FAILED if origin is None else resolution.typed(key)

    @property
    def shown(self) -> str:
        return BROKEN if self.origin is None else Shown(self.resolution, self.key).value()[1]


def _sides(resolution: Resolution[Any]) -> dict[str, _Side]:
    sides = {key: _Side(resolution, key, entry.origin) for key, entry in resolution.merged.walk()}
    for problem in resolution.problems:
        if problem.code == "missing" and problem.key not in sides:
            sides[problem.key] = _Side(resolution, problem.key, None)
    return sides


def _kind(was: _Side | None, now: _Side | None, moved: bool) -> Kind | None:
    if any(side is not None and side.typed is FAILED for side in (was, now)):
        return "broken"
    if was is None or now is None:
        return "added" if was is None else "removed"
    if was.typed != now.typed:
        return "changed"
    return "moved" if moved and was.origin != now.origin else None
