"""``${fernet:TOKEN}`` and ``enc:TOKEN``: values that stand encrypted in files and variables."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from confkit.secrets.keys import KeyRing


class FernetResolver:
    """Answers ``${fernet:TOKEN}`` and ``enc:TOKEN``.

    :param keys: the key ring; without one, keys are those of ``ENCRYPTION_KEYS`` and
        ``ENCRYPTION_KEY``: in a load among all its variables, those of env files included, else
        in the process environment.
    :param ttl: the greatest age of a token in seconds; None for any.
    """

    secret = True
    #: what stands in the reference is the secret itself, encrypted, and no name
    inline = True

    def __init__(
        self,
        keys: KeyRing | None = None,
        *,
        ttl: int | None = None,
        look_up: Callable[[str], str | None] = os.environ.get,
    ) -> None:
        self.keys = keys
        self.ttl = ttl
        self._look_up = look_up

    def __repr__(self) -> str:
        return f"<FernetResolver of {self.keys or 'variables'}>"

    def with_variables(self, look_up: Callable[[str], str | None]) -> FernetResolver:
        """The resolver for one load, whose keys are read among its variables when needed."""
        return self if self.keys else FernetResolver(ttl=self.ttl, look_up=look_up)

    def resolve(self, reference: str) -> str:
        """The text that the token holds.

        :raises SecretError: one of MissingKey, EmptyKey, MalformedKey, WrongKey, BrokenToken,
            ExpiredToken, SecretGarbled.
        :raises MissingExtra: when cryptography is not installed.
        """
        if self.keys is None:
            from confkit.secrets.keys import KeyRing  # needs an extra, and some time

            self.keys = KeyRing.from_variables(self._look_up)
        return self.keys.decrypt(reference, self.ttl)

    def version(self, reference: str) -> str:
        """The token itself is encrypted: its content never changes."""
        return "constant"
