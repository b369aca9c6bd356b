"""No configuration and no client that another test left alive takes part."""

from __future__ import annotations

import weakref

import pytest

from confkit.flags import everywhere
from confkit.overlays import configs


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for live in (configs, everywhere._here.clients):
        monkeypatch.setattr(live, "_objects", weakref.WeakSet())
