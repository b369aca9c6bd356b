"""Requests to AWS: batches, errors by their code, answers that are none, and silence in logs."""

from __future__ import annotations

import json
import logging
import os
import traceback

import pytest

from confkit import (
    CredentialsExpired,
    Secret,
    SecretBytes,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretNotFound,
    SecretThrottled,
    SecretUnavailable,
)
from confkit.secrets import aws_client
from confkit.secrets.aws_client import Name, ParameterStoreClient, SecretsManagerClient
from confkit.secrets.payload import Payload
from tests.secrets.aws_server import ok, refusal, version

DB = Name("db")


def one(client: SecretsManagerClient, name: Name = DB) -> Payload | SecretError:
    return client.fetch([name])[name]


def text(found: object) -> str:
    assert isinstance(found, Payload), found
    assert isinstance(found.value, Secret)
    return found.value.reveal()


def test_a_secret_is_one_request_for_its_current_version(aws):
    found = one(SecretsManagerClient())
    assert json.loads(text(found))["password"] == "hunter2-1"
    assert found.version == "version-1"
    expected = {"SecretId": "db", "VersionStage": "AWSCURRENT"}
    assert aws.requests == [("GetSecretValue", expected)]


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDeniedException", 400, SecretDenied),
        ("UnrecognizedClientException", 400, SecretDenied),
        ("DecryptionFailure", 400, SecretDenied),
        ("SomethingNew", 403, SecretDenied),
        ("ExpiredTokenException", 400, CredentialsExpired),
        ("ExpiredToken", 403, CredentialsExpired),
        ("ThrottlingException", 400, SecretThrottled),
        ("TooManyRequestsException", 429, SecretThrottled),
        ("SomethingNew", 429, SecretThrottled),
        ("ResourceNotFoundException", 400, SecretNotFound),
        ("InvalidRequestException", 400, SecretDeleted),
        ("InvalidParameterException", 400, SecretError),
        ("ValidationException", 400, SecretError),
        ("InternalServiceError", 500, SecretUnavailable),
        ("SomethingNew", 503, SecretUnavailable),
        ("SomethingNew", 400, SecretError),
        ("", 418, SecretError),
    ],
)
def test_errors_are_told_apart_by_their_code(aws, monkeypatch, code, status, kind):
    monkeypatch.setattr(aws_client, "ATTEMPTS", 1)
    aws.answer = lambda operation, document: refusal(code, status)
    error = one(SecretsManagerClient())
    assert type(error) is kind
    assert str(error).startswith("db: ")
    assert code in str(error)
    assert "C4n4ry" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>please log in</html>"),
        (200, b""),
        (200, b"[]"),
        (200, b'"C4n4ry"'),
        (200, b"{}"),
        (200, b"null"),
        (200, b'{"SecretString": "C4n4ry"}'),
        (200, b'{"VersionId": "v"}'),
        (200, b'{"VersionId": "v", "SecretString": null}'),
        (200, b'{"VersionId": "v", "SecretString": {"a": 1}}'),
        (200, b"\xff\xfe\x00"),
        (302, b"<html>C4n4ry</html>"),
        (511, b"<html>C4n4ry</html>"),
    ],
)
def test_an_answer_without_a_secret_is_an_error_and_never_none(aws, monkeypatch, status, body):
    monkeypatch.setattr(aws_client, "ATTEMPTS", 1)
    aws.answer = lambda operation, document: (status, body)
    error = one(SecretsManagerClient())
    assert isinstance(error, SecretError)
    assert "C4n4ry" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("fault", ["reset", "close"])
def test_a_connection_that_breaks_is_unavailable(aws, monkeypatch, fault):
    monkeypatch.setattr(aws_client, "ATTEMPTS", 1)
    aws.answer = lambda operation, document: fault
    assert type(one(SecretsManagerClient())) is SecretUnavailable


def test_a_port_that_nobody_listens_on_is_unavailable(aws, monkeypatch):
    monkeypatch.setattr(aws_client, "ATTEMPTS", 1)
    aws.refuse_connections()
    assert type(one(SecretsManagerClient())) is SecretUnavailable


