"""The dashboard, asked through ASGI: both of its versions, and who sees which."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from confkit.testing import bucket, find_unit
from examples.shop.flags import ShopFlags
from examples.shop.web_fastapi import make_app


@pytest.fixture
def client(config, flags):
    app = make_app(config, flags)

    def get(path, **params):
        async def request():
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
                return await client.get(path, params=params)

        return asyncio.run(request()).json()

    return get


def dashboard(client, user_id="42"):
    return client("/dashboard", user_id=user_id)


@pytest.mark.override_flags({ShopFlags.NEW_DASHBOARD: True})
def test_the_new_dashboard(client):
    assert dashboard(client)["version"] == 2


def test_for_one_user_only(client, override_flags):
    override_flags({ShopFlags.NEW_DASHBOARD: True}, where={"user_id": "42"})
    override_flags({ShopFlags.NEW_DASHBOARD: False}, where={"user_id": "43"})
    assert (dashboard(client)["version"], dashboard(client, "43")["version"]) == (2, 1)


@pytest.mark.flag_matrix([ShopFlags.NEW_DASHBOARD, ShopFlags.DARK_MODE])
def test_every_combination_answers(client):
    assert set(dashboard(client)) == {"version", "dark", "debug"}


def test_the_rollout_as_it_is_in_the_file(client, flags):
    lucky, other = find_unit("new_dashboard"), find_unit("new_dashboard", on=False)
    assert (dashboard(client, lucky)["version"], dashboard(client, other)["version"]) == (2, 1)
    assert bucket("new_dashboard", lucky) < 10_000 <= bucket("new_dashboard", other)


def test_the_flag_is_asked_once_a_request(client, flags_seen):
    dashboard(client)
    flags_seen.assert_evaluated(ShopFlags.NEW_DASHBOARD, times=1)
    flags_seen.assert_not_evaluated(ShopFlags.BETA_API)


def test_the_environment_wins_over_the_files(client, config, override_config):
    override_config({"database.pool_size": 7}, layer="file")
    override_config({"database.pool_size": 9}, layer="env")
    assert client("/health") == {"connections": 9}
    assert "override at" in str(config.explain("database.pool_size").origin)


def test_a_coroutine_sees_it_too(flags, override_flags):
    async def ask() -> bool:
        override_flags({ShopFlags.BETA_API: True})
        return await asyncio.to_thread(flags.enabled, ShopFlags.BETA_API)

    assert asyncio.run(ask())
