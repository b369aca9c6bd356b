"""What the usual hand-written flag manager gets wrong, each shown on it and then on ours.

``FeatureFlagManager`` is that manager, as it is commonly copied into programs.
"""

from __future__ import annotations

import hashlib
import json
import time
from enum import Enum

import pytest

from confkit.flags.client import Flags
from confkit.flags.rules.decision import Reason
from confkit.flags.stores.memory import MemoryStore


class FakeRedis:
    """A key-value server with times to live."""

    def __init__(self):
        self.data = {}
        self.now = 0.0

    def get(self, key):
        value, until = self.data.get(key, (None, 0))
        return value if self.now < until else None

    def setex(self, key, seconds, value):
        self.data[key] = (value, self.now + seconds)


class FeatureFlag(Enum):
    NEW_DASHBOARD = "new_dashboard"
    BETA_API = "beta_api"


class FeatureFlagManager:
    def __init__(self, redis_client):
        self.redis = redis_client
        self.cache = {}
        self.cache_ttl = 300

    def is_enabled(self, flag, user_id=None, default=False):
        cache_key = f"feature:{flag.value}:{user_id or 'global'}"
        cached_value = self.cache.get(cache_key)
        if cached_value is not None:
            return cached_value
        flag_config = self._get_flag_config(flag)
        if not flag_config:
            return default
        if not flag_config.get("enabled", False):
            self.cache[cache_key] = False
            return False
        if user_id and flag_config.get("user_whitelist"):
            result = user_id in flag_config["user_whitelist"]
        elif user_id and flag_config.get("percentage_rollout"):
            result = self._is_in_percentage_rollout(user_id, flag_config["percentage_rollout"])
        else:
            result = flag_config.get("enabled", default)
        self.cache[cache_key] = result
        return result

    def _get_flag_config(self, flag):
        text = self.redis.get(f"feature_flag:{flag.value}")
        return json.loads(text) if text else {}

    def _is_in_percentage_rollout(self, user_id, percentage):
        return int(hashlib.md5(user_id.encode()).hexdigest(), 16) % 100 < percentage

    def set_flag(self, flag, enabled=True, user_whitelist=None, percentage_rollout=None):
        rule = {
            "enabled": enabled,
            "user_whitelist": user_whitelist or [],
            "percentage_rollout": percentage_rollout,
        }
        self.redis.setex(f"feature_flag:{flag.value}", 86400, json.dumps(rule))
        self.cache.clear()


USERS = [f"user-{n}" for n in range(4_000)]
NEW, BETA = FeatureFlag


@pytest.fixture
def server():
    return FakeRedis()


@pytest.fixture
def manager(server):
    return FeatureFlagManager(server)


@pytest.fixture
def flags():
    with Flags(MemoryStore(), FeatureFlag) as made:
        yield made


def test_two_flags_pick_different_users(manager, flags):
    for flag in FeatureFlag:
        manager.set_flag(flag, percentage_rollout=50)
        flags.set(flag, enabled=True, percentage=50)

    def shared(asked):
        return sum(asked(NEW, u) and asked(BETA, u) for u in USERS) / len(USERS)

    assert shared(manager.is_enabled) == pytest.approx(0.5, abs=0.03), "the same half for both"
    assert shared(flags.enabled) == pytest.approx(0.25, abs=0.03)


def test_a_percentage_has_fine_steps(manager, flags):
    manager.set_flag(NEW, percentage_rollout=0.5)
    flags.set(NEW, enabled=True, percentage=0.5)
    many = [str(n) for n in range(20_000)]
    assert sum(manager.is_enabled(NEW, u) for u in many) / len(many) == pytest.approx(
        0.01, abs=2e-3
    )
    assert sum(flags.enabled(NEW, u) for u in many) / len(many) == pytest.approx(0.005, abs=1.5e-3)


def test_another_process_hears_of_a_change(server, manager, flags):
    manager.set_flag(NEW, enabled=True)
    elsewhere = FeatureFlagManager(server)
    assert elsewhere.is_enabled(NEW, "1")
    manager.set_flag(NEW, enabled=False)
    server.now += 10 * elsewhere.cache_ttl
    assert elsewhere.is_enabled(NEW, "1"), "its cache never expires"

    flags.set(NEW, enabled=True)
    with Flags(flags.store) as other:
        assert other.enabled(NEW, "1")
        flags.set(NEW, enabled=False)
        assert not other.enabled(NEW, "1")


def test_users_do_not_pile_up(manager, flags):
    manager.set_flag(NEW, percentage_rollout=50)
    flags.set(NEW, enabled=True, percentage=50)

    def held(owner):
        sizes = (len(v) for v in vars(owner).values() if isinstance(v, dict | set | list))
        return sum(sizes)

    before = held(flags)
    for user in USERS:
        manager.is_enabled(NEW, user)
        flags.enabled(NEW, user)
        flags.decide(NEW, user)
    assert len(manager.cache) == len(USERS)
    assert held(flags) == before


def test_a_flag_is_still_there_after_a_day(server, manager, monkeypatch):
    manager.set_flag(NEW)
    server.now += 86_401
    assert not manager.is_enabled(NEW, "another"), "gone over night"

    now = [time.time()]
    with Flags(MemoryStore(), clock=lambda: now[0]) as flags:
        flags.set(NEW, enabled=True)
        now[0] += 400 * 86_400
        flags.refresh()
        assert flags.enabled(NEW, "another")


def test_without_an_id_a_partial_rollout_is_off(manager, flags):
    manager.set_flag(NEW, percentage_rollout=1)
    flags.set(NEW, enabled=True, percentage=1)
    assert manager.is_enabled(NEW), "on for everybody who is not logged in"
    assert flags.decide(NEW).reason is Reason.NO_UNIT
    assert not flags.enabled(NEW)


def test_zero_per_cent_is_nobody(manager, flags):
    manager.set_flag(NEW, percentage_rollout=0)
    flags.set(NEW, enabled=True, percentage=0)
    assert manager.is_enabled(NEW, "1"), "0 is taken for not set"
    assert not flags.enabled(NEW, "1")


def test_an_allow_list_leaves_the_percentage_alone(manager, flags):
    manager.set_flag(NEW, user_whitelist=["pilot"], percentage_rollout=50)
    flags.set(NEW, enabled=True, allow=["pilot"], percentage=50)
    assert sum(manager.is_enabled(NEW, u) for u in USERS) == 0
    assert sum(flags.enabled(NEW, u) for u in USERS) / len(USERS) == pytest.approx(0.5, abs=0.03)
    assert flags.enabled(NEW, "pilot")


def test_a_name_need_not_be_compiled_into_the_program(manager, flags):
    with pytest.raises(ValueError, match="not a valid FeatureFlag"):
        manager.set_flag(FeatureFlag("made_today"))
    flags.set("made_today", enabled=True)
    assert flags.enabled("made_today")


def test_a_change_of_one_field_keeps_the_others(manager, flags):
    manager.set_flag(NEW, user_whitelist=["pilot"])
    manager.set_flag(NEW, percentage_rollout=50)
    assert manager._get_flag_config(NEW)["user_whitelist"] == [], "reset in passing"
    flags.set(NEW, enabled=True, allow=["pilot"])
    flags.set(NEW, percentage=50)
    assert flags.enabled(NEW, "pilot")
    assert flags.history(NEW)[0].new == {"enabled": True, "allow": ["pilot"], "percentage": 50}
