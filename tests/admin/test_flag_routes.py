"""Reading and changing flags over HTTP."""

from __future__ import annotations

import pytest

from confkit import StoreUnavailable
from tests.admin.conftest import ADA, events

MERGE = "application/merge-patch+json"
PATCH = "application/json-patch+json"


def etag(ask, name="checkout"):
    return ask("GET", f"/feature-flags/{name}").header("ETag")


def test_the_list_has_the_fields_of_old_and_counts_for_ids(ask):
    found = ask("GET", "/feature-flags")
    assert found.status == 200
    checkout = found.json()["checkout"]
    assert checkout["enabled"] is True
    assert checkout["user_whitelist_count"] == 2
    assert checkout["percentage_rollout"] == 25
    assert checkout["revision"] == 1
    assert "u1" not in found.body.decode()
    assert "u1" in ask("GET", "/feature-flags?ids=1").body.decode()
    assert ask("GET", "/feature-flags", if_none_match=found.header("ETag")).status == 304


def test_one_flag(ask):
    found = ask("GET", "/feature-flags/checkout")
    assert found.json() == {
        "enabled": True,
        "percentage": 25,
        "allow_count": 2,
        "owner": "shop",
        "revision": 1,
    }
    assert ask("GET", "/feature-flags/checkout?ids=1").json()["allow"] == ["u1", "u2"]
    assert ask("GET", "/feature-flags/checkout", if_none_match=found.header("ETag")).status == 304
    missing = ask("GET", "/feature-flags/chekout")
    assert missing.status == 404
    assert "checkout" in missing.json()["detail"]


def test_a_post_changes_the_fields_that_it_names(ask, flags):
    found = ask("POST", "/feature-flags/checkout?reason=ramp", {"percentage_rollout": 50})
    assert (found.status, found.json()["status"]) == (200, "updated")
    assert flags.view.flags["checkout"].rule.as_document() == {
        "enabled": True,
        "percentage": 50,
        "allow": ["u1", "u2"],
        "owner": "shop",
    }
    newest = flags.history("checkout")[0]
    assert (newest.by, newest.reason) == ("ada", "ramp")
    assert found.header("ETag") == etag(ask)


def test_an_empty_whitelist_is_no_list(ask, flags):
    ask("POST", "/feature-flags/checkout", {"user_whitelist": []})
    assert flags.view.flags["checkout"].rule.allow is None
    ask("POST", "/feature-flags/checkout", {"user_whitelist": ["9"]})
    assert flags.view.flags["checkout"].rule.allow == ("9",)
    ask("POST", "/feature-flags/checkout", {"allow": []})
    assert flags.view.flags["checkout"].rule.allow == ()


