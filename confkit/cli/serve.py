"""``confkit serve``: the admin API and its page on this machine, for a look around."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from confkit.admin import Admin, BearerTokens, Limits, Token, new_token
from confkit.admin.server import local_server
from confkit.cli.flags.store import store_option, the_store, user
from confkit.cli.output import echo, line
from confkit.cli.target import Target, environment_option, load_target
from confkit.config import Config
from confkit.flags.client import Flags
from confkit.project import project_root, tool_settings

#: One person at one machine: only what is wrong is limited.
LIMITS = Limits(reads=None, writes=None)


@click.command()
@click.option("--settings", "-s", metavar="MODULE:CLASS", help="The settings class.")
@click.option(
    "--root",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Where the files are looked up.",
)
@environment_option
@store_option
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: one that is free.")
@click.option("--read-only", is_flag=True, help="Refuse every change.")
def serve(
    settings: str | None,
    root: Path | None,
    environment: str | None,
    store_url: str | None,
    port: int,
    read_only: bool,
) -> None:
    """Serve the admin API and its page on this machine only, until Ctrl-C.

    A token for this run is printed once. Settings and flags are those of [tool.confkit] in
    pyproject.toml, where no option names others; either may be missing.

    \b
    Examples:
      confkit serve
      confkit serve --store file:flags.yaml --read-only
    """
    with ExitStack() as closing:
        config = _config(settings, root, environment)
        flags = _flags(store_url)
        if config is None and flags is None:
            raise click.UsageError(
                "there is nothing to serve: name settings with --settings, a store with --store, "
                "or both in pyproject.toml: [tool.confkit]"
            )
        if config is not None:
            closing.enter_context(config.watch())
        if flags is not None:
            closing.enter_context(flags)
        token = new_token()
        reads = ("config:read", "flags:read", "status:read", "audit:read")
        grants = reads if read_only else ("*",)
        auth = BearerTokens(Token(user() or "local", token, grants))
        admin = Admin(config, flags, auth=auth, limits=LIMITS)
        try:
            server = closing.enter_context(local_server(admin, port))
        except OSError as error:
            raise click.UsageError(f"port {port}: {error.strerror}") from None
        echo(line(f"http://127.0.0.1:{server.server_port}/ until Ctrl-C, for this machine only"))
        echo(f"token: {token.reveal()}")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            echo("")


def _config(settings: str | None, root: Path | None, environment: str | None) -> Config[Any] | None:
    named = settings or tool_settings().get("settings")
    if not isinstance(named, str):
        return None
    return Target(load_target(named), root or project_root()).load(environment)


def _flags(store_url: str | None) -> Flags | None:
    try:
        store = the_store(store_url)
    except click.UsageError:
        if store_url is not None:
            raise
        return None
    return Flags(store)
