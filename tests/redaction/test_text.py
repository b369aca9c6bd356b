"""What is masked inside a text, and what stays."""

from __future__ import annotations

import pytest

from confkit.redaction.text import mask_text


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
        ("passwd:hunter2", "passwd:***"),
        ("passwd:hunter2 and more", "passwd:*** and more"),
        ("passwd:1234", "passwd:***"),
        ("{password:hunter2}", "{password:***}"),
        ("{user:me,password:hunter2,port:1}", "{user:me,password:***,port:1}"),
        ("password:'hun ter2' x", "password:*** x"),
        ("Authorization:Basic aHVudGVyMg==", "Authorization:Basic ***"),
        ("curl -u me:hunter2 https://h", "curl -u me:*** https://h"),
        ("curl -ume:hunter2 h", "curl -ume:*** h"),
        ("curl --user me:hun:ter2 h", "curl --user me:*** h"),
        ("curl --proxy-user=me:hunter2 h", "curl --proxy-user=me:*** h"),
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
        "docker run -u 1000:1000 image",
        "docker run -u app x:y",
        "secrets.yaml:3:5: wrong",
        "/run/secrets/token:1:1",
        "tests/test_token.py::test_it",
        "test_token.py:12",
        "${secret:db/main}",
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


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEhunter2\nhunter2\n-----END RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "text",
    [
        # several addresses, addresses in addresses, passwords that look like something else
        "sentinel://:hunter2@h1;sentinel://:hunter2@h2",
        "redis://:hunter2@h1|redis://:hunter2@h2 redis://:hunter2@h3",
        "redis://:hunter2@h1,:hunter2@h2/0",
        "https://h/x?next=https://u:hunter2@g/",
        "https://h/?a=b&next=redis://hunter2@g",
        "postgresql://u:http://hunter2@h/db",
        'postgresql://u:hun"hunter2@h/db',
        "postgresql://u:hun\\hunter2'@h/db",
        "postgresql://u:8080hunter2@h/db",
        "postgresql://u:80:hunter2@h/db",
        "nats://hunter2@h:4222",
        "custom+scheme://hunter2@h",
        "postgresql+asyncpg://u:hunter2@h/db",
        "jdbc:postgresql://h/db?user=u&password=hunter2",
        "jdbc:oracle:thin:scott/hunter2@//h:1521/x",
        "u:hunter2@tcp(h:3306)/db",
        "u:hun@ter:hunter2@tcp(h:3306)/db",
        "u:hunter2@unix(/tmp/mysql.sock)/db",
        "u:hunter2@h.example.com:5432/db",
        "u:hunter2@h/db",
        # webhooks
        "https://hooks.slack.com/services/T000/B000/hunter2",
        "https://discord.com/api/webhooks/123456/hunter2",
        "https://x.webhook.office.com/webhookb2/hunter2@y/IncomingWebhook/hunter2",
        "https://mattermost.example.com/hooks/hunter2",
        "https://hooks.zapier.com/hooks/catch/1/hunter2/",
        "https://n8n.example.com/webhook/hunter2",
        "https://u:p@hooks.slack.com/services/hunter2",
        # JSON, Python and YAML text
        '{"user": "u", "password": "hunter2"}',
        '{"password": "hun\\"hunter2", "a": 1}',
        "{'password': 'hunter2', 'a': 1}",
        '{"passwords": ["hunter2", "hunter2"], "a": 1}',
        '{"credentials": {"a": "hunter2", "b": ["hunter2"]}, "c": 1}',
        '{"a": {"b": {"client_secret":"hunter2"}}}',
        '{"password": "hunter2',
        '{"tokens": ["hunter2"',
        '{\\"password\\": \\"hunter2\\"}',
        "Settings(user='u', password='hunter2', keys=['hunter2'])",
        "password=['hunter2', 'hunter2'] x=1",
        "password=hun'hunter2 x=1",
        "Pwd={hun;hunter2};x=1",
        "password: hunter2",
        "a: 1\npassword: hunter2\nb: 2\n",
        "{user: u, password: hunter2}",
        "api_key: 'hunter2 hunter2'",
        "--password hunter2 --user u",
        "--api-key=hunter2",
        "prog --token 'hunter2 hunter2'",
        # headers
        "Authorization: Token hunter2hunter2",
        "authorization: hunter2 hunter2",
        "Proxy-Authorization: Digest username=x, response=hunter2",
        "Cookie: a=hunter2; b=hunter2",
        "Set-Cookie: sid=hunter2; Path=/",
        "x-api-key: hunter2",
        # forms that are credentials by themselves
        PEM,
        PEM.replace("\n", "\\n"),
        "x=-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2",
        "-----BEGIN PGP PRIVATE KEY BLOCK-----\nhunter2\n-----END PGP PRIVATE KEY BLOCK-----",
    ],
)
def test_no_form_of_a_secret_gets_through(text):
    masked = mask_text(text)
    assert "hunter2" not in masked
    assert "***" in masked
    assert mask_text(masked) == masked


