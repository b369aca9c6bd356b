"""The objects of libraries that reads of the environment go through."""

from __future__ import annotations

from dataclasses import dataclass

#: ``mapping`` is the environment or a copy of it; ``get`` a function that takes a name and a
#: default; ``env`` an object of django-environ or environs; ``config`` one of decouple.
MAPPING, GET, COPY, ENV, CONFIG = "mapping", "get", "copy", "env", "config"

#: What the import of a name gives: (module, name) -> object.
IMPORTED = {
    ("os", "environ"): MAPPING,
    ("os", "getenv"): GET,
    ("decouple", "config"): CONFIG,
    ("dotenv", "dotenv_values"): "dotenv_values",
    ("environ", "Env"): "Env",
    ("environ", "FileAwareEnv"): "Env",
    ("environs", "Env"): "Env",
    ("environs", "FileAwareEnv"): "Env",
    ("decouple", "AutoConfig"): "Config",
    ("decouple", "Config"): "Config",
    ("starlette.config", "Config"): "Config",
    ("os.path", "expandvars"): "expandvars",
    ("pydantic_settings", "BaseSettings"): "BaseSettings",
    ("pydantic", "BaseSettings"): "BaseSettings",
}
MODULES = {module for module, _ in IMPORTED} | {"os.path", "starlette"}

#: What an attribute of an object is: the methods of the environment.
ATTRIBUTES = {
    (MAPPING, "get"): GET, (MAPPING, "pop"): GET, (MAPPING, "setdefault"): GET,
    (MAPPING, "__getitem__"): GET, (MAPPING, "copy"): COPY,
}  # fmt: skip
#: What a call of an object gives.
CALLED = {COPY: MAPPING, "dotenv_values": MAPPING, "Env": ENV, "Config": CONFIG}


@dataclass(frozen=True, slots=True)
class Known:
    """One of the objects above; ``module os`` is a module that has some."""

    name: str


def attribute(of: Known, name: str) -> Known | None:
    """What ``of.name`` is."""
    if of.name.startswith("module "):
        module = of.name.removeprefix("module ")
        if f"{module}.{name}" in MODULES:
            return Known(f"module {module}.{name}")
        found = IMPORTED.get((module, name))
    else:
        found = ATTRIBUTES.get((of.name, name))
    return None if found is None else Known(found)


def imported(module: str, name: str) -> Known | None:
    """What ``from module import name`` gives; ``import module`` for an empty name."""
    if not name:
        return Known(f"module {module}") if module in MODULES else None
    return attribute(Known(f"module {module}"), name)
