"""Masking inside a text: known secrets, tokens, passwords in URLs, ``password=...``.

Every rule takes time in proportion to the text. The mask is constant: no prefix, no length.
"""

from __future__ import annotations

import re

from confkit.redaction.known import known
from confkit.redaction.names import sensitive_name
from confkit.redaction.urls import mask_urls
from confkit.secret import MASK

#: Credentials that their makers gave a form of their own.
CREDENTIAL = (
    r"(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])"  # AWS access key
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{20,}"
    r"|glpat-[A-Za-z0-9_-]{20,}|gl[a-z]{2,5}-[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}"
    r"|(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{16,}"
    r"|sk-[A-Za-z0-9_-]{20,}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}"
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[0-9a-f]{32}"
    r"|npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{20,}|hf_[A-Za-z0-9]{34}"
    r"|dop_v1_[a-f0-9]{64}|shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|sq0[a-z]{3}-[A-Za-z0-9_-]{22,}"
    r"|hv[sb]\.[A-Za-z0-9_-]{20,}|dckr_pat_[A-Za-z0-9_-]{20,}|lin_api_[A-Za-z0-9]{32,}"
    r"|[0-9]{8,10}:AA[A-Za-z0-9_-]{32,34}"  # a bot of Telegram
    r"|AGE-SECRET-KEY-1[A-Z0-9]{40,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){0,2}"  # JWT, JWE
    r")"
)
PRIVATE_KEY_BEGIN = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
#: An end that is missing is the end of the text.
PRIVATE_KEY = (
    rf"(?s){PRIVATE_KEY_BEGIN}"
    r"(?:.*?-----END [A-Z0-9 ]{0,40}-----|.*)"
)
_AUTHORIZATION = r"(?i)\b(bearer|basic)(\s+)([A-Za-z0-9+/=_.~-]{6,})"
#: ``user:password@tcp(host)``, ``user:password@host:5432``, ``user/password@//host``.
_WITHOUT_SCHEME = (
    r"(?<![\w.%+-])([\w.%+-]{1,64})"
    r"(?::[^\s\"']{1,128}?@(?=(?:tcp6?|udp|unix)\()"
    r"|:[^\s:@/\"']{3,128}@(?!sha\d)(?=[\w.-]{1,253}(?::\d|/))"
    r"|/[^\s@/\"']{1,128}@(?=//|[\w.-]{1,253}:\d))"
)
#: The name in front of ``=``, of ``:`` and of a blank after an option's dashes.
_HEAD = (
    r"(?<![\w.-])(?:"
    r"(?P<quoted>\\?[\"'])(?P<q>[A-Za-z_][\w.\- ]{0,60})(?P=quoted)\s{0,3}(?::|=>?)\s{0,3}"
    r"|(?P<n>(?:--)?[A-Za-z_][\w.\-]{0,60})(?P<op>\s?=>?\s?|:[ \t]+|:(?![:\s]))"
    r"|--(?P<o>[A-Za-z][\w-]{0,60})[ \t]+(?![-\s])"
    r")"
)
#: ``curl -u user:password``; two numbers are a user and a group of ``docker run``.
_USER_OPTION = r"(?<!\S)((?:-[uU]|--(?:proxy-)?user)[ =]?)(?!\d+:\d+\b)([^\s:=-][^\s:]{0,63}):(\S+)"
#: Behind a file's name: its line and column.
_PLACE = re.compile(r"\d+(?P<column>:\d+)?(?!\w|:\w)")
#: Parameters that are secret in an address and harmless elsewhere.
_IN_ADDRESSES = frozenset({"code", "key"})
_HEADERS = re.compile(r"(?i)(?:proxy-|x-)?authorization\Z|(?:set-)?cookie\Z")
_SCHEME_OF_HEADER = re.compile(r"(?i)(?:basic|bearer|digest|negotiate|token|apikey)[ \t]+(?=\S)")
# A comma ends a value only where another name follows: passwords hold commas, too; and so does a
# quote only where no word goes on behind it.
_BARE = re.compile(r"(?:[^&#;\s\"',]|,(?!\s|[A-Za-z][A-Za-z0-9_.\-]{0,60}\s?=)|[\"'](?=\w))+")
#: ``name: value`` is one word to the end of the line or of the item: more words are prose.
_ALONE = re.compile(r"([^\s,;}\])]+)(?=[ \t]*(?:[,;}\])\r\n]|\Z))")
#: An item of JSON without quotes.
_ITEM = re.compile(r"[^\s,;}\])]+")
_NO_SECRETS = frozenset({"null", "None", "true", "false", "True", "False"})
_OPEN = {"[": "]", "{": "}"}


