"""``confkit secrets check``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from confkit.cli.output import OK, PROBLEMS, echo, json_option, line, print_json, print_table
from confkit.cli.target import Target, environment_option, target_options
from confkit.errors import MissingExtra, Problem, SecretError
from confkit.layers import Entry, Layer
from confkit.resolution.references import LookUp, References
from confkit.secrets.defaults import default_resolvers
from confkit.secrets.files import readable_by_all


@dataclass(slots=True)
class _Asked:
    """One reference that was resolved or not: ``error`` is empty for one that was."""

    scheme: str
    reference: str
    shown: str
    inline: bool
    error: str = ""
    places: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        return f"<{self.shown}>"  # without the reference: it may be a token

    def stands_in(self, text: str) -> bool:
        if self.inline:
            return self.reference in text
        return f"{{{self.scheme}:{self.reference}}}" in text

    def as_dict(self) -> dict[str, object]:
        return {"reference": self.shown, "error": self.error or None, "set_by": self.places}


_Seen = dict[tuple[str, str], _Asked]


class _Recording:
    """A resolver that remembers what it was asked, and whether there was an answer."""

    def __init__(self, scheme: str, inner: Any, seen: _Seen, look_up: LookUp | None = None) -> None:
        self._scheme, self._inner, self._seen = scheme, inner, seen
        self._look_up = look_up or _nothing
        self.secret = getattr(inner, "secret", True)
        self.inline = getattr(inner, "inline", False)
        self.remembers = getattr(inner, "remembers", False)

    def with_variables(self, look_up: LookUp) -> _Recording:
        return _Recording(self._scheme, self._inner, self._seen, look_up)

    def fetch(self, references: Collection[str]) -> Mapping[str, Any]:
        asked = References({self._scheme: self._inner}, self._look_up)
        asked.fetch([(self._scheme, reference) for reference in references])
        answers: dict[str, Any] = {}
        for reference in references:
            shown = asked.shown(self._scheme, reference)
            one = _Asked(self._scheme, reference, shown, self.inline)
            try:
                answers[reference] = asked.answer(self._scheme, reference)
            except (SecretError, MissingExtra) as error:
                answers[reference] = error
                one.error = str(error)
            self._seen[self._scheme, reference] = one
        return answers

    def resolve(self, reference: str) -> Any:
        raise AssertionError("fetch answers everything")


def _nothing(name: str) -> None:
    return None


@click.command()
@target_options
@environment_option
@json_option
def check(target: Target, environment: str | None, as_json: bool) -> int:
    """Resolve every reference that the settings use; print which could be, and no value.

    Exit code 1 when one cannot be resolved, and for any other problem of the settings: behind it
    there may be references that nobody asked for.

    \b
    Example:
      confkit secrets check -e production
    """
    seen: _Seen = {}
    resolvers = {
        scheme: _Recording(scheme, one, seen)
        for scheme, one in default_resolvers(target.root).items()
    }
    resolution = target.resolve(environment, resolvers=resolvers)
    rows = _with_places(seen.values(), resolution.read)
    failed = [one for one in rows if one.error]
    problems = [p for p in resolution.problems if not any(_tells(p, one) for one in failed)]
    if not rows:
        problems = [*target.without_files(), *problems]
    if as_json:
        references = [one.as_dict() for one in rows]
        print_json({"references": references, "problems": [p.as_dict() for p in problems]})
    else:
        _report(rows, problems, target.root)
    return PROBLEMS if failed or problems else OK


def _tells(problem: Problem, one: _Asked) -> bool:
    return f"{one.shown}: {one.error}" in problem.message


def _with_places(asked: Iterable[_Asked], layers: Iterable[Layer]) -> list[_Asked]:
    """The references in the order of the places that they are written at."""
    texts = list(dict.fromkeys(_texts(layers)))
    rows = list(asked)
    for one in rows:
        found = (place for place, text in texts if one.stands_in(text))
        one.places = list(dict.fromkeys(found))
    return sorted(rows, key=lambda one: (one.places, one.shown))


def _texts(layers: Iterable[Layer]) -> Iterator[tuple[str, str]]:
    for layer in layers:
        for table in (layer.entries, layer.whole or {}, layer.environment or {}):
            for entry in table.values():
                yield from _inside(entry)


def _inside(entry: Entry) -> Iterator[tuple[str, str]]:
    raw = entry.raw
    if isinstance(raw, str):
        if "$" in raw or "enc:" in raw:
            yield str(entry.origin), raw
        return
    items = raw.values() if isinstance(raw, dict) else raw if isinstance(raw, list) else ()
    for item in items:
        if isinstance(item, Entry):
            yield from _inside(item)


def _report(rows: list[_Asked], problems: list[Problem], root: Path) -> None:
    if rows:
        columns = ("reference", "state", "set by", "note")
        cells = [
            (one.shown, one.error or "resolved", ", ".join(one.places), _note(one, root))
            for one in rows
        ]
        print_table(columns, cells)
    for problem in problems:
        echo(line(str(problem)))
    failed = sum(bool(one.error) for one in rows)
    total, others = len(rows), len(problems)
    more = f", {others} other problem{'s' * (others != 1)}" if others else ""
    echo(f"{total} reference{'s' * (total != 1)}, {failed} not resolved{more}.")


def _note(one: _Asked, root: Path) -> str:
    if one.scheme not in ("file", "file64") or not readable_by_all(root / one.reference):
        return ""
    return "every user can read this file: chmod o-r"
