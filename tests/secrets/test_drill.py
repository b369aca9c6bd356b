"""The rehearsal of a rotation: on a label, on a secret of its own, and what it would notice."""

from __future__ import annotations

import json
import threading
import time

import pytest

from confkit import Secret, SecretError, SecretManager, SecretNotFound
from confkit.secrets import drill as module
from confkit.secrets.aws import AwsResolver
from confkit.secrets.drill import LABEL, DrillReport, drill
from confkit.secrets.payload import Payload
from tests.secrets.aws_server import until
from tests.sizes import sized

FAST = {"rotations": 8, "readers": 3, "ttl": 0.05, "pause": 0.02}


def fields(number: int) -> str:
    return json.dumps({"username": f"u{number}", "password": f"hunter2-{number}"})


def rotated(moto) -> None:
    moto.create_secret(Name="db", SecretString=fields(1))
    moto.put_secret_value(SecretId="db", SecretString=fields(2))


def test_a_label_moves_between_two_versions_and_goes_away(moto):
    rotated(moto)
    before = moto.get_secret_value(SecretId="db")
    report = drill(moto, "db", **FAST)
    assert report.ok, report
    assert (report.rotations, report.failed, report.mixed) == (8, 0, 0)
    assert report.reads > 8
    after = moto.get_secret_value(SecretId="db")
    assert after["VersionId"] == before["VersionId"]
    labels = moto.describe_secret(SecretId="db")["VersionIdsToStages"]
    assert not any(LABEL in stages for stages in labels.values())


def test_a_secret_of_its_own_is_written_and_deleted(moto):
    report = drill(moto, "drill", write=True, **FAST)
    assert report.ok, report
    with pytest.raises(SecretNotFound):
        AwsResolver(moto).resolve("drill")


def test_a_secret_that_exists_is_never_written(moto):
    rotated(moto)
    with pytest.raises(SecretError, match="db exists"):
        drill(moto, "db", write=True, **FAST)
    assert json.loads(moto.get_secret_value(SecretId="db")["SecretString"])["username"] == "u2"


def test_a_secret_that_was_never_rotated_and_none_at_all(moto):
    moto.create_secret(Name="db", SecretString=fields(1))
    with pytest.raises(SecretNotFound, match="db has no previous version"):
        drill(moto, "db", **FAST)
    with pytest.raises(SecretNotFound):
        drill(moto, "nowhere", **FAST)


@pytest.mark.parametrize("fault", ["failed", "mixed", "stale"])
def test_it_notices_what_goes_wrong(moto, monkeypatch, fault):
    rotated(moto)
    real = AwsResolver.payload
    first: list[Payload] = []

    def payload(self, reference, *, stage=None):
        found = real(self, reference, stage=stage)
        if stage != LABEL:
            return found
        first.append(found)
        if fault == "failed":
            raise SecretError("x")
        if fault == "mixed":
            return Payload(Secret(fields(3)), found.version, "db")
        return first[0]

    monkeypatch.setattr(module.AwsResolver, "payload", payload)
    report = drill(moto, "db", rotations=3, readers=2, ttl=0.01, pause=1.3)
    assert not report.ok
    assert bool(report.failed) == (fault == "failed")
    assert bool(report.mixed) == (fault == "mixed")
    assert (report.staleness > 0.5) == (fault == "stale")


def test_a_report_is_one_line():
    report = DrillReport(20, 1000, 0, 1, 0.5, 1.0)
    assert str(report) == (
        "20 rotations, 1000 reads: 0 failed, 1 mixed, at most 0.50 s behind (TTL 1 s)"
    )
    assert not report.ok


@pytest.mark.slow
def test_a_thousand_rotations_under_four_readers(moto):
    """Read by ``SecretManager.get``: nothing failed or mixed, at most TTL + 1 second behind."""
    ttl, last = 0.2, sized(1000)
    secrets = SecretManager(resolvers={"aws": AwsResolver(moto, ttl=ttl)})
    moto.create_secret(Name="db", SecretString=fields(0))
    stop = threading.Event()
    replaced: dict[str, float] = {}
    failures: list[object] = []
    behind = [0.0] * 4
    reads = [0] * 4

    def read(reader: int) -> None:
        while not stop.is_set():
            began = time.monotonic()
            try:
                pair = json.loads(secrets.get("aws:db").reveal())
            except SecretError as error:
                failures.append(error)
                continue
            number = pair["username"][1:]
            if pair["password"] != f"hunter2-{number}":
                failures.append(pair)
            behind[reader] = max(behind[reader], began - replaced.get(number, began))
            reads[reader] += 1
            time.sleep(0.001)  # lets the others run

    threads = [threading.Thread(target=read, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, last + 1):
            moto.put_secret_value(SecretId="db", SecretString=fields(number))
            replaced[str(number - 1)] = time.monotonic()
        until(lambda: json.loads(secrets.get("aws:db").reveal())["username"] == f"u{last}")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert failures == []
    assert min(reads) > sized(100)
    assert max(behind) <= ttl + 1.0


@pytest.mark.slow
def test_a_long_drill_under_four_readers(moto):
    report = drill(moto, "drill", write=True, rotations=300, ttl=0.2, pause=0.0)
    assert report.ok, report
