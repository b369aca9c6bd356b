"""The example shop's flags: the file and the declarations fit, and decide as their remarks say."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

import pytest

from confkit.flags.client import Flags
from confkit.flags.stores.file import FileStore

SHOP = Path(__file__).parents[2] / "examples" / "shop"


@pytest.fixture
def declared():
    spec = importlib.util.spec_from_file_location("shop_flags", SHOP / "flags.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.ShopFlags


@pytest.fixture
def flags(tmp_path, declared):
    shutil.copy(SHOP / "flags.yaml", tmp_path)
    with Flags(FileStore(tmp_path / "flags.yaml"), declared, background=False) as found:
        yield found


def test_what_is_stored_is_declared_and_the_other_way_round(flags, declared):
    assert flags.status.healthy
    assert set(flags.view.flags) == {member.value.name for member in declared}


def test_the_five_flags(flags, declared):
    users = [f"user-{n}" for n in range(20_000)]
    share = sum(flags.enabled(declared.NEW_DASHBOARD, u) for u in users) / len(users)
    assert share == pytest.approx(0.1, abs=0.01)
    assert flags.enabled(declared.BETA_API, "partner-ada")
    assert not flags.enabled(declared.BETA_API, "user-1")
    assert flags.enabled(declared.DARK_MODE)
    in_germany = {"country": "DE", "app_version": "2.4.0"}
    paying = [u for u in users if flags.enabled(declared.PAYMENT_V2, {"user_id": u, **in_germany})]
    assert len(paying) / len(users) == pytest.approx(0.25, abs=0.01)
    assert "user-13" not in paying
    assert not flags.enabled(declared.PAYMENT_V2, paying[0], country="US", app_version="2.4.0")
    for user in users[:2000]:
        if flags.enabled(declared.ADVANCED_ANALYTICS, user):
            assert flags.enabled(declared.NEW_DASHBOARD, user)
            assert flags.variant(declared.ADVANCED_ANALYTICS, user) in ("charts", "tables")