def test_no_credentials_and_no_region_are_named(monkeypatch, credentials):
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    assert "no AWS region: set AWS_REGION" in str(one(SecretsManagerClient()))
    error = one(SecretsManagerClient(region="eu-central-1"))
    assert type(error) is SecretDenied
    assert "no AWS credentials" in str(error)


def test_binary_secrets_are_bytes(moto):
    moto.create_secret(Name="bin", SecretBinary=b"\xff\x00")
    found = one(SecretsManagerClient(moto), Name("bin"))
    assert isinstance(found, Payload)
    assert found.value == SecretBytes(b"\xff\x00")


def test_the_three_stages(moto):
    arn = moto.create_secret(Name="db", SecretString="first")["ARN"]
    moto.put_secret_value(SecretId="db", SecretString="second")
    moto.put_secret_value(SecretId="db", SecretString="third", VersionStages=["AWSPENDING"])
    client = SecretsManagerClient(moto)
    names = [Name("db", stage) for stage in ("AWSCURRENT", "AWSPREVIOUS", "AWSPENDING")]
    assert [text(client.fetch(names)[name]) for name in names] == ["second", "first", "third"]
    assert text(one(client, Name(arn))) == "second"


def test_several_are_one_request(aws):
    aws.answer = lambda operation, document: ok(
        SecretValues=[{**version(2), "Name": name, "ARN": f"arn:{name}"} for name in ("a", "b")],
        Errors=[{"SecretId": "c", "ErrorCode": "ResourceNotFoundException", "Message": "C4n4ry"}],
    )
    found = SecretsManagerClient().fetch([Name("a"), Name("b"), Name("c")])
    assert found[Name("a")].version == found[Name("b")].version == "version-2"
    assert type(found[Name("c")]) is SecretNotFound
    assert [operation for operation, _ in aws.requests] == ["BatchGetSecretValue"]


def test_more_than_twenty_are_parted_and_pages_are_followed(aws):
    def answer(operation, document):
        ids = document["SecretIdList"]
        assert len(ids) <= 20
        part = ids[10:] if document.get("NextToken") else ids[:10]
        values = [{**version(1), "Name": name} for name in part]
        more = {} if document.get("NextToken") or len(ids) <= 10 else {"NextToken": "next"}
        return ok(SecretValues=values, Errors=[], **more)

    aws.answer = answer
    names = [Name(f"s{number}") for number in range(45)]
    found = SecretsManagerClient().fetch(names)
    assert all(isinstance(found[name], Payload) for name in names)
    assert len(aws.requests) == 5


def test_without_permission_for_batches_they_are_asked_for_one_by_one(aws):
    def answer(operation, document):
        if operation == "BatchGetSecretValue":
            return refusal("AccessDeniedException")
        return ok(**version(1))

    aws.answer = answer
    client = SecretsManagerClient()
    for _ in range(2):
        found = client.fetch([Name("a"), Name("b")])
        assert all(isinstance(one, Payload) for one in found.values())
    operations = [operation for operation, _ in aws.requests]
    assert operations == ["BatchGetSecretValue", *["GetSecretValue"] * 4]


def test_a_batch_that_is_throttled_fails_for_all(aws, monkeypatch):
    monkeypatch.setattr(aws_client, "ATTEMPTS", 1)
    aws.answer = lambda operation, document: refusal("ThrottlingException")
    found = SecretsManagerClient().fetch([Name("a"), Name("b")])
    assert {type(error) for error in found.values()} == {SecretThrottled}
    assert len(aws.requests) == 1


def test_a_batch_whose_answer_is_garbage_is_no_secret(aws):
    aws.answer = lambda operation, document: (200, b"<html>")
    found = SecretsManagerClient().fetch([Name("a"), Name("b")])
    assert {type(error) for error in found.values()} == {SecretGarbled}


