"""One version of one secret: text or bytes, and the fields of a JSON object."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from confkit.encrypted import meant
from confkit.errors import SecretGarbled, SecretNotFound
from confkit.forking import cached_property
from confkit.near import near
from confkit.redaction.known import known
from confkit.secret import Secret, SecretBytes

#: Fields of a secret that are none: where a database is, not how to get in.
HARMLESS = frozenset(
    """
    username user host hostname port engine dbname database db dbinstanceidentifier
    dbclusteridentifier region name url_scheme sslmode masterarn
    """.split()  # noqa: SIM905 - a list that people read
)


class Payload:
    """What a store holds under a name, as one version: it never changes and never prints itself.

    :param value: the secret, text or bytes.
    :param version: the store's own name for this version; no secret.
    :param name: what errors call the secret.
    """

    def __init__(self, value: Secret | SecretBytes, version: str, name: str) -> None:
        self.value = value
        self.version = version
        self.name = name

    def __repr__(self) -> str:
        return f"<Payload of {self.name}, version {self.version}>"

    @cached_property
    def fields(self) -> Mapping[str, Secret]:
        """The fields of a secret that is a JSON object.

        Numbers, booleans, lists and objects in it are given as JSON text; null is no field.

        :raises SecretGarbled: when the secret is no JSON object.
        """
        table = None if isinstance(self.value, SecretBytes) else _object(self.value)
        if table is None:
            raise SecretGarbled(f"{self.name} is no JSON object: it has no fields")
        return MappingProxyType(table)

    @cached_property
    def encrypted(self) -> bool:
        """Whether it is encrypted, or meant to be: it begins with ``enc:``."""
        value = self.value
        if isinstance(value, SecretBytes):
            return meant(value.reveal()[:200].decode("latin-1"))
        return meant(value.reveal())

    @cached_property
    def encrypted_fields(self) -> frozenset[str]:
        """The fields that are encrypted, or meant to be."""
        return frozenset(name for name, held in self.fields.items() if meant(held.reveal()))

    def field(self, name: str) -> Secret:
        """One field.

        :raises SecretGarbled: when the secret is no JSON object.
        :raises SecretNotFound: when it has no such field, with a near miss if there is one.
        """
        found = self.fields.get(name)
        if found is None:
            similar = near(name, self.fields)
            hint = f": did you mean {similar}?" if similar else ""
            raise SecretNotFound(f"{self.name} has no field {name}{hint}")
        return found

    def remember(self) -> None:
        """Mask the secret, or those of its fields that are no addresses, in every text."""
        try:
            fields = self.fields
        except SecretGarbled:
            known.add(self.value.reveal())
            return
        for name, value in fields.items():
            if name.lower() not in HARMLESS:
                known.add(value.reveal())


def _object(held: Secret) -> dict[str, Secret] | None:
    try:
        table = json.loads(held.reveal())
    except (ValueError, RecursionError):
        return None
    if not isinstance(table, dict):
        return None
    return {name: Secret(_text(item)) for name, item in table.items() if item is not None}


def _text(item: Any) -> str:
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
