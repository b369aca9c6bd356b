"""Writing a file so that a reader, or a machine that stops half-way, sees the old one or the new.

The order is what matters: write aside in the same directory, mode and owner, fsync, rename, fsync
of the directory. The lock is a file beside it: renaming swaps the inode under a lock on the file
itself.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from confkit import forking

log = logging.getLogger("confkit")

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows
    fcntl = None  # type: ignore[assignment]


class _Locks:
    """One lock a path for the threads of this process; flock keeps other processes out."""

    def __init__(self) -> None:
        self.after_fork()
        forking.register(self)

    def after_fork(self) -> None:
        self.guard = threading.Lock()
        self.paths: dict[str, threading.Lock] = {}

    def of(self, path: Path) -> contextlib.AbstractContextManager[bool]:
        with self.guard:
            return self.paths.setdefault(str(path), threading.Lock())


_locks = _Locks()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold ``path`` against every other writer, thread or process.

    What a writer that was killed left beside the file is removed.

    :raises OSError: when the lock file cannot be opened.
    """
    real = Path(os.path.realpath(path))
    with _locks.of(real):
        handle = _lock_file(real)
        try:
            if fcntl is not None:  # pragma: no branch - Windows
                fcntl.flock(handle, fcntl.LOCK_EX)
            _sweep(real)
            yield
        finally:
            os.close(handle)  # and with it goes the lock


def _lock_file(real: Path) -> int:
    """The lock beside a file; a new one has the file's mode and owner, so that both can lock."""
    name, flags = f"{real}.lock", os.O_RDWR | os.O_CLOEXEC
    try:
        handle = os.open(name, flags | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        try:
            return os.open(name, flags)
        except PermissionError:
            return os.open(name, os.O_RDONLY | os.O_CLOEXEC)  # to lock it, reading is enough
    if real.exists():
        _like(real, handle)
    return handle


def replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of the file, which keeps its mode and owner; links are followed.

    A file that is a mount of its own cannot be renamed over and is written in place.

    :raises OSError: nothing has changed then, and nothing is left lying about.
    """
    real = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".tmp", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            _like(real, file.fileno())
            os.fsync(file.fileno())
        try:
            os.replace(name, real)  # noqa: PTH105 - the call whose order the tests watch
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            _in_place(real, content)
            os.unlink(name)  # noqa: PTH108
        _sync_directory(real.parent)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise


@contextlib.contextmanager
def written(path: Path) -> Iterator[Path]:
    """A new file beside ``path``, to be written by name, that takes its place at the end.

    For content that does not fit into memory; an error leaves ``path`` as it was.

    :raises OSError: when the directory takes no file, or the file cannot be renamed.
    """
    real = Path(os.path.realpath(path))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", suffix=".tmp", dir=real.parent)
    try:
        _like(real, handle)
        yield Path(name)
        os.fsync(handle)
        os.replace(name, real)  # noqa: PTH105
        _sync_directory(real.parent)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)  # noqa: PTH108
        raise
    finally:
        os.close(handle)


def append(path: Path, line: bytes, *, like: Path | None = None) -> None:
    """Put a line at the end of a file and have it on the disk.

    :param like: a new file gets the mode and owner of this one, if it is there.
    :raises OSError: when it cannot be written.
    """
    new = not path.exists()
    with path.open("ab") as file:
        if new and like is not None and like.exists():
            _like(Path(os.path.realpath(like)), file.fileno())
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _like(real: Path, handle: int) -> None:
    """Mode and owner of the file that is replaced; a new one gets what ``open`` would give."""
    try:
        stat = real.stat()
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(handle, 0o666 & ~umask)
        return
    os.fchmod(handle, stat.st_mode & 0o7777)
    made = os.fstat(handle)  # not of the process: a directory may give its group to new files
    if (stat.st_uid, stat.st_gid) != (made.st_uid, made.st_gid):
        with contextlib.suppress(PermissionError):  # only root gives files away
            os.fchown(handle, stat.st_uid, stat.st_gid)


def _in_place(real: Path, content: bytes) -> None:
    """Write over a file that cannot be renamed over; what was there comes back when that fails."""
    before = real.read_bytes()
    try:
        _overwrite(real, content)
    except OSError:
        with contextlib.suppress(OSError):
            _overwrite(real, before)
        raise


def _overwrite(real: Path, content: bytes) -> None:
    with real.open("r+b") as file:
        file.write(content)
        file.truncate()
        file.flush()
        os.fsync(file.fileno())


def _sync_directory(directory: Path) -> None:
    """Have the rename on the disk. The new content is in its place already, whatever this gives."""
    try:
        handle = os.open(directory, os.O_RDONLY)
    except OSError as error:
        log.warning("%s: the directory cannot be synced: %s", directory, error.strerror)
        return
    try:
        os.fsync(handle)
    except OSError as error:  # some file systems cannot
        log.warning("%s: the directory cannot be synced: %s", directory, error.strerror)
    finally:
        os.close(handle)


def _sweep(real: Path) -> None:
    """Remove what a killed writer left; only under the lock, where nobody else is writing."""
    for left in real.parent.glob(f".{real.name}.*.tmp"):
        left.unlink(missing_ok=True)
