"""A figure as a picture: an ``<img>`` with the SVG inside, which untrusted notebooks keep.

JupyterLab strips inline SVG and styles from the saved outputs of a notebook that it does not
trust, and keeps tables, ``<details>`` and pictures with a data address.
"""

from __future__ import annotations

from base64 import b64encode

from confkit.figures.marks import Marks
from confkit.figures.style import DARK, LIGHT
from confkit.tables import escape


def standalone(drawing: str, marks: Marks, *, wide: int, high: int) -> str:
    """A drawing as a document of its own, light or dark as the system is.

    :param drawing: what :func:`confkit.figures.marks.drawing` made.
    """
    light = "".join(f"--{name}:{value};" for name, value in LIGHT.items())
    dark = "".join(f"--{name}:{value};" for name, value in DARK.items())
    style = (
        f"svg{{{light}}}@media (prefers-color-scheme:dark){{svg{{{dark}}}}}"
        'svg{font:12px system-ui,"Segoe UI","Liberation Sans",sans-serif}'
        "svg{color:var(--fg)}text{fill:var(--fg)}text.d{fill:var(--dim)}.thin{display:none}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high + 16}">'
        f'<style>{style}</style><rect width="100%" height="100%" style="fill:var(--bg)"/>'
        f'{marks.definitions()}<svg x="8" y="8" width="{wide - 16}" height="{high}" '
        f'overflow="visible">{drawing}</svg></svg>'
    )


def image(svg: str, text: str) -> str:
    """An ``<img>`` that holds an SVG document; ``text`` is read where it cannot be seen."""
    code = b64encode(svg.encode()).decode()
    return f'<img alt="{escape(text)}" src="data:image/svg+xml;base64,{code}">'
