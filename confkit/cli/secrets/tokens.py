"""``confkit secrets keygen``, ``encrypt``, ``decrypt`` and ``rotate``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click

from confkit.cli.output import OK, json_option, print_json
from confkit.errors import MissingKey
from confkit.layers import shown
from confkit.project import project_root
from confkit.secret import Secret
from confkit.secrets import rotation
from confkit.secrets.keys import VARIABLES, KeyRing, new_key

_file = click.Path(dir_okay=False, path_type=Path)
keys_option = click.option(
    "--keys",
    "keys",
    type=_file,
    metavar="FILE",
    help="The env file with the keys. Default: the environment, else .env of the root.",
)


def ring_of(keys: Path | None) -> KeyRing:
    """The key ring that the command line names.

    :raises SecretError: MissingKey, EmptyKey or MalformedKey, by the name of the variable.
    :raises InvalidSource: when the file cannot be read.
    """
    if keys is None and any(name in os.environ for name in VARIABLES):
        return KeyRing.from_variables(os.environ.get)
    found = rotation.keys_in(project_root() / ".env" if keys is None else keys)
    return KeyRing.from_variables(_look_up(found))


def _look_up(found: dict[str, Secret]) -> Callable[[str], str | None]:
    return lambda name: found[name].reveal() if name in found else None


@click.command()
@click.option("--keys", "keys", type=_file, metavar="FILE", help="Store it in this env file.")
@json_option
def keygen(keys: Path | None, as_json: bool) -> int:
    """Make an encryption key: printed, or stored in an env file in front of the others.

    \b
    Examples:
      confkit secrets keygen
      confkit secrets keygen --keys .env.local
    """
    if keys is None:
        key = new_key()
        print_json({"key": key}) if as_json else click.echo(key)
        return OK
    count = len(rotation.store_new_key(keys))
    if as_json:
        print_json({"file": shown(keys), "keys": count})
    else:
        others = f", in front of {count - 1} other{'s' * (count != 2)}" if count > 1 else ""
        click.echo(f"A new key is in {shown(keys)}{others}.")
    return OK


@click.command()
@click.argument("words", nargs=-1, metavar="")
@keys_option
@json_option
def encrypt(words: tuple[str, ...], keys: Path | None, as_json: bool) -> int:
    """Encrypt a text: asked for without showing it, or from standard input.

    A text is never taken from the arguments, which other users can see and shells remember. What
    is printed goes into an env file or a configuration file as it is.

    \b
    Examples:
      confkit secrets encrypt
      pass show stripe | confkit secrets encrypt --keys .env.local
    """
    if words:  # said without them: they may be the text
        raise click.UsageError("a text is not taken from the arguments: type it, or pipe it")
    ring = ring_of(keys)
    token = f"enc:{ring.encrypt(_text('Text', hidden=True).reveal())}"
    print_json({"token": token}) if as_json else click.echo(token)
    return OK


@click.command()
@keys_option
@json_option
def decrypt(keys: Path | None, as_json: bool) -> int:
    """Decrypt a token: asked for, or from standard input. Prints the text in clear.

    \b
    Example:
      grep ^API_KEY= .env.production | cut -d= -f2- | confkit secrets decrypt
    """
    ring = ring_of(keys)
    text = ring.decrypt(_bare(_text("Token", hidden=False)))
    print_json({"text": text}) if as_json else click.echo(text)
    return OK


def _bare(token: Secret) -> str:
    text = token.reveal().strip().strip("'\"")
    if text.startswith("${fernet:") and text.endswith("}"):
        text = text[len("${fernet:") : -1]
    return text


def _text(what: str, *, hidden: bool) -> Secret:
    """A text from a person, or all of standard input without the line end at its end."""
    if sys.stdin.isatty():
        return Secret(click.prompt(what, hide_input=hidden, confirmation_prompt=hidden, err=True))
    try:
        text = sys.stdin.read()
        text.encode()
    except UnicodeError:
        raise click.UsageError("standard input is not UTF-8: encode it in base64 first") from None
    return Secret(text.removesuffix("\n").removesuffix("\r"))


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@keys_option
@click.option("--new-key", is_flag=True, help="Make a new key first, and store it in --keys FILE.")
@click.option("--dry-run", is_flag=True, help="Count what would change, and write nothing.")
@json_option
def rotate(
    files: tuple[Path, ...], keys: Path | None, new_key: bool, dry_run: bool, as_json: bool
) -> int:
    """Put every token of the files under the newest key; comments and layout stay.

    Old keys stay too: take them away once nothing needs them. If one token cannot be opened, no
    file is changed and no key is made. Tokens in base64 twice become plain ones.

    \b
    Examples:
      confkit secrets rotate .env.production config/production.yaml --dry-run
      confkit secrets rotate .env.* --keys .env.local --new-key
    """
    if new_key and keys is None:
        raise click.UsageError("--new-key stores the key: name the env file with --keys FILE")
    # Before a key is made: what cannot be opened now cannot be opened then.
    planned = (_planned_before if new_key else _planned)(files, keys)
    if new_key and not dry_run:
        assert keys is not None
        planned = rotation.plan(files, rotation.store_new_key(keys))
    elif new_key:
        planned = [_all_old(one) for one in planned]
    if not dry_run:
        rotation.write(planned)
    _report(planned, dry_run, as_json)
    return OK


def _planned(files: tuple[Path, ...], keys: Path | None) -> list[rotation.Rotated]:
    return rotation.plan(files, ring_of(keys))


def _planned_before(files: tuple[Path, ...], keys: Path | None) -> list[rotation.Rotated]:
    """The plan with the keys there are before a new one is made: there may be none."""
    assert keys is not None
    if rotation.keys_in(keys):
        return _planned(files, keys)
    try:
        return rotation.plan(files, None)
    except MissingKey as error:
        raise MissingKey(f"{error}: {shown(keys)} holds none") from None


def _all_old(one: rotation.Rotated) -> rotation.Rotated:
    return rotation.Rotated(one.path, one.name, one.tokens, one.tokens, one.before, one.before)


def _report(planned: list[rotation.Rotated], dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({"files": [one.as_dict() for one in planned], "written": not dry_run})
        return
    for one in planned:
        done = "would be rotated" if dry_run else "rotated"
        click.echo(f"{one.name}: {one.old} of {one.tokens} tokens {done}")
