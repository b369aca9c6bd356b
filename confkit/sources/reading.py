"""Reading a text file once, within limits, with an error that names what is wrong."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from confkit.errors import InvalidSource, Problem
from confkit.layers import Origin
from confkit.secret import MASK

#: The largest file that is read, in bytes: far above any configuration, far below a bomb.
MAX_BYTES = 4 * 1024 * 1024
#: Platforms of one user, whose file systems give every file to everybody.
ONE_USER = ("emscripten", "wasi")


def failure(
    name: str, message: str, code: str, line: int | None = None, column: int | None = None
) -> InvalidSource:
    """An error about a whole file, or about one place in it."""
    return InvalidSource([Problem("", message, Origin("file", name, line, column), code=code)])


def without_secret(message: str, quoted: str = "", above: Iterable[str] = ()) -> str:
    """A message about a text with what is secret in it masked.

    ``quoted`` is the key that the message quotes: all of it is masked where a key ``above`` it is
    the name of a secret.
    """
    from confkit.redaction.names import sensitive_name  # only what is wrong needs it
    from confkit.redaction.text import mask_text

    if quoted and any(map(sensitive_name, above)):
        message = message.replace(repr(quoted), repr(MASK))
    return mask_text(message)


def read_text(
    path: Path, name: str, limit: int = MAX_BYTES, *, trusted: bool = False
) -> str | None:
    """The text of a UTF-8 file without its byte order mark; None when there is no such file.

    The file is opened once and checked through its handle, so that nothing can be swapped in
    between. ``name`` is how the path is shown.

    :raises InvalidSource: for a directory, a missing permission, a device, too many bytes, bytes
        that are not UTF-8 and NUL characters, with the line and column where there is one.
    """
    data = read_bytes(path, name, limit, trusted=trusted)
    return None if data is None else decode(data, name)


def read_bytes(
    path: Path, name: str, limit: int = MAX_BYTES, *, trusted: bool = False
) -> bytes | None:
    """The bytes of a file; otherwise as :func:`read_text`.

    :param trusted: refuse a file that every user may write to: anybody could choose the secret.

    :raises InvalidSource: for a directory, a missing permission, a device, a link to what is not
        there, and too many bytes.
    """
    try:
        # Without O_NONBLOCK a named pipe would hold the program until somebody writes to it.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink() and not path.exists():
            raise failure(name, "is a link to a file that is not there", "unreadable") from None
        return None
    except PermissionError:
        raise failure(name, "permission denied", "unreadable") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a path"
        raise failure(name, f"cannot be opened: {why}", "unreadable") from None
    try:
        mode = os.fstat(handle).st_mode
        if stat.S_ISDIR(mode):
            raise failure(name, "is a directory, and a file is expected", "unreadable")
        if not stat.S_ISREG(mode):
            raise failure(name, "is not a regular file", "unreadable")
        if trusted:
            refuse_writable(mode, name)
        with open(handle, "rb", closefd=False) as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise failure(name, f"cannot be read: {error.strerror}", "unreadable") from None
    finally:
        os.close(handle)
    if len(data) > limit:
        raise failure(name, f"is larger than {limit // 1024:,} kB", "too-large")
    return data


def refuse_writable(mode: int, name: str) -> None:
    """Refuse what every user of the machine may change, by its mode.

    :raises InvalidSource: with the code ``writable``.
    """
    # In a directory such as /tmp, with the sticky bit, nobody replaces the files of others.
    sticky = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
    shared = os.name == "posix" and sys.platform not in ONE_USER
    if shared and mode & stat.S_IWOTH and not sticky:
        raise failure(name, "can be written to by every user: chmod o-w", "writable")


def decode(data: bytes, name: str) -> str:
    """UTF-8 text of ``data``, without a byte order mark.

    :raises InvalidSource: with the line and column of the first byte that does not belong.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise failure(name, "is UTF-16: save it as UTF-8", "encoding", 1, 1)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = position(before, len(before))
        raise failure(name, "is not UTF-8: save it as UTF-8", "encoding", line, column) from None
    if (at := text.find("\0")) >= 0:
        raise failure(name, "holds a NUL character", "encoding", *position(text, at))
    return text


def position(text: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both from 1."""
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset) + 1, offset - start + 1
