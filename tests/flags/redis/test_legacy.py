"""Old flags mean what they answered: held against the old rule itself, as it stood."""

from __future__ import annotations

import hashlib
import json
import re
from typing import Any

import fakeredis
import pytest

from confkit.flags import Flags, MemoryStore
from confkit.flags.redis.legacy import find, translate
from confkit.flags.redis.store import RedisStore

USERS = [f"user-{number}" for number in range(300)] + ["ann", "42", "ä", ""]


def answered(config: dict[str, Any], user_id: str | None) -> bool:
    """What the old program answered (without its cache)."""
    if not config.get("enabled", False):
        return False
    if user_id and config.get("user_whitelist"):
        return user_id in config["user_whitelist"]
    if user_id and config.get("percentage_rollout"):
        hashed = int(hashlib.md5(user_id.encode()).hexdigest(), 16)
        return bool((hashed % 100) < config["percentage_rollout"])
    return bool(config.get("enabled", False))


CASES: list[dict[str, Any]] = [
    {"enabled": enabled, "user_whitelist": listed, "percentage_rollout": percentage}
    for enabled in (True, False)
    for listed in ([], ["ann", "user-7"], None)
    for percentage in (None, 0, 1, 25, 50, 12.5, 99, 100, 250, -5)
] + [{}, {"enabled": True}, {"percentage_rollout": 50}, {"enabled": 1, "user_whitelist": ["42"]}]


@pytest.mark.parametrize("config", CASES, ids=json.dumps)
def test_everybody_with_an_id_gets_the_answer_as_before(config: dict[str, Any]) -> None:
    flag = translate("f", json.dumps(config).encode())
    assert flag.document is not None
    with Flags(MemoryStore({"f": flag.document})) as flags:
        for user in filter(None, USERS):
            assert flags.enabled("f", user) == answered(config, user), user
        changed = flags.enabled("f") != answered(config, None)
    assert changed == any("without a user id" in note for note in flag.notes)


def test_reshuffled_percentages_have_users_of_their_own() -> None:
    raw = json.dumps({"enabled": True, "percentage_rollout": 50}).encode()
    kept, moved = translate("f", raw), translate("f", raw, reshuffle=True)
    assert kept.document == {"enabled": True, "percentage": 50, "scheme": "legacy-md5-100"}
    assert moved.document == {"enabled": True, "percentage": 50}


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"user_whitelist": ["a"], "percentage_rollout": 25}, "whitelist came before"),
        ({"percentage_rollout": 0}, "on for everyone"),
        ({"percentage_rollout": 12.5}, "as many as 13"),
    ],
)
def test_what_may_surprise_is_noted(config: dict[str, Any], said: str) -> None:
    assert said in " ".join(translate("f", json.dumps({"enabled": True} | config).encode()).notes)
    assert translate("f", json.dumps({"enabled": False} | config).encode()).notes == ()


@pytest.mark.parametrize(
    ("name", "raw", "said"),
    [
        ("f", b"{", "is no JSON"),
        ("f", b"\xff", "utf-8|decode"),
        ("f", b"[]", "no JSON object"),
        ("f", b"[" * 100_000, "recursion"),
        ("f", b'{"user_whitelist": "ann"}', "no list of texts"),
        ("f", b'{"user_whitelist": [42]}', "no list of texts"),
        ("f", b'{"percentage_rollout": "25"}', "no number"),
        ("f", b'{"percentage_rollout": true}', "no number"),
        ("f", b'{"percentage_rollout": Infinity}', "no number"),
        ("no name", b"{}", "letters, digits"),
    ],
)
def test_what_cannot_be_read_says_why(name: str, raw: bytes, said: str) -> None:
    flag = translate(name, raw)
    assert flag.document is None
    assert re.search(said, flag.notes[0])


def test_they_are_found_on_the_server_and_left_there() -> None:
    client = fakeredis.FakeRedis()
    for number in range(1200):
        client.set(f"feature_flag:f{number}", json.dumps({"enabled": True}), ex=86400)
    client.set("feature_flagged", "not one")
    client.rpush("feature_flag:list", "no text")
    store = RedisStore(client)
    found = find(store)
    assert len(found) == 1200
    assert found[0].name == "f0"
    assert {str(flag.document) for flag in found} == {"{'enabled': True}"}
    assert client.dbsize() == 1202
    client.set("old*:a", json.dumps({"enabled": True}))
    client.set("old_:b", json.dumps({"enabled": True}))
    assert [flag.name for flag in find(store, prefix="old*:")] == ["a"]
    store.close()
