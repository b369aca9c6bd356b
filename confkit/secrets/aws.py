"""``${aws:NAME@STAGE#FIELD}`` and ``${ssm:NAME#FIELD}``: secrets in AWS, kept for a while.

Nothing here imports boto3 before a reference is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from confkit import clocks
from confkit.errors import SecretError, SecretNotFound
from confkit.secret import Secret, SecretBytes
from confkit.secrets.cache import Cache, SecretStatus
from confkit.secrets.payload import Payload

if TYPE_CHECKING:
    from confkit.secrets.aws_client import Name

#: The labels that AWS itself moves: everything else behind an @ is part of a name.
STAGES = ("AWSCURRENT", "AWSPENDING", "AWSPREVIOUS")


def split(reference: str) -> tuple[str, str, str | None]:
    """Name, stage and field of ``name``, ``name#field``, ``name@AWSPREVIOUS#field``.

    :raises SecretNotFound: when it names no secret, or an empty field.
    """
    name, sign, field = reference.partition("#")
    stem, _, stage = name.rpartition("@")
    if stage in STAGES:
        name = stem
    else:
        stage = STAGES[0]
    if not name.strip() or (sign and not field):
        raise SecretNotFound("the reference is NAME, NAME#FIELD or NAME@STAGE#FIELD")
    return name, stage, field if sign else None


class AwsResolver:
    """Answers ``${aws:...}`` from AWS Secrets Manager, or ``${ssm:...}`` from Parameter Store.

    A secret is asked for once and kept for ``ttl`` seconds; then it is asked for again behind the
    readers. While that fails, the last good value is given for up to ``max_stale`` seconds. Fields
    of one secret that are fetched together are always of one version.

    :param client: a client of boto3; without one, one is made at first use, with short time-outs.
    :param region: the AWS region; without one, boto3's own rules decide.
    :param service: ``secretsmanager`` or ``ssm``.
    :param ttl: seconds for which a value is fresh; a rotation is seen after at most as long.
    :param max_stale: seconds for which a value is given while AWS gives no other.
    :param timeout: seconds that the first reader of a secret waits for it.
    :raises ValueError: for another service.
    """

    secret = True
    #: what is masked everywhere is decided here: a host and a user name among the fields are not
    remembers = True

    def __init__(
        self,
        client: Any = None,
        *,
        region: str | None = None,
        service: Literal["secretsmanager", "ssm"] = "secretsmanager",
        ttl: float = 300.0,
        max_stale: float = 86_400.0,
        timeout: float = 5.0,
        clock: Callable[[], float] = clocks.monotonic,
    ) -> None:
        if service not in ("secretsmanager", "ssm"):
            raise ValueError(f"the service is secretsmanager or ssm, not {service!r}")
        self._client, self._region, self._service = client, region, service
        self._fetch_names: Any = None
        self._cache: Cache[tuple[str, str]] = Cache(
            self._ask, ttl=ttl, max_stale=max_stale, timeout=timeout, clock=clock
        )

    def __repr__(self) -> str:
        return f"<AwsResolver of {self._service}>"

    def resolve(self, reference: str) -> str | bytes:
        """The secret, or one field of it; bytes for a binary secret.

        :raises SecretError: SecretNotFound, SecretDeleted, SecretDenied, CredentialsExpired,
            SecretThrottled, SecretUnavailable or SecretGarbled.
        :raises MissingExtra: when boto3 is not installed.
        """
        name, stage, field = self._split(reference)
        return _value(self._payload(name, stage), field).reveal()

    def fetch(self, references: Collection[str]) -> Mapping[str, str | bytes | SecretError]:
        """Several references, with as few requests as AWS allows."""
        self._connect()
        answers: dict[str, str | bytes | SecretError] = {}
        wanted: dict[str, tuple[str, str, str | None]] = {}
        for reference in references:
            try:
                wanted[reference] = self._split(reference)
            except SecretError as error:
                answers[reference] = error
        found = self._cache.get_many({(name, stage) for name, stage, _ in wanted.values()})
        for reference, (name, stage, field) in wanted.items():
            payload = found[name, stage]
            try:
                answers[reference] = (
                    payload if isinstance(payload, SecretError) else _value(payload, field).reveal()
                )
            except SecretError as error:
                answers[reference] = error
        return answers

    def payload(self, reference: str, *, stage: str | None = None) -> Payload:
        """One version of the whole secret that a reference names; raises as :meth:`resolve`.

        :param stage: a label of one's own, instead of that in the reference.
        """
        name, named_stage, _ = self._split(reference)
        return self._payload(name, stage or named_stage)

    def reader(self, reference: str) -> Callable[[], Payload]:
        """What gives :meth:`payload` again and again, faster than by its reference.

        :raises SecretNotFound: when the reference names no secret.
        """
        self._connect()
        name, stage, _ = self._split(reference)
        return partial(self._cache.get, (name, stage))

    def version(self, reference: str) -> str:
        """The id of the version that counts now, as old as ``ttl`` at most."""
        return self.payload(reference).version

    def refresh(self, reference: str) -> bool:
        """Ask again now, at most once in 5 seconds; whether there is another version.

        :raises SecretError: when the request failed.
        """
        self._connect()
        name, stage, _ = self._split(reference)
        return self._cache.refresh((name, stage))

    def status(self) -> list[SecretStatus]:
        """What is known of every secret that was asked for; never a value."""
        return [
            self._cache.status(key, key[0] if key[1] == STAGES[0] else "@".join(key))
            for key in self._cache.keys()  # noqa: SIM118 - a method of the cache
        ]

    def _split(self, reference: str) -> tuple[str, str, str | None]:
        if self._service == "ssm":  # selects its versions by `:3` in the name
            name, sign, field = reference.partition("#")
            if not name.strip() or (sign and not field):
                raise SecretNotFound("the reference is NAME or NAME#FIELD")
            return name, STAGES[0], field if sign else None
        return split(reference)

    def _payload(self, name: str, stage: str) -> Payload:
        if self._fetch_names is None:
            self._connect()
        return self._cache.get((name, stage))

    def _connect(self) -> None:
        if self._fetch_names is None:
            from confkit.secrets.aws_client import ParameterStoreClient, SecretsManagerClient

            kind = ParameterStoreClient if self._service == "ssm" else SecretsManagerClient
            self._fetch_names = kind(self._client, region=self._region).fetch

    def _ask(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], Any]:
        from confkit.secrets.aws_client import Name

        found: Mapping[Name, Payload | SecretError] = self._fetch_names([Name(*k) for k in keys])
        for payload in found.values():
            if isinstance(payload, Payload):
                payload.remember()
        return {(name.name, name.stage): payload for name, payload in found.items()}


def _value(payload: Payload, field: str | None) -> Secret | SecretBytes:
    return payload.value if field is None else payload.field(field)
