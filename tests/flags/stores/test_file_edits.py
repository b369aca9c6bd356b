"""What editors do to a flag file, and when it is believed."""

from __future__ import annotations

import os

import pytest

from confkit.flags.client import Flags
from confkit.flags.stores.file import FileStore
from confkit.flags.stores.file_edits import Edit, loses
from pytest_confkit.contracts import ON
from tests.flags.stores.conftest import TEXT
from tests.flags.stores.doubles import put


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [
        ({"enabled": True}, None, True),
        ({"enabled": True, "percentage": 5}, {"enabled": True}, True),
        ({"enabled": True, "rules": []}, {"enabled": True}, True),
        ({"enabled": True, "allow": []}, "a text", True),
        ({"enabled": True, "percentage": 5}, {"enabled": True, "percentage": 50}, False),
        ({"enabled": True, "owner": "ann"}, {"enabled": True}, False),
        (None, {"enabled": True}, False),
    ],
)
def test_what_an_edit_may_lose(old, new, lost):
    assert loses(Edit("a", old, new)) is lost


def test_a_person_may_delete_a_flag(path):
    with Flags(FileStore(path, settle=0), background=False) as flags:
        path.write_text(TEXT.replace("dark_mode: false\n", ""))
        flags.refresh()
        assert set(flags.all()) == {"new-checkout", "beta_api"}
        assert flags.status.healthy


def test_of_a_shrunken_file_no_flag_is_deleted_until_somebody_confirms(path):
    store = FileStore(path, settle=0)
    put(store, "dark_mode", ON)
    with Flags(store, background=False) as flags:
        path.write_text("dark_mode: false\n")
        for _ in range(2):
            flags.refresh()
        assert set(flags.all()) == {"beta_api", "dark_mode", "new-checkout"}
        assert flags.status.doubted == ("beta_api", "new-checkout")
        assert not flags.enabled("dark_mode"), "what is there is followed"
        assert not [c for c in store.history() if c.new is None]
        assert flags.confirm(by="ann", reason="cleaned up")
        assert set(flags.all()) == {"dark_mode"}
        assert flags.status.healthy
    gone = [c for c in FileStore(path).history() if c.new is None]
    assert {(c.name, c.by) for c in gone} == {("beta_api", "ann"), ("new-checkout", "ann")}


def test_a_shrunken_file_that_is_whole_again_was_never_shrunken(path):
    with Flags(FileStore(path, settle=0), background=False) as flags:
        path.write_text("{}\n")
        flags.refresh()
        assert len(flags.status.doubted) == 3
        path.write_text(TEXT)
        flags.refresh()
        assert flags.status.healthy


def test_half_of_a_file_is_not_believed(path, monkeypatch):
    """First the flag is on, a moment later for 5 %: nobody sees the moment in between."""
    now = [100.0]
    monkeypatch.setattr("confkit.flags.stores.file_edits.time.monotonic", lambda: now[0])
    store = FileStore(path)
    os.utime(path, (1, 1))
    with Flags(store, background=False) as flags:
        path.write_text(TEXT.replace("  percentage: 10   # slowly\n", ""))
        for _ in range(20):
            now[0] += 0.1
            flags.refresh()
            assert flags.decide("new-checkout", "1").bucket is not None
        assert "may still be written" in store.waiting
        path.write_text(TEXT.replace("percentage: 10", "percentage: 5"))
        now[0] += 0.05
        flags.refresh()
        now[0] += 0.2
        flags.refresh()
        assert flags.view.flags["new-checkout"].rule.percentage == 5
        assert store.waiting == ""
        path.write_text(TEXT.replace("  percentage: 10   # slowly\n", ""))
        flags.refresh()
        now[0] += 3.1
        flags.refresh()
        assert flags.view.flags["new-checkout"].rule.percentage is None, "it stayed that way"


def test_what_was_written_long_ago_is_believed_at_once(path):
    store = FileStore(path)
    put(store, "dark_mode", ON)
    path.write_text(TEXT.replace("  percentage: 10   # slowly\n", ""))
    os.utime(path, (1, 1))
    assert "percentage" not in store.read().flags["new-checkout"].document


def test_a_change_by_a_writer_is_believed_at_once_by_every_process(path):
    ours, theirs = FileStore(path), FileStore(path)
    known = ours.read().version
    put(theirs, "new-checkout", {"enabled": True})
    assert ours.read(known).flags["new-checkout"].document == ON


@pytest.mark.parametrize("recorded", [True, False], ids=["with a journal", "without"])
def test_confirming_releases_every_client_also_from_a_process_that_knew_nothing(path, recorded):
    if recorded:
        put(FileStore(path, settle=0), "dark_mode", ON)
    with Flags(FileStore(path, settle=0), background=False) as flags:
        path.write_text("dark_mode: false\n")
        flags.refresh()
        assert len(flags.status.doubted) == 2
        other = FileStore(path, settle=0)
        seen = other.read().version
        path.write_text("dark_mode: true\n")
        assert not other.confirm(seen, by="ann", reason=""), "it is not there any more"
        assert other.confirm(other.read().version, by="ann", reason="cleaned up")
        flags.refresh()
        assert set(flags.all()) == {"dark_mode"}
        assert flags.status.healthy
        assert flags.set("dark_mode", percentage=5).revision > 1
        path.write_text("{}\n")
        flags.refresh()
        assert flags.status.doubted == ("dark_mode",), "what was confirmed was another content"
        assert flags.confirm(by="ann")
    with Flags(FileStore(path, settle=0), background=False) as flags:
        assert flags.status.healthy
        assert not flags.all()


def test_the_epoch_of_a_confirmation_outlives_a_trim(path, monkeypatch):
    monkeypatch.setattr("confkit.flags.stores.file_history.KEPT", 2)
    store = FileStore(path, settle=0)
    put(store, "dark_mode", ON)
    assert store.confirm(store.read().version, by="ann", reason="")
    epoch = store.read().version.epoch
    for number in range(9):
        put(store, "dark_mode", {"enabled": True, "percentage": number})
    found = FileStore(path, settle=0).read()
    assert (found.version.epoch, found.confirmed) == (epoch, True)
