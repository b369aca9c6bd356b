"""What the shop's tests share: its settings as in development, and its flags as in its file."""

from __future__ import annotations

from pathlib import Path

import pytest

import confkit
from confkit import Config, FileStore, Flags
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings

ROOT = Path(__file__).parent.parent


#: Made here, as applications make theirs, so that marks of modules know its keys.
CONFIG = confkit.load(Settings, root=ROOT, environment="development", environ={})


@pytest.fixture(scope="session")
def config() -> Config[Settings]:
    """The settings of development, whatever is set in the developer's shell."""
    return CONFIG


@pytest.fixture(scope="session")
def flags() -> Flags:
    """The flags of the shop's file."""
    return Flags(FileStore(ROOT / "flags.yaml"), ShopFlags, background=False)
