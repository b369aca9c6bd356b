"""Our errors for the error codes of AWS."""

from __future__ import annotations

from confkit.errors import (
    CredentialsExpired,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretNotFound,
    SecretThrottled,
    SecretUnavailable,
)

_KINDS: dict[str, tuple[type[SecretError], str]] = {
    **dict.fromkeys(
        (
            "AccessDeniedException",
            "AccessDenied",
            "UnauthorizedOperation",
            "NotAuthorized",
            "DecryptionFailure",
            "KMSAccessDeniedException",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "IncompleteSignature",
        ),
        (SecretDenied, "access is denied"),
    ),
    **dict.fromkeys(
        ("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"),
        (CredentialsExpired, "the credentials have expired"),
    ),
    **dict.fromkeys(
        (
            "ThrottlingException",
            "Throttling",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "SlowDown",
            "LimitExceededException",
        ),
        (SecretThrottled, "too many requests"),
    ),
    **dict.fromkeys(
        ("ResourceNotFoundException", "ParameterNotFound", "ParameterVersionNotFound"),
        (SecretNotFound, "there is no such secret or version"),
    ),
    # Secrets Manager's answer for a secret that waits for its deletion.
    "InvalidRequestException": (SecretDeleted, "it is marked for deletion"),
    "ValidationException": (SecretError, "this is no name of a secret"),
    "InvalidParameterException": (SecretError, "this is no name of a secret"),
}


def from_code(code: str, name: str, status: int = 0) -> SecretError:
    """Our error for a code of AWS."""
    if code in _KINDS:
        kind, message = _KINDS[code]
        return kind(f"{name}: {message} ({code})")
    shown = code if code.isidentifier() else f"status {status}"
    if status == 429:
        return SecretThrottled(f"{name}: too many requests ({shown})")
    if status >= 500 or code.startswith(("Internal", "Service")):
        return SecretUnavailable(f"{name}: AWS failed ({shown})")
    if status == 403:
        return SecretDenied(f"{name}: access is denied ({shown})")
    return SecretError(f"{name}: AWS refused the request ({shown})")
