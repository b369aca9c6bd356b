"""A canary in every source comes out of no public output: plain, escaped, encoded.

Every public name has a surface here, or a reason for having none; a new one without an entry fails
the first test. Commands are in test_canary_commands.py, logs and reports in
test_canary_reports.py, the admin API in test_canary_admin.py.
"""

from __future__ import annotations

import base64
import dataclasses
import io
import json
import logging
import pprint
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import confkit
from confkit import (
    Environ,
    Secret,
    SecretBytes,
    SecretManager,
    Values,
    diff,
    load,
    redact,
    resolve,
)
from confkit.redaction.logs import LoggingFilter
from tests.canaries import CANARIES, KEY, RESOLVERS, Settings, forms, leaks, plant
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures


@dataclass
class World:
    """Everything alive at once, with the canaries in it."""

    place: Path
    sources: list[Any]
    config: Any
    failed: confkit.InvalidConfig


@pytest.fixture
def world(tmp_path, monkeypatch, aws) -> Iterator[World]:  # noqa: F811
    sources = plant(tmp_path, monkeypatch, aws)
    config = load(Settings, *sources, resolvers=RESOLVERS)
    config.set("runtime", CANARIES["runtime"])
    with config.override({"override": CANARIES["override"]}):
        held = {f.name: getattr(config.current, f.name) for f in dataclasses.fields(config.current)}
        assert held["aws"].reveal() == CANARIES["aws"]
        assert held["data"].reveal().decode() == CANARIES["bytes"]
        with pytest.raises(confkit.InvalidConfig) as caught:
            load(Settings, *sources, Values({"limit": 0}), resolvers=RESOLVERS)
        yield World(tmp_path, sources, config, caught.value)


# -- outputs -----------------------------------------------------------------------------------


def outputs(value: Any) -> Iterator[str]:
    """Everything that Python, notebooks and libraries show of a value."""
    yield from (repr(value), str(value), f"{value!s:>10}", f"{value}", "%s %r" % (value, value))  # noqa: UP031
    yield pprint.pformat(value)
    console = Console(file=io.StringIO(), width=500)
    console.print(value)
    yield console.file.getvalue()  # type: ignore[attr-defined]
    yield json.dumps({"k": value}, default=str, ensure_ascii=False)
    for name in dir(value):
        if name.startswith("_repr_") or name in ("as_dict", "to_dict"):
            made = getattr(value, name)()
            yield made if isinstance(made, str) else json.dumps(made, default=str)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                yield str(dataclasses.asdict(value))
            except TypeError:  # holds what cannot be copied, and says so without a value
                yield traceback.format_exc()


def of_config(world: World) -> Iterator[str]:
    config = world.config
    for value in (config, config.snapshot, config.current, config.sources, config.explain()):
        yield from outputs(value)
    for name in ("keys", "as_dict", "status"):
        method = getattr(config, name, None)
        yield from outputs(method() if callable(method) else method)
    for key in config.snapshot.keys:
        yield from outputs(config.explain(key))
    for layer in config.snapshot.read:
        yield from outputs(layer)
        for entry in layer.entries.values():
            yield from outputs(entry.origin)
            yield repr(entry)


def of_resolution(world: World) -> Iterator[str]:
    broken = resolve(Settings, *world.sources, Values({"limit": 0}), resolvers=RESOLVERS)
    yield from outputs(broken)
    for problem in broken.problems:
        yield from outputs(problem)
    for key in ("limit", "aws", "url", "keys", "accounts"):
        yield from outputs(broken.explain(key))
    yield from outputs(broken.matrix())


def of_failure(world: World) -> Iterator[str]:
    error = world.failed
    yield from (repr(error), str(error), "".join(traceback.format_exception(error)))
    for problem in error.problems:
        yield from outputs(problem)
    yield _locals(error)
    argv = ["--argv", CANARIES["argv"]]
    for failing in (
        lambda: load(Settings, root=world.place, environment="nowhere", argv=argv),
        lambda: load(Settings, root=world.place / "nowhere", argv=argv),
        lambda: load(Settings, root=world.place, argv=[*argv, "--limit", "x"]),
        lambda: load(Settings, *world.sources),
        lambda: world.config.set("limit", CANARIES["runtime"]),
        lambda: world.config.set("unknown", CANARIES["runtime"]),
        lambda: world.config.override({"limit": CANARIES["override"]}).__enter__(),
    ):
        with pytest.raises(confkit.ConfkitError) as caught:
            failing()
        yield _locals(caught.value)


def _locals(error: BaseException) -> str:
    """The locals of our frames, as a traceback with locals prints them."""
    made = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in made.stack if "/confkit/" in frame.filename]
    return "".join(traceback.StackSummary.from_list(ours).format()) + str(error)


def of_diff(world: World) -> Iterator[str]:
    other = load(Settings, Environ(environ={}))
    for found in (diff(other, world.config), diff(world.config, other, moved=True)):
        yield from outputs(found)
        for one in found:
            yield from outputs(one)