def mask_text(text: str) -> str:
    """Mask what is secret inside a text.

    Known secrets in any of their spellings (:mod:`confkit.redaction.known`), private keys, tokens
    of a form of their own, passwords in addresses, and values behind a name of a secret.
    """
    text = known.mask(text)
    if "-----BEGIN" in text:
        text = re.sub(PRIVATE_KEY, MASK, text)
    if "://" in text:
        text = mask_urls(text)
    if "@" in text:
        text = re.sub(_WITHOUT_SCHEME, _without_scheme, text)
    if "-" in text and ":" in text:
        text = re.sub(_USER_OPTION, rf"\1\2:{MASK}", text)
    if "=" in text or ":" in text or "--" in text:
        text = _mask_assignments(text)
    if len(text) > 12:
        text = re.sub(_AUTHORIZATION, _authorization, text)
        text = re.sub(CREDENTIAL, MASK, text)
    return text


def _without_scheme(match: re.Match[str]) -> str:
    return f"{match[1]}{match[0][len(match[1])]}{MASK}@"


def _authorization(match: re.Match[str]) -> str:
    token = match[3]
    prose = token.isalpha() and token.islower() and len(token) < 20
    return match[0] if prose else f"{match[1]}{match[2]}{MASK}"


def _mask_assignments(text: str) -> str:
    head = re.compile(_HEAD)
    parts: list[str] = []
    at = shown = 0
    while found := head.search(text, at):
        name = found["q"] or found["n"] or found["o"]
        at = found.end()
        operator = found["op"] or ""
        address = "=" in operator and text[found.start() - 1 : found.start()] in ("?", "&", "#")
        if not (sensitive_name(name) or (address and name.lower() in _IN_ADDRESSES)):
            continue
        if operator == ":" and _is_place(text, found.start(), name, at):
            continue
        if operator.startswith(":"):
            if name.lower() in _IN_ADDRESSES:  # a word of prose, and of our own messages
                continue
            if scheme := _SCHEME_OF_HEADER.match(text, at):
                at = scheme.end()
        item = bool(found["q"]) or operator == ":"
        end = _value_end(text, at, name, prose=operator.startswith(":") and not item, item=item)
        if end > at:
            quote = text[at] if text[at] in "\"'" and text[at] == text[end - 1] else ""
            # Quotes of JSON stay, so that what is masked can still be read.
            quote = quote if found["q"] else ""
            parts += [text[shown:at], quote, MASK, quote]
            at = shown = end
    parts.append(text[shown:])
    return "".join(parts)


def _is_place(text: str, start: int, name: str, at: int) -> bool:
    """Whether the name is a file's, and its line follows; or the scheme of a reference."""
    place = _PLACE.match(text, at)
    located = place is not None and ("." in name or place["column"] is not None)
    return located or text[max(0, start - 2) : start].endswith(("/", "\\", "${"))


def _value_end(text: str, start: int, name: str, *, prose: bool, item: bool) -> int:
    """Where the value that starts here ends; ``start`` where there is none."""
    first = text[start : start + 1]
    if first == "\\" and text[start + 1 : start + 2] in ("'", '"'):
        closing = text.find(text[start : start + 2], start + 2)
        return len(text) if closing < 0 else closing + 2
    if first in ("'", '"'):
        return _string_end(text, start)
    if first in _OPEN:
        return _container_end(text, start)
    if (prose or item) and _HEADERS.match(name) and first not in _OPEN:
        line = re.compile(r"[\r\n]").search(text, start)
        return line.start() if line else len(text)
    if text.startswith(MASK, start):
        return start
    found = (_ALONE if prose else _ITEM if item else _BARE).match(text, start)
    return start if found is None or found[0] in _NO_SECRETS else found.end()


def _string_end(text: str, start: int) -> int:
    """Behind the closing quote; the end of the text where it is missing."""
    quote = text[start]
    found = re.compile(rf"(?:[^\\{quote}]|\\.)*{quote}", re.DOTALL).match(text, start + 1)
    return found.end() if found else len(text)


def _container_end(text: str, start: int) -> int:
    """Behind the bracket that closes the list or mapping; the end of the text without one."""
    wanted: list[str] = []
    token = re.compile(r"[\[\]{}\"']")
    at = start
    while found := token.search(text, at):
        at = found.end()
        if found[0] in _OPEN:
            wanted.append(_OPEN[found[0]])
        elif found[0] in ("'", '"'):
            at = _string_end(text, found.start())
        elif wanted and found[0] == wanted[-1]:
            wanted.pop()
            if not wanted:
                return at
        else:
            break  # brackets that do not match: nothing behind them is certain
    return len(text)
