"""How a result is shown: one headline and one table, as text and as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from confkit.analysis.plot import Bar, Plot, plot
from confkit.tables import escape, html_table, text_table


class Presented:
    """A result with a headline, columns and rows; shown as text by ``str`` and in notebooks."""

    __slots__ = ()

    @property
    def headline(self) -> str:
        """The result in one sentence."""
        raise NotImplementedError

    @property
    def columns(self) -> Sequence[str]:
        """The heads of the columns of :attr:`rows`."""
        raise NotImplementedError

    @property
    def rows(self) -> Iterable[Sequence[str]]:
        """The figures, formatted for people."""
        raise NotImplementedError

    @property
    def bars(self) -> Sequence[Bar]:
        """The shares that :meth:`plot` draws."""
        return ()

    def plot(self) -> Plot:
        """The shares as bars, in SVG; the table has the same figures."""
        return plot(self.headline, self.bars)

    def __str__(self) -> str:
        rows = list(self.rows)
        return f"{self.headline}\n{text_table(self.columns, rows)}" if rows else self.headline

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What IPython prints: the figures, and not the fields."""
        printer.text(str(self))

    def _repr_html_(self) -> str:
        rows = list(self.rows)
        table = html_table(self.columns, rows) if rows else ""
        text = f"<p>{escape(self.headline)}</p>{table}"
        picture = self.plot()._repr_html_() if self.bars else ""
        return text.replace(" %", "\N{NO-BREAK SPACE}%") + picture


def percent(part: float, whole: float = 1, digits: int = 3) -> str:
    """A share as text: ``24.910 %``; a dash where there is no whole."""
    return f"{100 * part / whole:.{digits}f} %" if whole else "–"


def p_text(p: float) -> str:
    """A p-value as text: ``0.420``, ``1.3e-05``."""
    return f"{p:.3f}" if p >= 0.001 or p == 0 else f"{p:.1e}"
