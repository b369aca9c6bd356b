"""Further panels about settings as HTML: differences, names nobody reads, secrets and their age.

No panel has the value of a secret. Everything is escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from confkit.errors import Problem
from confkit.layers import Origin, printable
from confkit.reports.difference import Diff
from confkit.tables import escape, stacked_table

if TYPE_CHECKING:
    from confkit.resolution.snapshot import Resolution


def differences(found: Diff) -> str:
    """What differs between two sides, key by key."""
    title = f"{found.old_name} and {found.new_name}"
    if not found.differences:
        inside = '<p class="good">✓ Every value is the same.</p>'
    else:
        rows = [
            (
                printable(one.key),
                one.kind,
                "·" if one.old is None else one.old,
                "·" if one.new is None else one.new,
                str(one.new_origin or one.old_origin or ""),
            )
            for one in found.differences
        ]
        columns = ("key", "kind", found.old_name, found.new_name, "set by")
        inside = stacked_table(columns, rows, title)
    return f'<section aria-label="Differences"><h3>{escape(title)}</h3>{inside}</section>'


def names_nobody_reads(resolution: Resolution[Any], unknown: Sequence[Problem]) -> str:
    """Names that no setting reads, and settings that no layer above the defaults sets.

    :param unknown: the problems of the names, each with a near miss where there is one.
    """
    unset = [
        setting.key for setting in resolution.settings() if setting.entry.origin.kind == "default"
    ]
    parts = []
    if unknown:
        rows = [(p.key, str(p.origin or ""), p.hint) for p in unknown]
        parts.append(
            f"<h4>Set, and no setting reads them ({len(rows)})</h4>"
            + stacked_table(("name", "set by", "fix"), rows, "Names that no setting reads")
        )
    if unset:
        shown = ", ".join(f"<code>{escape(key)}</code>" for key in unset)
        parts.append(
            f'<h4 style="margin-top:10px">Unused: no layer sets them ({len(unset)})</h4>'
            f"<p>{shown}</p>"
        )
    inside = "".join(parts) or '<p class="good">✓ Every name is read, and every setting is set.</p>'
    return (
        f'<section aria-label="Unknown and unused names"><h3>Unknown and unused names</h3>{inside}'
        "</section>"
    )


@dataclass(frozen=True, slots=True)
class SecretRow:
    """What may be known of a secret: where it is set, what answers it, its version and age."""

    key: str
    origin: str
    source: str
    version: str
    age: float | None


def secret_rows(resolution: Resolution[Any], root: Path, now: float) -> list[SecretRow]:
    """Every secret key; never a value.

    :param root: what the names of files are relative to.
    :param now: seconds since 1970.
    """
    references = resolution.variables().references
    versions = references.versions()
    ages = {
        (scheme, one.name): one.age
        for scheme in {scheme for scheme, _ in versions}
        for one in getattr(references.resolvers[scheme], "status", list)()
    }
    found = []
    for setting in resolution.settings():
        if not resolution.visibility(setting.key).secret:
            continue
        used = resolution.used(setting.key)
        version, age = "", _file_age(setting.entry.origin, root, now)
        for scheme, reference in versions:
            if any(f"{scheme}:{reference}" in one.expression for one in used):
                version = versions[scheme, reference] or "not known"
                age = next(
                    (a for (s, name), a in ages.items() if s == scheme and name in reference), age
                )
        said = ", ".join(_scheme(one.expression) for one in used) or setting.layer.name
        found.append(SecretRow(setting.key, str(setting.entry.origin), said, version[:24], age))
    return found


def _scheme(expression: str) -> str:
    """What answers an expression, without what is asked: ``${aws:…}``; a variable by its name."""
    inside = expression.removeprefix("${").removesuffix("}")
    scheme, colon, rest = inside.partition(":")
    if not colon or rest[:1] in ("-", "?", "+"):
        return f"${{{scheme}}}"
    return f"${{{scheme}:…}}"


def _file_age(origin: Origin, root: Path, now: float) -> float | None:
    if origin.kind != "file":
        return None
    for path in (root / origin.name, Path(origin.name)):
        try:
            return max(0.0, now - path.stat().st_mtime)
        except OSError:
            continue
    return None


def age_text(seconds: float | None) -> str:
    """An age in the largest unit that it has two of."""
    if seconds is None:
        return "–"
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds:.0f} seconds"


def secrets(rows: Sequence[SecretRow]) -> str:
    """The panel of secrets; empty where there are none."""
    if not rows:
        return ""
    cells = [
        (row.key, row.origin, row.source, row.version or "–", age_text(row.age)) for row in rows
    ]
    shown = stacked_table(("key", "set by", "answered by", "version", "age"), cells, "Secrets")
    return (
        '<section aria-label="Secrets"><h3>Secrets</h3><p class="small dim">Values are never '
        "shown. The age is that of the file, or since the secret was fetched.</p>"
        f"{shown}</section>"
    )
