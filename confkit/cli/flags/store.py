"""What the flag commands share: the store they are about, and who they act for."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import click

from confkit.cli.numbers import Seconds
from confkit.errors import StoreError, UnknownFlag
from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.validation import share_fault
from confkit.flags.stores.file import FileStore
from confkit.flags.stores.port import Store
from confkit.flags.urls import FORMS, open_store
from confkit.near import did_you_mean
from confkit.project import tool_settings


def store_url(given: str | None) -> str:
    """The store's URL: ``--store``, else ``$CONFKIT_FLAGS_URL``, else ``[tool.confkit] flags``.

    :raises click.UsageError: with the ways to name a store, when none does.
    """
    url = given or os.environ.get("CONFKIT_FLAGS_URL") or tool_settings().get("flags")
    if not isinstance(url, str) or not url:
        raise click.UsageError(
            f"which store? Name it with --store ({FORMS}), with $CONFKIT_FLAGS_URL, "
            'or in pyproject.toml: [tool.confkit] flags = "file:flags.yaml"'
        )
    return url


#: Seconds that a command waits for an answer: links are slower than those of servers.
PATIENCE = 5.0
_TIMEOUT = "confkit.timeout"


def the_store(given: str | None, *, must_exist: bool = True) -> Store:
    """The store that the command is about.

    :raises confkit.StoreError: for a file that is not there, unless it may be made.
    """
    url = store_url(given)
    try:
        store = open_store(url, timeout=click.get_current_context().meta.get(_TIMEOUT, PATIENCE))
    except StoreError as error:
        raise click.UsageError(str(error)) from None
    if isinstance(store, FileStore) and must_exist and not store.path.exists():
        raise StoreError(f"{store.path}: there is no such file; `set` and `import` make one")
    return store


@contextmanager
def client(given: str | None, *, must_exist: bool = True) -> Iterator[Flags]:
    """A client without threads, which has read the store or raised."""
    store = the_store(given, must_exist=must_exist)
    with Flags(store, background=False, fail_fast=True) as flags:
        yield flags


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--store URL`` and ``--timeout SECONDS``."""

    def remember(ctx: click.Context, _: click.Parameter, value: float) -> None:
        ctx.meta[_TIMEOUT] = value

    timeout = click.option(
        "--timeout",
        type=Seconds(0, 3600, min_open=True),
        default=PATIENCE,
        show_default=True,
        expose_value=False,
        callback=remember,
        help="How many seconds a store on a network is waited for.",
    )
    store = click.option("--store", "store_url", metavar="URL", help=f"The store: {FORMS}.")
    return store(timeout(command))


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--by`` and ``--reason``, for the record."""

    @click.option("--by", help="Who makes the change; you, if not said.")
    @click.option("--reason", default="", help="Why, for the history.")
    @wraps(command)
    def run(*, by: str | None, **options: Any) -> Any:
        return command(by=user() if by is None else by, **options)

    return run


def user() -> str:
    """The name of whoever is at the terminal, empty where the system has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return ""


def the_flag(flags: Flags, name: str) -> Compiled:
    """A flag of the store.

    :raises confkit.UnknownFlag: with what was perhaps meant.
    :raises confkit.StoreError: when its document is no rule.
    """
    view = flags.view
    if name in view.flags:
        return view.flags[name]
    if name in view.errors:
        raise StoreError(view.errors[name])
    raise UnknownFlag(f"there is no flag {name!r}{did_you_mean(name, view.flags, ': ')}")


class Percentage(click.ParamType):  # type: ignore[type-arg] # generic only in newer clicks
    """``25%``, ``25`` or ``12.5``."""

    name = "percentage"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The number."""
        try:
            number = float(str(value).strip().removesuffix("%"))
        except ValueError:
            self.fail(f"{value!r} is no percentage", param, ctx)
        if fault := share_fault(number):
            self.fail(f"{value!r} {fault}", param, ctx)
        return int(number) if number == int(number) else number


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """``name=value`` texts as a mapping."""
    found = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"{text!r} is not name=value", param_hint=option)
        if name in found:
            raise click.BadParameter(f"{name!r} is given twice", param_hint=option)
        found[name] = value
    return found
