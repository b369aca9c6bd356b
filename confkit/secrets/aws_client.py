"""Requests to AWS Secrets Manager and Parameter Store, and their failures; the importer of boto3.

boto3's own defaults wait for 180 seconds and log secrets at DEBUG; an answer that is no JSON comes
back as an empty one without any error. None of that gets out of here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from confkit import forking
from confkit.errors import (
    CredentialsExpired,
    MissingExtra,
    SecretDenied,
    SecretError,
    SecretGarbled,
    SecretNotFound,
    SecretUnavailable,
)
from confkit.secret import Secret, SecretBytes
from confkit.secrets.aws_codes import from_code
from confkit.secrets.payload import Payload

try:
    import boto3
    from botocore import exceptions as failures
    from botocore.config import Config
    from botocore.parsers import ResponseParserError
except ImportError:
    raise MissingExtra("boto3", "aws") from None

#: Two tries of at most 2.5 seconds each, and the pause between them.
CONNECT_TIMEOUT, READ_TIMEOUT, ATTEMPTS = 1.0, 1.5, 2
CURRENT = "AWSCURRENT"
BATCH, PARAMETER_BATCH = 20, 10
#: The most parts of one answer that are asked for: none of them need be full.
MAX_PAGES = 40

Found = Mapping["Name", Payload | SecretError]


class Name(NamedTuple):
    """What is asked for: the name or ARN of a secret, and the stage of its versions."""

    name: str
    stage: str = CURRENT

    def __str__(self) -> str:
        return self.name if self.stage == CURRENT else f"{self.name}@{self.stage}"


#: Failures of boto3 itself, by kind; the first that fits.
_FAILURES: tuple[tuple[Any, type[SecretError], str], ...] = (
    (
        (failures.NoCredentialsError, failures.PartialCredentialsError),
        SecretDenied,
        "there are no AWS credentials",
    ),
    (
        (failures.UnauthorizedSSOTokenError, failures.TokenRetrievalError),
        CredentialsExpired,
        "the credentials have expired",
    ),
    ((failures.CredentialRetrievalError,), SecretDenied, "no AWS credentials can be had"),
    ((failures.NoRegionError,), SecretError, "no AWS region: set AWS_REGION, or pass region="),
    ((failures.ParamValidationError,), SecretNotFound, "this is no name of a secret"),
    ((ResponseParserError,), SecretGarbled, "the answer cannot be read"),
    ((failures.HTTPClientError, failures.ConnectionError), SecretUnavailable, "no answer"),
    ((failures.BotoCoreError,), SecretUnavailable, "the request failed"),
)


def classified(error: Exception, name: str) -> SecretError:
    """Our error for one of boto3's, by its code or kind, and without its text."""
    if isinstance(error, failures.ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return from_code(str(error.response.get("Error", {}).get("Code", "")), name, status)
    for kinds, kind, message in _FAILURES:
        if isinstance(error, kinds):
            return kind(f"{name}: {message} ({type(error).__name__})")
    return SecretError(f"{name}: the request failed ({type(error).__name__})")


# -- logs -------------------------------------------------------------------------------------

_calling = threading.local()
_LOUD = ("boto3", "botocore", "urllib3", "s3transfer", "awscrt")


class _Quiet(logging.Filter):
    """Holds back what the AWS libraries log below WARNING while a secret is on its way."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING or not getattr(_calling, "secret", False)


_QUIET = _Quiet()


@contextmanager
def quiet() -> Iterator[None]:
    """Let no library log what the call inside sends and gets: at DEBUG they log it whole."""
    for name, logger in list(logging.root.manager.loggerDict.items()):
        # Filters of a logger do not see what its children log, so each has to have it.
        if name.startswith(_LOUD) and isinstance(logger, logging.Logger):
            logger.addFilter(_QUIET)
    _calling.secret = True
    try:
        yield
    finally:
        _calling.secret = False


# -- requests ---------------------------------------------------------------------------------


class _Client:
    """A client of one service: made at first use, and again in a forked child."""

    service: str

    def __init__(self, client: Any = None, *, region: str | None = None) -> None:
        self._given = client
        self._region = region
        self.after_fork()
        forking.register(self)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._region or 'the default region'}>"

    def after_fork(self) -> None:
        """Connections of the parent are not the child's."""
        self._lock = threading.Lock()
        self._made: Any = None

    @property
    def client(self) -> Any:
        """The client of boto3."""
        if self._given is not None:
            return self._given
        with self._lock:
            if self._made is None:
                config = Config(
                    connect_timeout=CONNECT_TIMEOUT,
                    read_timeout=READ_TIMEOUT,
                    retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
                )
                session = boto3.session.Session()  # the default session is not safe in threads
                self._made = session.client(self.service, region_name=self._region, config=config)
            return self._made

    def connected(self, name: str) -> Any:
        """The client of boto3, for requests about ``name``.

        :raises SecretError: when none can be made, as without a region.
        """
        try:
            return self.client
        except Exception as error:
            failure = classified(error, name)
        raise failure

    def _call(self, name: str, method: str, **arguments: Any) -> dict[str, Any] | SecretError:
        try:
            with quiet():
                answer = getattr(self.client, method)(**arguments)
        except Exception as error:
            return classified(error, name)
        return answer if isinstance(answer, dict) else SecretGarbled(f"{name}: no answer")


class SecretsManagerClient(_Client):
    """Asks AWS Secrets Manager: the current versions of several secrets in one request.

    Needs ``secretsmanager:GetSecretValue``; with ``secretsmanager:BatchGetSecretValue`` fewer
    requests are sent.
    """

    service = "secretsmanager"
    _batches = True

    def fetch(self, names: Collection[Name]) -> Found:
        """The payload or the error of each name."""
        found: dict[Name, Payload | SecretError] = {}
        current = [name for name in names if name.stage == CURRENT]
        if len(current) > 1 and self._batches:
            for start in range(0, len(current), BATCH):
                found |= self._batch(current[start : start + BATCH])
        for name in names:
            if name not in found:
                found[name] = self._single(name)
        return found

    def _single(self, name: Name) -> Payload | SecretError:
        answer = self._call(
            str(name), "get_secret_value", SecretId=name.name, VersionStage=name.stage
        )
        return answer if isinstance(answer, SecretError) else _payload(answer, name)

    def _batch(self, names: list[Name]) -> dict[Name, Payload | SecretError]:
        asked = [name.name for name in names]
        shown = ", ".join(asked)
        found: dict[Name, Payload | SecretError] = {}
        more: dict[str, Any] = {}
        for _ in range(MAX_PAGES):
            answer = self._call(shown, "batch_get_secret_value", SecretIdList=asked, **more)
            if isinstance(answer, SecretDenied | SecretNotFound):
                # No permission for batches, or a service without them: one by one then.
                self._batches = isinstance(answer, CredentialsExpired | SecretNotFound)
                return found
            if isinstance(answer, SecretError):
                return dict.fromkeys(names, answer) | found
            for name in names:
                for one in answer.get("SecretValues") or ():
                    if isinstance(one, dict) and _is_of(one, name.name):
                        found[name] = _payload(one, name)
                for one in answer.get("Errors") or ():
                    if isinstance(one, dict) and one.get("SecretId") == name.name:
                        found[name] = from_code(str(one.get("ErrorCode", "")), name.name)
            if not answer.get("NextToken"):
                return found
            more = {"NextToken": answer["NextToken"]}
        endless = SecretGarbled(f"{shown}: the answer goes on after {MAX_PAGES} parts")
        return dict.fromkeys(names, endless) | found


def _is_of(one: Mapping[str, Any], name: str) -> bool:
    arn = str(one.get("ARN", ""))
    return name in (one.get("Name"), arn) or (
        name.startswith("arn:") and arn.startswith(name + "-")
    )


def _payload(answer: Mapping[str, Any], name: Name) -> Payload | SecretError:
    version = answer.get("VersionId")
    text, data = answer.get("SecretString"), answer.get("SecretBinary")
    if isinstance(version, str) and isinstance(text, str):
        return Payload(Secret(text), version, str(name))
    if isinstance(version, str) and isinstance(data, bytes):
        return Payload(SecretBytes(data), version, str(name))
    # botocore takes any answer with status 200, an HTML page of a proxy included, for an empty one.
    return SecretGarbled(f"{name}: the answer holds no secret")


class ParameterStoreClient(_Client):
    """Asks the Parameter Store of AWS Systems Manager, ten parameters a request, decrypted.

    Needs ``ssm:GetParameters``. A name may end in ``:VERSION`` or ``:LABEL``.
    """

    service = "ssm"

    def fetch(self, names: Collection[Name]) -> Found:
        """The payload or the error of each name."""
        asked = list(names)
        found: dict[Name, Payload | SecretError] = {}
        for start in range(0, len(asked), PARAMETER_BATCH):
            found |= self._batch(asked[start : start + PARAMETER_BATCH])
        return found

    def _batch(self, names: list[Name]) -> dict[Name, Payload | SecretError]:
        plain = [name.name for name in names]
        answer = self._call(", ".join(plain), "get_parameters", Names=plain, WithDecryption=True)
        if isinstance(answer, SecretError):
            return dict.fromkeys(names, answer)
        given = {
            key: one
            for one in answer.get("Parameters") or ()
            if isinstance(one, dict)
            for key in _asked_as(one)
        }
        invalid = answer.get("InvalidParameters") or ()
        found: dict[Name, Payload | SecretError] = {}
        for name in names:
            one = given.get(name.name, {})
            text, version = one.get("Value"), one.get("Version")
            if isinstance(text, str) and version is not None:
                found[name] = Payload(Secret(text), str(version), name.name)
            elif name.name in invalid:
                found[name] = from_code("ParameterNotFound", name.name)
            else:
                found[name] = SecretGarbled(f"{name}: the answer holds no parameter")
        return found


def _asked_as(one: Mapping[str, Any]) -> tuple[str, str]:
    """The two ways in which the answered parameter can have been asked for."""
    name, selector = str(one.get("Name", "")), str(one.get("Selector") or "")
    plain = name.removesuffix(selector)
    return (plain + selector, f"{plain}:{one.get('Version')}")
