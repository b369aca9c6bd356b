"""confkit's own connections leave the machine in no test that does not allow it."""

from __future__ import annotations

import pytest

from pytest_confkit.network import loopback

#: The outer run sees what inner runs connect to as well.
pytestmark = pytest.mark.confkit_network

STORE = """
from confkit import RedisStore

MARK
def test_a():
    store = RedisStore.from_url("redis://user:hunter2hunter2@cache.invalid:6379/0")
    mine = Flags(store, background=False, start_timeout=0.2)
    assert not mine.enabled("new-checkout")
"""


@pytest.mark.parametrize(
    ("host", "local"),
    [
        *((host, True) for host in ("localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]")),
        *((host, False) for host in ("10.0.0.1", "example.com", "localhost.example.com", "")),
    ],
)
def test_what_this_machine_is(host, local):
    assert loopback(host) is local


def test_a_store_at_another_host_fails_the_test(run):
    result = run(STORE.replace("MARK", ""))
    result.assert_outcomes(passed=1, errors=1)
    text = result.stdout.str()
    assert "cache.invalid:6379, asked for by" in text
    assert "test_it.py:" in text
    assert "hunter2" not in text


@pytest.mark.parametrize("host", ["cache.invalid", ""])
def test_a_marker_allows_it(run, host):
    mark = f"@pytest.mark.confkit_network({repr(host) if host else ''})"
    run(STORE.replace("MARK", mark)).assert_outcomes(passed=1)


def test_a_marker_for_another_host_does_not(run):
    result = run(STORE.replace("MARK", '@pytest.mark.confkit_network("other.invalid")'))
    result.assert_outcomes(passed=1, errors=1)


@pytest.mark.parametrize("allowed", ["allow", "cache.invalid"])
def test_the_ini_file_allows_it(run, pytester, allowed):
    pytester.makeini(f"[pytest]\naddopts = -p pytest_confkit.plugin\nconfkit_network = {allowed}\n")
    run(STORE.replace("MARK", "")).assert_outcomes(passed=1)


def test_the_fake_is_no_connection(run):
    run(STORE.replace("MARK", "").replace("test_a()", "test_a(fake_redis)")).assert_outcomes(
        passed=1
    )


def test_the_connections_of_others_are_their_own_business(run):
    run("""
import redis
def test_a():
    with pytest.raises(redis.ConnectionError):
        redis.Redis("cache.invalid", retry=None).get("a")
""").assert_outcomes(passed=1)


def test_coroutines_too(run):
    result = run("""
import asyncio
from confkit.flags.redis.aio import AsyncRedisStore
def test_a():
    async def ask():
        store = AsyncRedisStore.from_url("redis://cache.invalid")
        with pytest.raises(Exception):
            await store.read()
        await store.aclose()
    asyncio.run(ask())
""")
    result.assert_outcomes(passed=1, errors=1)


def test_the_real_aws(run):
    result = run("""
from confkit.secrets.front import SecretManager
def test_a(override_env):
    override_env(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="y", AWS_DEFAULT_REGION="eu-west-1")
    with pytest.raises(Exception):
        SecretManager().get("aws:myapp/database")
""")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*secretsmanager.eu-west-1.amazonaws.com:443, asked for by*"])
