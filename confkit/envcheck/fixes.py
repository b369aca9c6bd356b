"""Mends for findings that have a safe one: what a reader gets from the file stays the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from confkit import atomic
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.findings import Finding
from confkit.sources.reading import failure

#: One mend can make room for the next; more rounds than this would mean that two undo each other.
_MAX_ROUNDS = 20


def fixed(file: EnvFile, check: Callable[[EnvFile], Iterable[Finding]]) -> tuple[EnvFile, int]:
    """The file with every safe mend applied, and how many there were.

    ``check`` gives the findings to mend; it is asked again until nothing can be mended any more.

    :raises RuntimeError: when a mend would change what is read, which is a fault of a check.
    """
    count = 0
    for _ in range(_MAX_ROUNDS):
        text, done = _apply(file.text, check(file))
        if not done:
            break
        after = EnvFile(file.name, text, file.path, mark=file.mark)
        if _meaning(after) != _meaning(file):
            raise RuntimeError(f"{file.name}: a mend would change a value; nothing was written")
        file, count = after, count + done
    return file, count


def _meaning(file: EnvFile) -> dict[str, str]:
    return {name: setting.value for name, setting in file.variables.items()}


def _apply(text: str, findings: Iterable[Finding]) -> tuple[str, int]:
    """Apply the edits that do not touch each other; the others wait for the next round."""
    parts = []
    at, done, last = 0, 0, None
    for edit in sorted(f.edit for f in findings if f.edit is not None):
        if edit.start < at or edit == last:
            continue
        parts += [text[at : edit.start], edit.text]
        at, done, last = edit.end, done + 1, edit
    return "".join(parts) + text[at:], done


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
