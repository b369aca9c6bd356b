"""The last accepted sets in a file, for a start while the store gives no answer.

Three of them, so that a bad set that was accepted does not overwrite the only good one.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from confkit import atomic
from confkit.errors import StoreError
from confkit.flags.stores.file_errors import store_error, typed
from confkit.flags.stores.port import FlagSet, Stored, Version

FORMAT = 2
SETS = 3
MAX_BYTES = 64 * 1024 * 1024


def load(path: Path) -> list[FlagSet]:
    """The sets in a backup file, newest first; none if there is no file.

    :raises confkit.StoreError: when there is a file and it is no backup.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise StoreError(f"{path}: larger than {MAX_BYTES >> 20} MiB")
        content = json.loads(path.read_bytes())
        if content["format"] != FORMAT:
            raise StoreError(f"{path}: a backup in a format of another version")
        return [_read(item) for item in content["sets"]]
    except FileNotFoundError:
        return []
    except OSError as error:
        raise store_error(error, path) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise StoreError(f"{path}: no backup of flags ({type(error).__name__})") from error


def save(path: Path, accepted: FlagSet) -> None:
    """Put an accepted set in front of those that are there.

    :raises confkit.StoreError: when it cannot be written; what was there is still there.
    """
    with typed(path), atomic.locked(path):
        try:
            before = load(path)
        except StoreError:
            before = []  # not a backup, or not any more: what is good goes over it
        if before and before[0].version == accepted.version:
            return
        sets = [accepted, *(s for s in before if s.version != accepted.version)][:SETS]
        content = {"format": FORMAT, "sets": [_written(item) for item in sets]}
        with typed(path):
            atomic.replace(path, json.dumps(content, ensure_ascii=False).encode())


def _written(accepted: FlagSet) -> dict[str, Any]:
    return {
        "epoch": accepted.version.epoch,
        "number": accepted.version.number,
        "flags": {
            name: {
                "revision": stored.revision,
                "changed": stored.changed,
                "document": _plain(stored.document),
            }
            for name, stored in accepted.flags.items()
            if stored.document is not None
        },
    }


def _plain(document: Any) -> Any:
    return dict(document)


def _read(item: Any) -> FlagSet:
    version = Version(str(item["epoch"]), int(item["number"]))
    flags = {
        str(name): Stored(
            dict(flag["document"]), int(flag["revision"]), changed=int(flag["changed"])
        )
        for name, flag in item["flags"].items()
    }
    return FlagSet(version, flags)
