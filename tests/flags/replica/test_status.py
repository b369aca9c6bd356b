"""How a client stands towards its store."""

from __future__ import annotations


def test_status_reads_well(flags):
    flags.set("a", enabled=True)
    status = flags.status
    assert (status.source, status.flags, status.errors, status.stale) == ("store", 1, {}, ())
    assert status.staleness >= 0
    assert status.healthy
