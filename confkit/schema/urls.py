"""The mark ``Url("postgresql", "sqlite")``: a URL, parsed, with one of some schemes."""

from __future__ import annotations

import re

_TLS = {"rediss": "redis", "https": "http"}
# Texts, compiled at their first use: not every program checks URLs.
_SCHEME = r"(?is)([a-z][a-z0-9.-]*)(\+[a-z0-9_.-]+)?://(.*)\Z"
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\s:/?#@\[\]]+)\Z"


class Url:
    """A text or ``Secret`` that is a URL: ``Annotated[Secret, Url("postgresql", "sqlite")]``.

    The scheme is one of ``schemes``, also with a driver (``postgresql+psycopg``) or with TLS
    (``rediss``); network databases need a host and a port that is a number from 1 to 65,535;
    SQLite takes a path and no host; Redis databases are numbers. No message quotes the URL.
    """

    __slots__ = ("schemes",)

    def __init__(self, *schemes: str) -> None:
        if not schemes:
            raise TypeError('Url() takes the schemes to allow: Url("postgresql", "sqlite")')
        self.schemes = schemes

    def __repr__(self) -> str:
        return f"Url({', '.join(map(repr, self.schemes))})"

    def fault(self, value: object) -> str:
        """What is wrong with the URL, in words that do not quote it; empty if nothing is."""
        match = re.match(_SCHEME, value) if isinstance(value, str) else None
        expected = ", ".join(f"{scheme}://" for scheme in self.schemes)
        if match is None:
            return f"is not a URL ({expected})"
        scheme = match[1].lower()
        base = _TLS.get(scheme, scheme)
        if scheme not in self.schemes and base not in self.schemes:
            return f"must start with {' or '.join(expected.split(', '))}"
        if any(ch.isspace() or ord(ch) < 32 for ch in match[3]):
            return "holds white space or a control character"
        authority, slash, rest = re.match(r"([^/?#]*)(/?)(.*)\Z", match[3], re.DOTALL).groups()  # type: ignore[union-attr]
        if base == "sqlite":
            if authority:
                return "has a host, and SQLite takes a path: sqlite:///app.db"
            return ""
        return _network(base, authority, rest if slash else "")


def _network(scheme: str, authority: str, path: str) -> str:
    place = authority.rpartition("@")[2]
    host, port = place, ""
    if match := re.match(r"(\[[^\]]*\]|[^:]*):(.*)\Z", place):
        host, port = match[1], match[2]
    if not host:
        # libpq takes an empty host for the local socket.
        return "" if scheme == "postgresql" and path else "has no host"
    if not re.match(_HOST, host):
        return "has a host that cannot be one"
    if ":" in place and port == "" and not place.startswith("["):
        return "has a colon and no port"
    if port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        return "has a port that is no number from 1 to 65535: is a / in the password unescaped?"
    database = re.split(r"[?#]", path, maxsplit=1)[0]
    if scheme == "redis" and database and not database.isdigit():
        return "has a database that is no number"
    return ""
