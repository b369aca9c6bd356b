"""What counts as sensitive, and masking for every output.

A field of type ``Secret`` is always masked. Beside it, a name tells (``stripe_api_key``,
``PGPASSWORD``, ``sentry_dsn``), and so does a value: the password in a URL, a bearer token,
``password=...`` in a connection string. The mask is constant: no prefix, no length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from confkit.layers import printable as printable
from confkit.secret import MASK, Secret


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONG = _words("""
    password passwords passwd pwd pass passphrase passcode secret secrets token tokens credential
    credentials creds apikey apikeys privatekey secretkey accesskey auth authorization bearer jwt
    signature sig salt pepper otp totp mfa cookie cookies session sessionid phpsessid csrf xsrf
    csrftoken dsn webhook keyfile passkey pin cvv ssn seed pem pfx p12 jks
""")
_PAIRS = {("connection", "string"), ("conn", "str"), ("service", "account"), ("two", "factor")}
_KEYS = _words("key keys")
_BEHIND_KEY = _words("pem value data json")
_HARMLESS_KEY = _words("""
    public pub primary foreign partition sort cache natural hot idx index bucket schema sequence
    group routing idempotency shard row object
""")
#: A later part that makes the name speak about the secret, not hold it: ``token_ttl``.
_ABOUT = _words("""
    length len min max size name id type expiry expires ttl timeout age seconds minutes hours days
    count limit enabled required policy algorithm prefix suffix header domain path rotation url uri
    endpoint version issuer scope provider per reset log
""")
_ALWAYS = _words("webhook dsn")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_PARTS = re.compile(r"[^A-Za-z]+")


def _parts(name: str) -> list[str]:
    return [part.lower() for part in _PARTS.split(_CAMEL.sub("_", name)) if part]


@lru_cache(maxsize=4096)
def sensitive_name(name: str) -> bool:
    """Whether a key or variable of this name holds a secret, judged by the words in it."""
    parts = _parts(name)
    for i, part in enumerate(parts):
        later = set(parts[i + 1 :])
        strong = part in _STRONG or part.endswith(("password", "passwd"))
        if not strong and (part, *parts[i + 1 : i + 2]) in _PAIRS:
            strong, later = True, set(parts[i + 2 :])
        if strong and (part in _ALWAYS or not later & _ABOUT):
            return not (parts[0] == "max" and part == "tokens")
        if part in _KEYS and not (i and parts[i - 1] in _HARMLESS_KEY):
            rest = parts[i + 1 :]
            if not rest or all(word in _BEHIND_KEY for word in rest):
                return True
    return False


_SCHEME = r"(?<![a-z0-9+.\-])([a-z][a-z0-9+.\-]{0,30})://"
# Texts, compiled at their first use: most programs mask nothing, and start without it.
_URL = rf"(?i){_SCHEME}((?:(?!,[a-z][a-z0-9+.\-]{{0,30}}://)[^\s\"'<>`\\])*)"
_PORT = re.compile(r"[0-9]{1,5}\Z")
#: Schemes under which a user name alone is a secret as well: tokens, and passwords without a user.
_TOKEN_USERS = re.compile(r"(?i)(?:git\+)?https?\Z|wss?\Z|rediss?\Z")
_PARAMETER = (
    r"(?i)(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9_.\-]{0,60})(\s?=\s?)"
    # A comma ends a value only where another name follows: passwords hold commas, too.
    r"('[^']*'|\"[^\"]*\"|(?:[^&#;\s\"',]|,(?!\s|[A-Za-z][A-Za-z0-9_.\-]{0,60}\s?=))+)"
)
_EXTRA_PARAMETERS = frozenset(
    {"code", "sig", "x-amz-signature", "accountkey", "sharedaccesskey", "key"}
)
_AUTHORIZATION = r"(?i)\b(bearer|basic)\s+([A-Za-z0-9+/=_.~-]{6,})"


def _mask_url(match: re.Match[str]) -> str:
    scheme, rest = match[1], match[2]
    end = re.search(r"[/?#]", rest)
    authority = rest[: end.start()] if end else rest
    if "@" in authority:
        at = authority.rfind("@")
    else:
        # An unescaped / ? # or : in the password moves the end of the authority in front of it.
        _, colon, port = authority.partition(":")
        unescaped = colon and not _PORT.match(port) and "[" not in authority
        at = rest.rfind("@") if unescaped else -1
    if at < 0:
        return match[0]
    user, colon, _ = rest[:at].partition(":")
    web = bool(_TOKEN_USERS.match(scheme))
    if colon:
        user = f"{MASK}:{MASK}" if web and scheme.lower().endswith(("http", "https")) else user
        shown = user if user.endswith(MASK) else f"{user}:{MASK}"
    else:
        shown = MASK if web or _dsn(rest[at:]) else user
    return f"{scheme}://{shown}{rest[at:]}"


def _dsn(rest: str) -> bool:
    return "ingest." in rest or "sentry" in rest


def _mask_parameter(match: re.Match[str]) -> str:
    name, equals, value = match[1], match[2], match[3]
    if name.lower() in _EXTRA_PARAMETERS or sensitive_name(name):
        return f"{name}{equals}{MASK}"
    # A nested URL or connection string stands in the value of a harmless parameter, too.
    return f"{name}{equals}{value}"


def mask_text(text: str) -> str:
    """Mask what is secret inside a text: passwords in URLs, tokens, ``password=...``."""
    if "://" in text:
        text = re.sub(_URL, _mask_url, text)
    if "=" in text:
        text = re.sub(_PARAMETER, _mask_parameter, text)
    if len(text) > 12:
        text = re.sub(_AUTHORIZATION, rf"\1 {MASK}", text)
    return text


def show(value: Any, *, secret: bool = False, name: str = "") -> str:
    """A value as one line for people, masked where it or its name calls for it.

    Booleans, None and empty text are never masked by name alone.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if secret or isinstance(value, Secret) or (value != "" and sensitive_name(name)):
        return MASK
    if isinstance(value, str):
        return printable(mask_text(value))
    if isinstance(value, dict):
        inside = ", ".join(f"{printable(str(k))}: {show(v, name=str(k))}" for k, v in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list | tuple | set | frozenset):
        return f"[{', '.join(_shown(value))}]"
    return printable(mask_text(str(value)))


def _shown(values: Iterable[Any]) -> list[str]:
    shown = [show(v) for v in values]
    return sorted(shown) if isinstance(values, set | frozenset) else shown
