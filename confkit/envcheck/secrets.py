"""Secrets in env files: in clear text, real-looking, readable by others, tracked by git.

A reference is no secret, and what is written beside it or as its default may be one: the literal
parts of a value are looked at, and only they.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.filenames import LOCAL, role
from confkit.envcheck.findings import Finding
from confkit.envcheck.git import Tracked
from confkit.envcheck.references import expanded, literals
from confkit.redaction import mask_text, sensitive_name
from confkit.redaction.text import CREDENTIAL, PRIVATE_KEY_BEGIN

_URL_PASSWORD = re.compile(r"://[^/?#\s:@]*:(?P<password>.*)@")
#: A password in an address that was taken out with its reference.
_NO_PASSWORD = re.compile(r"(://[^/?#\s:@]*):@")
_PLACEHOLDER = re.compile(
    r"(?i)(?:.{0,3}|<.*>|\{.*\}|\[.*\]|[x*.#-]+|pass(?:word|wd)?|secret|postgres|mysql|redis|root"
    r"|user(?:name)?|admin|guest|none|null|todo|tbd|your[-_ ]?.*|my[-_ ].*"
    r"|(?:change|replace|insert|enter|set|add|put|fill)[-_ ]?(?:me|it|this|in|with|here|your|a).*"
    r"|(?:dev|test|dummy|fake|example|sample|local|insecure|default)(?:[-_ ].*)?"
    r"|.*[-_ ](?:example|dummy|here|placeholder)|.*(?:change[-_ ]?me|placeholder).*)\Z"
)
#: Beside a reference, shorter text is a prefix, as ``Bearer`` is, and no secret.
_SHORTEST_BESIDE = 8
#: Variables that are built into pages which everybody can read.
_PUBLISHED = re.compile(
    r"(?i)(?:NEXT|NUXT|REACT_APP|VITE|VUE_APP|GATSBY|EXPO|SVELTE|SANITY_STUDIO|NG_APP|PUBLIC)_"
    r"(?:PUBLIC_)?"
)
Scanner = Callable[[str, str], str]


def check(
    file: EnvFile,
    *,
    secret: Mapping[str, bool] | None = None,
    local: frozenset[str] = LOCAL,
    scanner: Scanner | None = None,
    tracked: Callable[[Path], bool | None] | None = None,
) -> Iterator[Finding]:
    """What can be said about the secrets of one file.

    :param secret: names of which the settings tell whether they are secret; others are judged by
        name and value.
    :param local: environments whose files may hold secrets in clear text.
    :param scanner: gives a word for what a name and value look like, empty for nothing.
    :param tracked: whether git tracks a file.
    """
    here = role(file.name)
    is_local = here.local or here.environment in local
    clear: list[Setting] = []
    looks: list[tuple[Setting, str]] = []
    for setting in file.settings:
        parts = secret_parts(setting, secret or {})
        if what := _looks_real(setting, scanner):
            looks.append((setting, what))
        if here.template or not parts:
            continue
        if not is_local:
            message = (
                f"{file.named(setting.statement)} holds a secret in clear text: write ${{NAME}} to "
                "take it from the environment, or an encrypted ${fernet:...}"
            )
            yield file.at(setting.span[0], "ClearTextSecret", message)
        if not all(_PLACEHOLDER.match(part) for part in parts):
            clear.append(setting)
    if not looks and not clear:
        return
    in_git = None if file.path is None else (tracked or Tracked())(file.path)
    for setting, what in looks:
        # A file that git does not track is where real credentials may be.
        if not (is_local and in_git is False):
            message = f"{file.named(setting.statement)} looks like {what}"
            yield file.at(setting.span[0], "RealLookingSecret", message)
    if in_git and clear:
        names = ", ".join(dict.fromkeys(file.named(s.statement) for s in clear))
        message = f"git tracks this file, and it holds secrets in clear text: {names}"
        yield file.at(clear[0].start, "TrackedByGit", message)
    elif clear and file.path is not None and os.name == "posix":
        # A checkout does not keep modes, so the mode of a tracked file tells nothing.
        mode = stat.S_IMODE(file.path.stat().st_mode)
        if mode & stat.S_IROTH:
            message = f"every user can read this file (mode {mode:03o}), and it holds secrets"
            yield file.at(0, "ReadableByOthers", f"{message}: chmod 600")


def secret_parts(setting: Setting, secret: Mapping[str, bool]) -> list[str]:
    """The texts in a value that are a secret in clear; none where it holds only references."""
    name, value = setting.name, setting.value
    if not value or value.lower() in ("true", "false", "null", "none"):
        return []
    beside, defaults = literals(value, setting.quote)
    refers = any(r.kind in ("name", "scheme") for r in expanded(value, setting.quote))
    texts = [_NO_PASSWORD.sub(r"\1@", beside), *defaults]
    declared = secret.get(name)
    by_name = sensitive_name(name) and not _PUBLISHED.match(name)
    found = []
    for i, text in enumerate(texts):
        if not text or text.lower() in ("true", "false", "null", "none"):
            continue
        if "://" in text:
            # An address is a secret for what is secret in it, as sqlite:///app.db is none.
            if mask_text(text) != text:
                found.append(_password(text))
        elif declared or (declared is None and by_name):
            if i == 0 and refers and len(text.strip()) < _SHORTEST_BESIDE:
                continue
            found.append(text)
    return found


def _password(text: str) -> str:
    match = _URL_PASSWORD.search(text)
    return match["password"] if match else text


def looks_real(value: str) -> bool:
    """Whether a text holds a credential of a form that is known; documented examples are none."""
    real = re.search(CREDENTIAL, value) or re.search(PRIVATE_KEY_BEGIN, value)
    return bool(real) and "EXAMPLE" not in value


def _looks_real(setting: Setting, scanner: Scanner | None) -> str:
    beside, defaults = literals(setting.value, setting.quote)
    for text in (beside, *defaults):
        if looks_real(text):
            return "a real credential"
        if scanner is None or not text or _PLACEHOLDER.match(_password(text)):
            continue
        if what := scanner(setting.name, text):
            return what
    return ""