REFUSED = {
    "both names": (
        "POST",
        {"percentage": 5, "percentage_rollout": 5},
        {},
        422,
        "/percentage_rollout",
    ),
    "too much": ("POST", {"percentage": 250}, {}, 422, "/percentage"),
    "an unknown field": ("POST", {"percentag": 25}, {}, 422, "/percentag"),
    "a masked value": ("POST", {"owner": "***"}, {}, 422, "/owner"),
    "a list": ("POST", [], {}, 422, "object"),
    "no If-Match": ("PATCH", {"percentage": 5}, {}, 428, "If-Match"),
    "no If-Match on PUT": ("PUT", {"enabled": True}, {}, 428, "If-Match"),
    "no If-Match on DELETE": ("DELETE", None, {}, 428, "If-Match"),
    "a stale tag": ("PATCH", {"percentage": 5}, {"if_match": '"x"'}, 412, "again"),
    "a flag that is there": ("PUT", {"enabled": True}, {"if_none_match": "*"}, 412, "already"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing(ask, flags, admin, case):
    method, body, headers, status, part = REFUSED[case]
    kind = MERGE if method == "PATCH" else "application/json"
    found = ask(method, "/feature-flags/checkout", body, kind=kind, **headers)
    assert found.status == status, found.body
    assert part in found.body.decode()
    assert len(flags.history("checkout")) == 1  # the initial one
    assert events(admin) == []


@pytest.mark.parametrize("name", ["ch eckout", "a/b", "-x", "x" * 129, "ä"])
def test_a_name_that_cannot_be_one_is_refused(ask, flags, name):
    found = ask("POST", f"/feature-flags/{name}", {"enabled": True}, if_none_match="*")
    assert found.status in (404, 422)
    assert set(flags.view.flags) == {"checkout", "search"}


def test_a_slip_makes_no_flag_and_a_new_one_is_asked_for(ask, flags):
    slip = ask("POST", "/feature-flags/chekout", {"enabled": True})
    assert slip.status == 404
    assert "checkout" in slip.json()["detail"]
    made = ask("POST", "/feature-flags/new", {"enabled": True}, if_none_match="*")
    assert (made.status, made.json()["status"]) == (201, "created")
    assert ask("PUT", "/feature-flags/other", {"enabled": False}, if_none_match="*").status == 201
    assert ask("POST", "/feature-flags/declared", {"enabled": True}).status == 201
    assert set(flags.view.flags) == {"checkout", "search", "new", "other", "declared"}


def test_patches_put_and_delete(ask, flags):
    body = [{"op": "add", "path": "/allow/-", "value": "u3"}, {"op": "remove", "path": "/owner"}]
    found = ask("PATCH", "/feature-flags/checkout", body, kind=PATCH, if_match=etag(ask))
    assert found.status == 200, found.body
    assert flags.view.flags["checkout"].rule.allow == ("u1", "u2", "u3")
    found = ask(
        "PATCH", "/feature-flags/checkout", {"percentage": None}, kind=MERGE, if_match=etag(ask)
    )
    assert flags.view.flags["checkout"].rule.percentage is None
    found = ask("PUT", "/feature-flags/checkout", {"enabled": False}, if_match=etag(ask))
    assert flags.view.flags["checkout"].rule.as_document() == {"enabled": False}
    assert ask("DELETE", "/feature-flags/checkout", if_match='"x"').status == 412
    gone = ask("DELETE", "/feature-flags/checkout", if_match=etag(ask))
    assert (gone.status, gone.body) == (204, b"")
    assert "checkout" not in flags.view.flags
    assert ask("DELETE", "/feature-flags/checkout", if_match="*").status in (404, 412)


def test_a_dry_run_counts_who_enters_and_who_leaves(ask, flags):
    found = ask("POST", "/feature-flags/checkout?dry_run=1", {"percentage": 50}).json()
    assert found["status"] == "dry-run"
    assert found["flag"]["percentage"] == 50
    assert found["widens"] == ["the percentage rises from 25 to 50"]
    sample = found["sample"]
    assert (sample["units"], sample["leave"], sample["synthetic"]) == (10_000, 0, True)
    assert 2200 < sample["enter"] < 2800
    assert flags.view.flags["checkout"].rule.percentage == 25


def test_a_change_is_on_record_with_both_documents(ask, admin):
    ask("POST", "/feature-flags/checkout?reason=why", {"percentage": 50})
    attempt, done = events(admin)
    assert (attempt["resource"], attempt["by"], attempt["reason"]) == (
        "flag checkout",
        "ada",
        "why",
    )
    assert (attempt["changes"]["old"]["percentage"], attempt["changes"]["new"]["percentage"]) == (
        25,
        50,
    )
    assert (done["attempt"], done["revision"]) == (attempt["id"], 2)


def test_what_cannot_be_put_on_record_is_not_done(ask, admin, flags):
    def broken(entry):
        raise OSError

    admin.gate.audit.write = broken
    assert ask("POST", "/feature-flags/checkout", {"percentage": 50}).status == 503
    assert ask("DELETE", "/feature-flags/checkout", if_match=etag(ask)).status == 503
    assert flags.view.flags["checkout"].rule.percentage == 25


def test_no_change_writes_nothing(ask, flags, admin):
    found = ask("POST", "/feature-flags/checkout", {"percentage": 25})
    assert (found.status, found.json()["status"]) == (200, "unchanged")
    assert events(admin) == []


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_store_out_of_reach_is_503_and_nothing_has_changed(ask, flags, monkeypatch, verb):
    def down(*args, **options):
        raise StoreUnavailable("no answer from redis://u:secret-pass@h")

    tag = etag(ask)
    monkeypatch.setattr(flags.store, verb, down)
    for method, headers in (("POST", {}), ("PUT", {"if_match": tag})):
        found = ask(method, "/feature-flags/checkout", {"enabled": False}, **headers)
        assert (found.status, found.header("Retry-After")) == (503, "2")
        assert "secret-pass" not in found.body.decode()
    assert flags.view.flags["checkout"].rule.enabled


def test_somebody_faster_is_412_with_if_match_and_merged_without(ask, flags, monkeypatch, admin):
    write, raced = flags.store.write, []

    def faster(name, document, **options):
        if not raced:
            raced.append(1)
            write(
                name,
                {**flags.view.flags[name].rule.as_document(), "owner": "other"},
                **{**options, "by": "other"},
            )
        return write(name, document, **options)

    monkeypatch.setattr(flags.store, "write", faster)
    body = {"percentage": 50}
    found = ask("PATCH", "/feature-flags/checkout", body, kind=MERGE, if_match=etag(ask))
    assert found.status == 412
    raced.clear()
    assert ask("POST", "/feature-flags/checkout", {"percentage": 50}).status == 200
    rule = flags.view.flags["checkout"].rule
    assert (rule.percentage, rule.owner) == (50, "other")
    assert [e["event"] for e in events(admin)[2:]] == ["attempt", "failed", "attempt", "done"]


def test_a_decision_with_its_reason(ask):
    found = ask("POST", "/feature-flags/checkout/decision", {"context": {"user_id": "u1"}})
    assert (found.json()["value"], found.json()["reason"]) == (True, "allowed")
    assert ask("POST", "/feature-flags/nope/decision", {"context": {}}).status == 404
    assert ask("POST", "/feature-flags/checkout/decision", {"context": 1}).status == 422
    assert ask("POST", "/feature-flags/checkout/decision", {"context": {}, "x": 1}).status == 422


def test_history_and_the_way_back(ask, flags):
    ask("POST", "/feature-flags/checkout", {"percentage": 50})
    ask("POST", "/feature-flags/checkout", {"percentage": 75})
    newest = ask("GET", "/feature-flags/checkout/history?limit=1").json()
    assert [(one["revision"], one["by"]) for one in newest] == [(3, "ada")]
    assert newest[0]["new"] == {
        "enabled": True,
        "percentage": 75,
        "allow_count": 2,
        "owner": "shop",
    }
    assert ask("GET", "/feature-flags/checkout/history?limit=0").status == 400
    found = ask("POST", "/feature-flags/checkout/rollback", {"revision": 2})
    assert found.status == 200
    assert flags.view.flags["checkout"].rule.percentage == 50
    assert flags.history("checkout")[0].revision == 4
    assert ask("POST", "/feature-flags/checkout/rollback", {"revision": 77}).status == 404
    assert ask("GET", "/feature-flags/never/history").status == 404


def test_the_status_tells_how_the_store_is(ask):
    found = ask("GET", "/status", token=ADA).json()
    assert found["flags"]["source"] == "store"
    assert found["flags"]["healthy"] is True
    assert found["config"]["version"] == 1
