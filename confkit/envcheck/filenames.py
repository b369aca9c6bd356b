"""What the name of an env file tells: for which environment it is, and whether it is a template."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePath
from typing import NamedTuple

#: Environments whose files may hold secrets in clear text: those of one developer or of tests.
LOCAL = frozenset({"", "local", "dev", "development", "test", "testing", "ci"})
#: Words that mark a file which is made to be copied and filled in.
_TEMPLATES = frozenset(
    {"example", "examples", "sample", "template", "tmpl", "tpl", "dist", "default", "defaults"}
    | {"skeleton", "schema", "stub", "placeholder"}
)
#: Environments as they are called in front of ``.env``: ``production.env``. There, other words say
#: what the file is about: ``redis.env``.
_ENVIRONMENTS = frozenset(
    {"production", "prod", "prd", "live", "staging", "stage", "stg", "preprod", "preview", "qa"}
    | {"uat", "demo", "sandbox", "canary", "development", "dev", "test", "testing", "ci", "local"}
)
_HEADS = frozenset({"env", "dotenv", "envrc", "flaskenv"})
_WORDS = re.compile(r"[^A-Za-z0-9]+")


class Role(NamedTuple):
    """What a file is for. ``environment`` is lower case, and empty where the name tells none."""

    environment: str = ""
    template: bool = False
    local: bool = False


@lru_cache(maxsize=4096)
def role(path: str) -> Role:
    """The role of an env file, from its name in any usual form.

    >>> role(".env.production"), role("prod.env").environment, role("env-staging.local").local
    (Role(environment='production', template=False, local=False), 'prod', True)
    >>> role(".env.prod.example").template
    True
    """
    name = PurePath(path).name
    words = [word.lower() for word in _WORDS.split(name) if word]
    head = next((i for i, word in enumerate(words) if word in _HEADS), None)
    if head is None:
        return Role(template=bool(_TEMPLATES & set(words)))
    template = bool(_TEMPLATES & set(words))
    local = "local" in words
    behind = [w for w in words[head + 1 :] if w not in _TEMPLATES and w != "local"]
    if behind:
        tail = re.split(r"(?i)\b(?:dotenv|envrc|flaskenv|env)\b", name.replace("_", "."))[-1]
        parts = [p for p in tail.strip(".-").lower().split(".") if p]
        named = ".".join(p for p in parts if p not in _TEMPLATES and p != "local")
        return Role(named, template, local)
    before = [word for word in words[:head] if word in _ENVIRONMENTS and word != "local"]
    if before:
        return Role(before[-1], template, local)
    return Role("local" if local and not template else "", template, local)
