"""A rehearsal of a rotation: versions change while readers read, and nothing may go wrong.

Two ways. On a secret that exists, a label of our own is moved between its current and its previous
version: nothing that others read changes. Or a secret is made for the rehearsal, written many
times and deleted, which shows the rotation itself and needs more permissions.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from confkit.errors import SecretError, SecretNotFound
from confkit.secrets.aws import AwsResolver
from confkit.secrets.aws_client import classified, quiet

#: The label that is moved; it is taken off again at the end.
LABEL = "CONFKIT_DRILL"


@dataclass(frozen=True, slots=True)
class DrillReport:
    """What the readers saw: ``staleness`` is the longest time, in seconds, for which one still got
    a version after it had been replaced; ``mixed`` counts reads of fields of two versions."""

    rotations: int
    reads: int
    failed: int
    mixed: int
    staleness: float
    ttl: float

    @property
    def ok(self) -> bool:
        """Whether no read failed or was mixed, and all were at most TTL + 1 second behind."""
        return not self.failed and not self.mixed and self.staleness <= self.ttl + 1.0

    def __str__(self) -> str:
        return (
            f"{self.rotations} rotations, {self.reads} reads: {self.failed} failed, "
            f"{self.mixed} mixed, at most {self.staleness:.2f} s behind (TTL {self.ttl:g} s)"
        )


class _Versions:
    """Which version was current when, and what its fields are."""

    def __init__(self) -> None:
        self.fields: dict[str, Mapping[str, str]] = {}
        self._replaced: dict[str, float] = {}
        self._current = ""

    def now(self, version: str) -> None:
        """``version`` is current from now on."""
        if self._current:
            self._replaced[self._current] = time.monotonic()
        self._replaced.pop(version, None)
        self._current = version

    def behind(self, version: str, since: float) -> float:
        """For how long a version that was read at ``since`` had been replaced."""
        replaced = self._replaced.get(version)
        return 0.0 if replaced is None else max(0.0, since - replaced)


class _Reader(threading.Thread):
    """Reads all fields again and again, and counts what is wrong with them."""

    def __init__(self, read: Callable[[], Any], versions: _Versions, stop: threading.Event) -> None:
        super().__init__(name="confkit-drill", daemon=True)
        self._read, self._versions, self._stopped = read, versions, stop
        self.reads = self.failed = self.mixed = 0
        self.staleness = 0.0

    def run(self) -> None:
        while not self._stopped.is_set():
            began = time.monotonic()
            self.reads += 1
            try:
                payload = self._read()
                fields = {name: value.reveal() for name, value in payload.fields.items()}
            except SecretError:
                self.failed += 1
                continue
            self.mixed += fields != self._versions.fields.get(payload.version)
            self.staleness = max(self.staleness, self._versions.behind(payload.version, began))
            time.sleep(0)  # lets the others run


def drill(
    client: Any,
    name: str,
    *,
    write: bool = False,
    rotations: int = 20,
    readers: int = 4,
    ttl: float = 1.0,
    pause: float = 0.2,
) -> DrillReport:
    """Rotate a secret while ``readers`` threads read it, and report what they saw.

    :param client: a client of boto3 for Secrets Manager; moto's will do.
    :param write: make a secret of this name, write it at each rotation, and delete it at the end;
        without it, a label is moved between the versions of a secret that exists.
    :param ttl: the seconds for which readers keep a version.
    :param pause: the seconds between two rotations.
    :raises ValueError: for a number that is out of range.
    :raises SecretError: when AWS refuses a change; SecretNotFound when there is no secret, or no
        previous version to move the label to; SecretError when ``write`` finds one of this name.
    """
    if rotations < 1 or readers < 1 or not 0 <= pause < float("inf"):
        raise ValueError("rotations and readers are at least 1, and pause is 0 seconds or more")
    versions = _Versions()
    stop = threading.Event()
    resolver = AwsResolver(client, ttl=ttl)
    with ExitStack() as undo:
        rotate, stage = (_written if write else _labelled)(client, name, versions, undo)
        crew = [
            _Reader(lambda: resolver.payload(name, stage=stage), versions, stop)
            for _ in range(readers)
        ]
        for one in crew:
            one.start()
        try:
            for number in range(rotations):
                versions.now(rotate(number))
                time.sleep(pause)
            time.sleep(min(ttl, 5.0))
        finally:
            stop.set()
            for one in crew:
                one.join()
    return DrillReport(
        rotations,
        sum(one.reads for one in crew),
        sum(one.failed for one in crew),
        sum(one.mixed for one in crew),
        max(one.staleness for one in crew),
        ttl,
    )


Rotate = Callable[[int], str]


def _call(client: Any, name: str, method: str, **arguments: Any) -> Any:
    try:
        with quiet():
            return getattr(client, method)(SecretId=name, **arguments)
    except Exception as error:
        failure = classified(error, name)
    raise failure


def _labelled(client: Any, name: str, versions: _Versions, undo: ExitStack) -> tuple[Rotate, str]:
    """Move a label between the two versions that every rotated secret has."""
    stages = _call(client, name, "describe_secret").get("VersionIdsToStages") or {}
    both = [
        version
        for label in ("AWSCURRENT", "AWSPREVIOUS")
        for version, labels in stages.items()
        if label in labels
    ]
    if len(both) != 2:
        raise SecretNotFound(f"{name} has no previous version: it was never rotated")
    resolver = AwsResolver(client)
    for label in ("AWSCURRENT", "AWSPREVIOUS"):
        payload = resolver.payload(f"{name}@{label}")
        versions.fields[payload.version] = {k: v.reveal() for k, v in payload.fields.items()}
    holder: list[str] = [version for version, labels in stages.items() if LABEL in labels]

    def move(to: str | None) -> None:
        arguments: dict[str, str] = {"VersionStage": LABEL}
        if holder:
            arguments["RemoveFromVersionId"] = holder.pop()
        if to is not None:
            arguments["MoveToVersionId"] = to
            holder.append(to)
        _call(client, name, "update_secret_version_stage", **arguments)

    def rotate(number: int) -> str:
        to = str(both[(number + 1) % 2])
        if holder != [to]:
            move(to)
        return to

    rotate(1)
    versions.now(both[0])
    undo.callback(move, None)
    return rotate, LABEL


def _written(client: Any, name: str, versions: _Versions, undo: ExitStack) -> tuple[Rotate, str]:
    """Write a secret that is made for it."""
    try:
        _call(client, name, "describe_secret")
    except SecretNotFound:
        pass
    else:
        raise SecretError(f"{name} exists: a rehearsal that writes makes a secret of its own")

    def fields(number: int) -> dict[str, str]:
        return {"username": f"drill-{number}", "password": f"drill-password-{number}"}

    def known(answer: Mapping[str, Any], number: int) -> str:
        versions.fields[answer["VersionId"]] = fields(number)
        return str(answer["VersionId"])

    def rotate(number: int) -> str:
        # The fields are on record before anybody can read them.
        token = f"{'confkit-drill':-<24}{number:012}"
        versions.fields[token] = fields(number)
        answer = _call(
            client,
            name,
            "put_secret_value",
            SecretString=json.dumps(fields(number)),
            ClientRequestToken=token,
        )
        return known(answer, number)

    with quiet():
        try:
            made = client.create_secret(Name=name, SecretString=json.dumps(fields(-1)))
        except Exception as error:
            failure: SecretError | None = classified(error, name)
        else:
            failure = None
    if failure is not None:
        raise failure
    undo.callback(_call, client, name, "delete_secret", ForceDeleteWithoutRecovery=True)
    versions.now(known(made, -1))
    return rotate, "AWSCURRENT"
