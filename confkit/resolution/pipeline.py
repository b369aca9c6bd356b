"""The one way from layers to settings: spell, merge, expand, coerce, validate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from confkit.callers import warn_caller
from confkit.errors import Problem
from confkit.layers import Entry, Layer, Stack
from confkit.resolution.binding import Binder, Bound, Plan
from confkit.resolution.coercion import coercers
from confkit.resolution.faults import Faults
from confkit.resolution.keys import Keyed, keyed
from confkit.resolution.merging import Merged, defaults_of, started
from confkit.resolution.snapshot import Resolution, Snapshot
from confkit.resolution.validation import Checker
from confkit.schema.places import optional_above
from confkit.schema.tree import Leaf, Schema
from confkit.sources.environ import Environ

if TYPE_CHECKING:
    from confkit.resolution.interpolation import Variables
    from confkit.resolution.references import Answers, Resolvers


class Pipeline:
    """What resolves layers to one settings class; made once, used at every load.

    :raises SchemaError: for a class that cannot work as settings.
    """

    def __init__(
        self,
        schema: Schema,
        rules: Mapping[str, Any] | None = None,
        resolvers: Resolvers | None = None,
    ) -> None:
        self.schema = schema
        coercers(schema)  # a type that cannot be read is said before any source is
        self.checker = Checker(schema, rules)
        # Made once: the resolvers keep what they fetched from one resolution to the next.
        self.resolvers = cache(resolvers) if callable(resolvers) else resolvers or {}
        self._answers: Answers = {}

    def resolve(
        self,
        layers: Iterable[Layer],
        *,
        problems: Sequence[Problem] = (),
        incomplete: bool = False,
        around: Mapping[str, Entry] | None = None,
        unfound: Callable[[Sequence[Layer]], Problem | None] | None = None,
    ) -> Resolution[Any]:
        """Resolve layers, lowest first; the defaults are added below. Bad input never raises.

        :param problems: those that reading the sources gave.
        :param incomplete: a source could not be read, so that nothing is said of what is missing.
        :param around: what stands in for the process environment where no layer is one.
        :param unfound: gives the problem that no file was found, from the layers above the
            defaults. It is a problem beside others, and a warning alone.
        """
        read = tuple(layers)
        found = list(problems)
        warnings: list[str] = []
        merged = started(self.schema).copy()
        spelled = [defaults_of(self.schema)]
        for layer in read:
            fitted = keyed(layer, self.schema, merged)
            merged.add(fitted.layer.entries, simple=fitted.simple)
            spelled.append(fitted.layer)
            found += fitted.problems
            warnings += fitted.warnings
        faults = Faults(self.schema, spelled)
        variables = self._variables(read, around)
        binder = Binder(faults, variables, texts=(entry for _, entry in merged.walk()))
        bound = binder.section(self.schema.root, merged)
        faults.violations(merged, self.checker.check(bound.document))
        found += [p for p in faults.problems if not (incomplete and p.code == "missing")]
        nothing = None if unfound is None else unfound(spelled[1:])
        if nothing is not None and found:
            found.append(nothing)
        made = self._made(read, spelled, merged, bound, faults, variables, found, warnings)
        return made if nothing is None else replace(made, unfound=nothing)

    def overlaid(self, base: Resolution[Any], layer: Layer) -> Resolution[Any]:
        """Resolve one more layer on top of a resolution without problems.

        Only what the layer touches is bound and checked again, so that the cost follows the layer.
        """
        if base.problems or layer.spelling == "variables":
            return self.resolve([*base.read, layer])
        fitted = keyed(layer, self.schema, base.merged)
        leaves: dict[str, Leaf]
        whole: set[str] = set()
        if fitted.simple:
            entries = fitted.layer.entries
            merged = base.merged.under(entries)
            leaves = {key: self.schema.leaves[key] for key in entries}
        else:
            merged = base.merged.copy()
            leaves, whole = self._touched(merged, fitted)
        faults = Faults(self.schema, [*base.stack.layers, fitted.layer])
        for key, expansion in base.faults.expansions.items():
            place, _ = self.schema.place(key)
            if place is None or place.key not in leaves:
                faults.keep(key, expansion)
        plan = Plan({*leaves, *self.schema.mutable}, whole)
        binder = Binder(faults, base.variables, known=base.faults.expansions)
        bound = binder.again(base.bound, self.schema.root, merged, plan)
        faults.violations(merged, self.checker.check(bound.document))
        found = [*fitted.problems, *faults.problems]
        read = (*base.read, layer)
        layers = [*base.stack.layers, fitted.layer]
        return self._made(
            read, layers, merged, bound, faults, base.variables, found, fitted.warnings
        )

    def _touched(self, merged: Merged, fitted: Keyed) -> tuple[dict[str, Leaf], set[str]]:
        """Lay a layer on top; the fields that it touches, and sections that come or go by it."""
        leaves: dict[str, Leaf] = {}
        whole: set[str] = set()
        above = optional_above(self.schema)
        merged.give_way(fitted.layer.entries)
        for key, entry in fitted.layer.entries.items():
            leaf, _ = self.schema.place(key)
            place = key if leaf is None else leaf.key
            sections = [s for s in above.get(place, ()) if merged.is_null(s)]
            merged.put(key, entry)
            whole.update(s.key for s in sections)
            if leaf is None:
                whole.add(key)
            else:
                leaves[leaf.key] = leaf
        return leaves, whole

    def _made(
        self,
        read: tuple[Layer, ...],
        layers: Sequence[Layer],
        merged: Merged,
        bound: Bound,
        faults: Faults,
        variables: Callable[[], Variables],
        problems: Sequence[Problem],
        warnings: Sequence[str],
    ) -> Resolution[Any]:
        return Resolution(
            value=None if problems else bound.made,
            problems=tuple(problems),
            warnings=tuple(warnings),
            schema=self.schema,
            stack=Stack(tuple(layers)),
            read=read,
            merged=merged,
            bound=bound,
            faults=faults,
            variables=variables,
        )

    def snapshot(self, resolution: Resolution[Any], version: int) -> Snapshot[Any]:
        """The snapshot of a resolution; old names, and a root without files, are warned of.

        :raises InvalidConfig: with every problem.
        """
        for text in resolution.warnings:
            warn_caller(text)
        settings = resolution.required()
        if resolution.unfound is not None:
            warn_caller(str(resolution.unfound), UserWarning)
        return Snapshot(settings, resolution, version, dt.datetime.now(dt.UTC))

    def _variables(
        self, layers: tuple[Layer, ...], around: Mapping[str, Entry] | None
    ) -> Callable[[], Variables]:
        """What ``${NAME}`` means: a name of an env file, or of the process environment above it."""

        answers = self._answers

        @cache
        def variables() -> Variables:
            from confkit.resolution.interpolation import Variables  # where there is a reference

            tables: list[Mapping[str, Entry]] = [
                layer.entries if layer.whole is None else layer.whole
                for layer in layers
                if layer.spelling == "variables" and layer.environment is None
            ]
            over = [layer.environment for layer in layers if layer.environment is not None]
            # A file may name a variable even where the environment is no layer.
            tables += over or [Environ().read().entries if around is None else around]
            prefixes = {layer.prefix for layer in layers} | {""}
            leaves = self.schema.leaves.values()
            names = {n: leaf for leaf in leaves if leaf.secret for n in leaf.env_names}
            secret = {
                prefix + name: leaf.shape.kind == "scalar"
                for prefix in prefixes
                for name, leaf in names.items()
            }
            return Variables(tables, self.resolvers, answers, secret=secret)

        return variables

    @contextmanager
    def asking_again(self) -> Iterator[None]:
        """Have every resolver asked again inside; what fails leaves the answers as they were.

        Resolutions outside of it, as those of overrides, ask nobody twice.
        """
        kept, self._answers = self._answers, {}
        try:
            yield
        except BaseException:
            self._answers = kept
            raise