def test_batches_on_moto_with_an_arn_and_an_unknown_name(moto):
    arn = moto.create_secret(Name="a/b@c", SecretString="one")["ARN"]
    moto.create_secret(Name="d", SecretString="two")
    names = [Name(arn), Name("d"), Name("nowhere")]
    found = SecretsManagerClient(moto).fetch(names)
    assert (text(found[names[0]]), text(found[names[1]])) == ("one", "two")
    assert isinstance(found[names[2]], SecretNotFound)


def test_a_deleted_secret_is_told_apart_and_comes_back(moto):
    moto.create_secret(Name="db", SecretString="x")
    moto.delete_secret(SecretId="db")
    client = SecretsManagerClient(moto)
    assert type(one(client)) is SecretDeleted
    moto.restore_secret(SecretId="db")
    assert text(one(client)) == "x"
    moto.delete_secret(SecretId="db", ForceDeleteWithoutRecovery=True)
    assert type(one(client)) is SecretNotFound


def test_parameters_are_decrypted_ten_at_a_time(credentials):
    import boto3
    from moto import mock_aws

    with mock_aws():
        ssm = boto3.client("ssm")
        for number in range(12):
            ssm.put_parameter(Name=f"/p/{number}", Value=f"v{number}", Type="SecureString")
        ssm.put_parameter(Name="/p/0", Value="new", Type="SecureString", Overwrite=True)
        names = [Name(f"/p/{number}") for number in range(12)] + [Name("/p/x")]
        found = ParameterStoreClient(ssm).fetch(names)
        old = Name("/p/0:1")
        assert text(ParameterStoreClient(ssm).fetch([old])[old]) == "v0"
    assert text(found[names[0]]) == "new"
    assert found[names[0]].version == "2"
    assert text(found[names[11]]) == "v11"
    assert type(found[names[12]]) is SecretNotFound


def test_parameters_asked_for_by_a_label_are_found_by_it(aws):
    parameter = {"Name": "/p", "Value": "labelled", "Version": 7, "Selector": ":live"}
    aws.answer = lambda operation, document: ok(
        Parameters=[{**parameter, "Selector": None, "Value": "new", "Version": 8}, parameter]
    )
    names = [Name("/p"), Name("/p:live")]
    found = ParameterStoreClient().fetch(names)
    assert [text(found[name]) for name in names] == ["new", "labelled"]


def test_nothing_that_goes_over_the_wire_is_logged(aws, caplog):
    client = SecretsManagerClient()
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("botocore.hooks").setLevel(logging.DEBUG)
        for _ in range(2):
            one(client)
        aws.answer = lambda operation, document: refusal("AccessDeniedException")
        one(client)
        logging.getLogger("botocore.endpoint").debug("of somebody else")
    assert "hunter2" not in caplog.text
    assert "C4n4ry" not in caplog.text
    assert "of somebody else" in caplog.text


def test_the_same_without_us_is_logged(aws, caplog):
    """What the test above holds back is there: it would fail without `quiet`."""
    import boto3

    with caplog.at_level(logging.DEBUG):
        boto3.client("secretsmanager").get_secret_value(SecretId="db")
    assert "hunter2" in caplog.text


def test_a_client_does_not_print_itself_and_is_made_once(aws):
    client = SecretsManagerClient(region="eu-west-1")
    assert repr(client) == "<SecretsManagerClient of eu-west-1>"
    assert client.client is client.client
    first = client.client
    client.after_fork()
    assert client.client is not first


class Endless:
    """A client whose answers always promise another one."""

    asked = 0

    def batch_get_secret_value(self, **arguments):
        self.asked += 1
        assert self.asked < 1000, "asked for ever"
        return {"SecretValues": [{**version(1), "Name": "a"}], "NextToken": "more"}


def test_answers_that_never_end_are_garbled_and_what_came_is_kept():
    client = Endless()
    a, b = Name("a"), Name("b")
    found = SecretsManagerClient(client).fetch([a, b])
    assert isinstance(found[a], Payload)
    assert isinstance(found[b], SecretGarbled)
    assert client.asked <= 40
