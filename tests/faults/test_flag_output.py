"""What a store holds reaches a terminal as text: real commands at a real terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from confkit.flags.redis.store import RedisStore
from tests.faults.server import RedisServer

pytestmark = pytest.mark.slow

#: Colours, a title, the clipboard, a bell, a cleared screen, C1, a forged line, a turn to the left.
EVIL = "\x1b[31mred\x1b]0;title\x07\x1b]52;c;Zm9v\x07\x1b[2J\x9b2J\r\nforged: yes\u202etxt"
OBEYED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
#: What we ourselves send: colours and nothing else.
OURS = re.compile(r"\x1b\[[0-9;]*m")


def at_a_terminal(*words: str) -> str:
    """What a command sends to the terminal that it is started at."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "confkit", "flags", *words],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"},
    )
    os.close(theirs)
    sent = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        sent += part
    os.close(ours)
    process.wait(30)
    return sent.decode()


@pytest.fixture
def url(server: RedisServer, writer: RedisStore) -> str:
    rule = {"enabled": True, "owner": EVIL, "description": EVIL, "allow": [EVIL], "percentage": 5}
    writer.write("evil", rule, expect=0, by=EVIL, reason=EVIL)
    writer.write("evil", {**rule, "percentage": 6}, expect=1, by=EVIL, reason=EVIL)
    writer.write("broken", {"enabled": EVIL, EVIL[:20]: 1}, expect=0, by=EVIL, reason=EVIL)
    return server.url


@pytest.mark.parametrize(
    "words",
    [
        ["list"],
        ["show", "evil"],
        ["show", "broken"],
        ["history", "evil"],
        ["set", "evil", "--percentage", "7", "--yes"],
        ["history", "--json"],
        ["show", EVIL.replace("\x00", "")],
    ],
    ids=lambda words: " ".join(words)[:16].split("\x1b")[0],
)
def test_nothing_of_a_store_is_obeyed(words: list[str], url: str) -> None:
    sent = at_a_terminal(*words, "--store", url)
    assert sent.strip()
    plain = OURS.sub("", sent)
    assert not OBEYED.search(plain), OBEYED.findall(plain)
    assert EVIL[:8] not in sent
    assert not [line for line in plain.splitlines() if line.lstrip().startswith("forged")]
