"""Codes of AWS become errors that are told apart; none quotes what AWS wrote."""

from __future__ import annotations

import pytest

from confkit import (
    CredentialsExpired,
    SecretDeleted,
    SecretDenied,
    SecretError,
    SecretNotFound,
    SecretThrottled,
    SecretUnavailable,
)
from confkit.secrets.aws_codes import from_code


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("AccessDeniedException", 400, SecretDenied),
        ("KMSAccessDeniedException", 400, SecretDenied),
        ("SignatureDoesNotMatch", 403, SecretDenied),
        ("ExpiredTokenException", 400, CredentialsExpired),
        ("ThrottlingException", 400, SecretThrottled),
        ("ResourceNotFoundException", 400, SecretNotFound),
        ("ParameterNotFound", 400, SecretNotFound),
        ("InvalidRequestException", 400, SecretDeleted),
        ("InternalServiceError", 0, SecretUnavailable),
        ("ServiceUnavailable", 0, SecretUnavailable),
        ("New", 500, SecretUnavailable),
        ("New", 429, SecretThrottled),
        ("New", 403, SecretDenied),
        ("New", 400, SecretError),
    ],
)
def test_a_code_is_one_kind_of_error(code, status, kind):
    error = from_code(code, "db", status)
    assert type(error) is kind
    assert str(error).startswith("db: ")
    assert code in str(error)


def test_a_code_that_is_no_name_is_not_shown():
    assert str(from_code("C4n4ry <html>", "db", 418)) == "db: AWS refused the request (status 418)"
