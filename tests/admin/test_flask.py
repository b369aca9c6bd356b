"""The blueprint in a Flask application of its own habits."""

from __future__ import annotations

import functools

import pytest

from confkit.admin import Admin
from tests.admin.conftest import ADA, FREE, TOKENS

flask = pytest.importorskip("flask")
from confkit.admin.flask import blueprint  # noqa: E402

BEARER = {"Authorization": f"Bearer {ADA}"}


def test_the_hosts_own_decorator_is_asked_as_well(admin):
    app = flask.Flask("host")

    def require_admin(view):
        @functools.wraps(view)
        def wrapped(*args, **kwargs):
            if flask.request.headers.get("X-Admin") != "yes":
                flask.abort(401)
            return view(*args, **kwargs)

        return wrapped

    app.register_blueprint(blueprint(admin, wrap=require_admin), url_prefix="/admin")
    client = app.test_client()
    both = {**BEARER, "X-Admin": "yes"}
    assert client.get("/admin/config", headers=both).status_code == 200
    assert client.get("/admin/config", headers=BEARER).status_code == 401
    assert client.get("/admin/config", headers={"X-Admin": "yes"}).status_code == 401


def test_routes_of_the_host_stay_its_own(admin):
    app = flask.Flask("host")
    app.add_url_rule("/administrator", view_func=lambda: "host", endpoint="host")
    app.register_blueprint(blueprint(admin), url_prefix="/admin")
    client = app.test_client()
    assert client.get("/administrator").text == "host"
    assert client.get("/nothing").status_code == 404
    assert client.get("/nothing").content_type.startswith("text/html")


def test_two_in_one_application(config, flags):
    app = flask.Flask("host")
    one = Admin(config, auth=TOKENS, limits=FREE)
    two = Admin(flags=flags, auth=TOKENS, limits=FREE)
    app.register_blueprint(blueprint(one, name="config"), url_prefix="/a")
    app.register_blueprint(blueprint(two, name="flags"), url_prefix="/b")
    client = app.test_client()
    assert client.get("/a/config", headers=BEARER).status_code == 200
    assert client.get("/b/config", headers=BEARER).status_code == 404
    assert client.get("/b/feature-flags", headers=BEARER).status_code == 200


def test_a_change_by_the_test_client(admin, config):
    app = flask.Flask("host")
    app.register_blueprint(blueprint(admin), url_prefix="/deep/admin")
    found = app.test_client().post("/deep/admin/config", headers=BEARER, json={"name": "two"})
    assert found.json["status"] == "updated"
    assert config.current.name == "two"


def test_a_prefix_with_a_name_in_it(admin):
    app = flask.Flask("host")
    app.register_blueprint(blueprint(admin), url_prefix="/<tenant>/admin")
    client = app.test_client()
    assert client.get("/one/admin/config", headers=BEARER).status_code == 200
    assert '<base href="/one/admin/">' in client.get("/one/admin/", headers=BEARER).text
    assert '<base href="/one/admin/">' in client.get("/one/admin", headers=BEARER).text
