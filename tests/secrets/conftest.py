"""AWS in place of AWS: a scripted server, and moto's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.secrets.aws_server import FakeAws


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials and a region that no machine has."""
    for name in ("AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture
def aws(credentials: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    """A scripted server that every client of boto3 finds by itself."""
    with FakeAws() as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        yield server


@pytest.fixture
def moto(credentials: None) -> Iterator[Any]:
    """A client of moto's Secrets Manager, in this process."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.client("secretsmanager")
