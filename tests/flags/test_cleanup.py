"""Flags to clean up."""

from __future__ import annotations

import time

from confkit.flags.cleanup import unused_flags
from confkit.flags.client import Flags
from confkit.flags.rules.model import Flag
from confkit.flags.stores.memory import MemoryStore

DAY = 86_400


def test_unused_flags():
    now = [1_800_000_000.0]
    declared = [Flag("old", owner="ann"), Flag("busy"), Flag("missing"), Flag("split")]
    with Flags(MemoryStore(), declared, clock=lambda: now[0]) as flags:
        flags.set("old", enabled=True, expires="2027-01-01")
        flags.set("busy", enabled=True, percentage=50)
        flags.set("extra", enabled=True)
        flags.set("split", enabled=True, variants={"a": 100})
        found = [(f.name, f.why, f.owner) for f in unused_flags(flags)]
        assert ("old", "expired on 2027-01-01", "ann") in found
        assert ("extra", "stored and not declared in the code", "") in found
        assert ("missing", "declared and not in the store", "") in found
        assert not {"busy", "split"} & {name for name, _, _ in found}
        now[0] += 4000 * DAY
        assert ("extra", "on for everyone for more than 30 days", "") in [
            (f.name, f.why, f.owner) for f in unused_flags(flags)
        ]


def test_a_flag_is_unused_long_after_its_schedule_ran_out():
    step = {"at": "2020-01-01T00:00:00+02:00", "percentage": 100}
    store = MemoryStore({"done": {"enabled": True, "schedule": [step]}})
    later = [{"at": "2020-01-01T00:00:00Z", "percentage": 100}]
    later.append({"at": "2999-01-01T00:00:00Z", "percentage": 0})
    store.write("running", {"enabled": True, "schedule": later}, expect=0, by="", reason="")
    months = 100 * 24 * 3600
    flags = Flags(store, clock=lambda: time.time() + months)
    assert [(f.name, f.why) for f in unused_flags(flags)] == [
        ("done", "on for everyone for more than 30 days")
    ]
