"""``${aws:...}`` and ``${ssm:...}``: the form of a reference, fields, versions and loads."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass

import pytest

from confkit import Environ, File, InvalidConfig, Secret, SecretBytes, SecretNotFound, load
from confkit.redaction.known import known
from confkit.secrets.aws import AwsResolver, split
from tests.secrets.aws_server import ok, refusal, until, version


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("db", ("db", "AWSCURRENT", None)),
        ("db#password", ("db", "AWSCURRENT", "password")),
        ("app/db@AWSPREVIOUS#password", ("app/db", "AWSPREVIOUS", "password")),
        ("db@AWSPENDING", ("db", "AWSPENDING", None)),
        ("db@AWSCURRENT", ("db", "AWSCURRENT", None)),
        ("user@example.com", ("user@example.com", "AWSCURRENT", None)),
        ("a@b@AWSPREVIOUS", ("a@b", "AWSPREVIOUS", None)),
        ("db@awsprevious", ("db@awsprevious", "AWSCURRENT", None)),
        ("db@CUSTOM", ("db@CUSTOM", "AWSCURRENT", None)),
        ("db#a#b", ("db", "AWSCURRENT", "a#b")),
        ("db#a@AWSPREVIOUS", ("db", "AWSCURRENT", "a@AWSPREVIOUS")),
        (
            "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf#x",
            ("arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCdEf", "AWSCURRENT", "x"),
        ),
    ],
)
def test_name_stage_and_field(reference, parts):
    assert split(reference) == parts


@pytest.mark.parametrize("reference", ["", "#", "#x", "@AWSPREVIOUS", "db#", " "])
def test_what_names_no_secret_is_refused(reference):
    with pytest.raises(SecretNotFound, match="NAME@STAGE#FIELD"):
        split(reference)
    with pytest.raises(SecretNotFound):
        AwsResolver().resolve(reference)


@dataclass(frozen=True)
class Settings:
    url: Secret = Secret("")
    key: Secret = Secret("")
    old: Secret = Secret("")
    data: SecretBytes = SecretBytes(b"")


URL = "postgresql://${aws:db#username}:${aws:db#password}@${aws:db#host}:5432/${aws:db#database}"
FIELDS = {
    "username": "shop-user",
    "password": "hunter2-hunter2",
    "host": "db.example.com",
    "database": "shop",
    "port": 5432,
}


def test_a_database_url_from_four_fields_as_in_the_source_document(moto, tmp_path):
    moto.create_secret(Name="db", SecretString=json.dumps(FIELDS))
    moto.create_secret(Name="api", SecretString="key-of-the-api")
    moto.create_secret(Name="bin", SecretBinary=b"\xff\x00")
    moto.put_secret_value(SecretId="api", SecretString="new-key-of-the-api")
    (tmp_path / "config.yaml").write_text(
        f"url: {URL}\nkey: ${{aws:api}}\nold: ${{aws:api@AWSPREVIOUS}}\ndata: ${{aws:bin}}\n"
    )
    config = load(Settings, root=tmp_path, environ={}, resolvers={"aws": AwsResolver(moto)})
    current = config.current
    assert current.url.reveal() == "postgresql://shop-user:hunter2-hunter2@db.example.com:5432/shop"
    assert (current.key.reveal(), current.old.reveal()) == ("new-key-of-the-api", "key-of-the-api")
    assert current.data.reveal() == b"\xff\x00"
    assert known.mask("hunter2-hunter2 at db.example.com") == "*** at db.example.com"
    shown = str(config.explain("url"))
    assert "using ${aws:db#password}" in shown
    assert "hunter2" not in shown


def test_it_works_out_of_the_box(aws, tmp_path):
    aws.answer = lambda operation, document: ok(**version(1, **FIELDS))
    (tmp_path / ".env").write_text(f"URL='{URL}'\n")
    url = load(Settings, root=tmp_path, environ={}).current.url.reveal()
    assert url == "postgresql://shop-user:hunter2-hunter2@db.example.com:5432/shop"
    assert len(aws.requests) == 1


def test_one_load_is_one_request_for_all_secrets(aws, tmp_path):
    aws.answer = lambda operation, document: ok(
        SecretValues=[
            {**version(1, **FIELDS), "Name": "db"},
            {**version(2, value="x"), "Name": "api", "ARN": "arn:api"},
        ]
    )
    (tmp_path / "a.yaml").write_text(f"url: {URL}\nkey: ${{aws:api#value}}\n")
    load(Settings, File(tmp_path / "a.yaml"))
    assert [operation for operation, _ in aws.requests] == ["BatchGetSecretValue"]


@pytest.mark.parametrize(
    ("reference", "code", "message"),
    [
        ("${aws:nowhere}", "secret-not-found", "nowhere: there is no such secret"),
        ("${aws:db#pasword}", "secret-not-found", "did you mean password"),
        ("${aws:plain#x}", "secret-garbled", "plain is no JSON object"),
        ("${aws:}", "secret-not-found", "the reference is NAME"),
        ("x${aws:bin}", "binary-in-text", "bytes inside a longer text"),
    ],
)
def test_what_cannot_be_had_is_a_problem_of_its_key(moto, reference, code, message):
    moto.create_secret(Name="db", SecretString=json.dumps(FIELDS))
    moto.create_secret(Name="plain", SecretString="hunter2")
    moto.create_secret(Name="bin", SecretBinary=b"\xff\x00")
    environ = Environ(environ={"KEY": reference})
    with pytest.raises(InvalidConfig) as caught:
        load(Settings, environ, resolvers={"aws": AwsResolver(moto)})
    (problem,) = caught.value.problems
    assert (problem.key, problem.code) == ("key", code)
    assert message in problem.message
    assert "hunter2" not in str(caught.value)


def test_the_version_is_that_of_the_secret_and_costs_no_request_within_the_ttl(aws):
    resolver = AwsResolver()
    assert resolver.version("db#password") == resolver.version("db") == "version-1"
    assert resolver.resolve("db#password") == "hunter2-1"
    assert len(aws.requests) == 1
    aws.answer = lambda operation, document: ok(**version(2))
    assert resolver.refresh("db")
    assert resolver.version("db") == "version-2"


def test_the_status_names_secrets_and_stages(aws):
    resolver = AwsResolver()
    resolver.resolve("db#password")
    resolver.resolve("db@AWSPREVIOUS#password")
    assert [one.name for one in resolver.status()] == ["db", "db@AWSPREVIOUS"]
    assert "hunter2" not in repr(resolver.status()) + repr(resolver)


def test_thirty_two_first_readers_make_one_request(aws):
    resolver = AwsResolver()
    seen: list[object] = []
    gate = threading.Barrier(32)

    def read() -> None:
        gate.wait()
        seen.append(resolver.resolve("db#password"))

    threads = [threading.Thread(target=read) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["hunter2-1"] * 32
    assert len(aws.requests) == 1


def test_a_pending_version_is_never_read(moto):
    moto.create_secret(Name="db", SecretString="current")
    moto.put_secret_value(SecretId="db", SecretString="pending", VersionStages=["AWSPENDING"])
    resolver = AwsResolver(moto, ttl=0.01)
    for _ in range(5):
        assert resolver.resolve("db") == "current"
        resolver.refresh("db")


def test_a_refusal_is_kept_apart_from_the_last_good_value(aws):
    resolver = AwsResolver(ttl=0.05, max_stale=60)
    assert resolver.resolve("db#password") == "hunter2-1"
    aws.answer = lambda operation, document: refusal("AccessDeniedException")
    until(lambda: resolver.resolve("db#password") and resolver.status()[0].error)
    assert resolver.resolve("db#password") == "hunter2-1"
    assert "AccessDenied" in str(resolver.status()[0].error)


def test_parameters_answer_by_the_same_rules(credentials):
    import boto3
    from moto import mock_aws

    with mock_aws():
        ssm = boto3.client("ssm")
        ssm.put_parameter(Name="/shop/db", Value=json.dumps(FIELDS), Type="SecureString")
        resolver = AwsResolver(ssm, service="ssm")
        assert resolver.resolve("/shop/db#password") == "hunter2-hunter2"
        assert resolver.version("/shop/db") == "1"
        with pytest.raises(SecretNotFound):
            resolver.resolve("/shop/other")
        with pytest.raises(SecretNotFound, match="NAME#FIELD"):
            resolver.resolve("#x")
        assert [status.name for status in resolver.status()] == ["/shop/db", "/shop/other"]


@pytest.mark.parametrize("service", ["zzz", "", None, "SSM", 5])
def test_a_service_that_is_none_is_refused_by_name(service):
    with pytest.raises(ValueError, match="secretsmanager or ssm"):
        AwsResolver(service=service)
