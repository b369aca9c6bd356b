"""Every key by every layer: what each said, and which one counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from confkit.layers import Layer, Origin, printable
from confkit.reports.explanation import shown_raw, shown_value
from confkit.resolution.snapshot import Snapshot
from confkit.tables import cut, html_table, text_table


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One key: its value, its origin, and what each layer says (None where it says nothing)."""

    key: str
    value: str
    origin: Origin
    winner: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every key by every layer, lowest precedence first; masked where it has to be."""

    name: str
    layers: tuple[str, ...]
    rows: tuple[MatrixRow, ...]

    def __iter__(self) -> Iterator[MatrixRow]:
        return iter(self.rows)

    def _cells(self) -> list[list[str]]:
        lines = []
        for row in self.rows:
            cells = ["·" if c is None else cut(c) for c in row.cells]
            cells[row.winner] = "▲ " + cells[row.winner]
            lines.append([printable(row.key), *cells, str(row.origin)])
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
                    "origin": str(row.origin),
                    "winner": self.layers[row.winner],
                    "says": {
                        layer: cell
                        for layer, cell in zip(self.layers, row.cells, strict=True)
                        if cell is not None
                    },
                }
                for row in self.rows
            },
        }


def matrix(snapshot: Snapshot[Any]) -> Matrix:
    """The key-by-layer matrix of a snapshot."""
    layers = snapshot.stack.layers
    rows = []
    for key in snapshot.keys:
        leaf = snapshot.schema.find(key)
        winner = snapshot.stack.winners[key]
        cells: list[str | None] = []
        for layer in layers:
            entry = layer.entries.get(key)
            say = None if entry is None else winner._replace(layer=layer, entry=entry)
            cells.append(None if say is None else shown_raw(snapshot, leaf, say))
        place = next(i for i, layer in enumerate(layers) if layer is winner.layer)
        value = shown_value(snapshot, key)
        rows.append(MatrixRow(key, value, winner.entry.origin, place, tuple(cells)))
    return Matrix(snapshot.schema.name, _names(layers), tuple(rows))


def _names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """The names of the layers, told apart where several bear the same one."""
    names: list[str] = []
    for layer in layers:
        times = sum(one.name == layer.name for one in layers[: len(names)])
        names.append(f"{layer.name} ({times + 1})" if times else layer.name)
    return tuple(names)
