"""The one way from layers to a snapshot: spell, stack, expand, coerce, validate."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from functools import cache
from typing import Any

from confkit.callers import warn_caller
from confkit.errors import InvalidConfig, Problem
from confkit.keypath import split
from confkit.layers import Entry, Layer, Say, Stack, stack
from confkit.resolution.binding import FAILED, Binder, with_defaults
from confkit.resolution.coercion import coercers
from confkit.resolution.interpolation import Variables
from confkit.resolution.keys import keyed
from confkit.resolution.references import Answers, Resolvers
from confkit.resolution.snapshot import Snapshot
from confkit.resolution.validation import Checker
from confkit.schema.tree import Schema
from confkit.sources.environ import Environ


class Pipeline:
    """What turns layers into snapshots of one settings class; made once, used at every load.

    :raises SchemaError: for a class that cannot work as settings.
    """

    def __init__(
        self, schema: Schema, rules: Mapping[str, Any] | None, resolvers: Resolvers
    ) -> None:
        self.schema = schema
        self.readers = coercers(schema)
        self.checker = Checker(schema, rules)
        # Made once: the resolvers keep what they fetched from one build to the next.
        self.resolvers = cache(resolvers) if callable(resolvers) else resolvers
        self._answers: Answers = {}

    def build(
        self,
        layers: Iterable[Layer],
        *,
        version: int = 1,
        problems: Sequence[Problem] = (),
        incomplete: bool = False,
    ) -> Snapshot[Any]:
        """Stack, expand, coerce and check the layers, lowest first; defaults are added below.

        ``problems`` are those of reading; with ``incomplete`` a source could not be read, so that
        nothing is said of what it might have set.

        :raises InvalidConfig: with every problem of every layer.
        """
        layers = tuple(layers)
        found = list(problems)
        spelled: list[Layer] = [self.schema.defaults]
        for layer in layers:
            fitted = keyed(layer, self.schema)
            found.extend(fitted.problems)
            for text in fitted.warnings:
                warn_caller(text)
            spelled.append(fitted.layer)
        stacked = stack(*spelled)
        binder = Binder(self.schema, stacked, self._variables(layers))
        current, document = binder.bind()
        found.extend(p for p in binder.problems if not (incomplete and p.code == "missing"))
        binder.problems = found
        binder.check(self.checker, document)
        if found:
            raise InvalidConfig(self.schema.name, found)
        if current is FAILED:  # pragma: no cover - a failure without a problem would be a bug here
            raise AssertionError("settings could not be made, and nobody said why")
        return Snapshot(
            current=current,
            stack=with_defaults(stacked, binder.defaults),
            schema=self.schema,
            version=version,
            time=dt.datetime.now(dt.UTC),
            used=binder.used,
            tainted=frozenset(binder.tainted),
            read=layers,
        )

    def _variables(self, layers: tuple[Layer, ...]) -> Variables:
        """What ``${NAME}`` means: a name of an env file, or of the process environment above it."""
        tables: list[Mapping[str, Entry]] = [
            {layer.prefix + name: entry for name, entry in layer.entries.items()}
            for layer in layers
            if layer.spelling == "variables" and layer.environment is None
        ]
        around = [layer.environment for layer in layers if layer.environment is not None]
        # A file may name a variable even where the environment is no layer.
        tables += around or [Environ().read().entries]
        return Variables(tables, self.resolvers, self._answers)

    def ask_again(self) -> None:
        """Have the next build ask every resolver again; builds between reloads do not."""
        self._answers = {}

    def overlaid(self, base: Snapshot[Any], layer: Layer) -> Snapshot[Any]:
        """``base`` with one more layer of plain keys on top, without binding the others again.

        :raises InvalidConfig: when a value does not fit.
        """
        if not self._plain(base, layer):
            return self.build([*base.read, layer], version=base.version + 1)
        stacked = Stack((*base.stack.layers, layer))
        binder = Binder(self.schema, stacked, Variables([], {}))
        current = base.current
        for key, entry in layer.entries.items():
            leaf = self.schema.leaves[key]
            value = binder.value(leaf, Say(layer, key, entry), self.readers[key])
            if value is not FAILED:
                current = _replaced(current, list(map(str, split(key))), value)
        for key in self.schema.mutable:
            if key not in layer.entries:
                current = _unshared(current, list(map(str, split(key))))
        if binder.problems:
            raise InvalidConfig(self.schema.name, binder.problems)
        return Snapshot(
            current=current,
            stack=stacked,
            schema=self.schema,
            version=base.version + 1,
            time=dt.datetime.now(dt.UTC),
            used={k: used for k, used in base.used.items() if k not in layer.entries},
            tainted=base.tainted - layer.entries.keys(),
            read=(*base.read, layer),
        )

    def _plain(self, base: Snapshot[Any], layer: Layer) -> bool:
        """Whether the layer sets single leaves of sections that are there, and nothing looks on."""
        if self.checker.looks_around:
            return False
        for key in layer.entries:
            leaf = self.schema.leaves.get(key)
            if leaf is None or leaf.open:
                return False
        for key in (*layer.entries, *self.schema.mutable):
            here = base.current
            for part in map(str, split(key)):
                if here is None and key not in layer.entries:
                    break
                # A class with a word of its own on its values has to see all of them, and once.
                if here is None or hasattr(here, "__post_init__"):
                    return False
                here = getattr(here, part)
        return True


def _unshared(here: Any, path: list[str]) -> Any:
    """``here`` with a copy of the list or mapping at ``path``: one snapshot's is not another's."""
    name, *rest = path
    inner = getattr(here, name)
    if inner is None:
        return here
    return dataclasses.replace(here, **{name: _unshared(inner, rest) if rest else deepcopy(inner)})


def _replaced(here: Any, path: list[str], value: Any) -> Any:
    name, *rest = path
    inner = _replaced(getattr(here, name), rest, value) if rest else value
    return dataclasses.replace(here, **{name: inner})
