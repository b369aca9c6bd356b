"""Who answers defaults after how long a silence."""

from __future__ import annotations

from confkit.flags.replica.staleness import Patience
from confkit.flags.rules.decision import Reason
from confkit.flags.rules.model import Flag

DECLARED = {
    "kill": Flag("kill", default=True, max_stale=10, on_stale="default"),
    "keep": Flag("keep", on_stale="keep"),
}


def test_a_client_that_keeps_has_only_the_flags_that_differ():
    patience = Patience(None, "keep", DECLARED)
    assert patience.ends
    assert patience.stale(["a"], 10) == frozenset()
    assert patience.stale(["a"], 11) == {"kill"}
    assert not Patience(60, "keep", {}).ends


def test_a_client_that_ends_takes_all_that_do_not_differ():
    patience = Patience(60, "default", DECLARED)
    assert patience.stale(["a"], 61) == {"a", "kill"}
    assert Patience(None, "default", {}).stale(["a"], 1e9) == frozenset()


def test_the_answer_is_the_default_of_the_declaration():
    patience = Patience(60, "default", DECLARED)
    for name, value in (("kill", True), ("a", False)):
        decision = patience.answer(name).decide({}, {})
        assert (decision.value, decision.reason) == (value, Reason.STALE)
