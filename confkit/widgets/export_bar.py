"""An export bar: one kind, one file name, one button; and a link to what was written."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from pathlib import Path

from confkit.atomic import written
from confkit.errors import ConfkitError
from confkit.tables import escape
from confkit.widgets.controls import group, html, widgets

#: Files up to this size are offered as a link as well, which is in the page itself.
LINKED = 2_000_000
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv", ".md": "text/markdown"}


class ExportBar:
    """The bar.

    :param kinds: what there is to export, each with what its file's name ends in.
    :param stem: gives the name of a file without that end.
    :param write: writes a kind to a path, and says how much it wrote.
    """

    def __init__(
        self,
        kinds: Mapping[str, str],
        stem: Callable[[], str],
        write: Callable[[str, Path], str],
    ) -> None:
        self._kinds, self._stem, self._write = kinds, stem, write
        self.kind = widgets.Dropdown(options=list(kinds), description="Export")
        self.path = widgets.Text(description="File", continuous_update=False)
        self.button = widgets.Button(description="Write the file")
        self.done = html()
        self.bar = group("ck-bar", self.kind, self.path, self.button)
        self.kind.observe(self.rename, "value")
        self.button.on_click(self.write)

    def rename(self, _: object = None) -> None:
        """A file name that fits what is shown."""
        self.path.value = f"{self._stem()}{self._kinds[self.kind.value]}"
        self.done.value = ""

    def write(self, _: object = None) -> None:
        """Write the file, and say where it is."""
        path = Path(self.path.value.strip() or self._stem()).expanduser()
        try:
            said = self._write(self.kind.value, path)
        except (ConfkitError, OSError) as error:
            self.done.value = f'<p class="bad" role="alert">✗ {escape(str(error))}</p>'
            return
        self.done.value = (
            '<p role="status"><span class="good">✓ Written:</span> '
            f"<code>{escape(str(path))}</code> ({escape(said)}). {_link(path)}</p>"
        )


def write_content(path: Path, content: bytes) -> str:
    """Write a whole file at once, and say how large it is."""
    with written(path) as beside:
        beside.write_bytes(content)
    return f"{len(content):,} bytes"


def _link(path: Path) -> str:
    if path.stat().st_size > LINKED:
        return ""
    kind = _TYPES.get(path.suffix, "application/octet-stream")
    data = base64.b64encode(path.read_bytes()).decode()
    name = escape(path.name)
    return f'<a class="copy" download="{name}" href="data:{kind};base64,{data}">Save {name}</a>'
