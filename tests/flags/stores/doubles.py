"""One change of a store."""

from __future__ import annotations


def put(store, name, document, expect=None):
    return store.write(name, document, expect=expect, by="ann", reason="")
