"""Reading and changing the configuration over HTTP."""

from __future__ import annotations

import pytest

from confkit.admin import Admin
from tests.admin.conftest import FREE, READER, TOKENS, asking, events

MERGE = "application/merge-patch+json"
PATCH = "application/json-patch+json"


def etag(ask) -> str:
    return ask("GET", "/config").header("ETag")


def test_the_settings_are_shown_masked_with_a_strong_tag(ask):
    found = ask("GET", "/config")
    assert found.status == 200
    assert found.json() == {
        "name": "one",
        "debug": True,
        "hosts": ["a"],
        "levels": {"a.b": "no"},
        "database": {"pool_size": 5, "password": "***", "url": "postgresql://u:***@h/db"},
    }
    assert found.header("Cache-Control") == "no-store"
    assert found.header("ETag").startswith('"')
    again = ask("GET", "/config", if_none_match=found.header("ETag"))
    assert (again.status, again.body, again.header("ETag")) == (304, b"", found.header("ETag"))
    assert ask("GET", "/config", if_none_match='"other"').status == 200


def test_a_post_changes_what_it_names_and_leaves_the_rest(ask, config, tmp_path):
    found = ask("POST", "/config", {"database": {"pool_size": 7}})
    assert (found.status, found.json()["status"]) == (200, "updated")
    assert found.json()["config"]["database"]["pool_size"] == 7
    assert found.header("ETag") == etag(ask)
    assert [c["key"] for c in found.json()["changes"]] == ["database.pool_size"]
    assert config.current.database.pool_size == 7
    text = (tmp_path / "config.local.yaml").read_text()
    assert text == "debug: true\ndatabase:\n  pool_size: 7\n"
    assert config.history()[0].by == "ada"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (MERGE, {"database": {"pool_size": 7}, "debug": None}),
        (
            PATCH,
            [
                {"op": "test", "path": "/name", "value": "one"},
                {"op": "replace", "path": "/database/pool_size", "value": 7},
                {"op": "remove", "path": "/debug"},
            ],
        ),
    ],
)
def test_a_patch_changes_and_takes_away(ask, config, tmp_path, kind, body):
    found = ask("PATCH", "/config", body, kind=kind, if_match=etag(ask))
    assert found.status == 200, found.body
    assert (config.current.database.pool_size, config.current.debug) == (7, False)
    text = (tmp_path / "config.local.yaml").read_text()
    assert "debug: true" not in text
    assert "pool_size: 7" in text


def test_a_dry_run_answers_what_would_change_and_changes_nothing(ask, config, tmp_path, admin):
    found = ask("POST", "/config?dry_run=1", {"name": "two", "debug": None})
    assert (found.status, found.json()["status"]) == (200, "dry-run")
    assert {c["key"]: (c["old"], c["new"]) for c in found.json()["changes"]} == {
        "name": ("one", "two"),
        "debug": ("true", "false"),
    }
    assert config.current.name == "one"
    assert (tmp_path / "config.local.yaml").read_text() == "debug: true\n"
    assert events(admin) == []


