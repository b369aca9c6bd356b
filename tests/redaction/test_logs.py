"""The logging filter masks messages, arguments, extras and tracebacks, and raises nothing."""

from __future__ import annotations

import io
import json
import logging
import logging.config
import sys

import pytest

from confkit import LoggingFilter, Secret
from confkit.redaction.known import known


@pytest.fixture
def log():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    handler.addFilter(LoggingFilter())
    logger = logging.getLogger("tests.redaction.logs")
    logger.propagate = False
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler)
    logger.out = out  # type: ignore[attr-defined]
    yield logger
    logger.removeHandler(handler)
    logger.propagate = True


def fail(text: str) -> None:
    raise ValueError(text) from KeyError(text)


def test_messages_and_arguments_are_masked(log):
    log.info("connecting to %s", "postgresql://u:hunter2@h/db")
    log.info("password=%s user=%s", "hunter2", "u")
    log.info("%(token)s", {"token": "ghp_" + "a1B2" * 9})
    log.info({"password": "hunter2"})
    log.info("held %s", Secret("hunter2"))
    assert "hunter2" not in log.out.getvalue()
    assert log.out.getvalue().splitlines() == [
        "INFO connecting to postgresql://u:***@h/db",
        "INFO password=*** user=u",
        "INFO ***",
        "INFO {'password': '***'}",
        "INFO held ***",
    ]


def test_known_secrets_are_masked_in_tracebacks_and_stacks(log):
    known.add("hunter2-known")
    try:
        fail("no login with hunter2-known")
    except ValueError:
        log.exception("failed")
    log.info("here", stack_info=True)
    log.error("text", exc_info=ValueError("hunter2-known"))
    text = log.out.getvalue()
    assert "no login with ***" in text
    assert "Traceback" in text
    assert "Stack (most recent call last)" in text
    assert "hunter2" not in text


def test_extras_are_masked_by_name_and_look():
    record = logging.makeLogRecord(
        {"msg": "m", "api_key": "hunter2", "where": ["redis://:hunter2@h"], "n": 5, "ok": True}
    )
    assert LoggingFilter().filter(record)
    assert (record.api_key, record.where, record.n, record.ok) == (
        "***",
        ["redis://:***@h"],
        5,
        True,
    )


def test_no_formatter_behind_it_sees_the_exception(log):
    try:
        fail("password=hunter2")
    except ValueError:
        record = logging.makeLogRecord({"msg": "m", "exc_info": sys.exc_info()})
    LoggingFilter().filter(record)
    assert record.exc_info is None
    assert "hunter2" not in json.dumps(vars(record), default=str)
    assert "ValueError: password=***" in record.exc_text


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("hunter2")

    __repr__ = __str__


def test_what_cannot_be_formatted_is_masked_whole(log):
    log.info("%s %s", "hunter2")
    log.info("%s", Hostile())
    record = logging.makeLogRecord({"msg": "m", "thing": Hostile(), "exc_info": (1, 2, 3)})
    assert LoggingFilter().filter(record)
    assert record.thing == "***"
    assert "hunter2" not in log.out.getvalue() + str(vars(record))
    assert "cannot be formatted" in log.out.getvalue()


def test_it_is_named_in_a_configuration():
    config = {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"secrets": {"()": "confkit.LoggingFilter"}},
        "handlers": {"x": {"class": "logging.NullHandler", "filters": ["secrets"]}},
        "loggers": {"tests.redaction.config": {"handlers": ["x"]}},
    }
    logging.config.dictConfig(config)
    (handler,) = logging.getLogger("tests.redaction.config").handlers
    assert isinstance(handler.filters[0], LoggingFilter)
