"""Where a page's flags come from: a client, a store, a URL, documents, or the project's own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from confkit.errors import InvalidFlag, Problem, StoreError
from confkit.flags.client import Flags
from confkit.flags.rules.evaluation import Compiled
from confkit.flags.rules.literals import Document
from confkit.flags.rules.model import Rule
from confkit.flags.stores.file import FileStore
from confkit.flags.stores.file_format import Unreadable, parse
from confkit.flags.stores.memory import MemoryStore
from confkit.flags.urls import open_store
from confkit.layers import shown
from confkit.project import tool_settings

#: The flag that is there where no others are: a rule to play with.
SCRATCH = "scratch"
SCRATCH_RULE: dict[str, Any] = {
    "enabled": True,
    "percentage": 10,
    "variants": {"control": 50, "treatment": 50},
}
#: Fields of a rule that have a control of their own.
OWN = ("enabled", "percentage", "salt", "unit", "allow", "deny", "schedule")


@dataclass(frozen=True)
class FlagSource:
    """Flags to look at; ``writable`` where they are in a store that a change can be written to."""

    flags: Flags
    writable: bool
    where: str

    def names(self) -> list[str]:
        """Every flag whose rule is known, those at a percentage first, the scratch flag last."""
        held = self.flags.view.flags
        known = sorted(held, key=lambda name: (not _partial(held[name]), name))
        return [*known, *([] if SCRATCH in held else [SCRATCH])]

    def flag(self, name: str) -> Compiled:
        """A flag as it is now."""
        found = self.flags.view.flags.get(name)
        if isinstance(found, Compiled):
            return found
        return Compiled(Rule.from_document(name, SCRATCH_RULE))

    def table(self) -> Mapping[str, Any]:
        """Every flag, for prerequisites."""
        return self.flags.view.flags


def _partial(flag: Any) -> bool:
    """Whether a flag is a rollout and nothing else: what a page shows best at first."""
    return getattr(flag, "prefix", None) is not None


def flag_source(flags: object = None) -> FlagSource:
    """The flags that a client, a store, a URL or a mapping of documents stands for.

    Without any: the store of ``$CONFKIT_FLAGS_URL`` or of ``[tool.confkit]`` in the project that
    the working directory is in; where there is none, the scratch flag alone.

    :raises confkit.StoreError: when the store cannot be read.
    """
    if isinstance(flags, Flags):
        return FlagSource(flags, writable=True, where="the store of your client")
    if isinstance(flags, Mapping):
        documents: dict[str, Document] = {
            str(name): dict(document) for name, document in flags.items()
        }
        return FlagSource(
            _client(MemoryStore(documents)), writable=False, where="the rules you gave"
        )
    if flags is None:
        flags = os.environ.get("CONFKIT_FLAGS_URL") or _of_project()
    if flags is None:
        return FlagSource(_client(MemoryStore()), writable=False, where="no store: a flag to try")
    if isinstance(flags, str):
        scheme, _, rest = flags.partition(":")
        # What is no file may hold a password.
        where = shown(Path(rest), project_directory()) if scheme == "file" else f"{scheme}:…"
        store = open_store(flags)
        if isinstance(store, FileStore) and not store.path.exists():
            raise StoreError(f"{store.path}: there is no such file")
        return FlagSource(_client(store), writable=True, where=where)
    return FlagSource(_client(flags), writable=True, where=type(flags).__name__)


def _client(store: Any) -> Flags:
    return Flags(store, background=False, fail_fast=True)


def project_directory(begin: Path | None = None) -> Path | None:
    """The directory, this one or above, whose ``pyproject.toml`` has ``[tool.confkit]``."""
    here = (begin or Path()).absolute()
    return next((place for place in (here, *here.parents) if tool_settings(place)), None)


def _of_project() -> str | None:
    place = project_directory()
    url = None if place is None else tool_settings(place).get("flags")
    if not isinstance(url, str) or place is None:
        return None
    scheme, _, path = url.partition(":")
    if scheme == "file" and not path.startswith("/"):
        return f"file:{place / path}"
    return url


def rest_of(document: Document) -> dict[str, Any]:
    """The fields of a rule that have no control of their own."""
    return {name: value for name, value in document.items() if name not in OWN}


def parsed(text: str) -> dict[str, Any]:
    """The fields of a rule in YAML.

    :raises confkit.InvalidFlag: for what is none.
    """
    if not text.strip():
        return {}
    indented = "".join(f"  {line}\n" for line in text.splitlines())
    try:
        found = parse(f"rule:\n{indented}".encode(), is_json=False)["rule"].document
    except Unreadable as error:
        place = f"line {max(error.line - 1, 1)}"
        raise InvalidFlag("rule", [Problem("", f"{error} ({place})", code=error.code)]) from None
    if not isinstance(found, dict):
        raise InvalidFlag("rule", [Problem("", "is a mapping of fields to values")])
    return found


def ids(text: str) -> list[str]:
    """The ids in a text, between commas or on lines."""
    return [
        one for part in text.splitlines() for piece in part.split(",") if (one := piece.strip())
    ]


def attributes(text: str) -> dict[str, str]:
    """``country=DE, app_version=2.4.0`` as a mapping; a part without ``=`` is refused.

    :raises ValueError: for such a part.
    """
    found = {}
    for piece in ids(text):
        name, equals, value = piece.partition("=")
        if not equals or not name.strip():
            raise ValueError(f"{piece!r} is not name=value")
        found[name.strip()] = value.strip()
    return found
