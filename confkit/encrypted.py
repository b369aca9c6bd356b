"""``enc:gAAAA...``: how a Fernet token is written in files and variables, and what looks like one.

Whoever writes ``enc:`` means an encrypted text. What begins so and cannot be decrypted is an error
where a secret is read: the encrypted text itself would be a wrong value in silence.
"""

from __future__ import annotations

import re

#: What stands before a token; every reader of env files keeps it as it is.
PREFIX = "enc:"
_WHOLE = re.compile(r"\s*enc\s*:\s*(.*?)\s*\Z", re.IGNORECASE | re.DOTALL)
#: How a text begins that is meant to be encrypted, also behind quotes, brackets, blanks.
_MEANT = re.compile(r"[\W_]*enc\s*:", re.IGNORECASE)
#: The beginning of a token, plain or in base64 once more.
_BEGUN = re.compile(r"enc\s*:[\s\"']*(?:gAAAA|Z0FBQUFB)[\w+/=-]*", re.IGNORECASE)
#: Inside a longer text: not so short as in a sentence about tokens.
_SHORTEST_INSIDE = 40


def token(text: str) -> str | None:
    """What follows ``enc:`` in a text that is nothing else; None for all other texts."""
    match = _WHOLE.match(text)
    return None if match is None else match[1]


def begun(text: str) -> bool:
    """Whether a text of any field begins as a token does, or has a long part of one inside."""
    match = _BEGUN.search(text)
    if match is None:
        return False
    return bool(_MEANT.match(text)) or len(match[0]) >= _SHORTEST_INSIDE


def expressive(text: str) -> bool:
    """Whether there may be something to fill in or to decrypt in a text."""
    return "$" in text or (":" in text and begun(text))


def meant(text: str) -> bool:
    """Whether a secret that reads so is meant to be encrypted."""
    return bool(_MEANT.match(text) or _BEGUN.search(text))
