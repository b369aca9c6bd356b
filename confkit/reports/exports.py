"""Settings to hand out, secrets masked: YAML, JSON, and Markdown for a review."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import yaml

from confkit.reports.difference import Diff
from confkit.reports.explanation import Resolved
from confkit.reports.matrix import matrix
from confkit.reports.plain import as_dict


def to_yaml(resolved: Resolved) -> str:
    """The values as a configuration file, secrets as ``***``, broken keys left out."""
    # By JSON, so that only plain values are left.
    plain = json.loads(json.dumps(as_dict(resolved), default=str))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True)


def to_json(resolved: Resolved) -> str:
    """Every key with its value, origin and layers, and the problems."""
    found = matrix(resolved).as_dict()
    found["problems"] = [problem.as_dict() for problem in resolved.resolution.problems]
    return json.dumps(found, indent=2, ensure_ascii=False, default=str) + "\n"


def to_markdown(resolved: Resolved, found: Diff | None = None) -> str:
    """Tables for a review: problems first, then differences, then every key."""
    resolution = resolved.resolution
    parts = [f"## {resolution.schema.name}\n"]
    if resolution.problems:
        rows = [
            (p.key or "–", p.message, str(p.origin or "–"), p.hint) for p in resolution.problems
        ]
        parts.append("### Problems\n\n" + _table(("key", "problem", "set by", "fix"), rows))
    if found is not None:
        changed = [
            (
                d.key,
                str(d.kind),
                d.old or "–",
                d.new or "–",
                str(d.new_origin or d.old_origin or "–"),
            )
            for d in found
        ]
        title = f"### {_cell(found.old_name)} and {_cell(found.new_name)}\n\n"
        columns = ("key", "kind", found.old_name, found.new_name, "set by")
        parts.append(title + (_table(columns, changed) if changed else "No value differs.\n"))
    every = [(row.key, row.text, str(row.origin or "–")) for row in matrix(resolution)]
    parts.append("### Settings\n\n" + _table(("key", "value", "set by"), every))
    return "\n".join(parts)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    """A text that ends no cell and makes no markup: as code, where it is not plain words."""
    flat = " ".join(text.split())
    if all(ch.isalnum() or ch in " .-–,:;" for ch in flat):
        return flat
    ticks = "`" * (1 + max((len(run) for run in _runs(flat)), default=0))
    space = " " if flat[:1] == "`" or flat[-1:] == "`" else ""
    return f"{ticks}{space}{flat}{space}{ticks}".replace("|", "\\|")


def _runs(text: str) -> list[str]:
    return re.findall("`+", text)
