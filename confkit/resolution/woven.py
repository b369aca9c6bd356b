"""Text with answers in it: what a reference answered is one piece, whatever it holds.

A list in text is split as it was written, and JSON is read as it was written. A password with a
comma or a quotation mark in it would otherwise become two items, or end a text of JSON.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any


class Woven(str):
    """A text that knows which parts of it are answers; else as any ``str``."""

    __slots__ = ("parts",)
    #: the text in order: a str as it was written, an :class:`Answer`
    parts: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[str]) -> str:
        """The parts as one text; a plain ``str`` where no answer is among them."""
        flat: list[str] = []
        for part in parts:
            flat += part.parts if isinstance(part, Woven) else (part,)
        if not any(isinstance(part, Answer) for part in flat):
            return "".join(flat)
        made = cls("".join(flat))
        made.parts = tuple(part for part in flat if part or isinstance(part, Answer))
        return made


class Answer(str):
    """What a reference answered."""

    __slots__ = ()


def answer(text: str) -> str:
    """A text that is one answer."""
    return Woven.of((Answer(text),))


def is_answer(text: str) -> bool:
    """Whether a text is one answer, and nothing else."""
    return isinstance(text, Woven) and len(text.parts) == 1


def plain(text: str) -> str:
    """The text as any other ``str``."""
    return str(text) if isinstance(text, Woven) else text


def veiled(text: str) -> tuple[str, Callable[[Any], Any]]:
    """The text with a sign in place of each answer, and what puts the answers back.

    The second takes what the first was parsed to: a text, or lists and mappings of texts.
    """
    if not isinstance(text, Woven):
        return text, _as_it_is
    sign = next(c for c in map(chr, range(0xE000, 0xF8FF)) if c not in text)
    answers: list[Answer] = []
    written: list[str] = []
    for part in text.parts:
        if isinstance(part, Answer):
            written.append(f"{sign}{len(answers)}{sign}")
            answers.append(part)
        else:
            written.append(part)
    places = re.compile(f"{sign}([0-9]+){sign}")

    def unveiled(parsed: Any) -> Any:
        if isinstance(parsed, str):
            pieces: list[str] = places.split(parsed)
            return Woven.of(answers[int(p)] if i % 2 else p for i, p in enumerate(pieces))
        if isinstance(parsed, list):
            return [unveiled(item) for item in parsed]
        if isinstance(parsed, dict):
            return {str(unveiled(name)): unveiled(item) for name, item in parsed.items()}
        return parsed

    return "".join(written), unveiled


def _as_it_is(parsed: Any) -> Any:
    return parsed
