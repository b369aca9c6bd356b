"""Tickets, and who listens."""

from __future__ import annotations

import json

import pytest

from confkit import Secret
from confkit.admin.events import TICKET, Hub, Refetch, Tickets


def test_a_ticket_counts_for_a_minute(confkit_clock):
    tickets = Tickets()
    ticket = tickets.issue({"name": "web", "seen": "1"})
    assert tickets.issue({"name": "web", "seen": "1"}) == ticket
    assert tickets.facts(ticket)["name"] == "web"
    confkit_clock.shift(seconds=TICKET // 2 - 1)
    assert tickets.facts(ticket) is not None
    confkit_clock.shift(seconds=TICKET)
    assert tickets.facts(ticket) is None
    assert tickets.issue({"name": "web", "seen": "1"}) != ticket


def test_a_ticket_cannot_be_made_up():
    tickets = Tickets(Secret("k" * 32))
    ticket = tickets.issue({"name": "web"})
    body, _, signature = ticket.partition(".")
    for wrong in (
        "",
        ".",
        body,
        f"{body}.",
        f"{body}.{signature}0",
        f"00{body}.{signature}",
        "ü.ü",
    ):
        assert tickets.facts(wrong) is None
    assert Tickets(Secret("k" * 32)).facts(ticket) is not None
    assert Tickets().facts(ticket) is None


@pytest.fixture
def hub(flags):
    return Hub(flags)


def test_every_listener_is_woken_by_a_change_until_it_ends(hub, flags):
    woken: list[str] = []
    ends = [hub.listen(lambda name=name: woken.append(name)) for name in "ab"]
    flags.set("checkout", percentage=50)
    assert sorted(woken) == ["a", "b"]
    ends[0]()
    ends[0]()
    flags.set("checkout", percentage=60)
    assert sorted(woken) == ["a", "b", "b"]
    assert (len(hub), hub.changes) == (1, 2)


def test_an_override_is_a_change_too(hub, flags):
    with flags.override({"checkout": True}):
        assert hub.changes == 1
    assert hub.changes == 2


def test_a_stream_tells_what_changed_before_it_was_opened(hub, flags):
    seen = hub.version()
    woken: list[int] = []
    Refetch(hub, seen).open(lambda: woken.append(1))()
    assert woken == []
    flags.set("checkout", percentage=50)
    Refetch(hub, seen).open(lambda: woken.append(1))()
    assert woken == [1]


def test_the_parts_of_a_stream(hub):
    stream = Refetch(hub, "x")
    assert stream.part(fresh=False).startswith(b":")
    lines = stream.part(fresh=True).decode().split("\n")
    assert lines[0] == "event: message"
    assert json.loads(lines[1].removeprefix("data: "))["type"] == "refetchEvaluation"
    assert lines[2:] == ["", ""]