@pytest.mark.parametrize(
    "credential",
    [
        "AKIAIOSFODNN7ABCDEFG",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1B2_" * 16,
        "glpat-" + "a1B2c" * 4,
        "xoxb-123456789012-abcdefABCDEF",
        "sk_live_" + "a1B2" * 6,
        "sk-proj-" + "a1B2" * 6,
        "AIza" + "a1B2c" * 7,
        "SG." + "a1B2c3" * 4 + "." + "a1B2c3" * 7,
        "npm_" + "a1B2" * 9,
        "hf_" + "aB" * 17,
        "hvs." + "a1B2" * 6,
        "123456789:AA" + "a1B2c3D" * 4 + "abcde",
        "shpat_" + "0a" * 16,
        JWT,
        JWT.rpartition(".")[0] + ".",
    ],
)
@pytest.mark.parametrize("around", ["{}", "a {} b", "'{}'", "x={}", "https://h/{}/y", "[{}]"])
def test_credentials_with_a_form_of_their_own(credential, around):
    masked = mask_text(around.format(credential))
    assert credential not in masked
    assert masked == around.format("***")


@pytest.mark.parametrize(
    "text",
    [
        "the token: expired yesterday",
        "secret_key: is required and not set (.env:3) set SECRET_KEY",
        "basic authentication failed",
        "bearer tokens expire",
        "nginx:1.25@sha256:0123456789abcdef",
        "git@github.com:org/repo.git",
        "ssh://git@github.com/org/repo",
        "From: someone@example.com",
        "kafka:9092,kafka2:9092",
        "http://h1:80,http://h2:80",
        "mongodb://h1:27017,h2:27017/db",
        "https://hooks.slack.com/",
        "https://example.com/docs/webhooks",
        "status code=200",
        "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\nMIIE\n-----END PUBLIC KEY-----",
        "password=null token=None secret=true",
        '{"password": null, "token_ttl": 60}',
        "12:30:15 at 10:00",
        "a::b C:\\dir\\x",
        "config/production.yaml:7:14",
        "x" * 100,
    ],
)
def test_prose_places_and_public_things_stay(text):
    assert mask_text(text) == text


def test_json_stays_json_when_it_is_masked():
    text = '{"user": "u", "password": "hunter2", "tokens": ["a", "b"], "port": 5432}'
    assert mask_text(text) == '{"user": "u", "password": "***", "tokens": ***, "port": 5432}'


@pytest.mark.parametrize(
    "text",
    [
        "password=" * 20_000,
        "password=[" * 20_000,
        'password="' * 20_000,
        '"password": {' * 10_000,
        "-----BEGIN PRIVATE KEY-----" * 5_000,
        "eyJaaaaaaaaaa." * 10_000,
        "a:b@" * 30_000,
        "a/b@" * 30_000,
        "https://hooks." * 10_000,
        "https://h" + "/hook" * 20_000,
        "postgresql://u:'" * 10_000,
        "Bearer " * 20_000,
        "--password " * 10_000,
        "cookie: " * 20_000,
        "a" * 200_000,
        ":" * 100_000,
        "a: " * 50_000,
    ],
    ids=range(17),
)
def test_long_hostile_text_does_not_take_long(text):
    assert isinstance(mask_text(text), str)
