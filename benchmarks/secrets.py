# /// script
# requires-python = ">=3.11"
# dependencies = ["confkit-toolkit[aws,secrets]"]
# [tool.uv.sources]
# confkit-toolkit = { path = "..", editable = true }
# ///
"""How long reading a secret takes that is in memory, decrypting one, and masking a text.

Each figure is the best of many short rounds, beside its ratio to the best of a floor: what one
would write by hand. ``--check`` exits 1 when a bar is missed.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from cryptography.fernet import Fernet

from confkit import SecretManager, mask_text
from confkit.redaction.known import known
from confkit.secrets.aws import AwsResolver
from confkit.secrets.keys import KeyRing, new_key

ROUNDS = 60
LINE = "2026-11-24 12:00:00 INFO request 1234 of user-42 took 35 ms: GET /orders?page=2 status 200"
FIELDS = json.dumps({"username": "shop", "password": "hunter2-hunter2"})


class StoredSecret:
    """A client of boto3 that has the answer at hand."""

    def get_secret_value(self, **arguments: Any) -> dict[str, str]:
        return {"SecretString": FIELDS, "VersionId": "v1"}


class Row(NamedTuple):
    """One thing that is timed, its floor, and the most it may take of that."""

    name: str
    call: Callable[[], object]
    floor: Callable[[], object]
    bar: float | None
    times: int = 2_000


def rows() -> list[Row]:
    resolver = AwsResolver(StoredSecret())
    manager = SecretManager(resolvers={"aws": resolver})
    assert resolver.resolve("db#password") == "hunter2-hunter2"
    assert manager.get("aws:db", field="password").reveal() == "hunter2-hunter2"
    by_hand = {"db": ({"password": "hunter2-hunter2"}, time.monotonic() + 3600)}

    def read_by_hand() -> str:
        value, due = by_hand["db"]
        if time.monotonic() > due:
            raise TimeoutError
        return value["password"]

    key = new_key()
    ring, fernet = KeyRing([key]), Fernet(key)
    token = ring.encrypt("hunter2-hunter2")
    known.clear()
    few = [f"secret-{number}-of-the-shop" for number in range(20)]
    for secret in few:
        known.add(secret)

    def mask_by_hand() -> str:
        text = LINE
        for secret in few:
            text = text.replace(secret, "***")
        return text

    assert mask_text(LINE) == LINE
    return [
        Row("AwsResolver.reader, cached", resolver.reader("db"), read_by_hand, 5),
        Row(
            "SecretManager.get(field=), cached",
            lambda: manager.get("aws:db", field="password"),
            read_by_hand,
            10,
        ),
        Row("KeyRing.decrypt", lambda: ring.decrypt(token), lambda: fernet.decrypt(token), 2, 200),
        Row(
            "mask_text, a line of a log, 20 secrets",
            lambda: mask_text(LINE),
            mask_by_hand,
            None,
            200,
        ),
    ]


def seconds(call: Callable[[], object], times: int) -> float:
    """Seconds that one call takes, of many in a row."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    missed = []
    for row in rows():
        taken, floor = (
            min(seconds(call, row.times) for _ in range(ROUNDS)) for call in (row.call, row.floor)
        )
        ratio = taken / floor
        bar = f"bar {row.bar:g} x" if row.bar else ""
        print(f"{row.name:<40} {taken * 1e6:8.3f} µs {ratio:6.1f} x  {bar}")
        if row.bar and ratio > row.bar:
            missed.append(row.name)
    if check and missed:
        print("missed:", ", ".join(missed), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
