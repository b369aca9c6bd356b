"""Names that get their values at run time: ``SECRET_KEY=${SECRET_KEY}`` needs none in CI."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from confkit.envcheck.envfile import EnvFile, Setting
from confkit.envcheck.findings import Finding
from confkit.envcheck.references import Reference, expanded


def needed(file: EnvFile, below: frozenset[str] = frozenset()) -> list[str]:
    """Names that ``file`` takes from its surroundings, in the order of their first use.

    Those it sets itself, and those of the files ``below`` it, are not among them; nor are those
    with a default.
    """
    return list(dict.fromkeys(r.name for _, r in _open(file, below)))


def check(
    file: EnvFile, environ: Mapping[str, str], below: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """What a strict run demands: every needed name has a value in ``environ``."""
    for setting, reference in _open(file, below):
        if not environ.get(reference.name):
            message = f"{file.named(setting.statement)} needs {reference.name}, which is not set"
            yield file.at(setting.span[0], "UnsetReference", message)


def _open(file: EnvFile, below: frozenset[str]) -> Iterator[tuple[Setting, Reference]]:
    own = file.variables
    for setting in own.values():
        for reference in expanded(setting.value, setting.quote):
            if reference.kind != "name" or reference.operator in ("-", "+"):
                continue
            # A variable that refers to itself means the one around the file.
            inside = reference.name in own and reference.name != setting.name
            if not inside and reference.name not in below:
                yield setting, reference
