"""Fixtures of backends: fresh for every test."""

from __future__ import annotations


def test_the_fake_redis_is_fresh_each_time(run):
    run("""
import redis
client = redis.Redis("cache.invalid", decode_responses=True)

@pytest.mark.parametrize("number", range(3))
def test_a(fake_redis, number):
    assert client.incr("a") == 1
    assert fake_redis.client().get("a") == "1"
    with fake_redis.outage(), pytest.raises(redis.ConnectionError):
        client.get("a")
""").assert_outcomes(passed=3)


def test_servers_are_started_once_and_empty_each_time(run):
    run("""
import redis
PORTS = set()

@pytest.mark.parametrize("number", range(3))
def test_a(fake_redis_server, number):
    PORTS.add(fake_redis_server.port)
    assert redis.Redis.from_url(fake_redis_server.url).incr("a") == 1
    assert len(PORTS) == 1

@pytest.mark.parametrize("number", range(3))
def test_b(real_redis, number):
    client = redis.Redis.from_url(real_redis.url)
    assert client.incr("a") == 1
    assert "redis_version" in client.info()
    (real_redis.freeze, real_redis.kill, lambda: None)[number]()
""").assert_outcomes(passed=6)


def test_the_account_is_empty_each_time(run):
    run("""
import boto3

@pytest.mark.parametrize("number", range(3))
def test_a(fake_aws, number):
    fake_aws.seed(secrets={"myapp/database": {"password": "from-aws"}})
    found = boto3.client("secretsmanager").list_secrets()["SecretList"]
    assert [secret["Name"] for secret in found] == ["myapp/database"]
    from confkit.secrets.front import SecretManager
    assert SecretManager().get("aws:myapp/database", field="password").reveal() == "from-aws"
""").assert_outcomes(passed=3)
