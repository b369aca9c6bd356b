"""The secret parts of URLs: passwords, tokens in place of a user, addresses of webhooks.

``urllib`` splits none of these: it raises errors that quote the password, and takes ``/``, ``?``
and ``#`` in a password for the end of the authority.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

from confkit.secret import MASK

_SCHEME = r"(?i)(?<![a-z0-9+.\-])([a-z][a-z0-9+.\-]{0,30})://"
_END = r"[\s\"'<>`\\]"
_BLANK = r"\s"
#: How far behind a quote the rest of a password is looked for.
LONGEST_REST = 256
_PORT = re.compile(r"[0-9]{1,5}(?![0-9])")
#: Schemes under which a user without a password is a name: everywhere else it is a token.
_NAMED_USERS = re.compile(
    r"(?i)(?:postgres(?:ql)?|mysql|mariadb|mssql|sqlserver|oracle|mongodb|cockroachdb|redshift"
    r"|snowflake|trino|presto|hive|clickhouse|cassandra|ldap|imap|pop3?|smtp|amqp|ssh|sftp|scp|ftp"
    r"|rsync|svn|git|hg|vnc|rdp|smb|sip|file|s3|gs|abfs|wasb)s?(?:\+[a-z0-9_.\-]+)?\Z"
    r"|(?:git|svn|hg)\+(?:ssh|file)\Z"
)
_WEB = re.compile(r"(?i)(?:[a-z]+\+)?https?\Z")
#: The address of a webhook is its own password: all behind the host or this segment is secret.
_HOOK_HOST = re.compile(r"(?i)(?:[\w.-]*\.)?(?:hooks?\.|[\w-]*webhooks?[\w-]*\.)")
_HOOK_PATH = re.compile(r"(?i)/[a-z0-9_.-]*(?:web)?hooks?[a-z0-9_.-]*/(?=[^\s/])")


def mask_urls(text: str) -> str:
    """Mask what is secret in the addresses inside a text; their parameters are not looked at."""
    starts = list(re.finditer(_SCHEME, text))
    parts: list[str] = []
    at = 0
    for i, start in enumerate(starts):
        if start.start() < at:  # inside the password of the address before
            continue
        limit = starts[i + 1].start() if i + 1 < len(starts) else len(text)
        shown, end = _masked(text, start[1], start.end(), limit)
        parts += [text[at : start.end()], shown]
        at = end
    parts.append(text[at:])
    return "".join(parts)


def passwords(text: str) -> Iterator[str]:
    """The passwords in the addresses inside a text, as they are written and as they are meant."""
    for start in re.finditer(_SCHEME, text):
        rest = text[start.end() : _find(_END, text, start.end(), len(text))]
        userinfo, at, _ = rest.rpartition("@")
        _, colon, password = userinfo.partition(":")
        if at and colon and password:
            yield password
            yield unquote(password)


def _masked(text: str, scheme: str, start: int, limit: int) -> tuple[str, int]:
    """What is shown of the text behind ``scheme://``, and where that text ends."""
    end = _find(_END, text, start, limit)
    authority_end = _find(r"[/?#]", text, start, end)
    at = text.rfind("@", start, authority_end)
    if at < 0 and _unescaped(text[start:authority_end]):
        at = text.rfind("@", start, end)
        if at < 0:  # a quote or a backslash in the password ended the address too early
            end = _find(_BLANK, text, end, min(end + LONGEST_REST, len(text)))
            at = text.rfind("@", start, end)
            if at < 0:
                end = authority_end
    user = "" if at < 0 else _user(scheme, text[start:at], text[at:end])
    behind = start if at < 0 else at
    return user + _hook(scheme, text[behind:end]), end


def _find(pattern: str, text: str, start: int, end: int) -> int:
    found = re.compile(pattern).search(text, start, end)
    return found.start() if found else end


def _unescaped(authority: str) -> bool:
    """Whether what looks like a port is none: a password with / ? # or : in it."""
    _, colon, port = authority.partition(":")
    if not colon or authority.startswith("["):  # the address of a host, as in [::1]:80
        return False
    hosts = re.split(r"[,;]", port)
    return not (_PORT.match(port) and all(":" not in h or h.count(":") == 1 for h in hosts))


def _user(scheme: str, userinfo: str, rest: str) -> str:
    user, colon, _ = userinfo.partition(":")
    if not colon:
        named = _NAMED_USERS.match(scheme) and "sentry" not in rest
        return userinfo if named else MASK
    return f"{MASK}:{MASK}" if _WEB.match(scheme) else f"{user}:{MASK}"


def _hook(scheme: str, rest: str) -> str:
    """``rest`` from the host on, without what only the owner of a webhook knows."""
    if not _WEB.match(scheme):
        return rest
    host = rest.removeprefix("@")
    slash = host.find("/")
    if slash < 0:
        return rest
    offset = len(rest) - len(host)
    if _HOOK_HOST.match(host[: slash + 1].replace("/", ".")):
        return rest[: offset + slash + 1] + (MASK if host[slash + 1 :] else "")
    if found := _HOOK_PATH.search(host, slash):
        return rest[: offset + found.end()] + MASK
    return rest
