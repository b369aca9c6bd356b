"""Comments that switch findings off."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "text",
    [
        "a=1 # confkit: ignore[LowercaseKey]\n",
        "a=1 # why not # confkit: ignore[LowercaseKey]\n",
        "a='x y' #confkit:ignore[LowercaseKey]\n",
        "a=x y # confkit: ignore[LowercaseKey, ValueWithoutQuotes]\n",
        "a=x y # confkit: ignore\n",
        "# confkit: ignore[LowercaseKey]\na=1\n",
        "# confkit: ignore[LowercaseKey]\n# more words\na=1\n",
        "b=1 # confkit: ignore[LowercaseKey]\nX=1 # confkit: ignore-file[UnorderedKey]\n",
        "a=1\nb=2\n# confkit: ignore-file[LowercaseKey]\n",
        "# confkit: ignore-file\na=x y",
        "DATABASE=1 # confkit: ignore[SchemaViolation]\n",
        "a='x\ny' # confkit: ignore\n",
        "a b=1\n# confkit: ignore-file[UnreadableLine]\n",
    ],
)
def test_switches_off(text, found):
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a=1 # confkit: ignore[QuoteCharacter]\n", [("LowercaseKey", 1, 1)]),
        ("a=1 # confkit: ignore[LowercaseKey]\nb=1\n", [("LowercaseKey", 2, 1)]),
        ("# confkit: ignore[LowercaseKey]\n\na=1\n", [("LowercaseKey", 3, 1)]),
        ("A='# confkit: ignore'\nb=1\n", [("LowercaseKey", 2, 1)]),
        ("A=1 # confkit: ignore[Nope]\n", [("UnknownCode", 1, 5)]),
        ("A=1 # confkit: ignore[]\n", [("UnknownCode", 1, 5)]),
        ("A=1 # confkit: ignore[Nope,UnknownCode]\n", []),
    ],
)
def test_only_what_it_names(text, left, found):
    assert found(text) == left
