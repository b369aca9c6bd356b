"""A client on an empty store."""

from __future__ import annotations

import pytest

from confkit.flags.client import Flags
from confkit.flags.stores.memory import MemoryStore


@pytest.fixture
def flags():
    with Flags(MemoryStore()) as made:
        yield made
