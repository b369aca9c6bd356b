"""A filter for the standard library's logging that masks whatever is secret in a record."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from confkit.redaction.text import mask_text
from confkit.redaction.values import redact
from confkit.secret import MASK

#: What every record has; all else was added by ``extra=``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class LoggingFilter(logging.Filter):
    """Mask secrets in messages, arguments, ``extra=`` values and tracebacks of log records.

    Put it on handlers, not on loggers: a logger's filter does not see what its children log. ::

        handler.addFilter(confkit.LoggingFilter())

    or in ``logging.config.dictConfig``: ``"filters": {"secrets": {"()": "confkit.LoggingFilter"}}``
    and ``"filters": ["secrets"]`` in each handler.

    A record is masked once, in place, for all handlers behind this one; its exception becomes
    text. What cannot be formatted is masked whole: the filter raises nothing.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask ``record``; always true."""
        try:
            message = record.getMessage()
        except Exception:
            message = f"{MASK} (a log message that cannot be formatted)"
        record.msg, record.args = mask_text(message), None
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatted(record.exc_info)
        record.exc_info = None  # other formatters would print it again, in clear
        if record.exc_text:
            record.exc_text = mask_text(record.exc_text)
        if record.stack_info:
            record.stack_info = mask_text(record.stack_info)
        for name in vars(record).keys() - _OWN:
            vars(record)[name] = _extra(name, vars(record)[name])
        return True


def _formatted(exc_info: Any) -> str:
    if isinstance(exc_info, BaseException):
        exc_info = (type(exc_info), exc_info, exc_info.__traceback__)
    try:
        return "".join(traceback.format_exception(*exc_info)).rstrip("\n")
    except Exception:
        return f"{MASK} (an exception that cannot be formatted)"


def _extra(name: str, value: Any) -> Any:
    try:
        return redact(value, name=name)
    except Exception:
        return MASK
