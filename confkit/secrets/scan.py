"""Secrets in clear text in files: the values of known secrets, credentials, telling names."""

from __future__ import annotations

import codecs
import os
import re
import subprocess
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from confkit.layers import printable
from confkit.redaction.known import known
from confkit.redaction.text import CREDENTIAL, PRIVATE_KEY_BEGIN

#: What is looked through of one file, in bytes; what is longer is named.
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True, order=True)
class Leak:
    """One place at which a secret stands in clear; never the secret."""

    file: str
    line: int
    column: int
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.code} {self.message}"


MESSAGES = {
    "KnownSecret": "holds the value of a secret of these settings",
    "Credential": "looks like a real credential",
    "PrivateKey": "holds a private key",
    "TooLong": f"is longer than {MAX_BYTES >> 20} MiB: nothing behind this place was looked at",
}


def scan(name: str, text: str) -> list[Leak]:
    """Every place in a text; the values of known secrets in all their spellings."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    found: dict[int, str] = {}
    for match in re.finditer(PRIVATE_KEY_BEGIN, text):
        found[match.start()] = "PrivateKey"
    for match in re.finditer(CREDENTIAL, text):
        if "EXAMPLE" not in match[0]:
            found[match.start()] = "Credential"
    for at in known.find(text):
        found[at] = "KnownSecret"
    leaks = []
    for at, code in found.items():
        line = bisect_right(starts, at)
        leaks.append(Leak(name, line, at - starts[line - 1] + 1, code, MESSAGES[code]))
    return sorted(leaks)


def scan_file(path: Path, name: str) -> list[Leak]:
    """The same for a file; a binary one, and what is not there any more, holds none.

    :raises OSError: when the file cannot be read.
    """
    with path.open("rb") as file:
        return _scan_bytes(file.read(MAX_BYTES + 1), name)


def scan_staged(directory: Path) -> list[Leak]:
    """Every file that git has staged for the next commit, as it would be committed.

    Not what is inside submodules: they have an index of their own.

    :raises OSError: when git is not installed.
    :raises ValueError: outside a work tree.
    """
    names = _git(
        directory, "diff", "--cached", "--name-only", "--diff-filter=d", "--ignore-submodules", "-z"
    )
    leaks: list[Leak] = []
    for name in names.split(b"\0"):
        if name:
            data = _git(directory, "show", f":{os.fsdecode(name)}")
            leaks += _scan_bytes(data, printable(os.fsdecode(name)))
    return sorted(leaks)


def _scan_bytes(data: bytes, name: str) -> list[Leak]:
    encoding = _encoding(data[:8192])
    if not encoding:
        return []
    leaks = scan(name, data[:MAX_BYTES].decode(encoding, "replace"))
    if len(data) > MAX_BYTES:
        line = data.count(b"\n", 0, MAX_BYTES) + 1
        leaks.append(Leak(name, line, 1, "TooLong", MESSAGES["TooLong"]))
    return leaks


def _encoding(start: bytes) -> str:
    """How a text that starts so is encoded; empty for a binary file."""
    zeros = start.count(0)
    if zeros and start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if zeros and zeros == start[1::2].count(0) and zeros > len(start) / 3:
        return "utf-16-le"  # as PowerShell writes it, without a mark
    if zeros and zeros == start[::2].count(0) and zeros > len(start) / 3:
        return "utf-16-be"
    return "" if zeros else "utf-8"


def _git(directory: Path, *words: str) -> bytes:
    done = subprocess.run(  # noqa: S603 - a list of words, no shell
        ["git", "-C", str(directory), *words],  # noqa: S607 - the git of the developer
        capture_output=True,
        check=False,
        timeout=60,
    )
    if done.returncode:
        raise ValueError("git has no index here")
    return done.stdout


def files_of(directory: Path) -> Iterator[Path]:
    """The files of a directory that git would commit; without git, all but git's own."""
    try:
        listed = _git(directory, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    except (OSError, ValueError):
        found = (p for p in sorted(directory.rglob("*")) if p.is_file())
        yield from (p for p in found if ".git" not in p.relative_to(directory).parts)
        return
    for name in listed.split(b"\0"):
        if name and (path := directory / name.decode("utf-8", "surrogateescape")).is_file():
            yield path
