"""Proposed settings: source that is Python, loads, and keeps names, types and defaults."""

from __future__ import annotations

import sys
import types

import pytest

from confkit import load
from confkit.envreads.module import module_reads
from confkit.envreads.proposal import proposal
from confkit.schema.reading import read_schema

SOURCE = """
import os
from pathlib import Path
a = os.environ["SHOP_KEY"]
b = int(os.environ.get("PORT", "8000"))
c = os.environ.get("DEBUG", False)
d = os.environ.get("NAME")
e = os.environ.get("API_TOKEN", "x")
f = Path(os.environ.get("FILES", "/tmp"))
g = os.environ.get("class", "y")
h = os.environ.get("camelCase", "z")
i = os.environ.get("1ODD")
j = float(os.environ["RATIO"])
k = os.environ.get("OTHER", compute())
"""


def grouped(source: str) -> dict:
    found: dict = {}
    for read in module_reads(source, "a.py"):
        found.setdefault(read.name, []).append(read)
    return dict(sorted(found.items()))


@pytest.fixture
def settings(monkeypatch):
    module = types.ModuleType("proposed")
    monkeypatch.setitem(sys.modules, "proposed", module)
    exec(proposal(grouped(SOURCE)), vars(module))
    return module.Settings


def test_it_loads_with_the_defaults_of_the_code(settings, tmp_path):
    (tmp_path / ".env").write_text("")
    environ = {"SHOP_KEY": "k", "RATIO": "0.5", "class": "c", "camelCase": "d"}
    found = load(settings, root=tmp_path, environ=environ).current
    assert (found.port, found.debug, found.name, found.ratio) == (8000, False, None, 0.5)
    assert (str(found.files), found.class_, found.camelcase) == ("/tmp", "c", "d")
    assert found.api_token is None


def test_every_variable_keeps_its_name(settings):
    names = {name for name in read_schema(settings).variables if "__" not in name}
    assert set(grouped(SOURCE)) - {"1ODD"} <= names


def test_what_can_be_no_field_is_a_remark():
    assert "# 1ODD (a.py:12:5) is no name of a field" in proposal(grouped(SOURCE))


def test_nothing_read_is_an_empty_class():
    exec(proposal({}), {"__name__": "x"})
