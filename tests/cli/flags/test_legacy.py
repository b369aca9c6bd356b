"""``confkit flags import --legacy``: from a server's old keys, with what should be known."""

from __future__ import annotations

import json

import fakeredis
import pytest

from confkit.cli.flags import legacy
from confkit.flags.redis.store import RedisStore


@pytest.fixture
def server(monkeypatch):
    """Old flags on a server that ``--from`` leads to."""
    client = fakeredis.FakeRedis()
    client.set("feature_flag:search", json.dumps({"enabled": True, "percentage_rollout": 25}))
    client.set("feature_flag:broken", "{")
    monkeypatch.setattr(legacy, "the_store", lambda url: RedisStore(client))
    return client


def test_the_old_flags_become_rules_and_notes_are_printed(server, path, run, capsys):
    run("import", "--legacy", "--from", "redis://old", "--yes")
    assert "search" in path.read_text()
    assert "legacy-md5-100" in path.read_text()


def test_notes_do_not_break_json(server, path, answer):
    found = answer("import", "--legacy", "--from", "redis://old", "--dry-run")
    assert [change["flag"] for change in found["changes"]] == ["search"]


def test_a_store_that_is_no_redis_is_wrong_usage(path, run):
    run("import", "--legacy", "--from", f"file:{path}", code=2)
