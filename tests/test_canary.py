"""A canary in every source comes out of no public output: plain, escaped, encoded.

Every public name and every command has a surface here, or a reason for having none; a new one
without an entry fails the first two tests.
"""

from __future__ import annotations

import base64
import dataclasses
import html
import io
import json
import logging
import os
import pprint
import subprocess
import sys
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, quote_plus

import click
import pytest
from rich.console import Console

import confkit
from confkit import (
    Argv,
    Check,
    DotEnv,
    Environ,
    File,
    Secret,
    SecretBytes,
    SecretManager,
    Values,
    diff,
    load,
    redact,
    resolve,
)
from confkit.cli import cli, main
from confkit.redaction.logs import LoggingFilter
from confkit.secrets.keys import KeyRing, new_key
from tests.secrets.aws_server import FakeAws, ok, refusal, version
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

KEY = new_key()
#: One for each source, so that a leak tells where it is from.
CANARIES = {
    where: f"C4n4ry+{where}/ünd Geheim'\"<&"
    for where in (
        *("yaml", "json", "toml", "dotenv", "environ", "argv", "override", "runtime", "code"),
        *("aws", "fernet", "file", "function", "list", "mapping", "item", "url", "bytes"),
    )
}


def forms(canary: str) -> set[str]:
    """Every way in which an output could spell a canary."""
    data = canary.encode()
    found = {
        *(canary, repr(canary)[1:-1], ascii(canary)[1:-1], repr(data)[2:-1]),
        *(json.dumps(canary)[1:-1], json.dumps(canary, ensure_ascii=False)[1:-1]),
        *(html.escape(canary), html.escape(canary, quote=False)),
        *(quote(canary), quote(canary, safe=""), quote_plus(canary)),
    }
    for offset in range(3):
        code = base64.b64encode(b"\0" * offset + data).decode().rstrip("=")
        found.add(code[(offset * 8 + 5) // 6 : (offset + len(data)) * 8 // 6])
    return found


FORMS = {form: where for where, canary in CANARIES.items() for form in forms(canary)}


def leaks(text: str) -> list[str]:
    """Which canaries a text shows."""
    return sorted({where for form, where in FORMS.items() if form in text})


@dataclass(frozen=True)
class Account:
    user: str = "u"
    password: Secret = Secret("none")


@dataclass(frozen=True)
class Settings:
    yaml: Secret = Secret("")
    json: Secret = Secret("")
    toml: Secret = Secret("")
    dotenv: Secret = Secret("")
    environ: Secret = Secret("")
    argv: Secret = Secret("")
    override: Secret = Secret("")
    runtime: Secret = Secret("")
    aws: Secret = Secret("")
    fernet: Secret = Secret("")
    file: Secret = Secret("")
    function: Secret = Secret("")
    url: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")
    code: Secret = Secret(CANARIES["code"])
    keys: list[Secret] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    accounts: list[Account] = field(default_factory=list)
    limit: Annotated[int, Check(min=1)] = 5


def plant(place: Path, monkeypatch: pytest.MonkeyPatch, server: FakeAws) -> list[Any]:
    """Write every canary into a source of its kind; gives the sources."""
    c = CANARIES
    server.answer = lambda operation, document: ok(**version(1, password=c["aws"], username="u"))
    monkeypatch.chdir(place)
    monkeypatch.syspath_prepend(str(place))
    (place / "secret.txt").write_text(c["file"])
    (place / "secret.txt").chmod(0o600)
    (place / "config.yaml").write_text(
        f"yaml: {json.dumps(c['yaml'], ensure_ascii=False)}\naws: ${{aws:db#password}}\n"
        f"file: ${{file:{place}/secret.txt}}\nfunction: ${{vault:x}}\n"
        f"keys: [{json.dumps(c['list'])}]\nnamed: {{a: {json.dumps(c['mapping'])}}}\n"
        f"accounts: [{{password: {json.dumps(c['item'])}}}]\n"
    )
    (place / "config.json").write_text(json.dumps({"json": c["json"]}))
    (place / "config.toml").write_text(f"toml = {json.dumps(c['toml'])}\n")
    quoted = c["dotenv"].replace("\\", "\\\\").replace("'", "\\'")
    token = KeyRing([KEY]).encrypt(c["fernet"])
    (place / ".env").write_text(f"DOTENV='{quoted}'\nENCRYPTION_KEY={KEY}\nFERNET=enc:{token}\n")
    environ = {
        "ENVIRON": c["environ"],
        "URL": f"postgresql://u:{quote(c['url'], safe='')}@h/db",
        "DATA": base64.b64encode(c["bytes"].encode()).decode(),
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return [
        *(File(place / f"config.{suffix}") for suffix in ("yaml", "json", "toml")),
        DotEnv(place / ".env"),
        Environ(),
        Argv(["--argv", c["argv"]]),
    ]


RESOLVERS = {"vault": lambda reference: CANARIES["function"]}


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
    *("FlagError", "Flags", "FlagsChange", "InvalidFlag", "InvalidPopulation", "MemoryStore"),
    *("NoSql", "Reason", "RedisStore", "Rollout", "Rule", "StoreBusy", "StoreDenied"),
    *("StoreDoubted", "StoreError", "StoreFull", "StoreReadOnly", "StoreUnavailable"),
    *("UnknownFlag", "open_store", "unused_flags"),
    # errors that are made of names; tests/secrets and test_secrets_never_leak cover each
    *("BrokenToken", "CredentialsExpired", "EmptyKey", "ExpiredToken", "InvalidSource"),
    *("MalformedKey", "MissingExtra", "MissingKey", "SchemaError", "SecretDeleted"),
    *("SecretDenied", "SecretGarbled", "SecretThrottled", "SecretUnavailable", "UnknownKey"),
    "WrongKey",
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


# -- the command line --------------------------------------------------------------------------

WRITTEN = """
from dataclasses import dataclass, field
from confkit import Secret, SecretBytes

@dataclass(frozen=True)
class Settings:
    yaml: Secret = Secret("")
    json: Secret = Secret("")
    toml: Secret = Secret("")
    dotenv: Secret = Secret("")
    environ: Secret = Secret("")
    aws: Secret = Secret("")
    fernet: Secret = Secret("")
    file: Secret = Secret("")
    function: str = ""
    url: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")
    keys: list[Secret] = field(default_factory=list)
    named: dict[str, Secret] = field(default_factory=dict)
    accounts: list[dict[str, Secret]] = field(default_factory=list)
    limit: int = 5
"""
TARGET = ("--settings", "canary_settings:Settings")
#: The words that run each command on the planted files.
COMMANDS: dict[str, list[list[str]]] = {
    "show": [["show", *TARGET], ["show", *TARGET, "--json"], ["show", *TARGET, "--layers"]],
    "explain": [
        ["explain", key, *TARGET, *more]
        for key in ("aws", "fernet", "url", "keys", "accounts", "named")
        for more in ([], ["--json"])
    ],
    "diff": [
        ["diff", *TARGET, "--from", "development", "--to", "production", *more]
        for more in ([], ["--json"])
    ],
    "check": [["check", *TARGET], ["check", *TARGET, "--json", "--strict"]],
    "schema": [["schema", *TARGET]],
    "env check": [["env", "check", ".env", *TARGET, *m] for m in ([], ["--json"], ["--sarif"])],
    "env diff": [["env", "diff", ".env", ".env.production", *TARGET, *m] for m in ([], ["--json"])],
    "env example": [["env", "example", *TARGET]],
    "env reads": [["env", "reads", *TARGET], ["env", "reads", *TARGET, "--json"]],
    "env sort": [["env", "sort", ".env", "--check"]],
    "secrets keygen": [["secrets", "keygen", "--keys", "k.env"]],
    "secrets rotate": [["secrets", "rotate", ".env", "--keys", ".env", "--dry-run"]],
    "secrets check": [["secrets", "check", *TARGET, *more] for more in ([], ["--json"])],
    "secrets scan": [["secrets", "scan", "config.yaml", ".env", *TARGET]],
    "secrets drill": [["secrets", "drill", "db", "--rotations", "1"]],
}
#: Commands whose purpose is to print a text in clear, or that never see the settings.
APART = {"secrets decrypt", "secrets encrypt", "env init", "env codes"}


def commands(group: click.Command, prefix: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command of the command line but those of flags, which never meet the settings."""
    if isinstance(group, click.Group):
        with click.Context(group) as context:
            for name in group.list_commands(context):
                inner = group.get_command(context, name)
                if inner is not None and (*prefix, name) != ("flags",):
                    yield from commands(inner, (*prefix, name))
    else:
        yield " ".join(prefix)


def test_every_command_is_run_here():
    assert set(commands(cli)) - APART == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_no_command_shows_a_canary(tmp_path, monkeypatch, aws, capfd, command):  # noqa: F811
    plant(tmp_path, monkeypatch, aws)
    (tmp_path / "canary_settings.py").write_text(WRITTEN)
    (tmp_path / ".env.production").write_text((tmp_path / ".env").read_text() + "LIMIT=7\n")
    (tmp_path / "config.yaml").write_text(
        (tmp_path / "config.yaml").read_text().replace("${vault:x}", "plain")
    )
    try:
        for words in COMMANDS[command]:
            main(words)
            for bad in (["--set", "limit=x"], ["--environment", "nowhere"]):
                if command in ("show", "explain", "check"):
                    main([*words, *bad])
    finally:
        sys.modules.pop("canary_settings", None)
    out = capfd.readouterr()
    assert out.out + out.err or command == "env sort"
    assert leaks(out.out + out.err) == []


# -- logs and reports --------------------------------------------------------------------------


def test_no_log_at_debug_shows_a_canary_botocores_included(tmp_path, monkeypatch, aws, caplog):  # noqa: F811
    with caplog.at_level(logging.DEBUG):
        for name in ("botocore", "boto3", "urllib3"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        sources = plant(tmp_path, monkeypatch, aws)
        config = load(Settings, *sources, resolvers=RESOLVERS)
        secrets = SecretManager()
        secrets.get("aws:db")
        aws.answer = lambda operation, document: refusal("AccessDeniedException")
        config.reload()
        with pytest.raises(confkit.SecretError):
            secrets.refresh("aws:db")
    records = "\n".join(str(vars(record)) for record in caplog.records)
    assert leaks(caplog.text + records) == []


TEST_FILE = """
import os
from dataclasses import dataclass
import confkit
from confkit import Environ, Secret

@dataclass(frozen=True)
class Settings:
    environ: Secret = Secret("")

def test_fails():
    config = confkit.load(Settings, Environ())
    value = config.current.environ.reveal()
    print("printed", value)
    assert config.current.environ == Secret("other"), value
"""


def test_no_test_report_shows_a_canary(tmp_path):
    (tmp_path / "test_it.py").write_text(TEST_FILE)
    canary = CANARIES["environ"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-l", "-vv", "-p", "no:cacheprovider", "-p", "no:randomly",
         "--junitxml=report.xml", "test_it.py"],
        cwd=tmp_path,
        env={**os.environ, "ENVIRON": canary},
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    report = (tmp_path / "report.xml").read_text()
    assert "1 failed" in done.stdout, done.stdout + done.stderr
    assert "printed ***" in done.stdout
    assert leaks(done.stdout + done.stderr) == []
    assert leaks(report) == []
