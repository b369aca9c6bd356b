"""Secrets in no report: what confkit knows as a secret is masked in every text of a test report."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from confkit.redaction.known import KnownSecrets


def mask_report(report: Any) -> None:
    """Mask the secrets in a report of a test, in place."""
    module = sys.modules.get("confkit.redaction.known")
    if module is None:
        return
    known: KnownSecrets = module.known

    def mask(text: str) -> str:
        # pytest shortens long values, and would leave an end of a secret beside the dots.
        return known.mask_ends(known.mask(text))

    report.sections = [(mask(title), mask(text)) for title, text in report.sections]
    report.user_properties = [
        (name, mask(value) if isinstance(value, str) else value)
        for name, value in report.user_properties
    ]
    if isinstance(getattr(report, "wasxfail", None), str):
        report.wasxfail = mask(report.wasxfail)
    if isinstance(report.longrepr, str):
        report.longrepr = mask(report.longrepr)
    elif isinstance(report.longrepr, tuple):
        report.longrepr = tuple(mask(p) if isinstance(p, str) else p for p in report.longrepr)
    else:
        _mask_object(report.longrepr, mask, set())


def mask_warning(recorded: Any) -> None:
    """Mask the secrets in a warning that goes into the summary, in place."""
    module = sys.modules.get("confkit.redaction.known")
    if module is None:
        return
    for name in ("message", "line"):
        text = str(getattr(recorded, name) or "")
        if (masked := module.known.mask(text)) != text:
            setattr(recorded, name, masked)


def _mask_object(part: Any, mask: Callable[[str], str], seen: set[int]) -> None:
    """Mask every text that an object of pytest's representation of a failure holds."""
    if id(part) in seen or not hasattr(part, "__dict__"):
        return
    seen.add(id(part))
    for name, value in vars(part).items():
        masked = _masked(value, mask, seen)
        if masked is not value:
            object.__setattr__(part, name, masked)  # some of them are frozen dataclasses


def _masked(value: Any, mask: Callable[[str], str], seen: set[int]) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(item, mask, seen) for item in value]
    if isinstance(value, tuple):
        return tuple(_masked(item, mask, seen) for item in value)
    _mask_object(value, mask, seen)
    return value
