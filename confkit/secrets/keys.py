"""Encryption keys and the Fernet tokens they make and open; the only importer of cryptography.

Keys come newest first: the first encrypts, all of them decrypt. Nothing here ever falls back: what
cannot be opened is an error that names the variable, and no error holds a key, a token or a text.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence

from confkit import encrypted
from confkit.errors import (
    BrokenToken,
    EmptyKey,
    ExpiredToken,
    MalformedKey,
    MissingExtra,
    MissingKey,
    SecretError,
    SecretGarbled,
    WrongKey,
)
from confkit.redaction.known import known
from confkit.secret import Secret
from confkit.unseen import hiding

try:
    from cryptography.fernet import Fernet, InvalidToken
except ImportError:
    raise MissingExtra("cryptography", "secrets") from None

#: Where keys are looked for: several, newest first and parted by commas, and a single one.
VARIABLES = ("ENCRYPTION_KEYS", "ENCRYPTION_KEY")
_KEY = re.compile(r"[A-Za-z0-9_-]{43}=\Z")
_TOKEN = re.compile(r"[A-Za-z0-9_-]+={0,2}\Z")
#: A token in base64 once more, as ``b64encode(fernet.encrypt(...))`` makes it.
_TWICE = re.compile(r"Z0FBQUFB[A-Za-z0-9+/]+={0,2}\Z")
#: Version, time, initialisation vector and signature; between them blocks of 16 bytes.
_FRAME = 1 + 8 + 16 + 32


def new_key() -> str:
    """A new random key, as ``confkit secrets keygen`` prints it."""
    return Fernet.generate_key().decode()


class KeyRing:
    """Encryption keys, newest first.

    :param keys: texts of 44 characters, as :func:`new_key` makes them.
    :param name: what errors call the place the keys are from.
    :raises MissingKey: when there is none.
    :raises EmptyKey: when one is an empty text.
    :raises MalformedKey: when one is no key.
    """

    __slots__ = ("_ciphers", "name")

    @hiding(SecretError, TypeError)
    def __init__(self, keys: Iterable[str | Secret], name: str = "the key ring") -> None:
        self.name = name
        self._ciphers: list[Fernet] = []
        held = [key if isinstance(key, Secret) else Secret(key) for key in keys]
        if not held:
            raise MissingKey(f"{name} has no key")
        for number, key in enumerate(held, 1):
            which = f"{name} (key {number} of {len(held)})" if len(held) > 1 else name
            if _blank(key):
                raise EmptyKey(f"{which} is empty: make a key with `confkit secrets keygen`")
            if not _is_key(key):
                raise MalformedKey(
                    f"{which} is no Fernet key: 44 characters of URL-safe base64 without quotes, "
                    "as `confkit secrets keygen` makes them"
                )
            known.add(key.reveal())
        self._ciphers = [Fernet(key.reveal().strip()) for key in held]

    def __repr__(self) -> str:
        return f"<KeyRing of {self.name}: {len(self)}>"

    def __len__(self) -> int:
        return len(self._ciphers)

    @classmethod
    def from_variables(
        cls,
        look_up: Callable[[str], str | None],
        variables: Sequence[str] = VARIABLES,
    ) -> KeyRing:
        """The keys of ``ENCRYPTION_KEYS``, newest first, then that of ``ENCRYPTION_KEY``.

        :param look_up: gives a variable's text, and None for one that is not set.
        :raises MissingKey: when neither is set.
        :raises EmptyKey: when one that is set is empty, or has nothing between two commas.
        :raises MalformedKey: when one holds what is no key.
        """
        found = [(name, held) for name in variables if (held := _held(look_up, name)) is not None]
        if not found:
            names = " or ".join(variables)
            raise MissingKey(f"no encryption key: set {names} (`confkit secrets keygen` makes one)")
        keys: list[Secret] = []
        for name, held in found:
            parts = _parts(held) if name.endswith("S") else [held]
            cls(parts, name)  # errors name the variable, and the key in it
            keys += [part for part in parts if part not in keys]
        return cls(keys, " and ".join(name for name, _ in found))

    @hiding(SecretError, TypeError)
    def encrypt(self, value: str | bytes) -> str:
        """A token of ``value`` under the newest key.

        :raises SecretGarbled: for a text with half a character in it (a surrogate).
        """
        data = _data(value)
        if data is None:
            raise SecretGarbled("the text holds what is no character, and cannot be encrypted")
        return self._ciphers[0].encrypt(data).decode()

    @hiding(SecretError, TypeError)
    def decrypt(self, token: str, ttl: int | None = None) -> str:
        """The text that was encrypted.

        :param ttl: the greatest age of the token in seconds; None for any.
        :raises BrokenToken: when the text is no token.
        :raises ExpiredToken: when it is older than ``ttl``.
        :raises WrongKey: when no key opens it.
        :raises SecretGarbled: when bytes were encrypted that are no UTF-8.
        """
        text = _text(self.decrypt_bytes(token, ttl))
        if text is None:
            raise SecretGarbled("the token holds bytes that are no UTF-8 text")
        return text.reveal()

    @hiding(SecretError, TypeError)
    def decrypt_bytes(self, token: str, ttl: int | None = None) -> bytes:
        """The bytes that were encrypted; raises as :meth:`decrypt` does."""
        return self._open(token, ttl)[0]

    @hiding(SecretError, TypeError)
    def position(self, token: str) -> int:
        """Which key opens the token: 0 is the newest.

        :raises BrokenToken: when the text is no token.
        :raises WrongKey: when no key opens it.
        """
        return self._open(token, None)[1]

    @hiding(SecretError, TypeError)
    def rotate(self, token: str) -> str:
        """The token under the newest key, with the time it was made at; itself if it is already.

        A token in base64 twice becomes a plain one.

        :raises BrokenToken: when the text is no token.
        :raises WrongKey: when no key opens it.
        """
        data, position = self._open(token, None)
        plain = _plain(token)
        if position == 0:
            return plain
        made_at = self._ciphers[position].extract_timestamp(plain)
        return self._ciphers[0].encrypt_at_time(data, made_at).decode()

    def _open(self, token: str, ttl: int | None) -> tuple[bytes, int]:
        plain = _plain(token)
        for position, cipher in enumerate(self._ciphers):
            try:
                data = cipher.decrypt(plain)
            except InvalidToken:
                continue
            if ttl is not None and not _fresh(cipher, plain, ttl):
                raise ExpiredToken(f"the token is older than {ttl} s, or from the future")
            return data, position
        keys = "the key" if len(self) == 1 else f"none of the {len(self)} keys"
        verb = "does not open" if len(self) == 1 else "opens"
        raise WrongKey(f"{keys} of {self.name} {verb} this token")


def _fresh(cipher: Fernet, token: str, ttl: int) -> bool:
    try:
        cipher.decrypt(token, ttl=ttl)
    except InvalidToken:
        return False
    return True


def _data(value: str | bytes) -> bytes | None:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise TypeError(f"what is encrypted is a str or bytes, not {type(value).__name__}")
    try:
        return value.encode()
    except UnicodeEncodeError:
        return None


def _text(data: bytes) -> Secret | None:
    try:
        return Secret(data.decode())
    except UnicodeDecodeError:
        return None


def _held(look_up: Callable[[str], str | None], name: str) -> Secret | None:
    # The text itself is a local of this frame only, which raises nothing.
    text = look_up(name)
    return None if text is None else Secret(text)


def _blank(key: Secret) -> bool:
    return not key.reveal().strip()


def _is_key(key: Secret) -> bool:
    # The library takes quotes and blanks inside a key; a key with them works by luck only.
    return bool(_KEY.match(key.reveal().strip()))


def _parts(held: Secret) -> list[Secret]:
    return [Secret(part.strip()) for part in held.reveal().split(",")]


def _plain(token: str) -> str:
    """The token itself, taken out of a second base64 where it is in one.

    :raises BrokenToken: when it is no token.
    """
    if not isinstance(token, str):
        raise TypeError(f"a token is a str, not {type(token).__name__}")
    marked = encrypted.token(token)
    text = token.strip() if marked is None else marked
    if _TWICE.match(text):
        try:
            text = base64.b64decode(text, validate=True).decode("ascii")
        except (binascii.Error, UnicodeDecodeError):
            raise BrokenToken("the token is cut or altered") from None
    if not _TOKEN.match(text):
        raise BrokenToken("the text is no Fernet token")
    try:
        data = base64.urlsafe_b64decode(text)
    except binascii.Error:
        raise BrokenToken("the token is cut or altered") from None
    if len(data) <= _FRAME or (len(data) - _FRAME) % 16 or data[0] != 0x80:
        raise BrokenToken("the token is cut or altered")
    return text
