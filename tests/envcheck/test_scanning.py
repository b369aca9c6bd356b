"""detect-secrets, where it is installed."""

from __future__ import annotations

import sys

import pytest

from confkit.envcheck import scanning
from confkit.errors import MissingExtra


def test_without_the_library_the_message_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "detect_secrets.settings", None)
    scanning._plugins.cache_clear()
    with pytest.raises(MissingExtra, match=r"pip install 'confkit-toolkit\[scan\]'"):
        scanning.scan("A", "b")
    scanning._plugins.cache_clear()


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DB_PASSWORD", "hunter2hunter2", True),
        ("X", "AKIA" + "QWERTYUIOPASDFG2", True),
        ("X", "q8R2v7Lm4Zx1Tn6Wb3Yc5Kd9pQ0sX", True),
        ("X", "hello", False),
        ("X", 'quotes " inside', False),
        ("TIMEOUT", "30", False),
    ],
)
def test_the_plugins_judge_every_variable(name, value, expected):
    pytest.importorskip("detect_secrets")
    assert bool(scanning.scan(name, value)) == expected
