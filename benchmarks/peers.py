"""The contenders: each declares settings of a shape and gives the function that loads them.

A shape is nested dicts of defaults. Every library is imported inside, and nothing above, so that
a fresh interpreter pays for one contender and for all of it: not even typing is there before.
Each is used at its best: classes and converters are made once, outside ``load``. With ``ranges``
every number is checked to lie between two others, by all that can; without, only types are.
"""

import os
import sys
import time

PREFIX = "APP_"
#: The ranges that numbers are checked to be in.
LEAST, MOST = 0, 1_000_000

SMALL = {
    "name": "shop",
    "debug": False,
    "log_level": "INFO",
    "database": {"url": "sqlite:///app.db", "pool_size": 5, "timeout": 2.5, "echo": False},
    "cache": {"url": "redis://localhost/0", "size": 100, "ttl": 30.0, "enabled": True},
    "api": {"url": "https://api.example.com", "retries": 3, "timeout": 30.0, "verify": True},
    "mail": {"host": "localhost", "port": 25, "timeout": 10.0, "tls": False},
    "features": {"variant": "a", "percentage": 10, "weight": 0.5, "dashboard": False},
}
LARGE = {
    f"section_{s}": {
        f"{kind}_{i}": value
        for i in range(5)
        for kind, value in (("text", f"{s}/{i}"), ("number", i), ("share", 0.5), ("on", False))
    }
    for s in range(100)
}
SHAPES = {"small": SMALL, "large": LARGE}


def in_file(shape):
    """What the file says: of every leaf something else than its default."""
    return {
        key: in_file(value)
        if isinstance(value, dict)
        else not value
        if isinstance(value, bool)
        else f"{value}x"
        if isinstance(value, str)
        else value + 1
        for key, value in shape.items()
    }


def in_environment(shape):
    """What the environment says: one whole number in every fifth section."""
    sections = [(key, value) for key, value in shape.items() if isinstance(value, dict)]
    return {
        section: {next(k for k, v in leaves.items() if type(v) is int): 42}
        for section, leaves in sections[::5]
    }


def variables(shape):
    return {
        f"{PREFIX}{section}__{key}".upper(): str(value)
        for section, leaves in in_environment(shape).items()
        for key, value in leaves.items()
    }


def declared(shape, section, make, kinds=lambda value: type(value)):
    """Fields of a shape as (name, type, default), with ``make`` called for every section."""
    for key, value in shape.items():
        if isinstance(value, dict):
            yield key, make(f"{section}{key.title()}", value), None
        else:
            yield key, kinds(value), value


def floor(shape, file, ranges=True):
    """PyYAML's C loader, an environment merged by hand and plain dataclasses; no check at all."""
    from dataclasses import field, make_dataclass

    import yaml

    def make(name, shape):
        fields = [
            (key, kind, value if kind in (str, int, float, bool) else field(default_factory=kind))
            for key, kind, value in declared(shape, name, make)
        ]
        return make_dataclass(name, fields, frozen=True)

    cls = make("Settings", shape)
    names = {
        (section, key): f"{PREFIX}{section}__{key}".upper()
        for section, leaves in shape.items()
        if isinstance(leaves, dict)
        for key in leaves
    }
    sections = {f.name: f.type for f in cls.__dataclass_fields__.values() if f.name in shape}

    def load():
        with open(file, "rb") as stream:  # noqa: PTH123 - pathlib is not in the floor
            values = yaml.load(stream, yaml.CSafeLoader)
        for (section, key), name in names.items():
            if (text := os.environ.get(name)) is not None:
                values[section][key] = type(shape[section][key])(text)
        made = {k: sections[k](**v) if isinstance(v, dict) else v for k, v in values.items()}
        return cls(**made)

    return load


def confkit(shape, file, ranges=True):
    """With lines and coercion, and the ranges checked by Cerberus."""
    from dataclasses import field, make_dataclass
    from typing import Annotated

    from confkit import Check, Environ, File
    from confkit import load as load_config

    def kinds(value):
        if ranges and type(value) in (int, float):
            return Annotated[type(value), Check(min=LEAST, max=MOST)]
        return type(value)

    def make(name, shape):
        fields = [
            (key, kind, field(default_factory=kind) if value is None else value)
            for key, kind, value in declared(shape, name, make, kinds)
        ]
        return make_dataclass(name, fields, frozen=True)

    cls = make("Settings", shape)
    return lambda: load_config(cls, File(file), Environ(PREFIX))


