"""The objects that imports give."""

from __future__ import annotations

import pytest

from confkit.envreads.known import GET, MAPPING, Known, attribute, imported


@pytest.mark.parametrize(
    ("module", "name", "what"),
    [
        ("os", "", "module os"), ("os", "environ", MAPPING), ("os", "getenv", GET),
        ("os", "path", "module os.path"), ("os.path", "expandvars", "expandvars"),
        ("os", "sep", None), ("shop", "", None), ("shop", "environ", None),
    ],
)  # fmt: skip
def test_imports(module, name, what):
    found = imported(module, name)
    assert (None if found is None else found.name) == what


def test_attributes():
    assert attribute(Known(MAPPING), "get") == Known(GET)
    assert attribute(Known(MAPPING), "items") is None
    assert attribute(Known(GET), "get") is None
