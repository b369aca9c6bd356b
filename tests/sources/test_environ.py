"""The process environment as a layer: every variable, or those with a prefix."""

from __future__ import annotations

from confkit import Environ, Source


def test_reads_the_process_environment_when_it_is_read(monkeypatch):
    source = Environ("CONFKIT_TEST_")
    monkeypatch.setenv("CONFKIT_TEST_A", "1")
    monkeypatch.setenv("OTHER", "2")
    layer = source.read()
    assert {k: e.raw for k, e in layer.entries.items()} == {"A": "1"}
    assert str(layer.entries["A"].origin) == "env CONFKIT_TEST_A"
    assert (layer.name, layer.spelling) == ("environment", "variables")
    monkeypatch.setenv("CONFKIT_TEST_A", "3")
    assert source.read().entries["A"].raw == "3"


def test_a_mapping_stands_in_for_it():
    layer = Environ(environ={"A": "1", "B": "${A}"}).read()
    assert {k: (e.raw, e.literal) for k, e in layer.entries.items()} == {
        "A": ("1", True),
        "B": ("${A}", True),
    }


def test_is_a_source_whose_repr_shows_no_value():
    assert isinstance(Environ(), Source)
    assert repr(Environ("SHOP_", environ={"SHOP_A": "hunter2"})) == "Environ('SHOP_')"


def test_an_empty_variable_is_a_value_or_unset():
    environ = {"A": "", "B": " ", "C": "c"}
    assert set(Environ(environ=environ).read().entries) == {"A", "B", "C"}
    assert set(Environ(environ=environ, empty="unset").read().entries) == {"B", "C"}
