"""Secrets in env files: in clear text, real-looking, readable by others, tracked by git."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.findings import Finding
from confkit.envcheck.references import expanded
from confkit.envcheck.syntax import named
from confkit.redaction import mask_text, sensitive_name
from confkit.redaction.text import CREDENTIAL

#: Environments whose files may hold secrets in clear text: those of one developer or of tests.
LOCAL = frozenset({"", "local", "dev", "development", "test", "testing", "ci"})
#: Files that are made to be copied and filled in.
TEMPLATES = frozenset({"example", "sample", "template", "dist"})

_URL_PASSWORD = re.compile(r"://[^/?#\s:@]*:(?P<password>.*)@")
_PLACEHOLDER = re.compile(
    r"(?i)(?:.{0,3}|<.*>|[x*.]+|pass(?:word|wd)?|secret|postgres|mysql|redis|root|user|admin|guest"
    r"|none|null|todo|tbd|your[-_ ].*|change[-_ ]?(?:me|it|this).*"
    r"|(?:dev|test|dummy|fake|example|sample|local|insecure)(?:[-_ ].*)?"
    r"|.*[-_ ](?:example|dummy))\Z"
)
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
Scanner = Callable[[str, str], str]


def environment(name: str) -> str:
    """The environment that a file is named after: ``production`` for ``.env.production``."""
    base = Path(name).name
    return base[5:].lower() if base.startswith(".env.") else ""


def check(
    file: EnvFile,
    *,
    secret: frozenset[str] = frozenset(),
    local: frozenset[str] = LOCAL,
    scanner: Scanner | None = None,
) -> Iterator[Finding]:
    """What can be said about the secrets of one file.

    :param secret: names that the settings hold as secrets; others are judged by name and value.
    :param local: environments whose files may hold secrets in clear text.
    :param scanner: gives a word for what a name and value look like, empty for nothing.
    """
    env = environment(file.name)
    is_local = env in local or file.name.endswith(".local")
    clear: list[Setting] = []
    looks: list[tuple[Setting, str]] = []
    for setting in file.settings:
        # A bare $NAME is text here, and often a character of a password.
        if any(r.kind in ("name", "scheme") for r in expanded(setting.value, setting.quote)):
            continue
        if what := _looks_real(setting, scanner):
            looks.append((setting, what))
        if not _is_secret(setting, secret):
            continue
        if not is_local and env not in TEMPLATES:
            message = (
                f"{named(setting.statement)} holds a secret in clear text: write ${{NAME}} to take "
                "it from the environment, or an encrypted ${fernet:...}"
            )
            yield file.at(setting.span[0], "ClearTextSecret", message)
        if not _PLACEHOLDER.match(_secret_part(setting.value)):
            clear.append(setting)
    if not looks and not clear:
        return
    tracked = None if file.path is None else tracked_by_git(file.path)
    for setting, what in looks:
        # A file that git does not track is where real credentials may stand.
        if not (is_local and tracked is False):
            message = f"{named(setting.statement)} looks like {what}"
            yield file.at(setting.span[0], "RealLookingSecret", message)
    if tracked and clear:
        names = ", ".join(dict.fromkeys(named(s.statement) for s in clear))
        message = f"git tracks this file, and it holds secrets in clear text: {names}"
        yield file.at(clear[0].start, "TrackedByGit", message)
    elif clear and file.path is not None and os.name == "posix":
        # A checkout does not keep modes, so of a tracked file the mode says nothing.
        mode = stat.S_IMODE(file.path.stat().st_mode)
        if mode & stat.S_IROTH:
            message = f"every user can read this file (mode {mode:03o}), and it holds secrets"
            yield file.at(0, "ReadableByOthers", f"{message}: chmod 600")


def _is_secret(setting: Setting, secret: frozenset[str]) -> bool:
    value = setting.value
    if not value or value.lower() in ("true", "false", "null", "none"):
        return False
    if setting.name in secret:
        return not _harmless_url(value)
    return sensitive_name(setting.name) or ("://" in value and mask_text(value) != value)


def _harmless_url(value: str) -> bool:
    """Whether a secret field holds an address without a password, as ``sqlite:///app.db`` is."""
    return "://" in value and mask_text(value) == value


def _secret_part(value: str) -> str:
    match = _URL_PASSWORD.search(value)
    return match["password"] if match else value


def looks_real(value: str) -> bool:
    """Whether a text holds a credential of a form that is known; documented examples are none."""
    real = re.search(CREDENTIAL, value) or _PRIVATE_KEY.search(value)
    return bool(real) and "EXAMPLE" not in value


def _looks_real(setting: Setting, scanner: Scanner | None) -> str:
    value = setting.value
    if looks_real(value):
        return "a real credential"
    if scanner is not None and not _PLACEHOLDER.match(_secret_part(value)):
        return scanner(setting.name, value)
    return ""


def tracked_by_git(path: Path) -> bool | None:
    """Whether git tracks the file; None outside a work tree, and where git is not installed."""
    path = path.absolute()
    command = ["git", "-C", str(path.parent), "ls-files", "--error-unmatch", "--", path.name]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=10)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {0: True, 1: False}.get(done.returncode)
