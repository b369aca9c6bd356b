"""The tables of the page."""

from __future__ import annotations

from confkit import Flags, MemoryStore
from confkit.admin.page_tables import config_table, flag_table, history_list
from confkit.redaction import remember


def test_flags_with_their_state(flags):
    text = flag_table(flags.view)
    assert '<tr data-name="checkout">' in text
    assert '<td data-of="state">on, 25 %</td>' in text
    assert "2 listed" in text
    with Flags(MemoryStore(), background=False) as empty:
        assert flag_table(empty.view) == "<p>There are no flags.</p>"


def test_a_flag_that_cannot_be_read_is_named():
    store = MemoryStore({"good": {"enabled": True}, "bad": {"enabled": "perhaps"}})
    with Flags(store, background=False) as flags:
        text = flag_table(flags.view)
    assert '<tr data-name="bad">' in text
    assert "not readable" in text


def test_the_layer_that_wins_is_marked(config):
    text = config_table(config.resolution.matrix())
    assert '<td class=win data-of="config.local.yaml">▲ true</td>' in text
    assert '<td class=lost data-of="defaults">false</td>' in text
    assert "hunter2" not in text


def test_versions_can_be_brought_back_but_for_the_newest(config, admin):
    config.set("name", "two", by="ada<>")
    entries = admin.config.entries()
    text = history_list(entries, writes=True)
    assert text.count("data-version=") == 1
    assert 'data-version="1"' in text
    assert "ada&lt;&gt;" in text
    assert "data-version=" not in history_list(entries, writes=False)


def test_a_secret_is_masked_wherever_somebody_wrote_it(flags, config, admin):
    remember("canary-of-tables")
    flags.set("checkout", owner="canary-of-tables")
    config.set("name", "x", reason="of canary-of-tables")
    made = flag_table(flags.view) + history_list(admin.config.entries(), writes=True)
    assert "canary-of-tables" not in made
