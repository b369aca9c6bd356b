"""The docstrings of the public API: every field is explained, and every example works."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import os
import pkgutil
import re

import pytest

import confkit

WITHOUT = "CONFKIT_TESTS_WITHOUT_EXTRAS"
#: A name whose optional library is missing has the docstring of what raises MissingExtra.
OPTIONAL = {"AsyncRedisStore", "RedisStore"} if os.environ.get(WITHOUT) else set()
PUBLIC = {name: getattr(confkit, name) for name in confkit.__all__ if name not in OPTIONAL}
FIELDS = {
    name: [f.name for f in dataclasses.fields(value) if not f.name.startswith("_")]
    if dataclasses.is_dataclass(value)
    else list(value._fields)
    for name, value in PUBLIC.items()
    if dataclasses.is_dataclass(value) or hasattr(value, "_fields")
}
PARAMETERS = {
    name: [p for p in inspect.signature(value).parameters if not p.startswith("_")]
    for name, value in PUBLIC.items()
    if inspect.isfunction(value)
}


def text_of(value: object) -> str:
    return inspect.getdoc(value) or ""


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_begins_with_a_sentence(name):
    first = text_of(PUBLIC[name]).partition("\n\n")[0]
    assert len(first.split()) >= 3 or name == "REQUIRED"
    assert first.rstrip().endswith((".", ":", "``"))


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_of_a_public_class_is_explained(name):
    text = text_of(PUBLIC[name])
    assert not [f for f in FIELDS[name] if not re.search(rf"\b{f}\b", text)]


@pytest.mark.parametrize("name", PARAMETERS)
def test_every_parameter_of_a_public_function_is_explained(name):
    text = text_of(PUBLIC[name])
    assert not [p for p in PARAMETERS[name] if not re.search(rf"\b{p}\b", text)]


MODULES = sorted(
    module.name
    for module in pkgutil.walk_packages(confkit.__path__, "confkit.")
    if not module.name.endswith("__main__")
)


@dataclasses.dataclass(frozen=True)
class Database:
    pool_size: int = 5


@dataclasses.dataclass(frozen=True)
class Settings:
    database: Database = Database()


def surroundings() -> dict[str, object]:
    """What examples of test tools take for given: a configuration and a client of flags."""
    stored = {
        "new-checkout": {"enabled": True},
        "theme": {"enabled": True, "variants": {"dark": 100}},
    }
    flags = confkit.Flags(confkit.MemoryStore(stored), background=False)
    config = confkit.load(Settings, confkit.Values({}))
    return {
        "config": config,
        "flags": flags,
        "manager": confkit.SecretManager(default="aws"),
        "os": os,
    }


@pytest.mark.parametrize("name", MODULES)
def test_examples_work(name, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    try:
        module = importlib.import_module(name)
    except confkit.MissingExtra as error:
        pytest.skip(str(error))
    found = doctest.DocTestFinder(exclude_empty=True).find(module, extraglobs=surroundings())
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    for test in found:
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0
