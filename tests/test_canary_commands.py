"""No command of the command line shows a canary; a new command without an entry here fails."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
import pytest

from confkit.cli import cli, main
from tests.canaries import leaks, plant
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

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
    "show": [
        ["show", *TARGET],
        ["show", *TARGET, "--json"],
        ["show", *TARGET, "--layers"],
        ["show", *TARGET, "--html", "page.html"],
    ],
    "explain": [
        ["explain", key, *TARGET, *more]
        for key in ("aws", "fernet", "url", "keys", "accounts", "named")
        for more in ([], ["--json"])
    ],
    "diff": [["diff", *TARGET, "development", "production", *more] for more in ([], ["--json"])],
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
# `serve` ends when it is told to; its answers are in test_canary_admin.py.
APART = {
    *("secrets decrypt", "secrets encrypt", "env init", "env codes", "notebooks copy", "serve")
}


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
    pages = "".join(path.read_text() for path in tmp_path.glob("*.html"))
    assert bool(pages) is (command == "show")
    assert leaks(out.out + out.err + pages) == []
