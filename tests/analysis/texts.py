"""Ids that go wrong where a system trims, folds, normalises, recodes or cuts."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

ALPHABETS = (
    "0123456789",
    "abcdefghijklmnopqrstuvwxyz-_.@+",
    "äöüßéèçñøåÄÖÜ",
    "абвгдежзАБВΑΒΓαβγ",
    "日本語漢字仮名한국어",
    "עבריתالعربيةहिन्दीไทย",
    "😀👨‍👩‍👧‍👦🏳️‍🌈👍🏽",
    " \t\n\r\x0b\x0c\u00a0\u2003\u3000",
    "'\"\\`%_;:,#-/*|&$",
    "\x01\x02\x1b\x7f\u200b\u200d\u202e\ufeff\U0010ffff",
)
FIXED = (
    "", " ", "42", " 42", "42 ", "007", "user-42", "User-42", "USER-42", "é", "e\u0301", "ﬁ", "fi",
    "ǅ", "ß", "SS", "İ", "i̇", "\ufeff42", "NULL", "null", "None", "nan", "true", "0x1f", "1e5",
    "-0", "4294967296", "' OR 1=1 --", "a'b", 'a"b', "a\\b", "a\\'b", "%s", "{0}", "$1", "/* x */",
    "a:b", ":", "a\nb", "a\r\nb", "\U0010ffff", "\u0001",
)  # fmt: skip


def awkward(count: int, seed: int = 1, longest: int = 300) -> Iterator[str]:
    """``count`` ids: the fixed ones, every length up to ``longest``, all sorts of characters."""
    random = Random(seed)
    made = 0
    for text in (*FIXED, *("x" * n for n in range(longest)), "y" * 100_000, "日" * 20_000):
        if made == count:
            return
        made += 1
        yield text
    while made < count:
        kind = made % 4
        if kind == 0:
            yield str(random.randrange(10 ** random.randrange(1, 19)))
        elif kind == 1:
            yield f"{random.getrandbits(128):032x}"
        else:
            alphabet = random.choice(ALPHABETS)
            size = random.randrange(1, 24) if kind == 2 else random.randrange(1, 120)
            yield "".join(random.choices(alphabet, k=size))
        made += 1
