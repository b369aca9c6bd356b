"""Secrets that this process has read: masked wherever they turn up, however they are spelled.

Values of ``Secret`` fields and answers of resolvers are added when they are read, whole. The
spellings are worked out when something is masked for the first time, not while a program starts.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator

from confkit import forking
from confkit.layers import printable
from confkit.secret import MASK

#: The most secrets kept, the newest of them: a rotating one would fill the memory otherwise.
MAX_KNOWN = 4096
#: Shorter than this is no secret that could be told from chance.
MIN_LENGTH = 4
#: Shorter than this, only the whole word is masked, and no encoded form is looked for.
WORD_LENGTH = 8
#: Words that stand for themselves in every text, even where somebody has them for a password.
COMMON = frozenset(
    word
    for line in (
        "true false none null admin administrator root user users guest test testing tests",
        "password passwd secret secrets token default changeme change_me example sample demo",
        "local localhost development staging production postgres postgresql mysql mariadb",
        "mongodb redis rabbitmq sqlite django flask database username string value http https",
        "plain basic bearer pass passw pwd name host main master public private dev prod stage",
        "error info debug warning file path data type text user1 admin1 pass1 letmein qwerty",
    )
    for word in line.split()
)


class KnownSecrets:
    """Secrets by their text; safe to use from any thread."""

    def __init__(self, limit: int = MAX_KNOWN) -> None:
        self._limit = limit
        self._values: dict[str, None] = {}
        #: those whose spellings are not in the index yet
        self._new: list[str] = []
        #: spellings by their first characters: what is not in a text costs nothing
        self._index: dict[str, tuple[str, ...]] = {}
        self.after_fork()
        forking.register(self)

    def __repr__(self) -> str:
        return f"<KnownSecrets: {len(self._values)}>"

    def after_fork(self) -> None:
        self._lock = threading.Lock()

    def add(self, value: str | bytes) -> bool:
        """Mask ``value`` from now on; whether it is long and unusual enough for that."""
        text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
        text = text.strip()
        short = len(text) < MIN_LENGTH or (text.isdigit() and len(text) < MIN_LENGTH + 2)
        if short or text.lower() in COMMON or set(text) == {"*"}:
            return False
        if text not in self._values:
            with self._lock:
                self._values[text] = None
                self._new.append(text)
                if len(self._values) > self._limit:
                    del self._values[next(iter(self._values))]
                    self._index, self._new = {}, list(self._values)
        return True

    def clear(self) -> None:
        """Forget every secret, as between two tests."""
        with self._lock:
            self._values.clear()
            self._index, self._new = {}, []

    def mask(self, text: str) -> str:
        """``text`` with every known secret in it masked."""
        for form in self._in(text):
            short = len(form) < WORD_LENGTH
            text = _whole_words(text, form) if short else text.replace(form, MASK)
        return text

    def mask_ends(self, text: str) -> str:
        """``text`` with what is left of known secrets masked at ``...``, where it was shortened.

        An end of fewer than four characters is left: it cannot be told from chance.
        """
        if "..." not in text or not self._values:
            return text
        if self._new:
            self._spell()
        forms = {form for some in self._index.values() for form in some}
        parts = text.split("...")
        for form in forms:
            for i in range(1, len(parts)):
                parts[i - 1] = _without_start(parts[i - 1], form)
                parts[i] = _without_end(parts[i], form)
        return "...".join(parts)

    def find(self, text: str) -> Iterator[int]:
        """The offsets at which a known secret stands in ``text``; overlapping ones once."""
        taken: list[tuple[int, int]] = []
        for form in self._in(text):
            at = text.find(form)
            while at >= 0:
                end = at + len(form)
                free = not any(start < end and at < stop for start, stop in taken)
                if free and not (len(form) < WORD_LENGTH and _inside_word(text, at, end)):
                    taken.append((at, end))
                at = text.find(form, end)
        return iter(sorted(start for start, _ in taken))

    def _in(self, text: str) -> list[str]:
        """The spellings that occur in ``text``, longest first."""
        if self._new:
            self._spell()
        index = self._index
        if not index:
            return []
        starts = {text[at : at + MIN_LENGTH] for at in range(len(text) - MIN_LENGTH + 1)}
        found = [form for start in starts for form in index.get(start, ()) if form in text]
        return sorted(found, key=lambda form: (-len(form), form))

    def _spell(self) -> None:
        with self._lock:
            index = self._index
            for value in self._new:
                for form in spellings(value):
                    start = form[:MIN_LENGTH]
                    if form not in index.get(start, ()):
                        index[start] = (*index.get(start, ()), form)
            self._new = []


def _without_start(text: str, form: str) -> str:
    """``text`` without the start of a secret that it ends in."""
    for length in range(len(form) - 1, MIN_LENGTH - 1, -1):
        if text.endswith(form[:length]):
            return text[:-length] + MASK
    return text


def _without_end(text: str, form: str) -> str:
    """``text`` without the end of a secret that it starts with."""
    for length in range(len(form) - 1, MIN_LENGTH - 1, -1):
        if text.startswith(form[-length:]):
            return MASK + text[length:]
    return text


def _inside_word(text: str, start: int, end: int) -> bool:
    return (text[start - 1 : start].isalnum() and text[start].isalnum()) or (
        text[end : end + 1].isalnum() and text[end - 1].isalnum()
    )


def _whole_words(text: str, form: str) -> str:
    parts: list[str] = []
    at = shown = 0
    while (at := text.find(form, at)) >= 0:
        end = at + len(form)
        if not _inside_word(text, at, end):
            parts += [text[shown:at], MASK]
            shown = end
        at = end
    parts.append(text[shown:])
    return "".join(parts)


def spellings(value: str) -> frozenset[str]:
    """How outputs spell a secret: as it is, escaped, percent-encoded, in base64, line by line."""
    forms = {value}
    if "\n" in value or "\r" in value:
        forms.update(line for line in value.split() if len(line) >= WORD_LENGTH)
        forms.update(stripped for line in value.splitlines() if len(stripped := line.strip()) >= 8)
    if not (value.isascii() and value.isalnum()):
        forms |= _escaped(value)
    if len(value) >= WORD_LENGTH:
        data = value.encode("utf-8", "surrogatepass")
        forms |= _base64(data) | {data.hex(), data.hex().upper()}
    return frozenset(form for form in forms if len(form) >= MIN_LENGTH)


def _escaped(value: str) -> set[str]:
    import html
    import json
    from urllib.parse import quote, quote_plus

    data = value.encode("utf-8", "surrogatepass")
    percent = {quote(data, safe=""), quote(data), quote_plus(data)}
    percent |= {_lower_hex(form) for form in percent}
    return {
        printable(value),
        repr(value)[1:-1],
        ascii(value)[1:-1],
        repr(data)[2:-1],
        value.encode("unicode_escape").decode(),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(value))[3:-3],
        _json_in_html(json.dumps(value)[1:-1]),
        html.escape(value),
        html.escape(value, quote=False),
        *percent,
    }


def _json_in_html(text: str) -> str:
    """As templates and Go write JSON: the characters of HTML as their numbers."""
    return re.sub("[<>&']", lambda match: f"\\u{ord(match[0]):04x}", text)


def _lower_hex(text: str) -> str:
    return re.sub(r"%[0-9A-F]{2}", lambda match: match[0].lower(), text)


def _base64(data: bytes) -> set[str]:
    """Base64 of ``data`` alone and inside other data, wherever it starts there."""
    from base64 import b64encode

    forms: set[str] = set()
    for alphabet in (b"+/", b"-_"):
        forms.add(b64encode(data, alphabet).decode())
        forms.add(b64encode(data, alphabet).decode().rstrip("="))
        for offset in range(3):
            code = b64encode(b"\0" * offset + data, alphabet).decode().rstrip("=")
            # Characters that also hold bits of what stands beside it are left out.
            first = (offset * 8 + 5) // 6
            last = (offset + len(data)) * 8 // 6
            forms.add(code[first:last])
    return forms


#: Every secret that this process has read.
known = KnownSecrets()
