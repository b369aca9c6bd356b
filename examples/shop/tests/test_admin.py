"""The shop's admins: a ramp of the new dashboard, a setting, and who else gets nothing."""

from __future__ import annotations

import shutil

import pytest

import confkit
from confkit import FileStore, Flags, Secret
from confkit.testing import find_unit
from examples.shop.flags import ShopFlags
from examples.shop.settings import Settings
from examples.shop.tests.conftest import ROOT

pytest.importorskip("flask")
from examples.shop.web_flask import make_admin, make_app

TOKEN = Secret("shop-admin-0123456789")


@pytest.fixture
def client(tmp_path):
    for name in ("config.yaml", "flags.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    config = confkit.load(Settings, root=tmp_path, environ={"SECRET_KEY": "x" * 32})
    flags = Flags(FileStore(tmp_path / "flags.yaml"), ShopFlags, background=False)
    admin = make_admin(config, flags, TOKEN, audit=tmp_path / "audit.jsonl")
    return make_app(config, flags, admin).test_client()


BEARER = {"Authorization": f"Bearer {TOKEN.reveal()}"}


def title(client, user_id):
    return client.get("/dashboard", query_string={"user_id": user_id}).text.split("h1>")[1][:-2]


def test_the_new_dashboard_is_ramped_by_the_documents_route(client):
    lucky, other = find_unit("new_dashboard"), find_unit("new_dashboard", on=False)
    assert (title(client, lucky), title(client, other)) == ("The shop, live", "The shop")
    body = {"percentage_rollout": 100}
    found = client.post("/admin/feature-flags/new_dashboard", headers=BEARER, json=body)
    assert (found.status_code, found.json["status"]) == (200, "updated")
    assert title(client, other) == "The shop, live"
    listed = client.get("/admin/feature-flags", headers=BEARER).json
    assert listed["new_dashboard"]["percentage_rollout"] == 100
    assert listed["beta_api"]["user_whitelist_count"] == 2


def test_a_setting_is_changed_by_the_documents_route(client):
    found = client.post("/admin/config", headers=BEARER, json={"api": {"timeout": 7}})
    assert found.json["status"] == "updated"
    customer = {"user_id": "42", "country": "DE"}
    assert client.post("/checkout", data=customer).json["timeout"] == 7
    shown = client.get("/admin/config", headers=BEARER).json
    assert shown["secret_key"] != "x" * 32


def test_nobody_else_gets_in(client):
    assert client.get("/admin/config").status_code == 401
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    refused = client.get("/admin/config", headers=BEARER, environ_overrides=elsewhere)
    assert refused.status_code == 403
    assert client.get("/dashboard", environ_overrides=elsewhere).status_code == 200
