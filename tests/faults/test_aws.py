"""Rows A1 to A8: AWS throttles, hangs, refuses, deletes, rotates, answers garbage, breaks off."""

from __future__ import annotations

import time
from dataclasses import dataclass

import pytest

from confkit import (
    CredentialsExpired,
    Environ,
    InvalidConfig,
    Secret,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretManager,
    SecretThrottled,
    SecretUnavailable,
    load,
)
from confkit.secrets.aws import AwsResolver
from tests.secrets.aws_server import ok, refusal, until, version
from tests.secrets.conftest import aws, credentials, moto  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

PASSWORD = "db#password"


def refreshed(resolver: AwsResolver, kind: type[SecretError]) -> None:
    """Read until a refresh has failed as ``kind``; every read gets the last good value."""

    def failed() -> bool:
        assert resolver.resolve(PASSWORD) == "hunter2-1"
        return resolver.status()[0].error is not None

    until(failed)
    assert type(resolver.status()[0].error) is kind
    assert resolver.resolve(PASSWORD) == "hunter2-1"
    assert "C4n4ry" not in str(resolver.status()[0].error)


def recovered(resolver: AwsResolver) -> None:
    """Read until the new value is there, without anybody's help."""
    until(lambda: resolver.resolve(PASSWORD) == "hunter2-2", seconds=40)
    assert resolver.status()[0].error is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (refusal("ThrottlingException"), SecretThrottled),  # A1
        (refusal("InternalServiceError", 500), SecretUnavailable),
        (refusal("ServiceUnavailable", 503), SecretUnavailable),
        ((200, b"<html>please log in</html>"), SecretGarbled),  # A6
        ((200, b"{}"), SecretGarbled),
        ("reset", SecretUnavailable),  # A7
        ("close", SecretUnavailable),
        ((511, b"<html>please log in</html>"), SecretUnavailable),
    ],
    ids=["throttled", "500", "503", "html", "empty", "reset", "close", "portal"],
)
def test_a1_a6_a7_the_old_value_is_served_and_the_new_one_comes_by_itself(aws, answer, kind):  # noqa: F811
    resolver = AwsResolver(ttl=0.2)
    assert resolver.resolve(PASSWORD) == "hunter2-1"
    before = len(aws.requests)
    aws.answer = lambda operation, document: answer
    time.sleep(0.25)
    refreshed(resolver, kind)
    assert len(aws.requests) - before <= 3
    aws.answer = lambda operation, document: ok(**version(2))
    recovered(resolver)


def test_a2_while_aws_hangs_readers_go_on_and_the_request_ends(aws):  # noqa: F811
    resolver = AwsResolver(ttl=0.2)
    assert resolver.resolve(PASSWORD) == "hunter2-1"
    aws.answer = lambda operation, document: "hang"
    time.sleep(0.25)
    reads = 0
    begun = time.monotonic()
    while resolver.status()[0].error is None:
        assert resolver.resolve(PASSWORD) == "hunter2-1"
        reads += 1
        assert time.monotonic() - begun < 30, "the request does not end"
    assert reads > 100  # nobody waited for any of it
    assert type(resolver.status()[0].error) is SecretUnavailable
    aws.answer = lambda operation, document: ok(**version(2))
    recovered(resolver)


def test_a2_a_first_reader_waits_for_its_time_out_only(aws):  # noqa: F811
    aws.answer = lambda operation, document: "hang"
    resolver = AwsResolver(timeout=2.0)
    for _ in range(20):
        with pytest.raises(SecretUnavailable, match="no answer"):
            resolver.resolve(PASSWORD)
    assert len(aws.requests) <= 2


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", SecretDenied), ("ExpiredTokenException", CredentialsExpired)],
)
def test_a3_what_a_person_has_to_mend_is_named_and_asked_for_slowly(aws, code, kind):  # noqa: F811
    resolver = AwsResolver(ttl=0.2)
    assert resolver.resolve(PASSWORD) == "hunter2-1"
    aws.answer = lambda operation, document: refusal(code)
    time.sleep(0.25)
    refreshed(resolver, kind)
    sent = len(aws.requests)
    assert resolver.status()[0].retry_in > 10
    for _ in range(1000):
        assert resolver.resolve(PASSWORD) == "hunter2-1"
    assert len(aws.requests) == sent
    aws.answer = lambda operation, document: ok(**version(2))
    assert resolver.refresh("db")  # at once, when somebody asks for it
    recovered(resolver)


def test_a4_a_deleted_secret_is_kept_until_it_is_too_old_and_comes_back(moto):  # noqa: F811
    moto.create_secret(Name="db", SecretString='{"password": "hunter2-1"}')
    resolver = AwsResolver(moto, ttl=0.1, max_stale=2.0)
    assert resolver.resolve(PASSWORD) == "hunter2-1"
    moto.delete_secret(SecretId="db")
    time.sleep(0.15)
    refreshed(resolver, SecretDeleted)

    def too_old() -> bool:
        try:
            resolver.resolve(PASSWORD)
        except SecretDeleted as error:
            return "the last good value is older than 2 s" in str(error)
        return False

    until(too_old)
    moto.restore_secret(SecretId="db")
    assert resolver.refresh("db") is False  # the same version as before
    assert resolver.resolve(PASSWORD) == "hunter2-1"


def test_a5_a_rotation_is_seen_within_the_ttl_as_a_whole_and_pending_never(moto):  # noqa: F811
    moto.create_secret(Name="db", SecretString='{"username": "u1", "password": "p1"}')
    secrets = SecretManager(resolvers={"aws": AwsResolver(moto, ttl=0.3)})
    assert secrets.get("aws:db", field="password").reveal() == "p1"
    token = "confkit-pending-version-0000000001"
    moto.put_secret_value(
        SecretId="db",
        SecretString='{"username": "u2", "password": "p2"}',
        VersionStages=["AWSPENDING"],
        ClientRequestToken=token,
    )
    deadline = time.monotonic() + 0.7
    while time.monotonic() < deadline:
        assert secrets.get("aws:db", field="password").reveal() == "p1"
    stages = moto.describe_secret(SecretId="db")["VersionIdsToStages"]
    (old,) = [v for v, labels in stages.items() if "AWSCURRENT" in labels]
    moto.update_secret_version_stage(
        SecretId="db",
        VersionStage="AWSCURRENT",
        MoveToVersionId=token,
        RemoveFromVersionId=old,
    )

    def whole() -> bool:
        fields = {name: value.reveal() for name, value in secrets.fields("aws:db").items()}
        assert fields["username"][1:] == fields["password"][1:]
        return fields["password"] == "p2"

    until(whole, seconds=5)


@dataclass(frozen=True)
class Settings:
    database_password: Secret = Secret("a default that is never taken")


def test_a8_no_aws_at_start_is_one_clear_error(aws):  # noqa: F811
    aws.refuse_connections()
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, Environ(environ={"DATABASE_PASSWORD": "${aws:db#password}"}))
    (problem,) = caught.value.problems
    assert (problem.key, problem.code) == ("database_password", "secret-unavailable")
    assert str(problem.origin) == "env DATABASE_PASSWORD"
    assert "${aws:db#password}: db: no answer" in problem.message
    with pytest.raises(SecretUnavailable):
        SecretManager().get("aws:db", field="password", default="never")
