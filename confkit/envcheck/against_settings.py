"""Env files against the typed settings: names, types, rules, and what is required."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from confkit.discovery import conventional
from confkit.envcheck.envfile import EnvFile
from confkit.envcheck.filenames import role
from confkit.envcheck.findings import Finding
from confkit.errors import InvalidConfig, InvalidSource, Problem
from confkit.keypath import within
from confkit.layers import Layer
from confkit.near import KnownNames
from confkit.resolution.pipeline import Pipeline
from confkit.schema.shapes import Shape
from confkit.schema.tree import Schema
from confkit.sources.dotenv import entries_of
from confkit.sources.environ import Environ

#: Names that confkit itself reads, beside those of the settings.
OWN_NAMES = ("ENVIRONMENT", "ENCRYPTION_KEY", "ENCRYPTION_KEYS", "CONFKIT_*")

#: What the binder calls a reference that has no value here: it may have one at run time.
_AT_RUN_TIME = frozenset(
    {"unset-variable", "unknown-scheme", "unresolved-reference", "missing-file"}
)
#: Faults of expressions, which are reported for every file, with or without settings.
_REPORTED = frozenset({"interpolation"})


def _is_text(shape: Shape) -> bool:
    return shape.kind in ("any", "own") or (shape.kind == "scalar" and shape.type is str)


class SettingsCheck:
    """The checks of one settings class, made once and used for every file.

    :param known: further names, or patterns with ``*``, that others read from the same files.
    :param environ: the process environment of a strict run, in which ``${NAME}`` is looked up;
        empty otherwise, so that a check gives the same on every machine.
    :param blank: a variable without a text counts as not set.
    """

    def __init__(
        self,
        schema: Schema,
        *,
        known: tuple[str, ...] = (),
        environ: Mapping[str, str] | None = None,
        blank: bool = False,
    ) -> None:
        self.schema = schema
        self.blank = blank
        self.known = (*OWN_NAMES, *known)
        self.environ = Environ(environ=environ or {}).read().entries
        # A type that cannot be read is said here, before any file is.
        self.pipeline = Pipeline(schema)
        renamed = {old.replace(".", "_").upper() for old in schema.renamed}
        self.names = schema.variables.keys() | renamed | schema.files.keys()
        open_leaves = [leaf for leaf in schema.leaves.values() if leaf.open]
        self.open = tuple(f"{name}__" for leaf in open_leaves for name in leaf.env_names)
        self.spelling = KnownNames(schema.variables)

    @property
    def secret(self) -> Mapping[str, bool]:
        """The variables of which the settings tell whether they hold secrets.

        A mark and a type decide. A plain text may be either, and is judged by its name.
        """
        found: dict[str, bool] = {}
        for leaf in self.schema.leaves.values():
            if leaf.secret or leaf.masked is not None:
                found |= dict.fromkeys(leaf.env_names, leaf.secret or bool(leaf.masked))
                continue
            members = leaf.shape.inside if leaf.shape.kind == "union" else (leaf.shape,)
            if not any(map(_is_text, members)):
                found |= dict.fromkeys(leaf.env_names, False)
        return found

    @property
    def optional(self) -> frozenset[str]:
        """The variables that a file need not set."""
        leaves = self.schema.leaves.values()
        return frozenset(n for leaf in leaves if not leaf.required for n in leaf.env_names)

    @property
    def typed(self) -> frozenset[str]:
        """The variables whose type is known."""
        return frozenset(self.schema.variables)

    def check(self, file: EnvFile) -> Iterator[Finding]:
        """Everything about ``file`` that needs the settings."""
        entries = entries_of(file.statements, file.name)
        if self.blank:
            entries = {name: entry for name, entry in entries.items() if entry.raw}
        layer = Layer(file.name, entries, "variables", file.path and file.path.absolute().parent)
        yield from self._names(file)
        yield from self._without_effect(file)
        if not role(file.name).template:
            yield from self._values(file, layer)

    def _names(self, file: EnvFile) -> Iterator[Finding]:
        for name, setting in file.variables.items():
            if name in self.names or name.startswith(self.open):
                continue
            if any(fnmatchcase(name, pattern) for pattern in self.known):
                continue
            meant = self.spelling.near(name.upper())
            shown = file.named(setting.statement)
            if meant:
                message = f"{shown} names no setting: did you mean {meant}?"
                yield file.at(setting.start, "UnknownName", message)
            else:
                # Others may read it: a file is shared as the environment is.
                message = f"{shown} names no setting"
                yield file.at(setting.start, "UnknownName", message, level="warning")

    def _without_effect(self, file: EnvFile) -> Iterator[Finding]:
        variables = file.variables
        for leaf in self.schema.leaves.values():
            given = [name for name in leaf.env_names if name in variables]
            for name in given[1:]:
                message = f"{name} has no effect: {given[0]} sets {leaf.key} as well"
                yield file.at(variables[name].start, "UnusableVariable", message)
        for old, new in self.schema.renamed.items():
            old_name, names = old.replace(".", "_").upper(), self.schema.leaves[new].env_names
            if old_name in variables and any(name in variables for name in names):
                message = f"{old_name} has no effect: it is now called {names[0]}, which is set"
                yield file.at(variables[old_name].start, "UnusableVariable", message)
        for section in self.schema.sections.values():
            for name in section.env_names:
                setting = variables.get(name)
                if setting is not None and not setting.value.lstrip().startswith("{"):
                    message = (
                        f"{name} has no effect: {section.key} is a section, set {name}_... "
                        "or give it as a JSON object"
                    )
                    yield file.at(setting.start, "UnusableVariable", message)
        chosen = variables.get("ENVIRONMENT")
        here, template, _ = role(file.name)
        other = chosen is not None and chosen.value.lower() != here and "$" not in chosen.value
        if chosen and here and not template and other:
            message = (
                f"ENVIRONMENT names another environment than the file, {here}: it is chosen "
                "before the file is read"
            )
            yield file.at(chosen.span[0], "UnusableVariable", message)

    def _values(self, file: EnvFile, layer: Layer) -> Iterator[Finding]:
        below, complete = self._below(file)
        resolution = self.pipeline.resolve([*below, layer], around=self.environ)
        for problem in resolution.problems:
            finding = self._finding(file, problem, complete=complete)
            if finding is not None:
                yield finding

    def _finding(self, file: EnvFile, problem: Problem, *, complete: bool) -> Finding | None:
        code, origin = problem.code, problem.origin
        if code in _AT_RUN_TIME or code in _REPORTED:
            return None
        if code == "missing":
            if not complete:
                return None
            leaf = self.schema.leaves.get(problem.key)  # else inside an open mapping
            name = leaf.env_names[0] if leaf else problem.key.replace(".", "__").upper()
            message = f"{name} is required, and neither this file nor one below it sets it"
            return file.at(file.end, "MissingRequired", message)
        if code == "refused":
            return self._refused(file, problem)
        if origin is None or origin.name != file.name:
            return None
        # A statement begins a line, so the line of a problem tells which one it is about.
        setting = next(s for s in file.settings if s.statement.line == origin.line)
        name = file.named(setting.statement)
        if code == "unknown-key":
            hint = f": {problem.hint}" if problem.hint else ""
            return file.at(setting.start, "UnknownName", f"{name} names no setting{hint}")
        message = f"{name} {problem.message}"
        if code in ("cycle", "too-large"):
            return file.at(setting.span[0], "SubstitutionKey", message)
        kind = "WrongType" if code == "type" else "RuleViolation"
        return file.at(setting.span[0], kind, message)

    def _refused(self, file: EnvFile, problem: Problem) -> Finding | None:
        """A class that takes none of its values together: at the first of them in this file."""
        section = self.schema.sections.get(problem.key)
        below = section.key if section is not None else ""
        why = problem.message
        if any(leaf.sensitive for leaf in (section or self.schema.root).leaves):
            why = why.partition(":")[0]  # the class's own words may quote any of its values
        for setting in file.settings:
            key = self.schema.variables.get(setting.name)
            if key is not None and within(key, below):
                message = f"{problem.key or self.schema.name} {why}"
                return file.at(setting.start, "RuleViolation", message)
        return None

    def _below(self, file: EnvFile) -> tuple[list[Layer], bool]:
        """The layers under an env file in its directory, and whether it is the topmost file.

        A file of no conventional name stands alone. ``.env`` is no last word where files for
        environments stand beside it, and nothing is required of it then.
        """
        if file.path is None:
            return [], True
        directory, base = file.path.absolute().parent, file.path.name
        env = base[5:] if base.startswith(".env.") else ""
        if base == ".env":
            others = [p for p in directory.glob(".env.*") if not role(p.name).template]
            if others or (directory / "config").is_dir():
                return [], False
        elif not env:
            return [], True
        try:
            sources = conventional(
                environment=base[5:] or None, root=directory, environ={}, settings=self.schema.name
            )
        except InvalidConfig:
            return [], True
        layers = []
        complete = True
        for source in sources:
            paths: tuple[Path, ...] = getattr(source, "paths", ())
            if not paths or paths[0].name == base:
                continue
            try:
                layers.append(source.read())
            except InvalidSource:
                complete = False  # it may set what seems to be missing
        return layers, complete
