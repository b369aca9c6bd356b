"""Findings as people, scripts, GitHub and SARIF readers want them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from confkit.envcheck.codes import CODES
from confkit.envcheck.findings import Finding
from confkit.layers import printable

SARIF_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def line(finding: Finding) -> str:
    """``file:line:column: code message``, on one line whatever the names hold."""
    warning = " (warning)" if finding.level == "warning" else ""
    return printable(str(finding)) + warning


def summary(findings: Sequence[Finding], files: int, needed: Sequence[str]) -> str:
    """What a run found, in one or two lines."""
    checked = f"{files} file{'s' if files != 1 else ''} checked"
    if not findings:
        text = f"{checked}, nothing found."
    else:
        levels = Counter(f.level for f in findings)
        counts = [
            f"{levels[level]} {level}{'s' if levels[level] != 1 else ''}"
            for level in ("error", "warning")
            if levels[level]
        ]
        fixable = sum(f.edit is not None for f in findings)
        can = f"; --fix fixes {fixable}" if fixable else ""
        text = f"{checked}: {', '.join(counts)}{can}."
    if needed:
        text += f"\nNeeded at run time: {', '.join(needed)}."
    return text


def document(
    findings: Sequence[Finding], files: Sequence[str], needed: Sequence[str], fixes: int = 0
) -> dict[str, Any]:
    """A run for machines."""
    levels = Counter(f.level for f in findings)
    return {
        "files": list(files),
        "findings": [f.as_dict() for f in findings],
        "needed_at_run_time": list(needed),
        "summary": {"errors": levels["error"], "warnings": levels["warning"], "fixed": fixes},
    }


def github(finding: Finding) -> str:
    """A workflow command, which GitHub shows as an annotation beside the line."""
    properties = {
        "file": finding.file,
        "line": finding.line,
        "col": finding.column,
        "title": f"confkit {finding.code}",
    }
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{finding.level} {listed}::{_data(f'{finding.code} {finding.message}')}"


def _data(text: object) -> str:
    return str(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: object) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Finding], version: str) -> dict[str, Any]:
    """A run as a SARIF 2.1.0 log."""
    codes = sorted({f.code for f in findings})
    return {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "confkit",
                        "version": version,
                        "rules": [_rule(code) for code in codes],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_result(f, codes.index(f.code)) for f in findings],
            }
        ],
    }


def failed_sarif(message: str, version: str) -> dict[str, Any]:
    """A SARIF log of a run that could not be made, so that an upload says why."""
    log = sarif([], version)
    note = {"level": "error", "message": {"text": message}}
    log["runs"][0]["invocations"] = [
        {"executionSuccessful": False, "exitCode": 2, "toolConfigurationNotifications": [note]}
    ]
    return log


def _rule(code: str) -> dict[str, Any]:
    known = CODES[code]
    return {
        "id": code,
        "shortDescription": {"text": known.summary},
        "defaultConfiguration": {"level": known.level},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    return {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": finding.level,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.file)},
                    "region": {"startLine": finding.line, "startColumn": finding.column},
                }
            }
        ],
    }
