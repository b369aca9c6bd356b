"""A picture holds its whole drawing, and needs nothing that an untrusted notebook strips."""

from __future__ import annotations

import re
import xml.dom.minidom
from base64 import b64decode

from confkit.figures.marks import Marks, drawing
from confkit.figures.picture import image, standalone

MARKS = Marks("a")


def test_a_picture_is_one_element_without_script_or_style_outside():
    made = image(standalone(drawing(20, "n", "<rect/>"), MARKS, wide=300, high=20), 'a "b" <c>')
    assert re.fullmatch(r'<img alt="[^"<>]*" src="data:image/svg\+xml;base64,[\w+/=]+">', made)
    assert "a &quot;b&quot; &lt;c&gt;" in made


def test_the_drawing_inside_is_well_formed_and_has_its_patterns():
    made = image(standalone(drawing(20, "n", "<rect/>"), MARKS, wide=300, high=20), "x")
    svg = b64decode(made.split("base64,")[1].split('"')[0]).decode()
    document = xml.dom.minidom.parseString(svg)
    assert document.documentElement.getAttribute("xmlns") == "http://www.w3.org/2000/svg"
    assert 'id="a-off"' in svg
    assert "prefers-color-scheme:dark" in svg
    assert "script" not in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
