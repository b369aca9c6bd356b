"""One change on record: before it is made, and what became of it."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from confkit.admin.audit import Audit, entry
from confkit.admin.problems import Refused
from confkit.admin.routes import Call

log = logging.getLogger("confkit.admin")


def failure(to: logging.Logger, what: str, error: Exception) -> None:
    """Log an error that nobody expects, by its place and its type.

    Its text and its locals may hold a secret.
    """
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    to.error("admin: %s: %s at %s", what, type(error).__name__, place)


class Record:
    """What the audit gets of one change: an ``attempt``, then ``done`` or ``failed``.

    :param resource: what changes: ``config``, or ``flag new-checkout``.
    """

    def __init__(self, audit: Audit, call: Call, resource: str, reason: str = "") -> None:
        self._audit = audit
        self._call = call
        self._facts: dict[str, Any] = {"resource": resource, "reason": reason or None}
        self._attempt = ""

    def attempt(self, changes: Any) -> None:
        """Put on record what is about to change.

        :raises Refused: 503 where it cannot be: then nothing may change.
        """
        facts = {**self._facts, "changes": changes}
        made = entry("attempt", self._call.request, self._call.principal, **facts)
        try:
            self._audit.write(made)
        except Exception as error:
            failure(log, "a change cannot be put on record", error)
            detail = "the change cannot be put on record, and was not made"
            raise Refused("unavailable", detail, headers={"Retry-After": "5"}) from None
        self._attempt = str(made["id"])

    def done(self, **facts: Any) -> None:
        """Put on record that it was made."""
        self._after("done", **facts)

    def failed(self, error: Exception) -> None:
        """Put on record that it was not made after all."""
        if self._attempt:
            self._after("failed", why=type(error).__name__)

    def _after(self, event: str, **facts: Any) -> None:
        try:
            facts = {**self._facts, "attempt": self._attempt, **facts}
            self._audit.write(entry(event, self._call.request, self._call.principal, **facts))
        except Exception as error:
            # What was tried is on record already; what became of it is in the histories.
            failure(log, "an outcome cannot be put on record", error)