def of_secrets(world: World) -> Iterator[str]:
    seen: list[Any] = []
    environ = {"X": CANARIES["environ"], "ENCRYPTION_KEY": KEY}
    secrets = SecretManager(environ=environ, audit=seen.append)
    yield from outputs(secrets.get("X"))
    yield from outputs(secrets.fields("aws:db"))
    yield from outputs(secrets.get_bytes("X"))
    secrets.refresh("aws:db")
    for value in (secrets, secrets.status(), seen):
        yield from outputs(value)
    for read in (
        lambda: secrets.get("X", encrypted=True),
        lambda: secrets.fields("X"),
        lambda: secrets.get("aws:db", field="passwort"),
        lambda: secrets.get("nowhere"),
    ):
        with pytest.raises(confkit.SecretError) as caught:
            read()
        yield from outputs(caught.value)
        yield "".join(traceback.format_exception(caught.value))


def of_sources(world: World) -> Iterator[str]:
    for source in world.sources:
        yield from outputs(source)
        yield from outputs(source.read())


def of_values(world: World) -> Iterator[str]:
    for where, canary in CANARIES.items():
        yield from outputs(Secret(canary))
        yield from outputs(SecretBytes(canary.encode()))
        if where == "code":  # nobody has read a default of the code
            continue
        yield confkit.mask_text(f"a {canary} b")
        yield confkit.mask_text(base64.b64encode(f"u:{canary}".encode()).decode())
    nested = [
        {"keys": list(CANARIES.values())},
        [CANARIES["url"]],
        Secret(CANARIES["aws"]),
        world.config.current,
    ]
    yield json.dumps(redact(nested), default=str)


def of_logs(world: World) -> Iterator[str]:
    record = logging.makeLogRecord(
        {"msg": "got %s", "args": (CANARIES["yaml"],), "extra": [CANARIES["aws"]]}
    )
    LoggingFilter().filter(record)
    yield from (record.getMessage(), str(vars(record)))


def of_living(world: World) -> Iterator[str]:
    config, changes = world.config, []
    config.subscribe(changes.append)
    config.set("runtime", CANARIES["runtime"] + "2")
    config.set("runtime", CANARIES["runtime"])
    for value in (*changes, config.status, *config.history()):
        yield from outputs(value)
    with pytest.raises(confkit.ConfkitError) as caught:
        config.save()
    yield from (repr(caught.value), str(caught.value))
    yield "".join(traceback.format_exception(caught.value))


def of_masks(world: World) -> Iterator[str]:
    import argparse

    parser = argparse.ArgumentParser(prog="x")
    confkit.add_arguments(parser, Settings)
    yield parser.format_help()


SURFACES: dict[str, Callable[[World], Iterable[str]]] = {
    **dict.fromkeys(("Config", "Snapshot", "Explanation", "Matrix", "Layer", "load"), of_config),
    **dict.fromkeys(("Entry", "Origin", "Source", "stack"), of_config),
    **dict.fromkeys(("Resolution", "resolve"), of_resolution),
    **dict.fromkeys(("InvalidConfig", "Problem", "ConfkitError"), of_failure),
    **dict.fromkeys(("Diff", "Difference", "diff"), of_diff),
    **dict.fromkeys(("SecretManager", "SecretError", "SecretNotFound", "Resolver"), of_secrets),
    **dict.fromkeys(("Argv", "DotEnv", "Environ", "File", "Values"), of_sources),
    **dict.fromkeys(("Secret", "SecretBytes", "mask_text", "redact"), of_values),
    **dict.fromkeys(("Change", "ConfigStatus", "SaveError"), of_living),
    "LoggingFilter": of_logs,
    "add_arguments": of_masks,
}
#: Names that put nothing out, or nothing that could hold a secret of the settings.
SILENT = {
    # marks of a declaration
    *("Alias", "Check", "Doc", "Env", "Open", "Public", "REQUIRED", "Read", "RelativePath"),
    *("Renamed", "Seconds", "Sensitive", "Url"),
    # flags never meet configuration
    *("AsyncFlags", "AsyncRedisStore", "Decision", "FileStore", "Flag", "FlagConflict"),
    *("FlagError", "Flags", "FlagsChange", "InvalidFlag", "InvalidPlan", "InvalidPopulation"),
    "MemoryStore",
    *("NoSql", "Reason", "RedisStore", "Rollout", "Rule", "StoreBusy", "StoreDenied"),
    *("StoreDoubted", "StoreError", "StoreFull", "StoreReadOnly", "StoreUnavailable"),
    *("UnknownFlag", "open_store", "unused_flags"),
    # errors that are made of names; tests/secrets and test_secrets_never_leak cover each
    *("BrokenToken", "CredentialsExpired", "EmptyKey", "ExpiredToken", "InvalidSource"),
    *("MalformedKey", "MissingExtra", "MissingKey", "SchemaError", "SecretDeleted"),
    *("SecretDenied", "SecretGarbled", "SecretThrottled", "SecretUnavailable", "UnknownKey"),
    *("WrongKey", "FileChanged", "NotWritable", "PartlyWritten", "Shadowed"),
    # a directory of secrets is read as other sources are: tests/sources/test_directory.py
    "Directory",
}


def test_every_public_name_has_a_surface_or_is_silent():
    assert {*SURFACES, *SILENT} == set(confkit.__all__)
    assert not SURFACES.keys() & SILENT


@pytest.mark.parametrize("surface", sorted(set(SURFACES.values()), key=lambda one: one.__name__))
def test_no_output_of_the_library_shows_a_canary(world, surface):
    texts = list(surface(world))
    assert len(texts) > 0
    shown = {where: text for text in texts for where in leaks(text)}
    assert not shown


def test_a_canary_that_is_shown_would_be_found():
    for where, canary in CANARIES.items():
        for form in forms(canary):
            assert where in leaks(f"a {form} b")
