"""The backup: the last three sets, whatever happens while it is written."""

from __future__ import annotations

import json

import pytest

from confkit.errors import StoreError
from confkit.flags.replica import backup
from confkit.flags.stores.port import FlagSet, Stored, Version


def accepted(number):
    return FlagSet(Version("e", number), {"a": Stored({"enabled": True}, number)})


def test_three_sets_newest_first(tmp_path):
    path = tmp_path / "backup.json"
    assert backup.load(path) == []
    for number in (1, 2, 3, 3, 4):
        backup.save(path, accepted(number))
    assert backup.load(path) == [accepted(4), accepted(3), accepted(2)]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"format": 9}', '{"format": 1}', '{"format": 1, "sets": [{}]}', "5"]
)
def test_what_is_no_backup_is_said_and_written_over(tmp_path, content):
    path = tmp_path / "backup.json"
    path.write_text(content)
    with pytest.raises(StoreError, match=r"backup\.json"):
        backup.load(path)
    backup.save(path, accepted(1))
    assert backup.load(path) == [accepted(1)]


def test_a_backup_that_is_too_large(tmp_path, monkeypatch):
    path = tmp_path / "backup.json"
    backup.save(path, accepted(1))
    monkeypatch.setattr(backup, "MAX_BYTES", 10)
    with pytest.raises(StoreError, match="larger"):
        backup.load(path)


def test_a_directory_is_no_backup(tmp_path):
    with pytest.raises(StoreError):
        backup.load(tmp_path)


def test_it_is_json_for_people_who_look(tmp_path):
    path = tmp_path / "backup.json"
    backup.save(path, accepted(1))
    assert json.loads(path.read_text())["sets"][0]["flags"]["a"]["revision"] == 1
