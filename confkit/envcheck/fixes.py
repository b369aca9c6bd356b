"""Fixes for findings that have a safe one: what a reader gets from the file stays the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from confkit import atomic
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Edit, Finding
from confkit.sources.reading import failure

#: One fix can make room for the next; more rounds than this would mean that two undo each other.
_MAX_ROUNDS = 20
#: How many parts of a round are tried where all its edits together would change a value.
_TRIED = 200


def fixed(file: EnvFile, check: Callable[[EnvFile], Iterable[Finding]]) -> tuple[EnvFile, int]:
    """The file with every safe fix applied, and how many there were.

    ``check`` gives the findings to fix; it is asked again until nothing can be fixed any more. An
    edit that would change what is read is left out, and its finding stays.
    """
    meaning, count = _meaning(file), 0
    for _ in range(_MAX_ROUNDS):
        edits = _apart(f.edit for f in check(file) if f.edit is not None)
        after = _edited(file, edits)
        if _meaning(after) != meaning:
            edits = _harmless(file, edits, meaning)
            after = _edited(file, edits)
        if after.text == file.text:
            break
        file, count = after, count + len(edits)
    return file, count


def _meaning(file: EnvFile) -> tuple[dict[str, str], int]:
    """What is read from a file, and how many of its lines are not."""
    unread = sum(s.fault is not None or (bool(s.name) and s.value is None) for s in file.statements)
    return {name: setting.value for name, setting in file.variables.items()}, unread


def _apart(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that do not touch each other; the others wait for the next round."""
    kept: list[Edit] = []
    for edit in sorted(set(edits)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    return kept


def _edited(file: EnvFile, edits: Iterable[Edit]) -> EnvFile:
    parts, at = [], 0
    for edit in edits:
        parts += [file.text[at : edit.start], edit.text]
        at = edit.end
    text = "".join(parts) + file.text[at:]
    return EnvFile(file.name, text, file.path, mark=file.mark)


def _harmless(file: EnvFile, edits: list[Edit], meaning: object) -> list[Edit]:
    """The edits that change no value, found by trying halves; none where they do so together."""
    tried = 0

    def safe(some: list[Edit]) -> list[Edit]:
        nonlocal tried
        tried += 1
        if not some or tried > _TRIED:
            return []
        if _meaning(_edited(file, some)) == meaning:
            return some
        if len(some) == 1:
            return []
        middle = len(some) // 2
        return safe(some[:middle]) + safe(some[middle:])

    found = safe(edits)
    return found if _meaning(_edited(file, found)) == meaning else []


def write(file: EnvFile, before: str) -> None:
    """Replace the file by its new text: whole or not at all, with the mode it has.

    Written beside it, flushed to the disk and renamed. No copy of the old text is left behind,
    since it may hold secrets.

    :raises InvalidSource: for a symbolic link, a file that changed since ``before`` was read, and
        a directory that cannot be written.
    """
    path = file.path
    assert path is not None  # only files that were loaded are written
    if path.is_symlink():
        raise failure(file.name, "is a symbolic link: name the file it points to", "unwritable")
    if EnvFile.load(path).text != before:
        raise failure(file.name, "changed while it was being checked: run again", "unwritable")
    data = (b"\xef\xbb\xbf" if file.mark else b"") + file.text.encode()
    replace(path, file.name, data)


def replace(path: Path, name: str, data: bytes) -> None:
    """Write ``data`` to ``path``, shown as ``name``, by renaming a finished file over it.

    :raises InvalidSource: when the directory or the disk refuses.
    """
    try:
        atomic.replace(path, data)
    except OSError as error:
        raise failure(name, f"cannot be written: {error.strerror}", "unwritable") from None
