"""The shop's credentials in AWS Secrets Manager, and what happens when they are rotated."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import quote

from confkit import Secret, SecretManager

DATABASE = "aws:myapp/database"
Connection = TypeVar("Connection")


class LoginFailed(Exception):
    """The database does not take this password."""


def database_url(secrets: SecretManager) -> Secret:
    """The URL of the database from the fields of one secret, always of one version."""
    field = {name: value.reveal() for name, value in secrets.fields(DATABASE).items()}
    user, password = quote(field["username"], safe=""), quote(field["password"], safe="")
    return Secret(f"postgresql://{user}:{password}@{field['host']}:5432/{field['database']}")


def connect(secrets: SecretManager, login: Callable[[Secret], Connection]) -> Connection:
    """Log in, and once more where the password has been rotated meanwhile.

    :raises LoginFailed: when there is no other password, or the new one is refused too.
    """
    password = secrets.get(DATABASE, field="password")
    try:
        return login(database_url(secrets))
    except LoginFailed:
        if not secrets.rejected(DATABASE, password, field="password"):
            raise
        return login(database_url(secrets))
