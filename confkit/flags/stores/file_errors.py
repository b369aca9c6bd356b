"""What the system says of a file, as an error of a store."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from confkit.errors import StoreDenied, StoreError, StoreFull, StoreReadOnly

_KINDS: dict[int, type[StoreError]] = {
    errno.EACCES: StoreDenied,
    errno.EPERM: StoreDenied,
    errno.EROFS: StoreReadOnly,
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
}


@contextmanager
def typed(path: Path) -> Iterator[None]:
    """Raise what goes wrong with a file as an error of a store that names the file.

    :raises confkit.StoreError: in place of an ``OSError``.
    """
    try:
        yield
    except OSError as error:
        raise store_error(error, path) from error


def store_error(error: OSError, path: Path) -> StoreError:
    """The error of a store for one of the system."""
    kind = _KINDS.get(error.errno or 0, StoreError)
    other = "" if error.filename in (None, str(path), path) else f" ({error.filename})"
    return kind(f"{path}: {error.strerror or error}{other}")
