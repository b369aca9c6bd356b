"""One configuration file, edited so that a reader or a crash sees the old text or the new one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from confkit import atomic
from confkit.errors import FileChanged, NotWritable, SaveError
from confkit.keypath import Path
from confkit.layers import shown

#: The endings of files that values can be written into.
SUFFIXES = (".yaml", ".yml", ".json")


def fingerprint(path: FilePath) -> str:
    """What tells one content of a file from another. No file has that of an empty one.

    :raises NotWritable: for a file that cannot be read.
    """
    try:
        return _sha256(path.read_bytes())
    except FileNotFoundError:
        return _sha256(b"")
    except OSError as error:
        raise NotWritable(f"{shown(path)}: {error.strerror}") from None


def fingerprint_of(text: str) -> str:
    """The fingerprint of a file with this text, with or without a byte order mark."""
    return _sha256(text.encode())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data.removeprefix(b"\xef\xbb\xbf")).hexdigest()


def edit_file(
    path: FilePath,
    changes: Mapping[Path, Any],
    *,
    remove: Collection[Path] = (),
    expect: str | None = None,
    accept: Callable[[str], bool | None] | None = None,
    root: FilePath | None = None,
) -> bool:
    """Set and take out values in a YAML or JSON file; give whether the text changed.

    A new file is made. The file is locked against every other writer, and replaced in one step
    with its mode and owner.

    :param expect: the :func:`fingerprint` that the change was decided on.
    :param accept: gets the new text before it is written. It refuses it by raising; where it gives
        False the file stays as it is.
    :param root: what errors name the file relative to.
    :raises FileChanged: when the file has another fingerprint by now.
    :raises NotWritable: when it cannot be read or written; nothing has changed then.
    :raises SaveError: when the values have no place in the file; nothing has changed then.
    """
    edit, without = editors(path)

    def edited(text: str) -> str:
        made = edit(text, changes) if changes else text
        return without(made, remove) if remove else made

    return change_file(path, edited, expect=expect, accept=accept, root=root)


def change_file(
    path: FilePath,
    edit: Callable[[str], str],
    *,
    expect: str | None = None,
    accept: Callable[[str], bool | None] | None = None,
    root: FilePath | None = None,
) -> bool:
    """Have ``edit`` make the new text of a file of the old one, as :func:`edit_file` does."""
    try:
        with atomic.locked(path):
            if expect is not None and fingerprint(path) != expect:
                raise FileChanged(f"{shown(path, root)} changed since it was read: reload first")
            old = _text(path)
            new = edit(old)
            data = _bytes(new)
            if accept is not None and accept(new) is False:
                return False
            if new != old:
                atomic.replace(path, data)
            return new != old
    except OSError as error:
        raise NotWritable(
            f"{shown(path, root)}: {error.strerror or error}; nothing was saved"
        ) from error
    except SaveError as error:
        raise type(error)(f"{shown(path, root)}: {error}") from error.__cause__


class Editors(NamedTuple):
    """What sets values in a text, and what takes them out."""

    edit: Callable[[str, Mapping[Path, Any]], str]
    without: Callable[[str, Collection[Path]], str]


def editors(path: FilePath) -> Editors:
    """The editors for a file of this name.

    :raises SaveError: for one that is neither YAML nor JSON.
    """
    from confkit.writeback import removal

    if path.suffix in (".yaml", ".yml"):
        from confkit.writeback.yaml_edit import edit_yaml

        return Editors(edit_yaml, removal.without_yaml)
    if path.suffix == ".json":
        from confkit.writeback.json_edit import edit_json

        return Editors(edit_json, removal.without_json)
    raise SaveError(f"{shown(path)}: values are written to YAML and JSON files only")


def _text(path: FilePath) -> str:
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise SaveError("the file is not UTF-8; fix the file first") from None


def _bytes(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise SaveError("a value holds half of a surrogate pair, which no file can hold") from None
