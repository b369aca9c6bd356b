"""Entries in memory and in files."""

from __future__ import annotations

import threading

import pytest

from confkit.admin import AuditFile, AuditMemory, Principal, Request
from confkit.admin.audit import entry

REQUEST = Request("POST", "/config", "ticket=query-secret", {"authorization": "Bearer secret"})


@pytest.fixture(params=["memory", "file"])
def audit(request, tmp_path):
    return AuditMemory() if request.param == "memory" else AuditFile(tmp_path / "audit.jsonl")


def test_entries_come_back_newest_first_and_after_an_id(audit):
    made = [entry("done", REQUEST, Principal("ada"), n=number) for number in range(5)]
    for one in made:
        audit.write(one)
    assert [e["n"] for e in audit.entries("", 100)] == [4, 3, 2, 1, 0]
    assert [e["n"] for e in audit.entries("", 2)] == [4, 3]
    assert [e["n"] for e in audit.entries(made[2]["id"], 100)] == [4, 3]
    assert audit.entries(made[4]["id"], 100) == []


def test_an_entry_has_who_and_what_and_neither_headers_nor_query():
    made = entry("denied", REQUEST, None, why="x")
    assert (made["event"], made["by"], made["method"], made["path"]) == (
        "denied", None, "POST", "/config",
    )  # fmt: skip
    assert "secret" not in str(made) + repr(REQUEST)


def test_ids_grow_and_are_never_twice_the_same():
    found: list[str] = []

    def make():
        found.extend(entry("done", REQUEST, None)["id"] for _ in range(500))

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(found)) == 2000


def test_memory_is_bounded():
    audit = AuditMemory(kept=10)
    for number in range(100):
        audit.write(entry("done", REQUEST, None, n=number))
    assert [e["n"] for e in audit.entries("", 1000)] == list(range(99, 89, -1))


def test_a_file_that_is_full_begins_anew_and_keeps_the_one_before(tmp_path):
    audit = AuditFile(tmp_path / "a.jsonl", max_bytes=2000)
    for number in range(40):
        audit.write(entry("done", REQUEST, None, n=number))
    assert sum(path.stat().st_size for path in tmp_path.glob("a.jsonl*")) <= 4000
    found = [e["n"] for e in audit.entries("", 1000)]
    assert found[0] == 39
    assert found == sorted(found, reverse=True)


def test_a_line_that_is_cut_off_hides_no_other(tmp_path):
    audit = AuditFile(tmp_path / "a.jsonl")
    audit.write(entry("done", REQUEST, None, n=1))
    with audit.path.open("ab") as file:
        file.write(b'{"id": "x", "n"\n[]\n{"id": 1}\n')
    audit.write(entry("done", REQUEST, None, n=2))
    assert [e["n"] for e in audit.entries("", 10)] == [2, 1]


def test_a_file_that_cannot_be_written_raises(tmp_path):
    with pytest.raises(OSError):
        AuditFile(tmp_path / "no" / "such" / "a.jsonl").write(entry("done", REQUEST, None))
