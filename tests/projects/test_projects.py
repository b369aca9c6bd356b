"""Settings of public projects, loaded from samples of their own documented variables and files.

What did not fit when they were written down is in docs/types.md, "What real projects need".
"""

from __future__ import annotations

from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from confkit import DotEnv, Environ, File, InvalidConfig, Secret, Values, load
from tests.projects import airflow, alertmanager, mastodon, paperless

HERE = Path(__file__).parent


def test_mastodon_from_its_sample_file():
    found = load(mastodon.Settings, DotEnv(HERE / "mastodon.env", empty="unset")).current
    assert found.local_domain == "example.com"
    assert found.alternate_domains == ("a.example.com", "b.example.com")
    assert (found.redis.host, found.redis.port) == ("redis", 6379)
    assert (found.database.user, found.database.password) == ("postgres", None)
    assert found.mail.from_address == "Mastodon <notifications@example.com>"
    assert found.ip_retention_period == timedelta(seconds=31556952)
    assert found.trusted_proxy_ip == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    assert (found.s3.enabled, found.aws_access_key_id) == (True, None)


def test_mastodon_names_every_empty_variable_that_is_a_value():
    with pytest.raises(InvalidConfig) as caught:
        load(mastodon.Settings, DotEnv(HERE / "mastodon.env"))
    assert {p.key for p in caught.value} == {"redis.port"}


PAPERLESS = {
    "PAPERLESS_REDIS": "redis://broker:6379",
    "PAPERLESS_DBENGINE": "postgresql",
    "PAPERLESS_DBHOST": "db",
    "PAPERLESS_DBPORT": "5432",
    "PAPERLESS_DBPASS": "s3cret",
    "PAPERLESS_SECRET_KEY": "change-me",
    "PAPERLESS_URL": "https://paperless.example.com",
    "PAPERLESS_ALLOWED_HOSTS": "example.com,www.example.com",
    "PAPERLESS_TIME_ZONE": "Europe/Berlin",
    "PAPERLESS_OCR_LANGUAGE": "deu+eng",
    "PAPERLESS_OCR_MODE": "SKIP",
    "PAPERLESS_OCR_USER_ARGS": '{"deskew": true, "continue_on_soft_render_error": true}',
    "PAPERLESS_CONSUMER_RECURSIVE": "true",
    "PAPERLESS_CONSUMER_IGNORE_PATTERNS": '[".DS_STORE/*", "._*", ".stfolder/*"]',
    "PAPERLESS_IGNORE_DATES": "2023-04-14,2023-05-01",
    "PAPERLESS_FILENAME_FORMAT": "{created_year}/{correspondent}/{title}",
}


def test_paperless_from_its_variables():
    found = load(paperless.Settings, Environ("PAPERLESS_", environ=PAPERLESS)).current
    assert found.redis == Secret("redis://broker:6379")
    assert (found.dbengine, found.dbport) == ("postgresql", 5432)
    assert found.time_zone == ZoneInfo("Europe/Berlin")
    assert found.ocr_language == ("deu", "eng")
    assert found.ocr_mode is paperless.OcrMode.SKIP
    assert found.ocr_user_args == {"deskew": True, "continue_on_soft_render_error": True}
    assert found.consumer_ignore_patterns == (".DS_STORE/*", "._*", ".stfolder/*")
    assert found.ignore_dates == (date(2023, 4, 14), date(2023, 5, 1))
    assert found.filename_format == "{created_year}/{correspondent}/{title}"


def test_paperless_refuses_what_its_own_function_refuses():
    environ = PAPERLESS | {"PAPERLESS_OCR_LANGUAGE": "deu,eng"}
    with pytest.raises(
        InvalidConfig, match=r"ocr_language: is refused by languages: languages are"
    ):
        load(paperless.Settings, Environ("PAPERLESS_", environ=environ))


def test_alertmanager_from_its_example():
    found = load(alertmanager.Settings, File(HERE / "alertmanager.yml")).current
    assert found.whole.smtp_from == "alertmanager@example.org"
    first, second = found.route.routes
    assert first.routes[0].go_on
    assert first.routes[0].matchers == ['severity="critical"']
    assert second.group_wait == timedelta(seconds=10)
    mails, chat = found.receivers
    assert mails.email_configs[0].sender == "alerts@example.org"
    assert chat.slack_configs[0].more == {"icon_emoji": ":fire:"}


def test_alertmanager_names_the_place_of_a_mistake_deep_inside():
    raw = {"route.routes": [{"routes": [{"group_wait": "5 minutes"}, {"mathers": []}]}]}
    receivers = {"receivers": [{"name": "x"}]}
    with pytest.raises(InvalidConfig) as caught:
        load(alertmanager.Settings, Values(raw | receivers))
    assert [(p.key, p.hint) for p in caught.value] == [
        ("route.routes[0].routes[0].group_wait", ""),
        ("route.routes[0].routes[1].mathers", "did you mean matchers?"),
    ]


AIRFLOW = {
    "AIRFLOW__CORE__EXECUTOR": "CeleryExecutor",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT": "30.0",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://airflow:airflow@postgres/airflow",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONNECT_ARGS": '{"timeout": 30}',
    "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
}


def test_airflow_from_its_variables():
    found = load(airflow.Settings, Environ("AIRFLOW__", environ=AIRFLOW)).current
    assert (found.core.executor, found.core.load_examples) == ("CeleryExecutor", False)
    assert found.core.dagbag_import_timeout == timedelta(seconds=30)
    assert found.database.sql_alchemy_conn.reveal().endswith("@postgres/airflow")
    assert found.database.sql_alchemy_connect_args == {"timeout": 30}
    assert found.logging.logging_level == "WARNING"