REFUSED = {
    # what is refused: body, headers, status, the pointers or a part of the detail
    "no If-Match": ("PATCH", {"name": "x"}, {}, 428, "If-Match"),
    "a stale tag": ("PATCH", {"name": "x"}, {"if_match": '"old"'}, 412, "again"),
    "a weak tag": ("PATCH", {"name": "x"}, {"if_match": 'W/"old"'}, 412, "again"),
    "no tag at all": ("PATCH", {"name": "x"}, {"if_match": "old"}, 400, "quotation"),
    "a stale tag on POST": ("POST", {"name": "x"}, {"if_match": '"old"'}, 412, "again"),
    "a value that does not fit": (
        "POST",
        {"database": {"pool_size": 500}},
        {},
        422,
        "/database/pool_size",
    ),
    "several problems": ("POST", {"database": {"pool_size": 0}, "nmae": 1}, {}, 422, "/nmae"),
    "a list for an object": ("POST", [1], {}, 422, "object"),
    "a masked secret": ("POST", {"database": {"password": "***"}}, {}, 422, "/database/password"),
    "a masked URL": (
        "POST",
        {"database": {"url": "postgresql://u:***@h/db"}},
        {},
        422,
        "/database/url",
    ),
    "a secret in clear": ("POST", {"database": {"password": "a-new-one-123"}}, {}, 409, "secret"),
    "what the environment sets": ("POST", {"levels": {"a.b": "yes"}}, {}, 409, "LEVELS"),
    "what another file sets": ("POST", {"hosts": None}, {}, 409, "config.yaml:2"),
    "not JSON": ("POST", b"{", {}, 400, "JSON"),
    "a name twice": ("POST", b'{"name": "a", "name": "b"}', {}, 400, "twice"),
    "not a number": ("POST", b'{"database": {"pool_size": NaN}}', {}, 400, "NaN"),
    "too many levels": ("POST", b"[" * 100_000 + b"]" * 100_000, {}, 413, "bytes"),
    "levels beyond the limit": (
        "POST",
        b'{"levels":' + b"[" * 40 + b"]" * 40 + b"}",
        {},
        400,
        "levels",
    ),
    "half a character": ("POST", b'{"name": "\\ud800"}', {}, 400, "surrogate"),
    "a number without end": (
        "POST",
        b'{"database": {"pool_size": 1' + b"0" * 5000 + b"}}",
        {},
        400,
        "too long",
    ),
    "a form": (
        "POST",
        {"name": "x"},
        {"content_type": "application/x-www-form-urlencoded"},
        415,
        "application/json",
    ),
    "a size that is none": ("POST", {"name": "x"}, {"content_length": "-5"}, 400, "Content-Length"),
    "a size that is too large": (
        "POST",
        {"name": "x"},
        {"content_length": "10000000"},
        413,
        "65536",
    ),
    "a large body": ("POST", b" " * 70_000, {"content_length": "9"}, 413, "65536"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_changes_nothing(ask, config, tmp_path, case):
    method, body, headers, status, part = REFUSED[case]
    before = config.snapshot
    kind = MERGE if method == "PATCH" else "application/json"
    found = ask(method, "/config", body, kind=kind, **headers)
    assert found.status == status, found.body
    problem = found.json()
    assert found.header("Content-Type") == "application/problem+json"
    assert (problem["status"], problem["type"][:20]) == (status, "urn:confkit:problem:")
    assert part in found.body.decode()
    assert str(tmp_path) not in found.body.decode()
    assert config.snapshot is before
    assert (tmp_path / "config.local.yaml").read_text() == "debug: true\n"


def test_every_problem_is_in_one_answer(ask):
    found = ask("POST", "/config", {"database": {"pool_size": 500}, "nmae": "x", "debug": 7})
    pointers = {error["pointer"] for error in found.json()["errors"]}
    assert pointers == {"/database/pool_size", "/nmae", "/debug"}


def test_a_patch_that_does_not_apply_changes_nothing(ask, config):
    body = [
        {"op": "replace", "path": "/name", "value": "two"},
        {"op": "test", "path": "/name", "value": "x"},
    ]
    found = ask("PATCH", "/config", body, kind=PATCH, if_match=etag(ask))
    assert found.status == 409
    assert config.current.name == "one"


def test_a_masked_value_is_copied_nowhere(ask, config):
    body = [{"op": "copy", "from": "/database/password", "path": "/name"}]
    assert ask("PATCH", "/config", body, kind=PATCH, if_match=etag(ask)).status == 422
    assert config.current.name == "one"


def test_a_stale_tag_is_answered_with_the_new_one(ask):
    old = etag(ask)
    ask("POST", "/config", {"name": "two"})
    found = ask("PATCH", "/config", {"name": "three"}, kind=MERGE, if_match=old)
    assert (found.status, found.header("ETag")) == (412, etag(ask))
    assert etag(ask) != old


def test_the_tag_changes_with_what_any_source_sets(ask, config, tmp_path):
    old = etag(ask)
    (tmp_path / "config.yaml").write_text("name: two\n")
    config.reload()
    assert ask("GET", "/config", if_none_match=old).status == 200


def test_an_edit_by_hand_after_the_read_is_kept(ask, config, tmp_path):
    """Row F17: a person edits the file between GET and PATCH."""
    old = etag(ask)
    (tmp_path / "config.local.yaml").write_text("debug: true\nname: by-hand\n")
    found = ask("PATCH", "/config", {"name": "mine"}, kind=MERGE, if_match=old)
    assert found.status == 412
    assert (tmp_path / "config.local.yaml").read_text() == "debug: true\nname: by-hand\n"
    assert config.current.name == "by-hand"
    assert found.header("ETag") == etag(ask)
    merged = ask("POST", "/config", {"database": {"pool_size": 7}})
    assert merged.status == 200
    assert merged.json()["config"]["name"] == "by-hand"


def test_an_edit_by_hand_that_is_broken_is_named_and_kept(ask, config, tmp_path):
    (tmp_path / "config.local.yaml").write_text("debug: perhaps\n")
    found = ask("POST", "/config", {"name": "two"})
    assert (found.status, found.json()["errors"][0]["pointer"]) == (409, "/debug")
    assert (tmp_path / "config.local.yaml").read_text() == "debug: perhaps\n"
    assert config.current.debug is True


def test_a_full_disk_is_answered_503_and_nothing_has_changed(ask, config, monkeypatch, admin):
    def full(path, content):
        raise OSError(28, "no space left")

    monkeypatch.setattr("confkit.atomic.replace", full)
    found = ask("POST", "/config", {"name": "two"})
    assert (found.status, found.header("Retry-After")) == (503, "2")
    assert config.current.name == "one"
    assert [e["event"] for e in events(admin)] == ["attempt", "failed"]


def test_a_change_is_on_record_before_it_is_made(ask, admin):
    ask("POST", "/config?reason=more", {"database": {"pool_size": 7}})
    attempt, done = events(admin)
    assert (attempt["event"], attempt["by"], attempt["reason"]) == ("attempt", "ada", "more")
    assert attempt["changes"][0]["new"] == "7"
    assert (done["event"], done["attempt"], done["version"]) == ("done", attempt["id"], 2)


def test_what_cannot_be_put_on_record_is_not_done(ask, admin, config, tmp_path):
    def broken(entry):
        raise OSError("the audit's disk")

    admin.gate.audit.write = broken
    found = ask("POST", "/config", {"name": "two"})
    assert found.status == 503
    assert ask("POST", "/config/reload", {}).status == 503
    assert ask("POST", "/config/rollback", {"version": 1}).status in (200, 503)
    assert config.current.name == "one"
    assert (tmp_path / "config.local.yaml").read_text() == "debug: true\n"


def test_no_change_writes_nothing_and_is_not_on_record(ask, admin, config):
    found = ask("POST", "/config", {"name": "one", "database": {}})
    assert (found.status, found.json()["status"]) == (200, "unchanged")
    assert events(admin) == []
    assert config.snapshot.version == 1


def test_a_reload_takes_what_the_sources_hold(ask, config, tmp_path):
    (tmp_path / "config.yaml").write_text("name: two\n")
    found = ask("POST", "/config/reload")
    assert (found.status, found.json()["version"]) == (200, 2)
    assert [c["key"] for c in found.json()["changes"]] == ["name", "hosts"]
    (tmp_path / "config.yaml").write_text("debug: perhaps\nname: [1]\n")
    failed = ask("POST", "/config/reload", {})
    assert failed.status == 422
    assert {e["pointer"] for e in failed.json()["errors"]} >= {"/name"}
    assert config.current.name == "two"
    assert ask("POST", "/config/reload", {"now": 1}).status == 422


def test_history_and_the_way_back(ask, config, tmp_path):
    ask("POST", "/config?reason=test", {"name": "two"})
    newest, first = ask("GET", "/config/history").json()
    assert (newest["version"], newest["by"], newest["reason"]) == (2, "ada", "test")
    assert newest["etag"] == etag(ask)
    assert ask("POST", "/config/rollback", {"version": 99}).status == 404
    assert ask("POST", "/config/rollback", {"version": 1, "etag": newest["etag"]}).status == 404
    assert ask("POST", "/config/rollback", {"version": "1"}).status == 422
    assert ask("POST", "/config/rollback", {"version": 1}, if_match='"old"').status == 412
    dry = ask("POST", "/config/rollback?dry_run=1", {"version": 1})
    assert (dry.status, config.current.name) == (200, "two")
    found = ask("POST", "/config/rollback", {"version": 1, "etag": first["etag"]})
    assert (found.status, found.json()["config"]["name"]) == (200, "one")
    assert (tmp_path / "config.local.yaml").read_text() == "debug: true\n"


def test_every_key_by_every_layer(ask):
    found = ask("GET", "/config/layers", token=READER)
    assert found.status == 200
    assert "config.local.yaml" in found.body.decode()
    assert "hunter2" not in found.body.decode()


def test_parameters_that_do_not_exist_are_refused(ask):
    assert ask("POST", "/config?dryrun=1", {"name": "x"}).status == 400
    assert ask("POST", "/config?dry_run=perhaps", {"name": "x"}).status == 400
    assert ask("GET", "/config?x=1").status == 400


def test_settings_without_a_file_to_write_can_be_read(tmp_path):
    from confkit import load
    from confkit.sources.mapping import Values
    from tests.admin.conftest import Settings

    admin = Admin(load(Settings, Values({"name": "x"})), auth=TOKENS, limits=FREE)
    ask = asking(admin)
    assert ask("GET", "/config").json()["name"] == "x"
    assert ask("POST", "/config", {"name": "y"}).status == 409
