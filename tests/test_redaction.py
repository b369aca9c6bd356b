"""What counts as sensitive, by name and by value, and that the mask is constant."""

from __future__ import annotations

from collections import OrderedDict

import pytest

from confkit import Secret
from confkit.redaction import mask_text, sensitive_name, show


def words(text: str) -> list[str]:
    return text.split()


SENSITIVE = words("""
    password db_password DB_PASSWORD PGPASSWORD mysqlPwd passwd passphrase secret SECRET_KEY
    jwt_secret client_secret clientSecret api_key APIKEY apiKey stripe_api_key access_token
    refreshToken auth_token authorization bearer credentials aws_secret_access_key private_key
    ENCRYPTION_KEYS signing_key sentry_dsn dsn_url webhook_url slack_webhook connection_string
    session_cookie csrf_token salt pepper otp mfa_code keyfile tls_key_pem service_account_json
    oauth2_token two_factor_code database.password github-token key_data ssn cvv
""")
HARMLESS = words("""
    host port debug username user_id email public_key primary_key foreign_key cache_key sort_key
    partition_key idempotency_key key_id key_name token_ttl token_type max_tokens
    password_min_length password_policy session_timeout token_url secret_name secret_version
    auth_enabled jwt_algorithm cookie_domain csrf_header keyboard monkey bypass compass author
    authority tokenizer passenger timeout pool_size database_url redis_url monkey_business
""")


@pytest.mark.parametrize("name", SENSITIVE)
def test_names_that_hold_a_secret(name):
    assert sensitive_name(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_names_that_hold_none(name):
    assert not sensitive_name(name)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("postgresql://user:hunter2@h:5432/db", "postgresql://user:***@h:5432/db"),
        ("postgresql://user:hun@ter2@h/db", "postgresql://user:***@h/db"),
        ("postgresql://user:hun/ter2@h/db", "postgresql://user:***@h/db"),
        ("postgresql://user:hun?ter2@h/db", "postgresql://user:***@h/db"),
        ("postgresql://user:hun#ter2@h/db", "postgresql://user:***@h/db"),
        ("postgresql://user@h/db", "postgresql://user@h/db"),
        ("redis://:hunter2@h:6379/0", "redis://:***@h:6379/0"),
        ("redis://hunter2@h", "redis://***@h"),
        ("https://hunter2@github.com/x", "https://***@github.com/x"),
        ("https://hunter2:x-oauth-basic@github.com", "https://***:***@github.com"),
        ("https://hunter2@o1.ingest.sentry.io/5", "https://***@o1.ingest.sentry.io/5"),
        ("amqp://u:hunter2@a,amqp://u:hunter2@b", "amqp://u:***@a,amqp://u:***@b"),
        ("see postgres://u:hunter2@h now", "see postgres://u:***@h now"),
        ("https://h/x?token=hunter2&page=2", "https://h/x?token=***&page=2"),
        ("https://h/x#access_token=hunter2", "https://h/x#access_token=***"),
        ("https://h/x?X-Amz-Signature=hunter2", "https://h/x?X-Amz-Signature=***"),
        ("host=h password=hunter2 dbname=d", "host=h password=*** dbname=d"),
        ("host=h password='hun ter2' dbname=d", "host=h password=*** dbname=d"),
        ("Server=h;Pwd=hunter2;Database=d", "Server=h;Pwd=***;Database=d"),
        ("password=hun,ter2", "password=***"),
        ("a=b,password=hunter2,c=d", "a=b,password=***,c=d"),
        ("AccountName=n;AccountKey=hunter2==;x=1", "AccountName=n;AccountKey=***;x=1"),
        ("Authorization: Bearer hunter2hunter2", "Authorization: Bearer ***"),
        ("Basic aHVudGVyMjpodW50ZXIy", "Basic ***"),
    ],
)
def test_what_is_secret_inside_a_text_is_masked(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "https://h:8443/x",
        "http://[::1]:8000/x",
        "postgresql://h:5432,g:5432/db",
        "mailto:someone@example.com",
        "a@b, c@d",
        "key: value, other=1",
        "https://h/x?page=2&size=10",
        "basic needs",
        "max_tokens=100",
        "sqlite:///app.db",
    ],
)
def test_what_is_not_secret_stays(text):
    assert mask_text(text) == text


@pytest.mark.parametrize(
    "text",
    ["a" * 50_000 + "://", "://" * 20_000, "a=" * 20_000, "x://" + "@" * 50_000, "=" * 50_000],
)
def test_hostile_text_is_masked_without_getting_stuck(text):
    assert isinstance(mask_text(text), str)


@pytest.mark.parametrize(
    ("value", "name", "shown"),
    [
        (None, "password", "null"),
        (True, "password", "true"),
        (False, "", "false"),
        ("", "password", ""),
        ("hunter2", "password", "***"),
        (1234, "pin", "***"),
        (Secret("hunter2"), "", "***"),
        ("a\nb\x1b[31m\u202e", "", "a\\nb\\x1b[31m\\u202e"),
        ({"user": "u", "password": "hunter2"}, "", "{user: u, password: ***}"),
        ({"user": {"tokens": ["hunter2"]}}, "", "{user: {tokens: ***}}"),
        (OrderedDict(a=1), "", "{a: 1}"),
        ({"a\nb": 1}, "", "{a\\nb: 1}"),
        (["https://u:hunter2@h", 3], "", "[https://***:***@h, 3]"),
        ({3, 1, 2}, "", "[1, 2, 3]"),
        (("a", None), "", "[a, null]"),
        (["hunter2"], "tokens", "***"),
        (1.5, "", "1.5"),
    ],
)
def test_a_value_in_one_line_masked_by_its_name_and_by_its_look(value, name, shown):
    assert show(value, name=name) == shown


def test_a_secret_field_is_masked_whatever_it_holds():
    assert show("plain", secret=True) == "***"
    assert show(["plain"], secret=True) == "***"
