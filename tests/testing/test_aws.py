"""The fake AWS account."""

from __future__ import annotations

import os
import subprocess
import sys

import boto3
import pytest
from botocore.exceptions import ClientError

from confkit.testing import fake_aws


def test_what_is_seeded_is_there_and_gone_with_the_next():
    with fake_aws() as aws:
        aws.seed(
            secrets={"a/b": {"password": "x"}, "text": "t", "bytes": b"\0"},
            parameters={"/a": "1"},
        )
        client = boto3.client("secretsmanager")
        assert client.get_secret_value(SecretId="a/b")["SecretString"] == '{"password": "x"}'
        assert client.get_secret_value(SecretId="bytes")["SecretBinary"] == b"\0"
        parameter = boto3.client("ssm").get_parameter(Name="/a", WithDecryption=True)
        assert parameter["Parameter"]["Value"] == "1"
    with fake_aws(), pytest.raises(ClientError, match="ResourceNotFound"):
        boto3.client("secretsmanager").get_secret_value(SecretId="a/b")


def test_no_key_of_this_machine_is_seen(monkeypatch):
    monkeypatch.setenv("AWS_PROFILE", "prod")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "real")
    with fake_aws():
        assert os.environ["AWS_ACCESS_KEY_ID"] == "testing"
        assert "AWS_PROFILE" not in os.environ
        boto3.Session().client("secretsmanager").list_secrets()
    assert os.environ["AWS_ACCESS_KEY_ID"] == "real"


def test_the_default_session_is_given_back():
    before = boto3.DEFAULT_SESSION
    with fake_aws():
        boto3.client("secretsmanager").list_secrets()
    assert boto3.DEFAULT_SESSION is before


def test_a_client_that_was_made_too_early_is_caught():
    code = (
        "import boto3\n"
        "early = boto3.client('secretsmanager', region_name='eu-west-1')\n"
        "from confkit.testing import fake_aws\n"
        "with fake_aws():\n"
        "    early.list_secrets()\n"
    )
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **keys},
    )
    assert "EscapedClient" in done.stderr
    assert "secretsmanager.eu-west-1.amazonaws.com" in done.stderr
