"""The checkout, by Flask's test client; and secrets, Redis, AWS and the clock."""

from __future__ import annotations

import pytest

import confkit
from confkit import Flags, MemoryStore, RedisStore
from confkit.secrets.front import SecretManager
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings
from examples.shop.web_flask import make_app

pytestmark = pytest.mark.override_config({"api.timeout": 1})


@pytest.fixture
def client(config, flags):
    return make_app(config, flags).test_client()


def checkout(client, country="DE"):
    return client.post("/checkout", data={"user_id": "42", "country": country}).get_json()


def test_the_module_sets_the_timeout(client):
    assert checkout(client)["timeout"] == 1


@pytest.mark.override_config({"api.timeout": 2})
class TestNearestWins:
    def test_of_the_class(self, client):
        assert checkout(client)["timeout"] == 2

    @pytest.mark.override_config({"api.timeout": 3})
    def test_of_the_function(self, client, override_config):
        assert checkout(client)["timeout"] == 3
        with override_config({"api.timeout": 4}):
            assert checkout(client)["timeout"] == 4


@pytest.mark.override_flags({ShopFlags.PAYMENT_V2: True})
def test_the_new_provider(client):
    assert checkout(client)["provider"] == "v2"


def test_no_licence_no_new_provider(client):
    assert checkout(client, country="US")["provider"] == "v1"


def test_a_secret_from_memory(override_secrets):
    override_secrets({"shop/payment": {"key": "not-the-real-one"}})
    key = SecretManager().get("aws:shop/payment", field="key")
    assert key.reveal() == "not-the-real-one"


def test_a_secret_from_aws(fake_aws):
    fake_aws.seed(secrets={"shop/payment": {"key": "from-aws"}})
    assert SecretManager().get("aws:shop/payment", field="key").reveal() == "from-aws"


def test_an_outage_of_redis_changes_nobodys_flags(fake_redis):
    store = RedisStore.from_url("redis://flags.shop.example/0")
    with Flags(store, ShopFlags, background=False) as flags:
        flags.set(ShopFlags.BETA_API, enabled=True)
        with fake_redis.outage():
            assert flags.enabled(ShopFlags.BETA_API)


def test_a_schedule(confkit_clock):
    steps = [{"at": "2030-01-01T00:00:00Z", "percentage": 100}]
    rule = {"enabled": True, "percentage": 0, "schedule": steps}
    flags = Flags(MemoryStore({"beta_api": rule}), ShopFlags, background=False)
    confkit_clock.travel("2029-12-31T23:00:00Z")
    assert not flags.enabled(ShopFlags.BETA_API, "42")
    confkit_clock.shift(hours=1)
    assert flags.enabled(ShopFlags.BETA_API, "42")


def test_the_environment_of_the_process(override_env, tmp_path):
    override_env(DATABASE_POOL_SIZE="3", SECRET_KEY="x" * 32, ENVIRONMENT=None)
    (tmp_path / ".env").write_text("")
    assert confkit.load(Settings, root=tmp_path).current.database.pool_size == 3


def test_a_pair_that_nothing_reaches(isolated_config):
    config, flags = isolated_config(
        Settings, {"secret_key": "x" * 32}, flags={"beta_api": {"enabled": True}}
    )
    assert config.current.api.timeout == 30
    assert flags.enabled(ShopFlags.BETA_API)
