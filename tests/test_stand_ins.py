"""What stands in for resolvers in tests."""

from __future__ import annotations

from confkit.stand_ins import stand_in, stood_in


def test_the_last_one_that_answers_is_asked_first_and_each_is_taken_back():
    assert stood_in("aws", "db") is None
    first = stand_in(lambda scheme, reference: f"first {scheme} {reference}")
    second = stand_in(lambda scheme, reference: "second" if reference == "db" else None)
    assert stood_in("aws", "db") == "second"
    assert stood_in("aws", "other") == "first aws other"
    first()
    first()
    assert (stood_in("aws", "db"), stood_in("aws", "other")) == ("second", None)
    second()
    assert stood_in("aws", "db") is None
