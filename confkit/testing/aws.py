"""AWS in tests: Secrets Manager, Parameter Store and the rest of moto, in this process."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from confkit.errors import ConfkitError, MissingExtra
from confkit.testing.environment import override_env
from confkit.testing.temporary import Temporary

try:
    import boto3
    from botocore.httpsession import URLLib3Session
    from moto.core.base_backend import BackendDict
    from moto.core.models import botocore_stubber
except ImportError:
    raise MissingExtra("moto", "test") from None

REGION = "us-east-1"
#: No key of the developer's machine, and no look at its metadata service.
_VARIABLES = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_PROFILE": None,
    "AWS_ENDPOINT_URL": None,
}


class EscapedClient(ConfkitError):
    """A client of boto3 that was made too early for the fake, and would reach the network."""


class fake_aws(Temporary):  # noqa: N801 - used like a function
    """An empty AWS account in this process, for every boto3 client made after moto is imported.

    >>> with fake_aws() as aws:
    ...     aws.seed(secrets={"myapp/database": {"password": "s3cr3t"}})
    ...     client = boto3.client("secretsmanager")
    ...     client.get_secret_value(SecretId="myapp/database")["SecretString"]
    '{"password": "s3cr3t"}'

    A client that a module made before that is none of moto's: its calls raise
    :class:`EscapedClient` instead of reaching the network. The account is empty again at each
    start; sessions and clients are kept, since making them is what costs.
    """

    what = "fake_aws"

    def _set(self) -> None:
        BackendDict.reset()
        self._env = override_env(_VARIABLES, site=self.site).apply()
        self._session_before = boto3.DEFAULT_SESSION
        self._enabled_before = botocore_stubber.enabled
        boto3.DEFAULT_SESSION = _session()
        botocore_stubber.enabled = True
        self._send = URLLib3Session.send
        URLLib3Session.send = _guard

    def _undo(self) -> None:
        URLLib3Session.send = self._send
        botocore_stubber.enabled = self._enabled_before
        boto3.DEFAULT_SESSION = self._session_before
        self._env.remove()

    def client(self, service: str, region: str = REGION) -> Any:
        """A client for what the test itself sets and looks at."""
        return _client(service, region)

    def seed(
        self,
        *,
        secrets: Mapping[str, Any] | None = None,
        parameters: Mapping[str, str] | None = None,
    ) -> None:
        """Put secrets (text, bytes, or JSON from a mapping) and parameters into the account."""
        for name, value in (secrets or {}).items():
            kind = "SecretBinary" if isinstance(value, bytes) else "SecretString"
            value = value if isinstance(value, bytes | str) else json.dumps(value)
            self.client("secretsmanager").create_secret(Name=name, **{kind: value})
        for name, text in (parameters or {}).items():
            self.client("ssm").put_parameter(Name=name, Value=text, Type="SecureString")


def _guard(session: Any, request: Any) -> Any:
    host = urlsplit(request.url).hostname
    raise EscapedClient(
        f"a call to {host} was about to leave fake_aws: its client was made before moto was "
        "imported; make it in a function, or hand it to moto.core.patch_client"
    )


@functools.cache
def _session() -> Any:
    """A session that moto sees, since it is made after moto is imported."""
    keys = ("testing", "testing", "testing")
    return boto3.Session(*keys, region_name=REGION)


@functools.cache
def _client(service: str, region: str) -> Any:
    return _session().client(service, region_name=region)
