"""Secrets in tests: answered from memory, in place of every resolver."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from confkit.errors import InvalidConfig, SecretNotFound
from confkit.overlays import configs
from confkit.redaction.known import known
from confkit.secret import Secret
from confkit.stand_ins import stand_in
from confkit.testing.temporary import Temporary

Value = str | Secret | Mapping[str, Any] | Exception


class override_secrets(Temporary):  # noqa: N801 - used like a function
    """Answer references to secrets, and ``SecretManager``, from memory.

    >>> with override_secrets({"myapp/database": {"password": "x", "user": "shop"}}):
    ...     manager.get("myapp/database", field="password").reveal()
    'x'

    Configurations that were built from references are built again, at the start and at the end.
    Values are masked in reports like any other secret.

    :param values: by name, ``"myapp/database"`` for every scheme or ``"aws:myapp/database"`` for
        one: text, fields by name (``${aws:myapp/database#password}``), or an exception that
        reading it raises. A name that is not here is asked for as ever.
    """

    def __init__(self, values: Mapping[str, Value], /, *, site: str | None = None) -> None:
        super().__init__(site)
        self.values = dict(values)
        self.what = f"secrets {', '.join(values)}"
        for name, value in self.values.items():
            if not isinstance(value, str | Secret | Mapping | Exception):
                raise TypeError(f"{name}: a secret is text, fields by name, or an exception")

    def __repr__(self) -> str:
        return f"<{self.what}, set at {self.site}>"

    @property
    def rank(self) -> tuple[int, int]:
        """What overrides of one secret are sorted by."""
        return (0, 0) if self._token is None else self._token.rank

    def _set(self) -> None:
        for value in self.values.values():
            for text in value.values() if isinstance(value, Mapping) else (value,):
                if isinstance(text, str | Secret):
                    known.add(_text(text))
        _active.append(self)
        if len(_active) == 1:
            _stop.append(stand_in(_answer))
        try:
            for config in _concerned():
                config.rebuild()
        except BaseException:
            self._undo()
            raise

    def _undo(self) -> None:
        concerned = _concerned()  # also those that were made meanwhile
        _active.remove(self)
        if not _active:
            _stop.pop()()
        for config in concerned:
            try:
                config.rebuild()
            except InvalidConfig as error:
                # It was made under the override, and would hold its secrets from now on.
                config.withdraw(error)


_active: list[override_secrets] = []
_stop: list[Any] = []


_REFERENCE = re.compile(r"\$\{([a-z][a-z0-9+.-]*):(.*)\}", re.DOTALL)


def _concerned() -> list[Any]:
    """The configurations that hold an answer of an override, or would, and those without settings.

    Others are left alone: what they refer to may not be in reach of a test.
    """
    return [config for config in configs if config.withdrawn or any(map(_stands_in, config.used()))]


def _stands_in(expression: str) -> bool:
    match = _REFERENCE.fullmatch(expression)
    try:
        return match is not None and _answer(match[1], match[2]) is not None
    except Exception:  # an override that raises
        return True


def _answer(scheme: str, reference: str) -> str | None:
    if scheme == "env":
        return None
    name, _, field = reference.partition("#")
    bare = name.rpartition("@AWS")[0] or name
    for override in sorted(_active, key=lambda one: one.rank, reverse=True):
        for spelled in (f"{scheme}:{name}", name, f"{scheme}:{bare}", bare):
            if spelled in override.values:
                return _part(override.values[spelled], name, field)
    return None


def _part(value: Value, name: str, field: str) -> str:
    if isinstance(value, Exception):
        raise value
    if isinstance(value, Mapping):
        if not field:
            return json.dumps({key: _text(text) for key, text in value.items()})
        if field not in value:
            raise SecretNotFound(f"the secret {name} in override_secrets has no field {field}")
        return _text(value[field])
    if field:
        raise SecretNotFound(f"the secret {name} in override_secrets has no fields")
    return _text(value)


def _text(value: Any) -> str:
    return value.reveal() if isinstance(value, Secret) else str(value)
