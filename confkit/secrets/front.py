"""``SecretManager``: secrets by name, for programs that have no settings to put them in."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from confkit import clocks
from confkit.errors import (
    MissingExtra,
    SecretDeleted,
    SecretError,
    SecretGarbled,
    SecretNotFound,
)
from confkit.layers import Entry, Origin
from confkit.redaction.known import known
from confkit.resolution.interpolation import Variables
from confkit.resolution.references import AnyResolver
from confkit.secret import Secret, SecretBytes
from confkit.secrets.cache import SecretStatus
from confkit.secrets.defaults import default_resolvers
from confkit.secrets.fernet import FernetResolver
from confkit.secrets.payload import Payload
from confkit.stand_ins import standing, stood_in
from confkit.unseen import alone, hiding

if TYPE_CHECKING:
    from confkit.secrets.keys import KeyRing

#: The most names for which the way to read them is kept.
MAX_NAMES = 4096
_NO_DEFAULT: Final = Secret("no default")


@dataclass(frozen=True, slots=True)
class Access:
    """One read of a secret, as the audit callback gets it; never its value.

    ``version`` is None where a secret has none, ``error`` the code of the failure, None for none.
    """

    name: str
    field: str | None
    version: str | None
    time: dt.datetime
    error: str | None


class SecretManager:
    """Reads secrets by name: variables, AWS, files, and what is encrypted in them.

    ::

        secrets = SecretManager()
        secrets.get("DATABASE_PASSWORD")                        # a variable
        secrets.get("JWT_SECRET_ENCRYPTED", encrypted=True)     # one that holds a Fernet token
        secrets.get("aws:myapp/database", field="password")     # AWS Secrets Manager
        secrets.get("file:/run/secrets/api-key")                # a file

    :param resolvers: by scheme, beside and above ``aws``, ``ssm``, ``file``, ``file64``; a plain
        function is one, too.
    :param default: the scheme of names without one; ``env`` are variables.
    :param keys: opens what is encrypted; without one, ``ENCRYPTION_KEYS`` and ``ENCRYPTION_KEY``.
    :param environ: stands in for ``os.environ``.
    :param audit: called with an :class:`Access` after each read. What it raises the reader gets
        instead of the secret: a read that cannot be recorded does not happen.
    """

    def __init__(
        self,
        *,
        resolvers: Mapping[str, AnyResolver] | None = None,
        default: str = "env",
        keys: KeyRing | None = None,
        environ: Mapping[str, str] | None = None,
        audit: Callable[[Access], object] | None = None,
    ) -> None:
        ours = {**default_resolvers(), "fernet": FernetResolver(keys)}
        self._resolvers: dict[str, Any] = {**ours, **(resolvers or {})}
        if default != "env" and default not in self._resolvers:
            known_ones = ", ".join(["env", *sorted(self._resolvers)])
            del environ
            raise ValueError(f"nothing answers the scheme {default!r}; known are {known_ones}")
        self._default = default
        self._keys = keys
        self._environ = os.environ if environ is None else environ
        self._audit = audit
        #: what reads each name, since finding that out takes longer than reading
        self._readers: dict[str, Callable[[], Payload]] = {}

    def __repr__(self) -> str:
        return f"<SecretManager of {', '.join(['env', *sorted(self._resolvers)])}>"

    def get(
        self,
        name: str,
        *,
        field: str | None = None,
        encrypted: bool = False,
        default: Secret | str = _NO_DEFAULT,
    ) -> Secret:
        """One secret, or one field of a secret that is a JSON object.

        :param encrypted: the value is a Fernet token, plain or in base64 twice; what begins with
            ``enc:`` is decrypted without it, or refused.
        :param default: given where there is no such variable, secret or field, and only there: no
            other failure ever gives a default.
        :raises SecretError: SecretNotFound and what the resolver of the name raises; with
            ``encrypted`` also MissingKey, EmptyKey, MalformedKey, WrongKey and BrokenToken.
        :raises TypeError: for a default that is no text.
        """
        if not isinstance(default, Secret | str):
            given = type(default).__name__  # type: ignore[unreachable]
            del default
            raise TypeError(f"the default is a str or a Secret, not {given}")
        try:
            payload = self._payload(name)
            found = payload.value if field is None else payload.field(field)
            if isinstance(found, SecretBytes):
                raise SecretGarbled(f"{name} holds bytes: read it with get_bytes()")
            if encrypted or (
                payload.encrypted if field is None else field in payload.encrypted_fields
            ):
                found = self._clear(found)
        except (SecretError, MissingExtra) as error:
            failed = error
        else:
            if self._audit is not None:
                self._record(name, field, payload.version, None)
            return found
        self._record(name, field, None, failed)
        absent = isinstance(failed, SecretNotFound) and not isinstance(failed, SecretDeleted)
        if absent and default is not _NO_DEFAULT:
            return default if isinstance(default, Secret) else Secret(default)
        del default
        raise alone(failed)

    @hiding(SecretError, MissingExtra)
    def get_bytes(self, name: str) -> SecretBytes:
        """A binary secret, or the bytes of a text.

        :raises SecretError: as :meth:`get` does.
        """
        try:
            payload = self._payload(name)
            value = payload.value
            if payload.encrypted:
                value = self._decrypted(value)
        except (SecretError, MissingExtra) as error:
            self._record(name, None, None, error)
            raise
        self._record(name, None, payload.version, None)
        return value if isinstance(value, SecretBytes) else _bytes_of(value, name)

    @hiding(SecretError, MissingExtra)
    def fields(self, name: str) -> Mapping[str, Secret]:
        """All fields of a secret that is a JSON object: always of one version.

        :raises SecretError: as :meth:`get` does; SecretGarbled when it is no JSON object.
        """
        try:
            payload = self._payload(name)
            fields = dict(payload.fields)
            for field in payload.encrypted_fields:
                fields[field] = self._clear(fields[field])
        except (SecretError, MissingExtra) as error:
            self._record(name, None, None, error)
            raise
        self._record(name, None, payload.version, None)
        return MappingProxyType(fields)

    @hiding(SecretError, MissingExtra, TypeError)
    def encrypt(self, value: Secret | str) -> str:
        """A Fernet token of ``value`` under the newest key; nothing is stored anywhere.

        :raises SecretError: MissingKey, EmptyKey, MalformedKey; never the value in clear.
        """
        return self._ring().encrypt(value.reveal() if isinstance(value, Secret) else value)

    @hiding(SecretError, MissingExtra)
    def refresh(self, name: str) -> bool:
        """Ask again now, at most once in 5 seconds; whether there is another version.

        Variables, files and functions are read anew each time: there is nothing to refresh.

        :raises SecretError: when the request failed; readers keep the last good value.
        """
        scheme, reference = self._split(name)
        refresh = getattr(self._resolvers.get(scheme), "refresh", None)
        return bool(refresh(reference)) if refresh is not None else False

    @hiding(SecretError, MissingExtra)
    def rejected(self, name: str, value: Secret, *, field: str | None = None) -> bool:
        """Report that ``value`` was refused, as a database does after a rotation.

        Asks for a newer version, at most once in 5 seconds however many threads report it. True
        when there is another value now, so that trying once more makes sense.

        ::

            try:
                connect(password)
            except AuthenticationFailed:
                if not secrets.rejected("aws:db", password, field="password"):
                    raise
                connect(secrets.get("aws:db", field="password"))

        :raises SecretError: when the request failed.
        """
        if self.get(name, field=field) != value:
            return True
        self.refresh(name)
        return self.get(name, field=field) != value

    def status(self) -> list[SecretStatus]:
        """Ages, versions and errors of the secrets kept in memory; never a value."""
        found: list[SecretStatus] = []
        for scheme, resolver in self._resolvers.items():
            if (status := getattr(resolver, "status", None)) is not None:
                found += [one.named(f"{scheme}:{one.name}") for one in status()]
        return found

    # -- reading ----------------------------------------------------------------------------------

    def _split(self, name: str) -> tuple[str, str]:
        scheme, colon, reference = name.partition(":")
        if colon and (scheme == "env" or scheme in self._resolvers):
            return scheme, reference
        if not name:
            raise SecretError("the name of the secret is an empty text")
        if colon and self._default == "env":
            # No variable is called so; a default for it would hide a misspelt scheme.
            known_ones = ", ".join(["env", *sorted(self._resolvers)])
            raise SecretError(f"nothing answers the scheme of this name; known are {known_ones}")
        return self._default, name

    def _payload(self, name: str) -> Payload:
        if standing and (text := stood_in(*self._split(name))) is not None:
            return Payload(Secret(text), "stand-in", name)
        reader = self._readers.get(name)
        if reader is None:
            reader = self._reader(name)
            if len(self._readers) < MAX_NAMES:
                self._readers[name] = reader
        return reader()

    def _reader(self, name: str) -> Callable[[], Payload]:
        scheme, reference = self._split(name)
        resolver = self._resolvers.get(scheme)
        if scheme == "env" and resolver is None:
            return lambda: Payload(self._variable(reference), "", name)
        if hasattr(resolver, "reader") and "#" not in reference:
            return resolver.reader(reference)  # type: ignore[no-any-return, union-attr]
        return lambda: Payload(self._answer(scheme, reference), "", name)

    def _variable(self, name: str) -> Secret:
        if name not in self._environ:
            raise SecretNotFound(f"the variable {name} is not set")
        held = Secret(self._environ[name])
        if "$" in held.reveal():
            # A reference in it is resolved, as in a load: the text with it in place is no value.
            held = Secret(self._variables().text_of(name) or "")
        known.add(held.reveal())
        return held

    def _variables(self) -> Variables:
        """All variables, as resolvers and references see them."""
        table = {
            name: Entry(text, Origin("env", name), literal=True)
            for name, text in self._environ.items()
        }
        return Variables([table], self._resolvers)

    def _answer(self, scheme: str, reference: str) -> Secret | SecretBytes:
        answer = self._variables().references.answer(scheme, reference)
        return SecretBytes(answer) if isinstance(answer, bytes) else Secret(answer)

    def _clear(self, token: Secret) -> Secret:
        made = Secret(self._ring().decrypt(token.reveal()))
        known.add(made.reveal())
        return made

    def _decrypted(self, token: Secret | SecretBytes) -> SecretBytes:
        text = token if isinstance(token, Secret) else Secret(token.reveal().decode("latin-1"))
        made = SecretBytes(self._ring().decrypt_bytes(text.reveal()))
        known.add(made.reveal())
        return made

    def _ring(self) -> KeyRing:
        if self._keys is not None:
            return self._keys
        from confkit.secrets.keys import KeyRing

        return KeyRing.from_variables(self._text)

    def _text(self, name: str) -> str | None:
        return self._variable(name).reveal() if name in self._environ else None

    def _record(
        self, name: str, field: str | None, version: str | None, error: Exception | None
    ) -> None:
        if self._audit is None:
            return
        code = None if error is None else getattr(error, "code", "missing-extra")
        now = dt.datetime.fromtimestamp(clocks.time(), dt.UTC)
        self._audit(Access(name, field, version or None, now, code))


def _bytes_of(value: Secret, name: str) -> SecretBytes:
    try:
        # As the system gives them: what is no UTF-8 in a variable is kept as it is.
        return SecretBytes(value.reveal().encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        pass
    raise SecretGarbled(f"{name} holds what is no character")
