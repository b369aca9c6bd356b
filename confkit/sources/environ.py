"""The process environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

from confkit.layers import Entry, Layer, Origin
from confkit.sources.names import Empty, checked_empty, whole_prefix


class Environ:
    """Environment variables as a source, all of them or those that start with ``prefix``.

    The names are read without the prefix: under ``Environ("SHOP_")`` the field
    ``database.pool_size`` is ``SHOP_DATABASE_POOL_SIZE``. Their text is final, as the shell gave
    it: ``${NAME}`` is not looked for, references such as ``${aws:...}`` are.

    :param prefix: ends in an underscore, ``SHOP_``: ``SHOP`` would take ``SHOPPING_CART`` as well.
    :param empty: ``"unset"`` takes an empty variable, ``REDIS_PORT=``, for one that is not set, as
        compose files and the samples of many projects mean it; ``"value"`` takes it as a value.
    """

    def __init__(
        self,
        prefix: str = "",
        *,
        empty: Empty = "value",
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.prefix = whole_prefix(prefix)
        self.empty = checked_empty(empty)
        self.environ = environ

    def read(self) -> Layer:
        """The variables as they are now."""
        environ = os.environ if self.environ is None else self.environ
        every = {
            name: Entry(text, Origin("env", name), literal=True) for name, text in environ.items()
        }
        cut = len(self.prefix)
        given = every
        if self.empty == "unset":
            given = {name: entry for name, entry in every.items() if entry.raw}
        mine = {n[cut:]: e for n, e in given.items() if n.startswith(self.prefix)} if cut else given
        whole = given if cut else None
        return Layer("environment", mine, "variables", None, "", every, self.prefix, whole)

    def __repr__(self) -> str:
        return f"Environ({self.prefix!r})"
