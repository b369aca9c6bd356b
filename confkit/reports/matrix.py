"""Every key by every layer: what each sets, and which one counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from confkit.errors import Problem
from confkit.layers import Layer, Origin, Setting, printable
from confkit.reports.explanation import BROKEN, Resolved, Shown
from confkit.tables import cut, html_table, text_table

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One key: its value, its origin, and what each layer sets (None where it sets nothing).

    ``value`` is typed, as JSON has it; ``text`` the same as one line. A key with ``problems`` has
    no value; one that no layer sets has no ``winner`` and no ``origin``.
    """

    key: str
    value: Any
    text: str
    origin: Origin | None
    winner: int | None
    cells: tuple[str | None, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every key by every layer, masked where it has to be.

    :ivar name: the name of the settings class.
    :ivar layers: the names of the layers, lowest precedence first.
    :ivar rows: one :class:`MatrixRow` for each key, in the order of declaration.
    """

    name: str
    layers: tuple[str, ...]
    rows: tuple[MatrixRow, ...]

    def __iter__(self) -> Iterator[MatrixRow]:
        return iter(self.rows)

    def _cells(self) -> list[list[str]]:
        lines = []
        for row in self.rows:
            cells = ["·" if c is None else cut(c) for c in row.cells]
            if row.winner is not None:
                cells[row.winner] = ("✗ " if row.problems else "▲ ") + cells[row.winner]
            lines.append([row.key, *cells, str(row.origin or "nothing sets it")])
        return lines

    @property
    def columns(self) -> tuple[str, ...]:
        """The headings of the table."""
        return ("key", *map(printable, self.layers), "from")

    def __str__(self) -> str:
        return text_table(self.columns, self._cells())

    def _repr_html_(self) -> str:
        return html_table(self.columns, self._cells())

    def as_dict(self) -> dict[str, Any]:
        """The matrix as JSON values."""
        return {
            "settings": self.name,
            "layers": list(self.layers),
            "keys": {
                row.key: {
                    "value": row.value,
                    "origin": None if row.origin is None else str(row.origin),
                    "winner": None if row.winner is None else self.layers[row.winner],
                    "sets": {
                        layer: cell
                        for layer, cell in zip(self.layers, row.cells, strict=True)
                        if cell is not None
                    },
                    "problems": [problem.as_dict() for problem in row.problems],
                }
                for row in self.rows
            },
        }


def matrix(resolved: Resolved) -> Matrix:
    """The key-by-layer matrix of a snapshot or resolution."""
    resolution = resolved.resolution
    layers = resolution.stack.layers
    places = {id(layer): place for place, layer in enumerate(layers)}
    broken: dict[str, list[Problem]] = {}
    for problem in resolution.problems:
        broken.setdefault(problem.key, []).append(problem)
    rows = [
        _row(resolution, setting, places[id(setting.layer)], tuple(broken.pop(setting.key, ())))
        for setting in resolution.settings()
    ]
    nothing = (None,) * len(layers)
    for key, problems in broken.items():
        if key and all(problem.code == "missing" for problem in problems):
            rows.append(MatrixRow(key, None, BROKEN, None, None, nothing, tuple(problems)))
    return Matrix(resolution.schema.name, _names(layers), tuple(rows))


def _row(
    resolution: Resolution[Any], setting: Setting, winner: int, problems: tuple[Problem, ...]
) -> MatrixRow:
    layer, key, entry = setting
    shown = Shown(resolution, key)
    cells: list[str | None] = [
        None if (held := other.entries.get(key)) is None else shown.raw(held)
        for other in resolution.stack.layers
    ]
    if key not in layer.entries:  # a default of an item, or what layers make together
        cells[winner] = shown.raw(entry)
    value, text = shown.value()
    if text == BROKEN:
        problems = problems or resolution.broken(key)
    return MatrixRow(key, value, text, entry.origin, winner, tuple(cells), problems)


def _names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The names of the layers, told apart where several bear the same one."""
    names: list[str] = []
    for layer in layers:
        times = sum(one.name == layer.name for one in layers[: len(names)])
        names.append(f"{layer.name} ({times + 1})" if times else layer.name)
    return tuple(names)
