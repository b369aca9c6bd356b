"""A canary in every source is in no answer, header, log or audit entry of the admin API."""

from __future__ import annotations

import json
import logging

import pytest

from confkit import Flag, Flags, MemoryStore, load
from confkit.admin import Admin, AuditFile, Ofrep
from tests.admin.conftest import ADA, FREE, READER, TOKENS, asking
from tests.canaries import CANARIES, RESOLVERS, Settings, leaks, plant
from tests.secrets.conftest import aws, credentials  # noqa: F401 - fixtures

RULES = {"f": {"enabled": True, "description": CANARIES["yaml"], "owner": CANARIES["list"]}}


@pytest.fixture
def admin(tmp_path, monkeypatch, aws, caplog):  # noqa: F811
    caplog.set_level(logging.DEBUG)
    sources = plant(tmp_path, monkeypatch, aws)
    config = load(Settings, *sources, resolvers=RESOLVERS)
    config.set("runtime", CANARIES["runtime"])
    with (
        Flags(MemoryStore(RULES), [Flag("f", public=True)], background=False) as flags,
        config.override({"override": CANARIES["override"]}),
    ):
        flags.set("f", percentage=50, by=CANARIES["argv"], reason=CANARIES["environ"])
        yield Admin(
            config, flags, auth=TOKENS, limits=FREE, audit=AuditFile(tmp_path / "audit.jsonl"),
            to=tmp_path / "config.yaml",
        )  # fmt: skip


def spelled(found):
    """An answer as it is on the wire, and as a client reads it."""
    text = found.body.decode()
    wire = f"{found.status} {found.headers} {text}"
    return wire if "json" not in found.header("Content-Type") else f"{wire} {json.loads(text)!r}"


def requests(admin):
    for route in admin.table.routes:
        path = route.path.replace("{name}", "f")
        for query in ("", "?ids=1", "?dry_run=1"):
            yield route.method, path + query, {} if route.bodies else None
    for canary in CANARIES.values():
        for name in ("yaml", "code", "limit", "nope", canary):
            yield "POST", "/config", {name: canary}
            yield "POST", f"/config?reason={canary}", {name: canary}
        yield "POST", "/config", [canary]
        yield "POST", "/config/rollback", {"version": 1, "etag": canary}
        yield "POST", "/config/rollback", {canary: 1}
        yield "POST", "/config/reload", {canary: canary}
        for body in ({"owner": canary}, {canary: 1}, {"allow": [canary]}, {"conditions": canary}):
            yield "POST", "/feature-flags/f", body
        yield "PUT", f"/feature-flags/{canary}", {"enabled": True}
        yield "GET", f"/feature-flags/{canary}", None
        yield "POST", "/feature-flags/f/decision", {"context": {"user_id": canary}}
        yield "GET", f"/{canary}", None
        yield "GET", f"/config?{canary}={canary}", None
    yield "GET", "/audit?limit=1000", None
    yield "GET", "/", None


def test_no_canary_leaves_the_admin_api(admin, tmp_path, caplog):
    ask = asking(admin)
    found = {}
    for method, path, body in requests(admin):
        for token in (ADA, READER, CANARIES["yaml"]):
            answer = ask(method, path, body, token=token, if_match="*", accept="text/html")
            if shown := leaks(spelled(answer)):
                found[method, path[:60], str(body)[:60]] = shown
    assert found == {}
    assert leaks((tmp_path / "audit.jsonl").read_text()) == []
    assert leaks(caplog.text + str([vars(record) for record in caplog.records])) == []
    assert ask("GET", "/config").status == 200


def test_no_canary_leaves_ofrep(admin, caplog):
    ask = asking(Ofrep(admin.flags.flags, auth=TOKENS, limits=FREE))
    shown = []
    for canary in CANARIES.values():
        for path in ("/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/f", "/ofrep/v1/events"):
            for body in ({"context": {"targetingKey": canary}}, {canary: 1}, canary.encode()):
                shown += leaks(spelled(ask("POST", path, body)))
        shown += leaks(spelled(ask("GET", f"/ofrep/v1/events?ticket={canary}")))
        shown += leaks(spelled(ask("POST", f"/ofrep/v1/evaluate/flags?{canary}=1", {})))
    assert shown == []
    assert leaks(caplog.text) == []