def pydantic_settings(shape, file, ranges=True):
    """By the YAML source that it ships."""
    from typing import Annotated

    from pydantic import BaseModel, Field, create_model
    from pydantic_settings import BaseSettings, SettingsConfigDict, YamlConfigSettingsSource

    class Base(BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=PREFIX, env_nested_delimiter="__", yaml_file=file
        )

        @classmethod
        def settings_customise_sources(cls, settings_cls, env_settings, **_):
            return env_settings, YamlConfigSettingsSource(settings_cls)

    def kinds(value):
        if ranges and type(value) in (int, float):
            return Annotated[type(value), Field(ge=LEAST, le=MOST)]
        return type(value)

    def make(name, shape, base=BaseModel):
        fields = {
            key: (kind, Field(default_factory=kind) if value is None else value)
            for key, kind, value in declared(shape, name, make, kinds)
        }
        return create_model(name, __base__=base, **fields)

    return make("Settings", shape, Base)


def dynaconf(shape, file, ranges=True):
    """Untyped, with validators for the ranges."""
    from dynaconf import Dynaconf, Validator

    checks = [
        Validator(f"{section}.{key}", gte=LEAST, lte=MOST)
        for section, leaves in shape.items()
        if ranges and isinstance(leaves, dict)
        for key, value in leaves.items()
        if type(value) in (int, float)
    ]

    def load():
        settings = Dynaconf(
            settings_files=[str(file)],
            envvar_prefix=PREFIX.rstrip("_"),
            merge_enabled=True,
            validators=checks,
        )
        settings.validators.validate_all()  # it loads at the first use
        return settings

    return load


def omegaconf(shape, file, ranges=True):
    """A structured config; it has no ranges and no environment, which is merged by hand."""
    from dataclasses import field, make_dataclass

    from omegaconf import OmegaConf

    def make(name, shape):
        fields = [
            (key, kind, field(default_factory=kind) if value is None else value)
            for key, kind, value in declared(shape, name, make)
        ]
        return make_dataclass(name, fields)

    cls = make("Settings", shape)
    names = {name.removeprefix(PREFIX).replace("__", ".").lower() for name in variables(shape)}

    def load():
        words = [f"{name}={os.environ[PREFIX + name.replace('.', '__').upper()]}" for name in names]
        layers = OmegaConf.structured(cls), OmegaConf.load(file), OmegaConf.from_dotlist(words)
        return OmegaConf.merge(*layers)

    return load


def typed_settings(shape, file, ranges=True):
    """attrs classes; the converter is made once, though its own ``load()`` makes one each time."""
    import attrs
    import typed_settings as ts
    from typed_settings.loaders import YamlFormat

    within = [attrs.validators.ge(LEAST), attrs.validators.le(MOST)]

    def make(name, shape):
        fields = {
            key: attrs.field(
                type=kind,
                validator=within if ranges and kind in (int, float) else None,
                **({"factory": kind} if value is None else {"default": value}),
            )
            for key, kind, value in declared(shape, name, make)
        }
        return attrs.make_class(name, fields, frozen=True, slots=True)

    cls = make("Settings", shape)
    loaders = [
        ts.FileLoader({"*.yaml": YamlFormat(None)}, [file]),
        ts.EnvLoader(PREFIX, nested_delimiter="__"),
    ]
    converter = ts.default_converter()
    return lambda: ts.load_settings(cls, loaders, converter=converter)


def environs(shape, file, ranges=True):
    """Reads no file: the environment over the defaults, one call per leaf."""
    from types import SimpleNamespace

    from environs import Env, validate

    within = validate.Range(LEAST, MOST)

    readers = {str: "str", int: "int", float: "float", bool: "bool"}

    def load():
        env = Env()

        def values(shape):
            made = {}
            for key, value in shape.items():
                if isinstance(value, dict):
                    with env.prefixed(key.upper() + "__"):
                        made[key] = values(value)
                else:
                    checks = within if ranges and type(value) in (int, float) else None
                    read = getattr(env, readers[type(value)])
                    made[key] = read(key.upper(), value, validate=checks)
            return SimpleNamespace(**made)

        with env.prefixed(PREFIX):
            return values(shape)

    return load


CONTENDERS = {
    "floor": floor,
    "confkit": confkit,
    "pydantic-settings": pydantic_settings,
    "dynaconf": dynaconf,
    "OmegaConf": omegaconf,
    "typed-settings": typed_settings,
    "environs": environs,
}

if __name__ == "__main__":
    # A cold start, timed from the first import on: the start of the interpreter is left out.
    _, name, shape, path, ranges = sys.argv
    start = time.perf_counter()
    CONTENDERS[name](SHAPES[shape], path, ranges == "ranges")()
    print(time.perf_counter() - start)
