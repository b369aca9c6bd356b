"""Reads by libraries, with the types and defaults that their calls tell."""

from __future__ import annotations

import pytest

from confkit.envreads.module import module_reads
from confkit.envreads.reads import Read

ENVIRON = "import environ\nenv = environ.Env()\n"
ENVIRONS = "from environs import Env\nenv = Env()\n"


def only(source: str) -> Read:
    (read,) = module_reads(source, "x.py")
    return read


@pytest.mark.parametrize(
    ("source", "name", "type_", "default", "required"),
    [
        (ENVIRON + "env('A')", "A", "str", None, True),
        (ENVIRON + "env.bool('A', default=False)", "A", "bool", "False", False),
        (ENVIRON + "env.int('A', 5)", "A", "int", "5", False),
        (ENVIRON + "env.db()", "DATABASE_URL", "str", None, True),
        (ENVIRON + "env.db('DB', default='sqlite://')", "DB", "str", "'sqlite://'", False),
        (ENVIRONS + "env.path('A')", "A", "Path", None, True),
        (ENVIRONS + "with env.prefixed('X_'):\n    env('A')", "X_A", "str", None, True),
        ("import environ\nenv = environ.Env(A=(int, 5))", "A", "int", "5", False),
    ],
)
def test_calls(source, name, type_, default, required):
    read = only(source)
    assert (read.name, read.type, read.default, read.required) == (name, type_, default, required)


def test_a_prefix_ends_with_its_block():
    source = (
        ENVIRONS
        + "def f():\n    with env.prefixed('X_'):\n        env('A')\ndef g():\n    env('B')\n"
    )
    assert sorted(r.name for r in module_reads(source, "x.py")) == ["B", "X_A"]


def test_a_class_config_of_pydantic_1():
    source = """
from pydantic import BaseSettings
class S(BaseSettings):
    a: int
    class Config:
        env_prefix = 'P_'
"""
    read = only(source)
    assert (read.name, read.required) == ("P_A", True)
