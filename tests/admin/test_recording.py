"""What is put on record of one change."""

from __future__ import annotations

import logging

import pytest

from confkit.admin import AuditMemory, Limits, Principal, Request
from confkit.admin.problems import Refused
from confkit.admin.recording import Record, failure
from confkit.admin.routes import Call, Route


class Broken(AuditMemory):
    broken = False

    def write(self, entry):
        if self.broken:
            raise OSError("secret-of-the-disk")
        super().write(entry)


@pytest.fixture
def audit():
    return Broken()


@pytest.fixture
def record(audit):
    route = Route("POST", "/", "config:write", "x", lambda call: None)
    return Record(
        audit, Call(Request("POST", "/x"), route, Principal("ada"), Limits(), {}), "config"
    )


def test_an_attempt_and_what_became_of_it(audit, record):
    record.attempt([1])
    record.done(version=2)
    done, attempt = audit.entries("", 9)
    assert (attempt["event"], attempt["changes"], attempt["by"]) == ("attempt", [1], "ada")
    assert (done["event"], done["attempt"], done["version"]) == ("done", attempt["id"], 2)


def test_a_failure_by_its_type_and_only_after_an_attempt(audit, record):
    record.failed(RuntimeError("secret"))
    assert audit.entries("", 9) == []
    record.attempt([])
    record.failed(RuntimeError("secret"))
    assert audit.entries("", 9)[0]["why"] == "RuntimeError"
    assert "secret" not in str(audit.entries("", 9))


def test_what_cannot_be_put_on_record_is_refused(audit, record, caplog):
    audit.broken = True
    with pytest.raises(Refused) as caught:
        record.attempt([])
    assert caught.value.kind == "unavailable"
    assert "secret" not in caplog.text + caught.value.detail


def test_an_outcome_that_cannot_be_put_on_record_is_logged(audit, record, caplog):
    record.attempt([])
    audit.broken = True
    record.done()
    assert "an outcome cannot be put on record: OSError at test_recording.py" in caplog.text


def test_an_error_is_logged_by_its_place(caplog):
    def fail():
        raise RuntimeError("secret")

    with pytest.raises(RuntimeError) as caught:
        fail()
    failure(logging.getLogger("confkit.admin"), "it failed", caught.value)
    assert "it failed: RuntimeError at test_recording.py:" in caplog.text
    assert "secret" not in caplog.text
