"""The table that questions are looked up in: one answer for every flag, swapped whole."""

from __future__ import annotations

from collections.abc import Mapping

from confkit.flags.rules.evaluation import Answer


class Watched:
    """A flag whose every answer goes the long way, so that it is observed."""

    __slots__ = ("decide",)

    constant = None
    prefix = None
    unit = ""
    bound = b""

    def __init__(self, answer: Answer) -> None:
        self.decide = answer.decide


def watched(table: Mapping[str, Answer]) -> dict[str, Answer]:
    """A table that gives the same answers, each of them observed."""
    return {name: Watched(answer) for name, answer in table.items()}
